// SPDX-License-Identifier: MIT
// One gap: its questions, and what agents answered.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { resolutions, share } from "../desk/words.js";
import { asked, count, reasons, said, tags, volume } from "./gap-parts.js";

export class GapView {
  #opened = 0;

  /** @param {import("./gaps.js").GapBoard} board */
  constructor(board) {
    this.board = board;
    this.title = h("h2", { tabindex: "-1", dir: "auto" });
    this.body = h("div", { class: "gap-detail" });
    this.el = h("div", { class: "gap-list", hidden: true }, h("header", { class: "gap-head" }, h("a", { class: "btn btn-small btn-quiet", href: "#gaps", text: "All gaps" })), this.title, this.body);
  }

  /** @param {number} id */
  async open(id) {
    const opened = ++this.#opened;
    this.title.textContent = "Gap";
    this.body.replaceChildren(h("p", { class: "hint", text: "Loading." }));
    try {
      const file = await call(`/v1/knowledge/gaps/${id}`);
      if (opened === this.#opened) this.#show(file);
    } catch (err) {
      if (opened === this.#opened) this.body.replaceChildren(h("p", { class: "problem", role: "alert", text: said(err) }));
    }
  }

  /** @param {any} file */
  #show({ gap, questions }) {
    const again = () => this.open(gap.id);
    this.title.textContent = gap.label || "Its words were removed";
    this.title.lang = gap.lang;
    this.body.replaceChildren(volume(gap), tags(gap), this.board.actions(gap, again));
    add(
      this.body,
      gap.dismissed && h("p", { class: "bench-why" }, icon("doc"), `Dismissed: ${gap.dismissed}`),
      gap.state === "closed" && h("p", { class: "bench-why", data: { why: "cited" } }, icon("check"), `Closed ${asked(gap.closed_at)}: the gate showed that \u201c${gap.article?.title}\u201d answers it.`),
      gap.state === "open" && gap.came_back_at && h("p", { class: "bench-why" }, icon("warn"), `Asked in vain again since ${asked(gap.came_back_at)}, after it had been closed.`),
      gap.article && golden(gap, again),
      h("h3", { text: count(questions.length, "question") }),
      h("ol", { class: "plain gap-questions" }, ...questions.map((/** @type {any} */ q) => question(q))),
    );
    this.title.focus({ preventScroll: true });
  }
}

/**
 * The questions that the gate asks, or the way to them.
 * @param {any} gap
 * @param {(made: any[]) => unknown} done
 */
export function golden(gap, done) {
  const problem = h("p", { class: "problem", role: "alert" });
  const make = h("button", { type: "button", class: "btn btn-small", text: "Make its questions golden" });
  make.addEventListener("click", async () => {
    make.disabled = true;
    try {
      const { questions } = await call(`/v1/knowledge/gaps/${gap.id}/questions`, { method: "POST" });
      await done(questions);
    } catch (err) {
      problem.textContent = said(err);
    }
    make.disabled = false;
  });
  if (gap.state === "closed") return null;
  if (gap.golden > 0) return h("p", { class: "hint", text: `${count(gap.golden, "golden question")}: the gap closes with the version that the gate shows to answer ${gap.golden === 1 ? "it" : "them"}.` });
  return h("div", {}, h("p", { class: "version-actions" }, make, h("span", { class: "hint", text: "The gate asks them of each draft, and the gap closes when they are answered." })), problem);
}

/** @param {any} q */
function question(q) {
  const outcome = resolutions.find(([code]) => code === q.outcome)?.[1];
  return h(
    "li",
    { class: "version gap-question" },
    h("p", { dir: "auto", lang: q.lang || null, text: q.text }),
    h(
      "p",
      { class: "article-row-meta" },
      h("time", { datetime: q.asked_at, text: asked(q.asked_at) }),
      h("span", { class: "tag", text: reasons[q.reason] }),
      h("span", { text: `confidence ${share(q.confidence)}` }),
      q.agent_minutes >= 0.5 && h("span", { text: `${Math.round(q.agent_minutes)} min of an agent` }),
      outcome && h("span", { text: outcome }),
      q.case_id ? h("a", { href: `/desk#case=${q.case_id}`, text: `Case ${q.reference}` }) : q.conversation_id && h("a", { href: `/desk#conversation=${q.conversation_id}`, text: "Conversation" }),
    ),
    ...q.answers.map((/** @type {string} */ text) => h("blockquote", { class: "gap-answer" }, h("p", { class: "hint", text: "An agent answered" }), h("p", { dir: "auto", class: "as-written", text }))),
  );
}
