// SPDX-License-Identifier: MIT
// Keyboard shortcuts. Single letters work only outside of fields, and can be switched off.

import { h, icon } from "../shared/dom.js";

const stored = "candor:shortcuts";

/** @type {[string, string][]} */
const help = [
  ["j k", "Next and previous in the list"],
  ["Enter", "Open what is chosen in the list"],
  ["/", "Find a case by its reference"],
  ["1 \u2026 6", "Waiting, mine, snoozed, all open, done, with the bot"],
  ["o", "Open a case for somebody who phoned, wrote or came by"],
  ["c", "Claim"],
  ["t", "Take over from the bot"],
  ["r", "Write a reply"],
  ["Ctrl Enter", "Send the reply"],
  ["n", "Write a note"],
  ["w", "Wait for the customer"],
  ["x", "In a list: choose a case, with Shift all up to it. In a case: transfer"],
  ["u", "Release: back to the queue"],
  ["e", "Resolve"],
  ["Esc", "Leave the field, close a window"],
  ["?", "This help"],
];

export class Keys {
  /**
   * @param {Record<string, () => unknown>} actions By key.
   * @param {[string, string][]} [rows] What they do.
   */
  constructor(actions, rows = help) {
    this.actions = actions;
    this.on = read();
    const list = rows.map(([keys, what]) => h("div", {}, h("dt", {}, ...keys.split(" ").map((k) => h("kbd", { text: k }))), h("dd", { text: what })));
    const toggle = h("input", { type: "checkbox", id: "keys-on", checked: this.on });
    toggle.addEventListener("change", () => this.#set(toggle.checked));
    const close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.el.close() } }, icon("close"));
    this.el = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "keys-title" },
      h("header", {}, h("h2", { id: "keys-title", text: "Keyboard" }), close),
      h("dl", { class: "keys" }, ...list),
      h("p", { class: "keys-toggle" }, toggle, h("label", { for: "keys-on", text: "Single-letter shortcuts" })),
    );
    document.addEventListener("keydown", (e) => this.#press(e));
  }

  open() {
    this.el.showModal();
  }

  /** @param {KeyboardEvent} e */
  #press(e) {
    const target = /** @type {HTMLElement} */ (e.target);
    const writing = target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (e.key === "Escape" && writing) return target.blur();
    if (writing || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.key !== "?" && !this.on) return;
    const action = e.key === "?" ? () => this.open() : this.actions[e.key];
    if (!action || action() === false) return;
    e.preventDefault();
  }

  /** @param {boolean} on */
  #set(on) {
    this.on = on;
    try {
      localStorage.setItem(stored, on ? "on" : "off");
    } catch {
      // Then it holds for this page.
    }
  }
}

function read() {
  try {
    return localStorage.getItem(stored) !== "off";
  } catch {
    return true;
  }
}

/** Lets the button in the bar open the help; on a page without keys it is not shown. @param {Keys} keys */
export function offer(keys) {
  const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-keys]"));
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => keys.open());
}
