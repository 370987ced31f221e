// SPDX-License-Identifier: MIT
// What waits for somebody: one line each above the list, and the list of it at a press.

import { h } from "../shared/dom.js";

/** @type {[string, string, (n: number) => string][]} Count, list, words. */
const kinds = [
  ["kept_back", "stage=kept_back", (n) => `${n} kept back when due`],
  ["for_you", "stage=in_review", (n) => `${n} ${n === 1 ? "waits" : "wait"} for your review`],
  ["due", "due=true", (n) => `${n} due for review, or ending`],
];

export class Todo {
  /** @param {(shelf: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.el = h("ul", { class: "plain todo", "aria-label": "To be seen to", hidden: true });
  }

  /** @param {Record<string, number>} counts */
  show(counts) {
    const waiting = kinds.filter(([count]) => counts[count] > 0);
    const line = JSON.stringify(waiting.map(([count]) => [count, counts[count]]));
    this.el.hidden = waiting.length === 0;
    if (this.el.dataset.line === line) return;
    this.el.dataset.line = line;
    this.el.replaceChildren(...waiting.map(([count, shelf, words]) => h("li", {}, h("button", { type: "button", class: `todo-${count}`, text: words(counts[count]), on: { click: () => this.choose(shelf) } }))));
  }
}
