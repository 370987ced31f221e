// SPDX-License-Identifier: MIT
// Cases that are chosen in the lists to be worked on together, and the bar that says how many.

import { h, icon } from "../shared/dom.js";
import { button, plural } from "./dialog.js";

/** @typedef {import("./model.js").CaseSummary} CaseSummary */

export class Marks {
  /** @type {Map<string, CaseSummary>} */ chosen = new Map();
  #anchor = -1;

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {(cases: CaseSummary[]) => void} */
    this.onLink = () => {};
    /** @type {(one: CaseSummary, other: CaseSummary) => void} */
    this.onMerge = () => {};
    this.count = h("p", { class: "mark-count", role: "status" });
    this.link = button("Link to a cause\u2026", () => this.onLink([...this.chosen.values()]), { sign: "link" });
    this.merge = button("Merge\u2026", () => this.#merge());
    const clear = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-label": "Choose none", on: { click: () => this.clear() } }, icon("close"));
    this.el = h("section", { class: "mark-bar", "aria-label": "Chosen cases", hidden: true }, this.count, h("div", { class: "mark-actions" }, this.link, this.merge, clear));
  }

  /** @param {string} id */
  has(id) {
    return this.chosen.has(id);
  }

  /**
   * Chooses a case or leaves it out; with the Shift key all from the last one on.
   * @param {number} index
   * @param {boolean} range
   * @param {(index: number) => any} get
   */
  toggle(index, range, get) {
    const on = !this.has(get(index)?.id);
    const from = range && this.#anchor >= 0 ? this.#anchor : index;
    for (let i = Math.min(from, index); i <= Math.max(from, index); i++) {
      const item = get(i);
      if (!item?.reference) continue; // not read yet, or no case
      if (on) this.chosen.set(item.id, item);
      else this.chosen.delete(item.id);
    }
    this.#anchor = index;
    this.#show();
  }

  clear() {
    this.chosen.clear();
    this.#anchor = -1;
    this.#show();
  }

  /** The lists are others now: where one began to choose is nowhere in them. */
  forget() {
    this.#anchor = -1;
  }

  #merge() {
    const [one, other] = [...this.chosen.values()];
    if (one && other) this.onMerge(one, other);
  }

  #show() {
    const n = this.chosen.size;
    this.el.hidden = n === 0;
    this.count.textContent = n === 0 ? "" : `${plural(n, "case")} chosen`;
    // Two can be one matter of one customer; more than two are merged two by two.
    this.merge.disabled = n !== 2;
    this.merge.title = n === 2 ? "" : "Choose two cases to merge them";
    this.changed();
  }
}
