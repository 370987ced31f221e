// SPDX-License-Identifier: MIT
// Where an agent writes: to the customer, or a note for colleagues. Two tabs, two fields; which one is open is plain to see.

import { h, icon } from "../shared/dom.js";
import { NoteForm } from "./notes.js";
import { Reply } from "./reply.js";

export class Composer {
  /** @type {"reply"|"note"} */ open = "reply";
  #case = "";

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.reply = new Reply(model);
    this.note = new NoteForm(model);
    this.tabs = {
      reply: this.#tab("reply", "send", "Reply"),
      note: this.#tab("note", "lock", "Note"),
    };
    const list = h("div", { class: "write-tabs", role: "tablist", "aria-label": "What to write" }, this.tabs.reply, this.tabs.note);
    list.addEventListener("keydown", (e) => {
      if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
      this.show(this.open === "reply" ? "note" : "reply");
      this.tabs[this.open].focus();
    });
    // Nobody is kept from writing: who else is at it is said, and asked about before it is sent.
    this.lock = h("p", { class: "soft-lock", role: "status", hidden: true });
    this.el = h("div", { class: "composer", hidden: true }, this.lock, list, panel("reply", this.reply.el), panel("note", this.note.el));
    model.on("record", () => this.render());
    for (const kind of ["record", "around"]) model.on(kind, () => this.#lock());
  }

  /**
   * @param {"reply"|"note"} name
   * @param {string} sign
   * @param {string} text
   */
  #tab(name, sign, text) {
    return h("button", { type: "button", class: `write-tab write-tab-${name}`, role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, on: { click: () => this.write(name) } }, icon(sign), text);
  }

  /** @param {"reply"|"note"} name */
  show(name) {
    this.open = name;
    this.render();
  }

  /**
   * @param {"reply"|"note"} name
   * @returns {boolean} whether there is something to write in
   */
  write(name) {
    if (this.el.hidden || (name === "reply" && !this.reply.possible)) return false;
    this.show(name);
    this[name].input.focus();
    return true;
  }

  #lock() {
    const { record, writers, me } = this.model;
    const holder = record?.case?.assignee;
    const theirs = holder && holder.id !== me.id && record.conversation.owner === "agent";
    const writing = writers.length > 0 ? `${writers.join(", ")} ${writers.length === 1 ? "is" : "are"} writing here.` : "";
    const text = [writing, theirs ? `${holder.name} has this case and answers the customer. You can leave them a note.` : ""].filter(Boolean).join(" ");
    this.lock.hidden = !text;
    this.lock.classList.toggle("is-writing", writing !== "");
    if (this.lock.textContent !== text) this.lock.textContent = text;
  }

  render() {
    const { record } = this.model;
    const id = record?.case?.id ?? "";
    const could = this.reply.possible;
    if (id !== this.#case) this.open = "reply";
    this.#case = id;
    const was = this.el.hidden || this.reply.el.hidden;
    this.el.hidden = !id;
    this.tabs.reply.hidden = !could;
    // Of a case that is not one's own only notes can be written, and nobody asked for one yet.
    const open = this.open === "reply" && !could ? "" : this.open;
    for (const name of /** @type {const} */ (["reply", "note"])) {
      /** @type {HTMLElement} */ (this[name].el.parentElement).hidden = this[name].el.hidden = open !== name;
      this.tabs[name].setAttribute("aria-selected", String(name === open));
      this.tabs[name].tabIndex = name === open || (!open && name === "note") ? 0 : -1;
    }
    if (was && !this.el.hidden && open === "reply" && document.activeElement?.id !== "search") this.reply.input.focus();
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} form
 */
function panel(name, form) {
  return h("div", { id: `panel-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}`, hidden: true }, form);
}
