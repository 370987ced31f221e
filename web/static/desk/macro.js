// SPDX-License-Identifier: MIT
// A saved reply with what goes with it: as it will be read, what will be done, and both in one step.

import { call } from "../shared/api.js";
import { h, icon, setServerHTML } from "../shared/dom.js";
import { actionWords } from "./actions.js";
import { button, field, Frame } from "./dialog.js";
import { randomID } from "./reply.js";

export class MacroDialog extends Frame {
  /**
   * @param {import("./model.js").DeskModel} model
   * @param {(text: string) => void} insert
   */
  constructor(model, insert) {
    super("Saved reply");
    this.model = model;
    this.insert = insert;
  }

  /**
   * @param {any} r A saved reply, filled for the open case.
   * @param {import("./actions.js").Places} places
   */
  async use(r, places) {
    const { case: c } = this.model.record;
    this.title.textContent = r.title;
    this.open();
    const text = h("textarea", { rows: 5, maxlength: 4000, required: true, dir: "auto", lang: r.filled.lang });
    text.value = r.filled.text;
    const seen = h("div", { class: "prose reply-preview", dir: "auto", lang: r.filled.lang, role: "region", "aria-label": "As the customer will read it", tabindex: "0" });
    const hole = h("p", { class: "warned", hidden: true }, icon("warn"), h("span", { role: "status" }));
    const go = h("button", { type: "submit", class: "btn btn-brand" }, icon("send"), "Send and do it");
    const cid = randomID();
    const form = h(
      "form",
      {},
      field(`To the customer of ${c.reference}`, text),
      hole,
      h("div", { class: "field" }, h("strong", { text: "As the customer will read it" }), seen),
      h("div", { class: "field" }, h("strong", { text: "Done together with it" }), h("ul", { class: "does" }, ...actionWords(r.actions, places).map((words) => h("li", {}, icon("check"), words)))),
      h("p", { class: "dialog-actions" }, button("Only put it into the reply", () => (this.close(), this.insert(text.value)), { kind: "btn-quiet" }), go),
    );
    let drawing = 0;
    const draw = async () => {
      const missing = r.filled.missing.filter((/** @type {string} */ v) => text.value.includes(v));
      hole.hidden = missing.length === 0;
      /** @type {HTMLElement} */ (hole.lastElementChild).textContent = missing.length ? `Not known here, please write it out: ${missing.join(", ")}` : "";
      go.disabled = missing.length > 0;
      const found = text.value.trim() ? await this.tries(() => call("/v1/preview", { method: "POST", body: { text: text.value } })) : null;
      if (found) setServerHTML(seen, found.html);
    };
    text.addEventListener("input", () => {
      clearTimeout(drawing);
      drawing = setTimeout(() => void draw(), 300);
    });
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#go(c.id, { text: text.value, client_message_id: cid, actions: r.actions }, go);
    });
    this.show(form);
    await draw();
    (go.disabled ? text : go).focus();
  }

  /**
   * @param {string} id
   * @param {{text: string, client_message_id: string, actions: import("./actions.js").Actions}} body
   * @param {HTMLButtonElement} go
   */
  async #go(id, body, go) {
    if (!(await this.tries(() => call(`/v1/cases/${id}/macro`, { method: "POST", body }), go))) return;
    this.close();
    await this.model.refresh();
    const { outcome, team, agent_id } = body.actions;
    const undo = outcome || team || agent_id ? [{ label: outcome ? "Reopen" : "Take it back", run: () => void this.model.undo(id) }] : [];
    this.model.emit("told", { text: "Sent and done.", actions: undo, for: undo.length > 0 ? 60_000 : undefined });
  }
}
