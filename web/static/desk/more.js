// SPDX-License-Identifier: MIT
// What else can be done with an own case, and the dialogs for it.

import { add, h, icon } from "../shared/dom.js";

/** The steps that are taken more seldom, behind one button. */
export class More {
  /** @type {{label: string, run: () => void}[]} */ #steps = [];

  constructor() {
    this.list = h("div", { class: "more-list" });
    this.el = h("details", { class: "more", hidden: true }, h("summary", { class: "btn btn-small", text: "More" }), this.list);
    const left = (/** @type {EventTarget|null} */ to) => to && !this.el.contains(/** @type {Node} */ (to));
    this.el.addEventListener("focusout", (e) => left(e.relatedTarget) && (this.el.open = false));
    document.addEventListener("click", (e) => left(e.target) && (this.el.open = false));
    this.el.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !this.el.open) return;
      this.el.open = false;
      this.el.querySelector("summary")?.focus();
      e.stopPropagation();
    });
  }

  /** @param {{label: string, run: () => void}[]} steps */
  show(steps) {
    const same = steps.map(({ label }) => label).join() === this.#steps.map(({ label }) => label).join();
    this.#steps = steps;
    this.el.hidden = steps.length === 0;
    if (same) return;
    const run = (/** @type {number} */ i) => ((this.el.open = false), this.#steps[i].run());
    this.list.replaceChildren(...steps.map(({ label }, i) => h("button", { type: "button", class: "btn btn-small btn-quiet", text: label, on: { click: () => run(i) } })));
  }
}

export class SnoozeDialog {
  /** @param {(until: string) => void} done */
  constructor(done) {
    this.when = h("input", { type: "datetime-local", id: "snooze-until", required: true });
    const quick = h("p", { class: "quick" }, ...choices.map(([text, at]) => h("button", { type: "button", class: "btn btn-small", text, on: { click: () => this.#finish(at()) } })));
    const form = h("form", { method: "dialog" }, h("h2", { id: "snooze-title", text: "Snooze" }), h("p", { class: "hint", text: "It comes back at that time, or when the customer writes." }), quick);
    add(form, h("label", { for: "snooze-until", text: "Until" }), this.when);
    add(form, h("p", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-quiet", text: "Cancel", on: { click: () => this.el.close() } }), h("button", { type: "submit", class: "btn btn-brand" }, icon("queue"), "Snooze")));
    form.addEventListener("submit", () => this.#finish(new Date(this.when.value)));
    this.el = h("dialog", { class: "dialog", "aria-labelledby": "snooze-title" }, form);
    this.done = done;
  }

  open() {
    this.when.min = local(new Date());
    this.when.value = local(tomorrow());
    this.el.showModal();
  }

  /** @param {Date} at */
  #finish(at) {
    this.el.close();
    if (!Number.isNaN(at.getTime())) this.done(at.toISOString());
  }
}

export class EscalateDialog {
  /** @param {(note: string) => void} done */
  constructor(done) {
    this.note = h("textarea", { id: "escalate-note", rows: 4, maxlength: 2000, required: true });
    const form = h("form", { method: "dialog" }, h("h2", { id: "escalate-title", text: "Ask a supervisor" }), h("label", { for: "escalate-note", text: "What you need; the customer does not see it" }), this.note);
    add(form, h("p", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-quiet", text: "Cancel", on: { click: () => this.el.close() } }), h("button", { type: "submit", class: "btn btn-brand" }, icon("send"), "Ask")));
    form.addEventListener("submit", () => {
      done(this.note.value.trim());
      this.note.value = "";
    });
    this.el = h("dialog", { class: "dialog", "aria-labelledby": "escalate-title" }, form);
  }

  open() {
    this.el.showModal();
  }
}

function tomorrow() {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(9, 0, 0, 0);
  return at;
}

/** @type {[string, () => Date][]} */
const choices = [
  ["In an hour", () => new Date(Date.now() + 3_600_000)],
  ["In three hours", () => new Date(Date.now() + 3 * 3_600_000)],
  ["Tomorrow at 9", tomorrow],
];

/** @param {Date} at */
function local(at) {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
