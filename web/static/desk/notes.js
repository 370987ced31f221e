// SPDX-License-Identifier: MIT
// Notes for colleagues: a form of its own, with its own field, colour and button, so that none is ever sent to the customer.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { randomID } from "./reply.js";

const tellEvery = 4_000;

export class NoteForm {
  /** @type {Map<string, string>} Unkept words by case. */ #kept = new Map();
  #case = "";
  /** @type {{of: string, text: string, nid: string}|null} What may have arrived, to be sent again under the same id. */ #attempt = null;
  #told = 0;

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.input = h("textarea", { id: "note", rows: 3, maxlength: 2000, dir: "auto", "aria-describedby": "note-hint" });
    this.button = h("button", { type: "submit", class: "btn btn-note" }, icon("lock"), "Keep note");
    this.problem = h("p", { class: "problem", role: "alert" });
    this.named = h("select", { class: "select-small", "aria-label": "Name a colleague in the note" });
    this.el = h(
      "form",
      { class: "write write-note", hidden: true },
      h("p", { class: "write-as" }, icon("lock"), h("label", { for: "note", text: "Note for colleagues. The customer never sees it." })),
      this.input,
      this.problem,
      h("div", { class: "reply-foot" }, h("p", { class: "hint", id: "note-hint" }, h("kbd", { text: "Ctrl" }), " ", h("kbd", { text: "Enter" }), " keeps it."), h("div", { class: "foot-actions" }, this.named, this.button)),
    );
    this.el.addEventListener("submit", (e) => (e.preventDefault(), void this.#keep()));
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), void this.#keep());
    });
    this.input.addEventListener("input", () => this.#written());
    this.named.addEventListener("change", () => this.#name());
    this.named.addEventListener("focus", () => void this.#colleagues(), { once: true });
    this.named.replaceChildren(h("option", { value: "", text: "@ colleague" }));
    model.on("record", () => this.render());
  }

  render() {
    const id = this.model.record?.case?.id ?? "";
    if (id === this.#case) return;
    this.#case = id;
    this.input.value = this.#kept.get(id) ?? "";
    this.problem.textContent = "";
  }

  #written() {
    this.#kept.set(this.#case, this.input.value);
    if (!this.input.value.trim() || Date.now() - this.#told < tellEvery) return;
    this.#told = Date.now();
    this.model.writing(this.#case);
  }

  async #colleagues() {
    const found = await this.model.ask(() => call("/v1/colleagues"));
    if (!found) return;
    for (const a of found.agents) if (a.id !== this.model.me.id) this.named.append(h("option", { value: a.handle, text: a.name }));
  }

  #name() {
    if (!this.named.value) return;
    const { input } = this;
    input.setRangeText(`@${this.named.value} `, input.selectionStart, input.selectionEnd, "end");
    this.named.value = "";
    this.#kept.set(this.#case, input.value);
    input.focus();
  }

  async #keep() {
    const text = this.input.value.trim();
    const id = this.#case;
    if (!text || this.button.disabled) return;
    this.button.disabled = true;
    this.problem.textContent = "";
    try {
      if (this.#attempt?.text !== text || this.#attempt.of !== id) this.#attempt = { of: id, text, nid: randomID() };
      await this.model.addNote(id, text, this.#attempt.nid);
      this.#attempt = null;
      this.#kept.delete(id);
      if (this.#case === id) this.input.value = "";
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "Not kept: the server cannot be reached. Your words are still here; please try again.";
    } finally {
      this.button.disabled = false;
      this.input.focus();
    }
  }
}
