// SPDX-License-Identifier: MIT
// Giving a case to a colleague or to a team, with a word about it.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";

export class TransferDialog {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.title = h("h2", { id: "transfer-title" });
    this.to = h("select", { id: "transfer-to", required: true });
    this.note = h("textarea", { id: "transfer-note", rows: 3, maxlength: 2000 });
    const form = h("form", { method: "dialog" }, this.title);
    add(form, h("label", { for: "transfer-to", text: "To" }), this.to);
    add(form, h("label", { for: "transfer-note", text: "Note for colleagues; the customer does not see it" }), this.note);
    add(form, h("p", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-quiet", text: "Cancel", on: { click: () => this.el.close() } }), h("button", { type: "submit", class: "btn btn-brand" }, icon("send"), "Transfer")));
    form.addEventListener("submit", () => this.#done());
    this.el = h("dialog", { class: "dialog", "aria-labelledby": "transfer-title" }, form);
  }

  async open() {
    const { case: c } = this.model.record;
    this.title.textContent = `Transfer ${c.reference}`;
    this.note.value = "";
    const found = await this.model.ask(() => call("/v1/colleagues"));
    if (!found) return;
    const agents = found.agents.filter((/** @type {any} */ a) => a.id !== c.assignee?.id);
    const choose = h("option", { value: "", text: "Choose a team or a colleague" });
    const teams = found.teams.map((/** @type {any} */ t) => h("option", { value: `team:${t.id}`, text: t.name }));
    this.to.replaceChildren(choose);
    if (teams.length > 0) this.to.append(h("optgroup", { label: "Teams" }, ...teams));
    if (agents.length > 0) this.to.append(h("optgroup", { label: "Colleagues" }, ...agents.map((/** @type {any} */ a) => h("option", { value: `agent:${a.id}`, text: a.name }))));
    this.el.showModal();
  }

  #done() {
    const [kind, id] = this.to.value.split(/:(.*)/s);
    if (!kind) return;
    const note = this.note.value.trim();
    void this.model.transfer(this.model.record.case.id, { ...(kind === "team" ? { team: id } : { agent_id: id }), ...(note ? { note } : {}) });
  }
}
