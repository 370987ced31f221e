// SPDX-License-Identifier: MIT
// Saved replies: one's own and those of everybody, in each language, with their variables and what goes with them.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { actionFields, actionWords } from "./actions.js";
import { button, field, Frame } from "./dialog.js";
import { language, languages } from "./words.js";

/** @typedef {{id?: string, shared: boolean, title: string, texts: Record<string, string>, actions: import("./actions.js").Actions, rev?: number}} SavedReply */

/** What a variable stands for, and an example. */
const variables = /** @type {const} */ ([
  ["{customer_name}", "Their name, where they gave one", "Ann Example"],
  ["{reference}", "The reference of the case", "K7QX-2M9D"],
  ["{agent}", "Your name", ""],
]);

export class RepliesDialog extends Frame {
  /** @type {import("./actions.js").Places} */ #places = { teams: [], agents: [] };

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    super("Saved replies");
    this.model = model;
  }

  get #supervisor() {
    return this.model.me.role === "supervisor";
  }

  /** @param {string} [news] */
  async list(news = "") {
    this.title.textContent = "Saved replies";
    this.open();
    const found = await this.tries(() => Promise.all([call("/v1/replies"), call("/v1/colleagues")]));
    if (!found || found === true) return;
    const [{ replies }, places] = found;
    this.#places = places;
    const filter = h("input", { type: "search", class: "search", placeholder: "Words of the title or the text", "aria-label": "Find among them", autocomplete: "off" });
    const list = h("ul", { class: "picks" });
    const none = h("p", { class: "hint" });
    const draw = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = replies.filter((/** @type {SavedReply} */ r) => words.every((w) => `${r.title} ${Object.values(r.texts).join(" ")}`.toLowerCase().includes(w)));
      list.replaceChildren(...shown.map((/** @type {SavedReply} */ r) => this.#row(r)));
      none.textContent = shown.length > 0 ? "" : replies.length > 0 ? "Nothing has these words." : "There are none yet. Keep what you write again and again.";
    };
    filter.addEventListener("input", draw);
    draw();
    const anew = button("New saved reply", () => this.#edit({ shared: false, title: "", texts: {}, actions: {} }), { kind: "btn-brand" });
    this.show(h("div", { class: "reply-bar" }, filter, anew), none, list);
    this.said.textContent = news;
    (replies.length > 0 ? filter : anew).focus();
  }

  /** @param {SavedReply} r */
  #row(r) {
    const mine = !r.shared || this.#supervisor;
    const head = h("div", { class: "pick-head" }, h("strong", { dir: "auto", text: r.title }), h("span", { class: `tag ${r.shared ? "tag-person" : ""}`, text: r.shared ? "Everybody\u2019s" : "Yours" }), ...Object.keys(r.texts).sort().map((lang) => h("span", { class: "tag", title: language(lang), text: lang.toUpperCase() })));
    const does = actionWords(r.actions, this.#places);
    const first = r.texts.en ?? Object.values(r.texts)[0] ?? "";
    const el = h("li", {}, head, h("p", { class: "preview", dir: "auto", text: first }), does.length > 0 ? h("p", { class: "hint", text: does.join(" \u00b7 ") }) : null);
    if (mine) add(el, h("p", { class: "quick" }, button("Change", () => this.#edit(r), { label: `Change: ${r.title}` }), button("Delete\u2026", () => this.#ask(r), { kind: "btn-small btn-quiet", label: `Delete: ${r.title}` })));
    return el;
  }

  /** @param {SavedReply} r */
  #ask(r) {
    this.title.textContent = "Delete a saved reply?";
    const yes = button("Delete", async (b) => (await this.tries(() => call(`/v1/replies/${r.id}`, { method: "DELETE" }), b)) && (await this.list("It is deleted.")), { kind: "btn-brand" });
    this.show(h("p", {}, h("bdi", { text: r.title }), r.shared ? " is deleted for everybody." : " is deleted."), h("p", { class: "dialog-actions" }, button("Keep it", () => void this.list(), { kind: "btn-quiet" }), yes));
    yes.focus();
  }

  /** @param {SavedReply} r */
  #edit(r) {
    this.title.textContent = r.id ? "Change a saved reply" : "New saved reply";
    this.said.textContent = this.problem.textContent = "";
    const title = h("input", { type: "text", maxlength: 120, required: true, dir: "auto", autocomplete: "off" });
    title.value = r.title;
    const texts = { ...r.texts };
    const shared = h("input", { type: "checkbox", id: "reply-shared" });
    shared.checked = r.shared;
    const actions = actionFields(r.actions, this.#places);
    const submit = h("button", { type: "submit", class: "btn btn-brand" }, icon("check"), "Save");
    const form = h("form", {}, field("Title, for agents", title));
    if (this.#supervisor && !r.id) add(form, h("p", { class: "check" }, shared, h("label", { for: "reply-shared", text: "For everybody, not only for me" })));
    add(form, this.#texts(texts), h("fieldset", { class: "field" }, h("legend", { text: "Done together with it" }), actions.el));
    add(form, h("p", { class: "dialog-actions" }, button("Cancel", () => void this.list(), { kind: "btn-quiet" }), submit));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const kept = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
      if (Object.keys(kept).length === 0) return this.fails(new Error("Please write the text in one language at least."));
      const body = { title: title.value.trim(), texts: kept, actions: actions.value() };
      void this.#save(r, r.id ? { ...body, expected_rev: r.rev } : { ...body, shared: shared.checked }, submit);
    });
    this.show(form);
    title.focus();
  }

  /**
   * One field, and a choice of the language that stands in it.
   * @param {Record<string, string>} texts
   */
  #texts(texts) {
    let lang = texts.en || Object.keys(texts).length === 0 ? "en" : Object.keys(texts)[0];
    const choice = h("select", { "aria-label": "Language of the text" });
    const input = h("textarea", { rows: 6, maxlength: 4000, dir: "auto" });
    const seen = h("div", { class: "prose reply-preview", dir: "auto", role: "region", "aria-label": "Preview with examples", tabindex: "0" });
    const named = () => choice.replaceChildren(...languages.map((l) => h("option", { value: l, selected: l === lang, text: `${language(l)}${texts[l]?.trim() ? " \u2713" : ""}` })));
    let drawing = 0;
    const draw = async () => {
      if (!input.value.trim()) return seen.replaceChildren();
      const filled = variables.reduce((text, [name, , example]) => text.replaceAll(name, example || this.model.me.name), input.value);
      const found = await this.model.ask(() => call("/v1/preview", { method: "POST", body: { text: filled } }), true);
      if (found) setServerHTML(seen, found.html);
    };
    const turn = () => {
      input.value = texts[lang] ?? "";
      input.lang = seen.lang = lang;
      named();
      void draw();
    };
    choice.addEventListener("change", () => ((lang = choice.value), turn()));
    input.addEventListener("input", () => {
      texts[lang] = input.value;
      clearTimeout(drawing);
      drawing = setTimeout(() => (named(), void draw()), 400);
    });
    const put = (/** @type {string} */ name) => {
      input.setRangeText(name, input.selectionStart, input.selectionEnd, "end");
      input.dispatchEvent(new Event("input"));
      input.focus();
    };
    const holes = variables.map(([name, about]) => h("button", { type: "button", class: "btn btn-small", title: about, "aria-label": `Put in ${name}: ${about}`, text: name, on: { click: () => put(name) } }));
    turn();
    return h("div", { class: "field" }, h("div", { class: "reply-bar" }, field("Language", choice), h("p", { class: "quick" }, ...holes)), field("Text", input, "Markdown. A customer reads it in their language where it is here, else in the company\u2019s."), seen);
  }

  /**
   * @param {SavedReply} r
   * @param {any} body
   * @param {HTMLButtonElement} submit
   */
  async #save(r, body, submit) {
    const saved = await this.tries(() => (r.id ? call(`/v1/replies/${r.id}`, { method: "PUT", body }) : call("/v1/replies", { method: "POST", body })), submit);
    if (saved) await this.list("It is saved.");
  }
}
