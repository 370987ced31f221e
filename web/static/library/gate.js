// SPDX-License-Identifier: MIT
// The way to the customers: the golden questions are asked of the draft, what gets worse is shown first and needs a reason.

import { call, Problem } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { EventParser } from "../shared/sse.js";
import { outcomes, say, share } from "../desk/words.js";
import { local } from "./details.js";
import { Dialog } from "./dialog.js";
import { fieldsOf, same } from "./draft.js";

/** @type {Record<string, [string, string, string]>} */
const changes = {
  worse: ["Worse", "tag-bad", "worse"],
  better: ["Better", "tag-good", "better"],
  changed: ["Other words", "tag-bot", "in other words"],
  same: ["Same", "", "as before"],
};

/**
 * Asks for a check and tells how far it is.
 * @param {number} id
 * @param {number} rev
 * @param {(done: number, all: number) => void} progress
 * @param {AbortSignal} signal
 */
async function check(id, rev, progress, signal) {
  const response = await fetch(`/v1/articles/${id}/draft/check`, {
    method: "POST",
    headers: { Accept: "text/event-stream", "Content-Type": "application/json" },
    body: JSON.stringify({ expected_rev: rev }),
    credentials: "same-origin",
    signal,
  });
  if (!response.ok || !response.body) {
    const problem = await response.json().catch(() => null);
    throw new Problem(response.status, problem?.code ?? "unknown", problem?.detail ?? "");
  }
  const reader = response.body.getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Problem(0, "unreachable", "");
    for (const e of parser.push(value)) {
      const data = JSON.parse(e.data);
      if (e.event === "check.progress") progress(data.done, data.all);
      if (e.event === "check.done") return data;
      if (e.event === "error") throw new Problem(data.status, data.code, data.detail);
    }
  }
}

export class GateDialog extends Dialog {
  /** @type {AbortController|null} */ #abort = null;

  constructor() {
    super("Publish");
    this.el.classList.add("dialog-full");
    this.bar = h("progress", { max: "1", value: "0", "aria-label": "Golden questions asked" });
    this.status = h("p", { role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.reason = h("textarea", { id: "gate-reason", rows: "2", maxlength: "1000" });
    this.go = h("button", { type: "button", class: "btn btn-brand", text: "Publish now" });
    this.at = h("input", { id: "gate-at", type: "datetime-local" });
    this.later = h("button", { type: "button", class: "btn", text: "Schedule" });
    /** @type {any} */ this.about = null;
    this.el.addEventListener("close", () => this.#abort?.abort());
  }

  /** @param {import("./draft.js").Draft} draft */
  async show(draft) {
    const rev = draft.rev;
    this.title.textContent = `Publish \u201c${draft.fields.title}\u201d`;
    this.problem.textContent = "";
    this.reason.value = "";
    this.status.textContent = "Asking the golden questions of the draft.";
    this.bar.removeAttribute("value");
    this.body.replaceChildren(this.status, this.bar, this.problem);
    this.open();
    this.#abort = new AbortController();
    try {
      const report = await check(/** @type {number} */ (draft.id), rev, (done, all) => this.#progress(done, all), this.#abort.signal);
      this.#report(report, draft);
    } catch (err) {
      if (!this.el.open) return;
      this.bar.remove();
      this.status.textContent = "";
      this.problem.textContent = /** @type {Error} */ (err).message || "The connection was lost during the check. Nothing is published.";
    }
  }

  /** @param {number} done @param {number} all */
  #progress(done, all) {
    this.bar.max = all;
    this.bar.value = done;
    this.status.textContent = `${done} of ${all} golden questions asked.`;
  }

  /** @param {any} report @param {import("./draft.js").Draft} draft */
  #report(report, draft) {
    const n = (/** @type {string} */ kind) => report.questions.filter((/** @type {any} */ q) => q.change === kind).length;
    const said = Object.entries(changes).filter(([kind]) => n(kind) > 0).map(([kind, [, tag, text]]) => h("li", { class: `tag ${tag}`, text: `${n(kind)} ${text}` }));
    this.status.textContent = this.#verdict(report);
    this.bar.remove();
    const looked = report.questions.filter((/** @type {any} */ q) => q.change !== "same");
    const children = [
      past(draft.article) && h("p", { class: "bench-why" }, icon("warn"), h("span", { text: "This article is past its review or its end: it is used for no answer, also when this draft is published. Set a new date under Details." })),
      said.length > 0 && h("ul", { class: "tally", "aria-label": "Golden questions" }, ...said),
      ...looked.map(question),
      alike("Other articles give other numbers", report.disagreeing),
      alike("Other articles say the same", report.similar),
      report.worse > 0 && h("div", { class: "field" }, h("label", { for: "gate-reason", text: "Why is it right to publish all the same?" }), this.reason, h("p", { class: "hint", text: "The reason is kept on record with your name." })),
    ];
    this.body.replaceChildren(this.status);
    add(this.body, ...children, this.#second(draft), this.problem, h("details", { class: "gate-later" }, h("summary", { text: "Publish at a time instead" }), h("div", { class: "gate-at" }, h("div", { class: "field" }, h("label", { for: "gate-at", text: "Goes live by itself" }), this.at), this.later), h("p", { class: "hint", text: "The golden questions are asked again then. If more of them are answered worse, it is kept back and the owner is told." })), h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Back to the text", on: { click: () => this.el.close() } }), this.go));
    this.go.disabled = this.later.disabled = false;
    this.go.onclick = () => void this.#publish(draft, report.rev, report.worse > 0, "");
    this.later.onclick = () => void this.#schedule(draft, report.rev, report.worse > 0);
    const now = new Date();
    this.at.min = local(now);
    this.at.value = local(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8));
  }

  /** @param {any} report */
  #verdict(report) {
    if (report.questions.length === 0) return "There are no golden questions yet, so nothing could be compared.";
    if (report.worse > 0) return `With this draft ${report.worse} golden ${report.worse === 1 ? "question is" : "questions are"} answered worse.`;
    return `All ${report.questions.length} golden questions were asked, and none is answered worse.`;
  }

  /** What the second pair of eyes still has to do. @param {import("./draft.js").Draft} draft */
  #second(draft) {
    const d = draft.article?.draft;
    const missing = this.about?.second_eyes && d?.author?.id === this.about.you && !d.stage.approved_by;
    this.go.hidden = Boolean(missing);
    return missing ? h("p", { class: "bench-why" }, icon("warn"), h("span", { text: "You wrote this draft last, and here a colleague looks at each draft before it goes live. Ask for a review, or schedule it and ask meanwhile." })) : null;
  }

  /** @param {import("./draft.js").Draft} draft @param {number} rev @param {boolean} needsReason */
  #schedule(draft, rev, needsReason) {
    const at = new Date(this.at.value);
    if (!this.at.value || !(at.getTime() > Date.now())) {
      this.problem.textContent = "Please choose a time in the future.";
      this.at.focus();
      return;
    }
    return this.#publish(draft, rev, needsReason, at.toISOString());
  }

  /** @param {import("./draft.js").Draft} draft @param {number} rev @param {boolean} needsReason @param {string} at "": now */
  async #publish(draft, rev, needsReason, at) {
    const reason = this.reason.value.trim();
    if (needsReason && !reason) {
      this.problem.textContent = "Please write the reason first.";
      return this.reason.focus();
    }
    this.go.disabled = this.later.disabled = true;
    this.problem.textContent = "";
    try {
      const article = await call(at ? `/v1/articles/${draft.id}/draft/schedule` : `/v1/articles/${draft.id}/draft/publish`, { method: "POST", body: { expected_rev: rev, ...(at && { at }), ...(reason && { reason }) }, timeout: 120_000 });
      this.#done(draft, article, at);
    } catch (err) {
      const article = err instanceof Problem && (err.transient || err.code === "draft_changed") ? await this.#heard(draft, rev, at) : null;
      if (article) return this.#done(draft, article, at);
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach. Look at the article before you publish again: it may be live.";
      this.go.disabled = this.later.disabled = false;
    }
  }

  /** @param {import("./draft.js").Draft} draft @param {any} article @param {string} at */
  #done(draft, article, at) {
    draft.take(article);
    this.el.close();
    if (at) draft.emit("moved");
    draft.emit(at ? "scheduled" : "published", article);
  }

  /**
   * Whether it was done all the same, and only the answer was lost: then what is live, or scheduled, is this text.
   * @param {import("./draft.js").Draft} draft @param {number} rev @param {string} at
   */
  async #heard(draft, rev, at) {
    const now = await call(`/v1/articles/${draft.id}`).catch(() => null);
    const done = at ? now?.draft?.rev === rev && now.draft.stage.stage === "scheduled" : now?.live && !now.draft && same(fieldsOf(now.live), draft.saved);
    return done ? now : null;
  }
}

/** @param {any} a Whether an article is used for no answer any more. */
const past = (a) => Boolean(a?.overdue || (a?.expires_at && new Date(a.expires_at).getTime() <= Date.now()));

/** @param {any} q */
export function question(q) {
  const [word, kind] = changes[q.change];
  const side = (/** @type {string} */ name, /** @type {any} */ a) =>
    h(
      "div",
      { class: "side" },
      h("h4", { text: name }),
      h("p", { class: "side-verdict" }, icon(a.right ? "check" : "warn"), `${say(outcomes, a.outcome)}, ${a.right ? "as expected" : "not as expected"}, confidence ${share(a.confidence)}`),
      a.text && h("p", { class: "as-said", dir: "auto", text: a.text }),
    );
  return h("section", { class: "gate-question" }, h("h3", {}, h("span", { class: `tag ${kind}`, text: word }), " ", h("span", { dir: "auto", text: q.text })), h("div", { class: "sides" }, side("Live", q.live), side("With the draft", q.draft)));
}

/** @param {string} title @param {any[]} list */
function alike(title, list) {
  if (!list?.length) return null;
  const rows = list.slice(0, 5).map((a) =>
    h("div", { class: "sides" }, h("div", { class: "side" }, h("h4", { text: "The draft" }), h("p", { dir: "auto", text: short(a.draft) })), h("div", { class: "side" }, h("h4", {}, h("a", { href: `#article=${a.article_id}`, target: "_blank", text: a.title })), h("p", { dir: "auto", text: short(a.other) }))),
  );
  return h("details", { class: "gate-alike" }, h("summary", {}, icon("warn"), ` ${title} (${list.length})`), ...rows);
}

/** @param {string} s */
const short = (s) => (s.length > 280 ? `${s.slice(0, 278)}\u2026` : s);
