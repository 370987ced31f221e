// SPDX-License-Identifier: MIT
// One cause: its cases, and one reply to all of them. Who gets it and how it reads there is shown before anything is sent.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { counted } from "./causes.js";
import { button, field, Frame, inTurn, plural } from "./dialog.js";
import { randomID } from "./reply.js";
import { audience, language, resolutions, say, states, told } from "./words.js";

/** @typedef {{case_id: string, reference: string, language: string, result: string, html: string, missing?: string[], assignee?: {name: string}}} Recipient */

const together = 10;

export class CauseDialog extends Frame {
  #id = "";
  #text = "";
  #then = "";
  #cid = "";

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    super("Cause");
    this.model = model;
  }

  /** @param {string} id */
  async cause(id) {
    if (id !== this.#id) [this.#text, this.#then, this.#cid] = ["", "", ""];
    this.#id = id;
    this.open();
    const found = await this.tries(() => call(`/v1/causes/${id}`));
    if (!found) return;
    this.title.textContent = found.cause.title;
    const open = found.cases.filter((/** @type {any} */ c) => !["resolved", "closed"].includes(c.state));
    const list = h("ul", { class: "linked" }, ...found.cases.map((/** @type {any} */ c) => this.#case(c, open.includes(c))));
    this.show(
      h("p", { class: "hint", text: counted(found.cause) }),
      found.cases.length > 0 ? list : h("p", { text: "No case is linked to it. Choose cases in a list and link them." }),
      open.length > 0 ? this.#form(open.length) : null,
    );
    this.title.focus();
  }

  /**
   * @param {any} c
   * @param {boolean} open
   */
  #case(c, open) {
    const go = () => (this.close(), void this.model.select({ kind: "case", id: c.id }));
    const line = h("div", { class: "pick-head" }, h("button", { type: "button", class: "link", text: c.reference, on: { click: go } }), h("span", { class: "hint", text: c.assignee ? `${say(states, c.state)} \u00b7 ${c.assignee.name}` : say(states, c.state) }));
    if (open) add(line, button("Take off", (b) => void this.#takeOff(c, b), { kind: "btn-small btn-quiet", label: `Take off ${c.reference}` }));
    return h("li", {}, line, h("span", { class: "preview", lang: c.language, dir: "auto", text: c.preview }));
  }

  /**
   * @param {any} c
   * @param {HTMLButtonElement} b
   */
  async #takeOff(c, b) {
    if (!(await this.tries(() => call(`/v1/cases/${c.id}/link`, { method: "DELETE" }), b))) return;
    void this.model.refresh();
    await this.cause(this.#id);
    this.said.textContent = `${c.reference} is not of this cause any more.`;
  }

  /** @param {number} open */
  #form(open) {
    const text = h("textarea", { rows: 4, maxlength: 4000, required: true, dir: "auto" });
    text.value = this.#text;
    const then = h("select", {}, h("option", { value: "", text: "Leave the cases as they are" }), h("option", { value: "wait", text: "Wait for the customers" }), ...resolutions.map(([value, title]) => h("option", { value, text: `Resolve: ${title}` })));
    then.value = this.#then;
    const submit = h("button", { type: "submit", class: "btn btn-brand" }, icon("person"), "See who gets it");
    const form = h("form", { class: "reply-all" }, h("h3", { text: `Reply to all ${open} open cases` }), field("To each customer, as a person", text, "Markdown. {customer_name}, {reference} and {agent} are filled in for each."), field("And then", then), h("p", { class: "dialog-actions" }, submit));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      if (text.value !== this.#text || then.value !== this.#then) this.#cid = "";
      [this.#text, this.#then] = [text.value, then.value];
      void this.#preview(submit);
    });
    return form;
  }

  /** @param {HTMLButtonElement} submit */
  async #preview(submit) {
    const found = await this.tries(() => call(`/v1/causes/${this.#id}/audience`, { method: "POST", body: { text: this.#text } }), submit);
    if (!found) return;
    const all = /** @type {Recipient[]} */ (found.recipients);
    const reached = all.filter((r) => r.result === "sent" || r.result === "with_colleague");
    const sent = all.filter((r) => r.result === "sent").length;
    const languages = [...new Set(reached.map((r) => r.language))];
    const rows = all.map((r) => this.#recipient(r));
    const then = this.#then === "wait" ? " Then their turn is waited for." : this.#then ? ` Then their cases are resolved: ${resolutions.find(([v]) => v === this.#then)?.[1]}.` : "";
    const go = button(`Send to ${plural(sent, "customer")}`, () => void this.#send(reached.map((r) => r.case_id)), { kind: "btn-brand", sign: "send" });
    go.disabled = reached.length === 0;
    if (sent === 0 && reached.length > 0) go.lastChild?.replaceWith("Tell the colleagues");
    const first = h("p", { tabindex: "-1", text: `${plural(sent, "customer gets", "customers get")} it.${then} What is sent cannot be taken back.` });
    this.show(
      first,
      languages.length > 1 ? h("p", { class: "warned" }, icon("warn"), `They write in different languages: ${languages.map(language).join(", ")}. All get the same words.`) : null,
      h("ul", { class: "linked" }, ...rows),
      h("p", { class: "dialog-actions" }, button("Change the text", () => void this.cause(this.#id), { kind: "btn-quiet" }), go),
    );
    first.focus();
  }

  /** @param {Recipient} r */
  #recipient(r) {
    const text = h("div", { class: "prose", lang: r.language, dir: "auto" });
    setServerHTML(text, r.html);
    const how = say(audience, r.result) + (r.result === "with_colleague" ? `: ${r.assignee?.name ?? ""}` : r.missing?.length ? `: ${r.missing.join(", ")}` : "");
    const head = h("summary", {}, h("strong", { text: r.reference }), h("span", { class: `tag ${r.result === "sent" ? "tag-good" : r.result === "with_colleague" ? "" : "tag-bad"}`, text: how }), h("span", { class: "tag", title: language(r.language), text: r.language.toUpperCase() }));
    return h("li", {}, h("details", {}, head, text));
  }

  /** @param {string[]} ids */
  async #send(ids) {
    // The same words to the same cases go once, however often this is tried.
    this.#cid ||= randomID();
    const actions = this.#then === "wait" ? { wait: true } : this.#then ? { outcome: this.#then } : {};
    /** @type {any[]} */ const results = [];
    /** @type {string[][]} */ const parts = [];
    for (let i = 0; i < ids.length; i += together) parts.push(ids.slice(i, i + together));
    await inTurn(this, parts, "Sending", async (part) => {
      try {
        const found = await call(`/v1/causes/${this.#id}/reply`, { method: "POST", body: { text: this.#text, client_message_id: this.#cid, actions, case_ids: part }, timeout: 60_000 });
        results.push(...found.results);
        for (const id of part) if (!found.results.some((/** @type {any} */ r) => r.case_id === id)) results.push({ case_id: id, reference: "", result: "over" });
      } catch (err) {
        this.fails(err);
        results.push(...part.map((id) => ({ case_id: id, reference: "", result: "failed" })));
      }
    });
    void this.model.refresh();
    this.#done(results);
  }

  /** @param {any[]} results */
  #done(results) {
    const failed = results.filter((r) => r.result === "failed");
    const kinds = [...new Set(results.map((r) => r.result))];
    const lines = kinds.map((kind) => h("li", {}, h("strong", { text: String(results.filter((r) => r.result === kind).length) }), ` ${say(told, kind)}`, kind === "failed" ? `: ${failed.map((r) => r.reference).filter(Boolean).join(", ")}` : ""));
    const again = failed.length > 0 ? button("Try those again", () => void this.#send(failed.map((r) => r.case_id)), { sign: "retry" }) : null;
    if (failed.length === 0) [this.#text, this.#then, this.#cid] = ["", "", ""];
    const title = h("h3", { tabindex: "-1", text: failed.length === 0 ? "Done" : "Not everybody was reached" });
    this.show(title, h("ul", { class: "results" }, ...lines), h("p", { class: "dialog-actions" }, again, button("Back to the cause", () => void this.cause(this.#id), { kind: "btn-quiet" }), button("Close", () => this.close(), { kind: "btn-brand" })));
    title.focus();
  }
}
