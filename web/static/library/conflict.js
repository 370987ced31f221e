// SPDX-License-Identifier: MIT
// Two editors wrote at once. Both texts are shown; nothing is saved before one is chosen.

import { h } from "../shared/dom.js";
import { Dialog } from "./dialog.js";
import { drawDiff } from "./diff.js";

export class ConflictDialog extends Dialog {
  constructor() {
    super("Somebody else has saved another text");
    this.el.classList.add("dialog-full");
  }

  /** @param {import("./draft.js").Draft} draft */
  show(draft) {
    const theirs = draft.theirs;
    if (!theirs) return;
    const mine = { ...draft.fields };
    const field = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ value, /** @type {boolean} */ fixed) =>
      h("div", { class: "side" }, h("label", { for: id, text: label }), h("textarea", { id, rows: "12", dir: "auto", readonly: fixed, text: value }));
    const settle = (/** @type {import("./draft.js").Fields} */ fields) => {
      this.el.close();
      void draft.settle(fields);
    };
    const left = field("conflict-mine", mine.title === theirs.title ? "Yours" : `Yours: ${mine.title}`, mine.body, false);
    const right = field("conflict-theirs", mine.title === theirs.title ? "Saved by somebody else" : `Saved by somebody else: ${theirs.title}`, theirs.body, true);
    const text = /** @type {HTMLTextAreaElement} */ (left.querySelector("textarea"));
    this.body.replaceChildren(
      h("p", { class: "hint", text: "Your text is kept in this browser. Change yours until it holds what both say, or take one of them." }),
      h("div", { class: "sides" }, left, right),
      h("details", {}, h("summary", { text: "What differs, from theirs to yours" }), drawDiff(theirs.body, mine.body)),
      h(
        "div",
        { class: "dialog-actions" },
        h("button", { type: "button", class: "btn", text: "Take theirs", on: { click: () => settle(theirs) } }),
        h("button", { type: "button", class: "btn btn-brand", text: "Save mine", on: { click: () => settle({ ...mine, body: text.value }) } }),
      ),
    );
    this.open();
  }
}
