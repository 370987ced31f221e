// SPDX-License-Identifier: MIT
// Where an article came from: a gap, and what is left to do until it closes.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { golden } from "./gap.js";
import { count } from "./gap-parts.js";

export class Origin {
  /** @type {number|null} */ #article = null;

  constructor() {
    this.el = h("aside", { class: "origin", "aria-label": "Where this article came from", hidden: true });
  }

  /** @param {number|null|undefined} article */
  async show(article) {
    this.#article = article ?? null;
    this.el.hidden = true;
    if (!article) return;
    try {
      const { gaps } = await call(`/v1/knowledge/gaps?article_id=${article}&limit=1`);
      if (gaps.length === 0 || this.#article !== article) return;
      const { gap, questions } = await call(`/v1/knowledge/gaps/${gaps[0].id}`);
      if (this.#article === article) this.#fill(gap, questions);
    } catch {
      // The text can be written without it.
    }
  }

  /** @param {any} gap @param {any[]} questions */
  #fill(gap, questions) {
    const answers = questions.reduce((n, q) => n + q.answers.length, 0);
    const from = answers > 0 ? `Made from ${count(answers, "answer")} of agents. Read it before publishing; [e-mail] and the like stand for personal data.` : "No agent has answered these questions yet: write the answer in the place of the list.";
    const text = gap.state === "closed" ? "It closed a gap: customers' questions are answered from here." : from;
    this.el.replaceChildren(h("p", {}, icon(gap.state === "closed" ? "check" : "person"), h("span", {}, h("strong", { text }), " ", h("a", { href: `#gap=${gap.id}`, text: `See the ${count(questions.length, "question")}` }))));
    add(this.el, golden(gap, () => this.show(this.#article)));
    this.el.hidden = false;
  }
}
