// SPDX-License-Identifier: MIT
// Whether cases are given to this agent: said in the bar, kept on the server.

import { h } from "../shared/dom.js";

/** @type {[string, string][]} */
const statuses = [
  ["available", "Available"],
  ["busy", "Busy"],
  ["away", "Away"],
];

export class Presence {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.select = h("select", { id: "presence", class: "presence-select", title: "Cases are given to you while you are available" }, ...statuses.map(([value, text]) => h("option", { value, text })));
    this.el = h("div", { class: "presence", data: { status: "away" } }, h("label", { class: "sr", for: "presence", text: "Your status" }), this.select);
    this.select.value = "away";
    this.select.addEventListener("change", () => void this.#set(this.select.value));
    model.on("presence", (/** @type {any} */ me) => this.#show(me));
    model.on("link", (/** @type {string} */ link) => link === "open" && void model.readPresence());
  }

  /** @param {string} status */
  async #set(status) {
    if (!(await this.model.setPresence(status))) void this.model.readPresence();
  }

  /** @param {{status: string, load: number, capacity: number}} me */
  #show(me) {
    this.select.value = me.status;
    this.el.dataset.status = me.status;
    this.select.title = `${me.load} of ${me.capacity} cases. Cases are given to you while you are available.`;
  }
}
