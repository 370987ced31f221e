// SPDX-License-Identifier: MIT
// Where colleagues named this agent: how many are new, and the list.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";

export class Mentions {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.count = h("span", { class: "count count-unread" });
    this.button = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-haspopup": "dialog", on: { click: () => void this.open() } }, icon("person"), h("span", { class: "bar-word", text: "Mentions" }), this.count);
    this.list = h("ul", { class: "picks" });
    this.said = h("p", { class: "hint", role: "status" });
    const close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.dialog.close() } }, icon("close"));
    this.dialog = h("dialog", { class: "dialog dialog-wide", "aria-labelledby": "mentions-title" }, h("header", {}, h("h2", { id: "mentions-title", text: "Where colleagues named you" }), close), this.said, this.list);
    model.on("mentions", (/** @type {number} */ n) => (this.count.textContent = n > 0 ? `${n} new` : ""));
  }

  async open() {
    this.list.replaceChildren();
    this.said.textContent = "Looking.";
    this.dialog.showModal();
    const found = await this.model.ask(() => call("/v1/mentions"));
    this.said.textContent = found?.mentions.length === 0 ? "Nobody has named you yet." : "";
    this.list.replaceChildren(...(found?.mentions ?? []).map((/** @type {any} */ m) => this.#mention(m)));
  }

  /** @param {any} m */
  #mention(m) {
    const open = h("button", { type: "button", class: "link", text: m.reference, on: { click: () => void this.#go(m) } });
    const head = h("div", { class: "pick-head" }, h("strong", { dir: "auto", text: m.by }), open, h("span", { class: "hint", text: dateAndTime(m.created_at, "en-GB") }), m.seen_at ? null : h("span", { class: "tag tag-person", text: "New" }));
    return h("li", {}, head, h("p", { dir: "auto", text: m.text || "The note was erased." }));
  }

  /** @param {any} m */
  async #go(m) {
    this.dialog.close();
    if (!m.seen_at) await this.model.ask(() => call(`/v1/mentions/${m.id}/seen`, { method: "POST" }), true);
    await this.model.select({ kind: "case", id: m.case_id });
  }
}
