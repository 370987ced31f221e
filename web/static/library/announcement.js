// SPDX-License-Identifier: MIT
// The window in which an announcement is written: the text alone is enough; all else has a default.

import { call } from "../shared/api.js";
import { h, setServerHTML } from "../shared/dom.js";
import { language, languages } from "../desk/words.js";
import { styleSheets } from "../widget/style.js";
import { Dialog } from "./dialog.js";

/** @param {string|Date} at The value of a field for local time. */
function local(at) {
  const d = new Date(at);
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {string} id @param {string} label @param {Node} input @param {...Node} more */
const field = (id, label, input, ...more) => h("div", { class: "field" }, h("label", { for: id, text: label }), input, ...more);

/** @param {string} id @param {string} chosen */
const languageChoice = (id, chosen) => h("select", { id }, ...languages.map((value) => h("option", { value, text: language(value), selected: value === chosen })));

export class AnnouncementDialog extends Dialog {
  #asked = 0;
  /** @type {Map<number, string>} By article: "before" its answers, or "instead" of them. */ #chosen = new Map();
  /** @type {Map<number, string>} */ #titles = new Map();
  #touched = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {any} */ #known = null;
  /** @type {{lang: HTMLSelectElement, text: HTMLTextAreaElement}[]} */ #translations = [];

  /** @param {(words: string) => void} published */
  constructor(published) {
    super("New announcement");
    this.published = published;
    this.text = h("textarea", { id: "notice-text", rows: "4", maxlength: "2000", required: true, dir: "auto", placeholder: "What customers are told, in a sentence or two" });
    this.lang = languageChoice("notice-lang", "en");
    this.until = h("input", { type: "datetime-local", id: "notice-until" });
    this.about = h("textarea", { id: "notice-about", rows: "3", dir: "auto", placeholder: "One a line, as customers would ask", "aria-describedby": "notice-about-hint" });
    this.everybody = h("input", { type: "checkbox", id: "notice-everybody" });
    this.from = h("input", { type: "datetime-local", id: "notice-from" });
    this.articles = h("ul", { class: "plain notice-articles", "aria-label": "Articles" });
    this.find = h("input", { type: "search", id: "notice-find", maxlength: "200", placeholder: "Find another by title", autocomplete: "off" });
    this.found = h("div", { class: "notice-actions" });
    this.find.addEventListener("input", (e) => (e.stopPropagation(), void this.#search()));
    this.others = h("div", {});
    this.question = h("input", { id: "notice-question", maxlength: "500", dir: "auto", placeholder: "Would this question get it?" });
    this.verdict = h("p", { class: "hint", role: "status" });
    this.preview = h("div", { class: "msg msg-bot" }, h("div", { class: "body prose", dir: "auto" }));
    this.problem = h("p", { class: "problem", role: "alert" });
    this.form = this.#form();
    this.body.append(this.form);
    this.form.addEventListener("input", () => this.#soon());
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#publish();
    });
  }

  #form() {
    const host = h("div", { class: "notice-preview" });
    const root = host.attachShadow({ mode: "open" });
    root.append(h("div", { class: "frame" }, this.preview));
    const fit = new CSSStyleSheet();
    fit.replaceSync(":host { display: block } .frame { block-size: auto; padding: 1rem; background: var(--paper) }");
    styleSheets().then((sheets) => (root.adoptedStyleSheets = [...sheets, fit]), () => {});
    const theme = () => (document.documentElement.dataset.theme ? host.setAttribute("theme", document.documentElement.dataset.theme) : host.removeAttribute("theme"));
    new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    theme();
    const hint = (/** @type {string} */ id, /** @type {string} */ text) => h("p", { class: "hint", id, text });
    return h(
      "form",
      { class: "notice-form" },
      field("notice-text", "Announcement", this.text),
      h("div", { class: "notice-row" }, field("notice-until", "Until (empty: the end of the day)", this.until), field("notice-lang", "Language", this.lang)),
      h("p", { class: "option" }, this.everybody, h("label", { for: "notice-everybody", text: "Show it to everybody who opens the chat" })),
      field("notice-about", "Questions it answers", this.about, hint("notice-about-hint", "The text itself is matched too. The more ways of asking stand here, the fewer are missed.")),
      h("fieldset", { class: "field" }, h("legend", { text: "Said before the answers of these articles" }), this.articles, h("label", { for: "notice-find", class: "sr", text: "Find another article by its title" }), this.find, this.found),
      h(
        "details",
        {},
        h("summary", { text: "Begin later, other languages" }),
        field("notice-from", "From (empty: at once)", this.from),
        this.others,
        h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Add a language", on: { click: () => this.#translate("", "").focus() } }),
      ),
      field("notice-question", "Try a question", this.question, this.verdict),
      h("section", { "aria-label": "As customers see it" }, h("p", { class: "hint", text: "As customers see it" }), host),
      this.problem,
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-quiet", text: "Cancel", on: { click: () => this.el.close() } }), h("button", { type: "submit", class: "btn btn-brand", text: "Publish" })),
    );
  }

  /** @param {any} known null: a new one */
  async write(known) {
    this.#known = known;
    this.title.textContent = known ? "Change the announcement" : "New announcement";
    const [first, ...others] = known?.texts ?? [{ lang: this.lang.value, text: "" }];
    this.text.value = first.text;
    this.lang.value = first.lang;
    this.about.value = (known?.about ?? []).join("\n");
    this.#chosen = new Map([...(known?.articles ?? []).map((/** @type {number} */ id) => [id, "before"]), ...(known?.overrides ?? []).map((/** @type {number} */ id) => [id, "instead"])]);
    this.#touched = Boolean(known);
    this.#titles = new Map();
    this.articles.replaceChildren();
    this.found.replaceChildren();
    this.find.value = "";
    this.everybody.checked = known?.everybody ?? false;
    this.from.value = known?.state === "scheduled" ? local(known.starts_at) : "";
    this.until.value = known && known.state !== "ended" ? local(known.expires_at) : "";
    this.#translations = [];
    this.others.replaceChildren();
    for (const t of others) this.#translate(t.lang, t.text);
    this.problem.textContent = this.verdict.textContent = this.question.value = "";
    this.open();
    this.text.focus();
    await this.#show();
  }

  /** @param {string} lang @param {string} text */
  #translate(lang, text) {
    const n = this.#translations.length;
    const choice = languageChoice(`notice-lang-${n}`, lang || languages.find((l) => l !== this.lang.value && !this.#translations.some((t) => t.lang.value === l)) || "en");
    const area = h("textarea", { id: `notice-text-${n}`, rows: "3", maxlength: "2000", dir: "auto" });
    area.value = text;
    this.#translations.push({ lang: choice, text: area });
    this.others.append(h("div", { class: "notice-translation" }, field(choice.id, "Language", choice), field(area.id, "Text in this language", area)));
    return area;
  }

  #body() {
    const lines = (/** @type {string} */ s) => s.split("\n").map((l) => l.trim()).filter(Boolean);
    const time = (/** @type {HTMLInputElement} */ input) => (input.value ? { [input === this.from ? "starts_at" : "expires_at"]: new Date(input.value).toISOString() } : {});
    const others = this.#translations.filter((t) => t.text.value.trim()).map((t) => ({ lang: t.lang.value, text: t.text.value.trim() }));
    return {
      texts: [{ lang: this.lang.value, text: this.text.value.trim() }, ...others],
      about: lines(this.about.value),
      articles: this.#of("before"),
      overrides: this.#of("instead"),
      everybody: this.everybody.checked,
      ...time(this.from),
      ...time(this.until),
      ...(this.#known && { expected_version: this.#known.version }),
    };
  }

  /** @param {string} how */
  #of(how) {
    return [...this.#chosen].filter(([, as]) => as === how).map(([id]) => id);
  }

  /** Proposes the articles about the same thing; the surest is chosen until the editor chooses. @param {any} got */
  #near({ near, sure }) {
    for (const { id, title } of near) this.#titles.set(id, title);
    if (!this.#touched) this.#chosen = new Map(sure ? [[near[0].id, "before"]] : []);
    const shown = new Set([...this.#chosen.keys(), ...near.map((/** @type {any} */ a) => a.id)]);
    if (!this.articles.contains(document.activeElement)) this.articles.replaceChildren(...[...shown].map((id) => this.#article(id)));
  }

  /** @param {number} id */
  #article(id) {
    const title = this.#titles.get(id) ?? `Article ${id}`;
    const options = [["", "not before it"], ["before", "before its answers"], ["instead", "instead of it: the article is not used meanwhile"]];
    const how = h("select", { id: `notice-article-${id}` }, ...options.map(([value, text]) => h("option", { value, text, selected: value === (this.#chosen.get(id) ?? "") })));
    how.addEventListener("change", () => {
      this.#touched = true;
      if (how.value) this.#chosen.set(id, how.value);
      else this.#chosen.delete(id);
    });
    return h("li", { class: "notice-article" }, h("label", { for: how.id, dir: "auto", text: title }), how);
  }

  async #search() {
    const q = this.find.value.trim();
    const { articles } = q ? await call(`/v1/articles?${new URLSearchParams({ q, limit: "5", status: "published" })}`).catch(() => ({ articles: [] })) : { articles: [] };
    if (q !== this.find.value.trim()) return;
    this.found.replaceChildren(...articles.map((/** @type {any} */ a) => h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-label": `Add: ${a.title}`, text: a.title, on: { click: () => this.#add(a) } })));
  }

  /** @param {{id: number, title: string}} a */
  #add({ id, title }) {
    this.#touched = true;
    this.#titles.set(id, title);
    this.#chosen.set(id, "before");
    this.articles.querySelector(`#notice-article-${id}`)?.closest("li")?.remove();
    this.articles.append(this.#article(id));
    this.find.value = "";
    this.found.replaceChildren();
    this.find.focus();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#show(), 250);
  }

  /** Shows the text as customers see it, and whether the question would get it. */
  async #show() {
    const asked = ++this.#asked;
    const question = this.text.value.trim() ? this.question.value.trim() : "";
    try {
      const got = await call("/v1/announcements/preview", { method: "POST", body: { ...this.#body(), ...(question && { question }) } });
      if (asked !== this.#asked) return;
      if (!this.until.value) this.until.value = local(got.expires_at);
      this.#near(got);
      const body = /** @type {HTMLElement} */ (this.preview.firstElementChild);
      body.lang = this.lang.value;
      setServerHTML(body, got.texts[0].said_html);
      this.verdict.textContent = !got.try ? "" : got.try.matches ? "Yes, this question gets the announcement." : "No, this question does not get it. Add it above if it should.";
    } catch {
      // The publication says what is wrong.
    }
  }

  async #publish() {
    this.problem.textContent = "";
    try {
      const path = this.#known ? `/v1/announcements/${this.#known.id}` : "/v1/announcements";
      const a = await call(path, { method: this.#known ? "PUT" : "POST", body: this.#body() });
      this.el.close();
      this.published(a.state === "live" ? "It is live: customers who ask about it are told it first." : "It is scheduled.");
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach; nothing is published.";
    }
  }
}
