// SPDX-License-Identifier: MIT

import { h, icon } from "../shared/dom.js";

let made = 0;

/** A window over the page with a heading and a way out. */
export class Dialog {
  /** @param {string} title */
  constructor(title) {
    const id = `dialog-${++made}`;
    this.title = h("h2", { id, tabindex: "-1", text: title });
    this.close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.el.close() } }, icon("close"));
    this.body = h("div", { class: "dialog-content" });
    this.el = h("dialog", { class: "dialog dialog-wide", "aria-labelledby": id }, h("header", {}, this.title, this.close), this.body);
    document.body.append(this.el);
  }

  open() {
    if (!this.el.open) this.el.showModal();
    this.title.focus();
  }
}
