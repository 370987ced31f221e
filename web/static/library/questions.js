// SPDX-License-Identifier: MIT
// The golden questions: what the bot must answer from an article, or hand to a person. Each publication is held against them.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { Dialog } from "./dialog.js";

/** The questions of one article, or all of them, with a form for another. */
export class Questions {
  #asked = 0;
  /** @type {number|null} null: all */ article = null;

  /** @param {string} name Tells this list from another on the page. */
  constructor(name) {
    this.text = h("textarea", { id: `${name}-text`, rows: "2", maxlength: "500", required: true, dir: "auto", placeholder: "As a customer would ask it" });
    this.expects = h("select", { id: `${name}-expects` });
    this.signedIn = h("input", { type: "checkbox", id: `${name}-signed-in` });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.list = h("ul", { class: "plain questions", "aria-label": "Golden questions" });
    this.count = h("p", { class: "hint", role: "status" });
    this.form = h(
      "form",
      { class: "bench-form" },
      h("div", { class: "field" }, h("label", { for: `${name}-text`, text: "New golden question" }), this.text),
      h("div", { class: "field" }, h("label", { for: `${name}-expects`, text: "What is right" }), this.expects),
      h("p", { class: "option" }, this.signedIn, h("label", { for: `${name}-signed-in`, text: "Asked by a signed-in customer" })),
      this.problem,
      h("button", { type: "submit", class: "btn btn-brand", text: "Add" }),
    );
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#add();
    });
    this.el = h("div", { class: "bench" }, this.form, this.count, this.list);
  }

  /** @param {number|null} article */
  async show(article) {
    this.article = article;
    const options = [article !== null && ["article", "The answer rests on this article"], ["handoff", "A person takes over"]].filter((o) => o !== false);
    this.expects.replaceChildren(...options.map(([value, text]) => h("option", { value, text })));
    await this.#refresh();
  }

  async #refresh() {
    const asked = ++this.#asked;
    try {
      const { questions } = await call(this.article === null ? "/v1/questions" : `/v1/questions?article_id=${this.article}`);
      if (asked !== this.#asked) return;
      this.list.replaceChildren(...questions.map((/** @type {any} */ q) => this.#row(q)));
      this.count.textContent = questions.length === 0 ? "None yet. Add what customers ask most." : `${questions.length} ${questions.length === 1 ? "question" : "questions"}`;
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }

  /** @param {any} q */
  #row(q) {
    const right = q.expects === "handoff" ? h("span", { class: "tag tag-person", text: "A person takes over" }) : this.article === null ? h("a", { href: `#article=${q.article_id}`, text: q.article_title || `Article ${q.article_id}` }) : h("span", { class: "tag tag-bot", text: "This article" });
    return h("li", { class: "version" }, h("p", { dir: "auto", lang: q.lang || null, text: q.text }), h("p", { class: "version-actions" }, right, q.signed_in && h("span", { class: "tag", text: "Signed-in customer" }), h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-label": `Remove: ${q.text}`, text: "Remove", on: { click: () => void this.#remove(q.id) } })));
  }

  async #add() {
    const text = this.text.value.trim();
    if (!text) return;
    this.problem.textContent = "";
    const expects = this.expects.value;
    try {
      await call("/v1/questions", { method: "POST", body: { text, expects, signed_in: this.signedIn.checked, ...(expects === "article" && { article_id: this.article }) } });
      this.text.value = "";
      await this.#refresh();
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }

  /** @param {number} id */
  async #remove(id) {
    this.problem.textContent = "";
    try {
      await call(`/v1/questions/${id}`, { method: "DELETE" });
      await this.#refresh();
      this.text.focus();
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }
}

/** @param {unknown} err */
const said = (err) => /** @type {Error} */ (err).message || "The server is out of reach.";

/** All golden questions. */
export class QuestionsDialog extends Dialog {
  constructor() {
    super("Golden questions");
    this.questions = new Questions("all");
    this.body.append(h("p", { class: "hint", text: "Each publication is held against these questions. Those that an article must answer are added beside that article." }), this.questions.el);
    this.body.addEventListener("click", (e) => /** @type {Element} */ (e.target).closest("a") && this.el.close());
  }

  show() {
    this.open();
    void this.questions.show(null);
  }
}
