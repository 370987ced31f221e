// SPDX-License-Identifier: MIT
// An import before the gate: the golden questions are asked of all its drafts together; what gets worse is shown and needs a reason.

import { Problem } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { EventParser } from "../shared/sse.js";
import { question } from "./gate.js";

/**
 * Publishes the drafts of an import and tells how far the golden questions are.
 * @param {string} id
 * @param {string} reason
 * @param {(done: number, all: number) => void} progress
 */
export async function publishImport(id, reason, progress) {
  const response = await fetch(`/v1/imports/${id}/publish`, {
    method: "POST",
    headers: { Accept: "text/event-stream", "Content-Type": "application/json" },
    body: JSON.stringify(reason ? { reason } : {}),
    credentials: "same-origin",
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
      if (e.event === "import.done") return data;
      if (e.event === "error") throw new Problem(data.status, data.code, data.detail);
    }
  }
}

let made = 0;

/** What the gate says to an import, and the way through it. */
export class ImportGate {
  /** @param {(shown: any) => void} done Told when the import is live. */
  constructor(done) {
    this.done = done;
    this.status = h("p", { role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.list = h("div", { class: "dialog-content" });
    this.reason = h("textarea", { id: `import-reason-${++made}`, rows: "2", maxlength: "500" });
    this.go = h("button", { type: "button", class: "btn btn-brand", text: "Publish all the same", on: { click: () => void this.publish(this.id, true) } });
    this.why = h("div", { class: "field", hidden: true }, h("label", { for: this.reason.id, text: "Why is it right to publish all the same?" }), this.reason, h("p", { class: "hint", text: "The reason is kept on record with your name." }), this.go);
    this.el = h("div", { class: "dialog-content" }, this.status, this.list, this.why, this.problem);
    this.id = "";
  }

  clear() {
    this.status.textContent = this.problem.textContent = this.reason.value = "";
    this.list.replaceChildren();
    this.why.hidden = true;
  }

  /** @param {string} id @param {boolean} [withReason] */
  async publish(id, withReason = false) {
    this.id = id;
    const reason = this.reason.value.trim();
    if (withReason && !reason) {
      this.problem.textContent = "Please write the reason first.";
      return this.reason.focus();
    }
    this.problem.textContent = "";
    this.status.textContent = "Asking the golden questions of the drafts.";
    this.go.disabled = true;
    try {
      this.show(await publishImport(id, reason, (done, all) => (this.status.textContent = `${done} of ${all} golden questions asked.`)));
    } catch (err) {
      this.status.textContent = "";
      this.problem.textContent = /** @type {Error} */ (err).message || "The connection was lost. Nothing is published unless the history says so.";
    }
    this.go.disabled = false;
  }

  /** @param {any} shown An import. */
  show(shown) {
    this.id = shown.id;
    const held = shown.state === "held";
    this.why.hidden = !held;
    this.list.replaceChildren();
    if (!held) {
      this.status.textContent = shown.published > 0 ? `${shown.published} ${shown.published === 1 ? "article is" : "articles are"} live.` : "Nothing was waiting to be published.";
      this.done(shown);
      return;
    }
    const worse = shown.check?.questions.filter((/** @type {any} */ q) => q.change === "worse") ?? [];
    this.status.textContent = worse.length > 0 ? `Nothing is published: ${worse.length} golden ${worse.length === 1 ? "question" : "questions"} would be answered worse. The drafts wait.` : "Nothing is published yet; the drafts wait for you.";
    add(this.list, ...worse.slice(0, 20).map(question));
  }
}
