// SPDX-License-Identifier: MIT
// Causes: a matter that several customers have at once. The list of them, and linking cases to one.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { button, field, Frame, inTurn, plural } from "./dialog.js";

/** @typedef {{id: string, title: string, cases: number, open: number, created_at: string}} Cause */
/** @typedef {{id: string, reference: string, cause?: {id: string, title: string}}} Linkable */

/** All causes there are. */
export class CausesDialog extends Frame {
  /** @param {(id: string) => void} open */
  constructor(open) {
    super("Causes");
    this.openCause = open;
  }

  async list() {
    this.open();
    const found = await this.tries(() => call("/v1/causes"));
    if (!found) return;
    const rows = found.causes.map((/** @type {Cause} */ c) => h("li", {}, h("div", { class: "pick-head" }, this.#open(c), h("span", { class: "hint", text: counted(c) }))));
    if (rows.length === 0) return this.show(h("p", { class: "hint" }, "There is no cause yet. Choose cases in a list (", h("kbd", { text: "x" }), ") and link them to one."));
    this.show(h("ul", { class: "picks" }, ...rows));
  }

  /** @param {Cause} c */
  #open(c) {
    const go = () => (this.close(), this.openCause(c.id));
    return h("button", { type: "button", class: "link", on: { click: go } }, h("bdi", { text: c.title }));
  }
}

/** Linking cases to a cause that is there, or to a new one. */
export class LinkDialog extends Frame {
  /** @type {Linkable[]} */ #cases = [];

  /**
   * @param {import("./model.js").DeskModel} model
   * @param {(id: string) => void} openCause
   */
  constructor(model, openCause) {
    super("Link to a cause", { wide: false });
    this.model = model;
    this.openCause = openCause;
    this.onDone = () => {};
  }

  /** @param {Linkable[]} cases */
  async link(cases) {
    this.#cases = cases;
    this.title.textContent = cases.length === 1 ? `Link ${cases[0].reference} to a cause` : `Link ${plural(cases.length, "case")} to a cause`;
    this.open();
    const found = await this.tries(() => call("/v1/causes"));
    if (found) this.#form(found.causes);
  }

  /** @param {Cause[]} causes */
  #form(causes) {
    const title = h("input", { type: "text", maxlength: 120, autocomplete: "off", dir: "auto" });
    const named = field("What they have in common", title, "As \u201cOutage in the north\u201d. It is not sealed: nothing of a customer belongs in it.");
    const choice = (/** @type {string} */ value, /** @type {string} */ text, /** @type {string} */ hint, /** @type {boolean} */ checked) =>
      h("label", { class: "choice" }, h("input", { type: "radio", name: "cause", value, checked }), h("span", {}, h("strong", { dir: "auto", text }), h("span", { text: hint })));
    const list = causes.filter((c, i) => c.open > 0 || i < 8).map((c, i) => choice(c.id, c.title, counted(c), i === 0));
    const form = h("form", { method: "dialog" }, h("fieldset", { class: "choices" }, h("legend", { class: "sr", text: "Cause" }), ...list, choice("", "A new cause", "Name what several customers have at once.", list.length === 0)), named);
    const moved = this.#cases.filter((c) => c.cause);
    if (moved.length > 0) form.append(h("p", { class: "hint", text: `${plural(moved.length, "of them is", "of them are")} linked to a cause already and will be moved: ${moved.map((c) => c.reference).join(", ")}.` }));
    const submit = h("button", { type: "submit", class: "btn btn-brand" }, icon("link"), `Link ${plural(this.#cases.length, "case")}`);
    form.append(h("p", { class: "dialog-actions" }, button("Cancel", () => this.close(), { kind: "btn-quiet" }), submit));
    const chosen = () => String(new FormData(form).get("cause") ?? "");
    const shown = () => {
      named.hidden = chosen() !== "";
      title.required = chosen() === "";
    };
    form.addEventListener("change", shown);
    form.addEventListener("submit", (e) => (e.preventDefault(), void this.#go(chosen(), title.value.trim(), submit)));
    shown();
    this.show(form);
    /** @type {HTMLElement|null} */ (list.length === 0 ? title : form.querySelector("input"))?.focus();
  }

  /**
   * @param {string} id
   * @param {string} title
   * @param {HTMLButtonElement} submit
   */
  async #go(id, title, submit) {
    if (!id) {
      const made = await this.tries(() => call("/v1/causes", { method: "POST", body: { title } }), submit);
      if (!made) return;
      id = made.cause.id;
    }
    /** @type {Linkable[]} */ const done = [];
    /** @type {string[]} */ const failed = [];
    await inTurn(this, this.#cases, "Linking", async (c) => {
      try {
        await call(`/v1/cases/${c.id}/link`, { method: "POST", body: { cause_id: id } });
        done.push(c);
      } catch (err) {
        failed.push(`${c.reference}: ${/** @type {Error} */ (err).message || "the server could not be reached."}`);
      }
    });
    void this.model.refresh();
    if (done.length > 0) this.#told(id, done);
    if (failed.length === 0) return this.close();
    this.show(h("p", { text: `${plural(done.length, "case is", "cases are")} linked. Not linked:` }), h("ul", { class: "picks" }, ...failed.map((text) => h("li", { text }))), h("p", { class: "dialog-actions" }, button("Close", () => this.close(), { kind: "btn-brand" })));
  }

  /**
   * @param {string} id
   * @param {Linkable[]} done
   */
  #told(id, done) {
    this.onDone();
    this.model.emit("told", { text: `${plural(done.length, "case")} linked.`, actions: [{ label: "Open the cause", run: () => this.openCause(id) }, { label: "Undo", run: () => void this.#undo(done) }], for: 60_000 });
  }

  /**
   * Puts each back to the cause that it had, or to none.
   * @param {Linkable[]} done
   */
  async #undo(done) {
    this.open("");
    await inTurn(this, done, "Taking back", async (c) => {
      const back = c.cause ? { method: "POST", body: { cause_id: c.cause.id } } : { method: "DELETE" };
      await this.model.ask(() => call(`/v1/cases/${c.id}/link`, back));
    });
    this.close();
    void this.model.refresh();
  }
}

/** @param {Cause} c */
export function counted(c) {
  return `${plural(c.open, "open case")} of ${c.cases} \u00b7 since ${dateAndTime(c.created_at, "en-GB")}`;
}
