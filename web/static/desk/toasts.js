// SPDX-License-Identifier: MIT
// Short news in a corner of the page, said politely to who listens. One that asks for something stays as long as it can be done, and none
// goes while it is looked at.

import { h, icon } from "../shared/dom.js";

const stay = 8_000;
const most = 4;

export class Toasts {
  constructor() {
    this.el = h("div", { class: "toasts", role: "status", "aria-live": "polite", "aria-relevant": "additions" });
  }

  /**
   * @param {string} text
   * @param {{actions?: {label: string, run: () => void}[], for?: number}} [options]
   */
  show(text, { actions = [], for: time = stay } = {}) {
    const el = h("div", { class: "toast" }, h("p", { text }));
    const close = () => {
      clearTimeout(timer);
      if (el.contains(document.activeElement)) /** @type {HTMLElement|null} */ (document.querySelector(".case-bar h2"))?.focus();
      el.remove();
    };
    for (const { label, run } of actions) el.append(h("button", { type: "button", class: "btn btn-small", text: label, on: { click: () => (close(), run()) } }));
    el.append(h("button", { type: "button", class: "btn btn-small btn-quiet toast-close", "aria-label": "Close", on: { click: close } }, icon("close")));
    let left = time;
    let since = Date.now();
    let timer = setTimeout(close, left);
    for (const kind of ["pointerenter", "focusin"]) el.addEventListener(kind, () => ((left -= Date.now() - since), clearTimeout(timer)));
    for (const kind of ["pointerleave", "focusout"]) {
      el.addEventListener(kind, () => {
        clearTimeout(timer);
        since = Date.now();
        timer = setTimeout(close, Math.max(1_500, left));
      });
    }
    this.el.append(el);
    while (this.el.children.length > most) this.el.firstElementChild?.remove();
    return close;
  }
}
