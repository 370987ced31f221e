// SPDX-License-Identifier: MIT
// Writing an article: title, text, language, and whether it is saved, in words.

import { h, icon } from "../shared/dom.js";
import { language } from "../desk/words.js";

/** @type {Record<import("./draft.js").SaveState, string>} */
const words = {
  empty: "Nothing written yet",
  saved: "Saved",
  unsaved: "Not saved yet, kept in this browser",
  saving: "Saving",
  offline: "No connection: kept in this browser, and saved as soon as the server answers",
  refused: "Not saved",
  conflict: "Somebody else has saved another text",
};

/** @type {[string, string, string, string, string][]} Name, sign, before, after, what stands where nothing is chosen. */
const marks = [
  ["Bold", "B", "**", "**", "bold"],
  ["Italic", "I", "*", "*", "italic"],
  ["Heading", "H", "\n## ", "\n", "Heading"],
  ["List", "\u2022", "\n- ", "", "item"],
  ["Link", "Link", "[", "](https://)", "text"],
];

export class Editor {
  /** @param {(change: Partial<import("./draft.js").Fields>) => void} edit */
  constructor(edit) {
    this.title = h("input", { id: "article-title", class: "title-field", maxlength: "300", placeholder: "Title", autocomplete: "off", dir: "auto", on: { input: () => edit({ title: this.title.value }) } });
    this.body = h("textarea", { id: "article-body", class: "body-field", spellcheck: "true", dir: "auto", placeholder: "Write in Markdown. The first sentences should answer the question.", on: { input: () => edit({ body: this.body.value }) } });
    this.lang = h("select", { id: "article-lang", on: { change: () => edit({ lang: this.lang.value }) } });
    this.url = h("input", { id: "article-url", type: "url", maxlength: "2000", placeholder: "https://", autocomplete: "off", on: { input: () => edit({ url: this.url.value.trim() }) } });
    this.state = h("p", { class: "save-state", role: "status" });
    this.size = h("p", { class: "hint" });
    const tools = marks.map(([name, sign, before, after, empty]) => h("button", { type: "button", class: `btn btn-small btn-quiet mark-${name.toLowerCase()}`, "aria-label": name, title: name, on: { click: () => this.mark(before, after, empty) } }, sign));
    const field = (/** @type {string} */ id, /** @type {string} */ text, /** @type {Node} */ el) => h("div", { class: "field" }, h("label", { for: id, text }), el);
    this.el = h(
      "div",
      { class: "editor" },
      h("label", { for: "article-title", class: "sr", text: "Title" }),
      this.title,
      h("div", { class: "editor-facts" }, field("article-lang", "Language", this.lang), field("article-url", "Public address", this.url)),
      h("div", { class: "editor-tools" }, h("div", { class: "marks", role: "group", "aria-label": "Formatting" }, ...tools), this.size),
      h("label", { for: "article-body", class: "sr", text: "Text" }),
      this.body,
    );
  }

  /** @param {import("./draft.js").Fields} fields */
  fill(fields) {
    this.title.value = fields.title;
    if (this.body.value !== fields.body) this.body.value = fields.body;
    this.url.value = fields.url;
    const langs = [...new Set(["en", "de", "es", "fr", "pt", "ar", "zh", "ja", fields.lang])].filter(Boolean);
    this.lang.replaceChildren(...langs.map((value) => h("option", { value, text: language(value), selected: value === fields.lang })));
    this.count();
  }

  count() {
    const n = this.body.value.trim().split(/\s+/).filter(Boolean).length;
    this.size.textContent = `${n} ${n === 1 ? "word" : "words"}`;
  }

  /** @param {import("./draft.js").SaveState} state @param {string} detail */
  say(state, detail) {
    this.state.dataset.state = state;
    const text = detail ? `${words[state]}. ${detail}` : words[state];
    if (this.state.dataset.text === text) return;
    this.state.dataset.text = text;
    this.state.replaceChildren(state === "saved" ? icon("check") : state === "offline" || state === "refused" || state === "conflict" ? icon("warn") : "", text);
  }

  /** @param {string} before @param {string} after @param {string} empty */
  mark(before, after, empty) {
    this.body.focus();
    const { selectionStart: from, selectionEnd: to, value } = this.body;
    const open = before.startsWith("\n") && (from === 0 || value[from - 1] === "\n") ? before.slice(1) : before;
    const text = value.slice(from, to) || empty;
    // The old command is the one that can be undone.
    if (!document.execCommand("insertText", false, open + text + after)) this.body.setRangeText(open + text + after);
    this.body.setSelectionRange(from + open.length, from + open.length + text.length);
    this.body.dispatchEvent(new Event("input"));
  }
}
