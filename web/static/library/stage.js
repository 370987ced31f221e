// SPDX-License-Identifier: MIT
// How far the draft is on its way, who brought it there, and the next steps.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { Dialog } from "./dialog.js";

/** @type {Record<string, string>} What kept a scheduled draft back. */
const because = {
  answers_get_worse: "golden questions would be answered worse.",
  approval_missing: "no colleague has approved it.",
  failed: "it could not be published as it is.",
};

/** @type {Record<string, (id: string) => string>} Where each step is taken. */
const steps = {
  approve: (id) => `/v1/articles/${id}/draft/approve`,
  review: (id) => `/v1/articles/${id}/draft/review`,
  "send-back": (id) => `/v1/articles/${id}/draft/send-back`,
  unschedule: (id) => `/v1/articles/${id}/draft/unschedule`,
  withdraw: (id) => `/v1/articles/${id}/draft/withdraw`,
};

/** @param {any} person */
const who = (person) => person?.name || "a colleague";
/** @param {string} at */
const when = (at) => dateAndTime(at, "en-GB");

/** @param {any} s @returns {string} */
function words(s) {
  switch (s.stage) {
    case "in_review":
      return `In review: ${who(s.asked_by)} asked ${s.asked_of ? who(s.asked_of) : "any colleague"}.`;
    case "sent_back":
      return `${who(s.note_by)} wants it changed.`;
    case "approved":
      return `Approved by ${who(s.approved_by)} on ${when(s.approved_at)}.`;
    case "scheduled":
      return `Goes live by itself on ${when(s.publish_at)}.${s.approved_by ? ` Approved by ${who(s.approved_by)}.` : s.asked_by ? ` ${s.asked_of ? who(s.asked_of) : "A colleague"} was asked for a review.` : ""} Until then the text stays as it is.`;
    case "kept_back":
      return `Kept back when it was due: ${because[s.why] ?? s.why} Customers are answered as before.`;
    default:
      return "";
  }
}

export class StageStrip {
  /** @type {import("./draft.js").Draft|null} */ #draft = null;
  /** @type {any} What the library knows: editors, who you are, whether a second editor has to look. */ about = null;

  /** @param {(text: string) => void} say @param {() => Promise<boolean>} save */
  constructor(say, save) {
    this.say = say;
    this.save = save;
    this.text = h("p", { role: "status" });
    this.note = h("q", { class: "stage-note", dir: "auto" });
    this.buttons = h("div", { class: "stage-buttons" });
    this.el = h("section", { class: "stage", "aria-label": "Way of the draft", hidden: true }, h("div", { class: "stage-words" }, this.text, this.note), this.buttons);
    this.dialog = new StepDialog();
  }

  /** @param {import("./draft.js").Draft} draft */
  show(draft) {
    this.#draft = draft;
    const d = draft.article?.draft;
    this.el.hidden = !d;
    if (!d) return;
    const s = d.stage;
    const text = words(s);
    this.el.dataset.stage = s.stage;
    if (this.text.textContent !== text) this.text.replaceChildren(s.stage === "kept_back" || s.stage === "sent_back" ? icon("warn") : "", text);
    this.note.textContent = s.note ?? "";
    this.note.hidden = !s.note || s.stage === "writing";
    const line = JSON.stringify([s, d.author, this.about?.you, this.about?.second_eyes, Boolean(draft.article.live)]);
    if (this.el.dataset.line === line) return;
    this.el.dataset.line = line;
    this.buttons.replaceChildren();
    add(this.buttons, ...this.#steps(s, d, Boolean(draft.article.live)));
  }

  /** @param {any} s @param {any} d @param {boolean} live */
  #steps(s, d, live) {
    const own = d.author?.id === this.about?.you;
    const asked = s.asked_by && !s.approved_by;
    const button = (/** @type {string} */ text, /** @type {() => unknown} */ click, kind = "btn-quiet") => h("button", { type: "button", class: `btn btn-small ${kind}`, text, on: { click } });
    return [
      s.stage !== "approved" && !s.approved_by && !own && d.author && button("Approve", () => this.#take("approve"), asked ? "btn-brand" : ""),
      asked && !own && button("Send back\u2026", () => this.#ask("send-back")),
      s.stage !== "approved" && !asked && !s.approved_by && button("Ask for a review\u2026", () => this.#ask("review"), this.about?.second_eyes && own ? "" : "btn-quiet"),
      asked && own && button("Withdraw", () => this.#take("withdraw")),
      s.stage === "scheduled" && button("Take off the schedule", () => this.#take("unschedule"), ""),
      s.stage !== "scheduled" && button(live ? "Discard draft" : "Delete article", () => this.#discard(live)),
    ];
  }

  /** @param {string} step @param {any} [body] */
  async #take(step, body = {}) {
    const draft = this.#draft;
    if (!draft?.article?.draft) return;
    if (step !== "unschedule" && draft.article.draft.stage.stage !== "scheduled" && !(await this.save())) return;
    try {
      draft.take(await call(steps[step](draft.id), { method: "POST", body: { expected_rev: draft.rev, ...body } }));
      draft.emit("moved");
      this.dialog.el.close();
    } catch (err) {
      const text = /** @type {Error} */ (err).message || "The server is out of reach.";
      if (this.dialog.el.open) this.dialog.problem.textContent = text;
      else this.say(text);
    }
  }

  /** @param {"review"|"send-back"} step */
  #ask(step) {
    const others = (this.about?.editors ?? []).filter((/** @type {any} */ e) => e.id !== this.about.you);
    this.dialog.show(step, others, (body) => void this.#take(step, body));
  }

  /** @param {boolean} live */
  async #discard(live) {
    const draft = this.#draft;
    if (!draft?.article?.draft || !confirm(live ? "Throw this draft away? What is live stays." : "Delete this article? It was never published.")) return;
    try {
      await call(`/v1/articles/${draft.id}/draft?expected_rev=${draft.rev}`, { method: "DELETE" });
      draft.drop();
      draft.emit("discarded", live);
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }
}

/** Asks whom, and what to say to them. */
class StepDialog extends Dialog {
  constructor() {
    super("");
    this.problem = h("p", { class: "problem", role: "alert" });
    this.whom = h("select", { id: "step-whom" });
    this.note = h("textarea", { id: "step-note", rows: "3", maxlength: "1000", dir: "auto" });
    this.go = h("button", { type: "submit", class: "btn btn-brand" });
    this.whomField = h("div", { class: "field" }, h("label", { for: "step-whom", text: "Whom" }), this.whom);
    this.noteLabel = h("label", { for: "step-note" });
    this.form = h("form", { class: "dialog-content" }, this.whomField, h("div", { class: "field" }, this.noteLabel, this.note), this.problem, h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Cancel", on: { click: () => this.el.close() } }), this.go));
    this.body.append(this.form);
  }

  /** @param {"review"|"send-back"} step @param {any[]} editors @param {(body: any) => void} done */
  show(step, editors, done) {
    const review = step === "review";
    this.title.textContent = review ? "Ask for a review" : "Send the draft back";
    this.go.textContent = review ? "Ask" : "Send back";
    this.whomField.hidden = !review;
    this.whom.replaceChildren(h("option", { value: "", text: "Any colleague" }), ...editors.map((e) => h("option", { value: String(e.id), text: e.name })));
    this.noteLabel.textContent = review ? "What should they know? (optional)" : "What is to be changed?";
    this.note.required = !review;
    this.note.value = "";
    this.problem.textContent = "";
    this.form.onsubmit = (e) => {
      e.preventDefault();
      done({ note: this.note.value.trim(), ...(review && this.whom.value && { reviewer_id: Number(this.whom.value) }) });
    };
    this.open();
    (review ? this.whom : this.note).focus();
  }
}
