// SPDX-License-Identifier: MIT
// All corrections that were sent, of every article, and how they were delivered.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { Dialog } from "./dialog.js";
import { delivery } from "./wrong.js";

export class CorrectionsDialog extends Dialog {
  constructor() {
    super("Corrections sent");
    this.body.addEventListener("click", (e) => /** @type {Element} */ (e.target).closest("a") && this.el.close());
  }

  async show() {
    this.body.replaceChildren(h("p", { class: "hint", role: "status", text: "Reading the corrections." }));
    this.open();
    try {
      const { corrections } = await call("/v1/corrections");
      const rows = corrections.map((/** @type {any} */ c) =>
        h("li", { class: "version" }, h("p", {}, h("a", { href: `#article=${c.article_id}`, dir: "auto", text: c.title }), `, version ${c.version}`), h("p", { dir: "auto", text: c.reason }), h("p", { class: "hint" }, h("time", { datetime: c.at, text: dateAndTime(c.at, "en-GB") }), ` \u00b7 ${c.by}`), delivery(c.delivery)),
      );
      this.body.replaceChildren(rows.length ? h("ol", { class: "plain told-list" }, ...rows) : h("p", { class: "hint", text: "No version was marked wrong so far." }));
    } catch (err) {
      this.body.replaceChildren(h("p", { class: "problem", role: "alert", text: /** @type {Error} */ (err).message || "The server is out of reach." }));
    }
  }
}
