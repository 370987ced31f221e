// SPDX-License-Identifier: MIT
// The article in its other languages, beside the text that is written.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { language } from "../desk/words.js";
import { drawDiff } from "./diff.js";
import { newKey } from "./draft.js";
import { states } from "./list.js";

const known = ["en", "de", "es", "fr", "pt", "ar", "zh", "ja"];

export class Languages {
  #asked = 0;
  #key = newKey();
  /** @type {import("./draft.js").Draft|null} */ #draft = null;

  /** @param {(id: number) => void} open */
  constructor(open) {
    this.open = open;
    this.problem = h("p", { class: "problem", role: "alert" });
    this.list = h("ul", { class: "plain versions", "aria-label": "Languages" });
    this.lang = h("select", { id: "translate-to" });
    this.add = h("button", { type: "submit", class: "btn", text: "Add" });
    this.form = h("form", { class: "bench-form" }, h("div", { class: "field" }, h("label", { for: "translate-to", text: "Translate into" }), this.lang), h("p", { class: "hint", text: "The new draft begins with the text of the source, so that its headings and links stand already." }), this.add);
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#create();
    });
    this.beside = h("section", { class: "beside", "aria-label": "The other language", hidden: true });
    this.el = h("div", { class: "bench" }, this.problem, this.list, this.beside, this.form);
  }

  /** @param {import("./draft.js").Draft} draft */
  async show(draft) {
    if (this.#draft !== draft) this.beside.hidden = true;
    this.#draft = draft;
    this.form.hidden = draft.id === null;
    const asked = ++this.#asked;
    this.problem.textContent = "";
    if (draft.id === null) return this.list.replaceChildren(h("li", { class: "hint", text: "Write the article first; then it can be translated." }));
    try {
      const { translations } = await call(`/v1/articles/${draft.id}/translations`);
      if (asked !== this.#asked) return;
      this.list.replaceChildren(...translations.map((/** @type {any} */ t) => this.#row(t, translations)));
      const taken = new Set(translations.map((/** @type {any} */ t) => t.lang));
      this.lang.replaceChildren(...known.filter((l) => !taken.has(l)).map((value) => h("option", { value, text: language(value) })));
      const source = translations.find((/** @type {any} */ t) => t.source && t.id !== draft.id);
      if (source && this.beside.hidden) await this.#beside(source);
    } catch (err) {
      if (asked === this.#asked) this.problem.textContent = said(err);
    }
  }

  /** @param {any} t @param {any[]} all */
  #row(t, all) {
    const own = t.id === this.#draft?.id;
    const [word, kind] = states[t.status] ?? [t.status, ""];
    const source = all.find((o) => o.source);
    const row = h(
      "li",
      { class: own ? "version passage-own" : "version" },
      h("p", {}, h("strong", { text: language(t.lang) }), t.source && h("span", { class: "hint", text: " source" })),
      h("p", { class: "tally" }, h("span", { class: `tag ${kind}`, text: word }), t.outdated && h("span", { class: "tag tag-bad", text: "Out of date" })),
      h("p", { class: "hint", dir: "auto", lang: t.lang, text: t.title }),
    );
    const actions = h("p", { class: "version-actions" });
    if (!own) add(actions, h("button", { type: "button", class: "btn btn-small", "aria-label": `Show ${language(t.lang)} beside the text`, text: "Beside", on: { click: () => void this.#beside(t) } }), h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-label": `Open ${language(t.lang)}`, text: "Open", on: { click: () => this.open(t.id) } }));
    if (t.outdated && source?.live_version) {
      if (t.translated_version) add(actions, h("button", { type: "button", class: "btn btn-small", text: "What has changed", on: { click: () => void this.#changes(source, t) } }));
      add(actions, h("button", { type: "button", class: "btn btn-small", "aria-label": `${language(t.lang)} is up to date with version ${source.live_version}`, text: "It is up to date", on: { click: () => void this.#current(t, source) } }));
    }
    if (actions.children.length) row.append(actions);
    return row;
  }

  /** @param {any} t */
  async #beside(t) {
    try {
      const a = await call(`/v1/articles/${t.id}`);
      const from = a.live ?? a.draft ?? a.last;
      this.#side(`${language(t.lang)}, ${a.live ? `version ${a.live.version}` : "not live"}`, h("div", { class: "beside-text", lang: t.lang, dir: "auto", tabindex: "0", role: "region", "aria-label": `Text in ${language(t.lang)}` }, h("strong", { text: from.title }), h("pre", { text: from.body })));
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }

  /** @param {string} title @param {Element} content */
  #side(title, content) {
    this.beside.hidden = false;
    this.beside.replaceChildren(h("h3", {}, icon("doc"), ` ${title}`), content);
  }

  /** @param {any} source @param {any} t */
  async #changes(source, t) {
    try {
      const [before, now] = await Promise.all([t.translated_version, source.live_version].map((v) => call(`/v1/articles/${source.id}/versions/${v}`)));
      this.#side(`${language(source.lang)}, from version ${before.version} to ${now.version}`, drawDiff(before.body ?? "", now.body ?? ""));
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }

  /** @param {any} t @param {any} source */
  async #current(t, source) {
    try {
      const a = await call(`/v1/articles/${t.id}/translation`, { method: "PUT", body: { of: source.id, version: source.live_version } });
      if (this.#draft?.id === a.id) this.#draft?.note(a);
      this.#draft?.emit("moved");
      if (this.#draft) await this.show(this.#draft);
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }

  async #create() {
    const draft = this.#draft;
    if (!draft?.id || !this.lang.value) return;
    try {
      const a = await call(`/v1/articles/${draft.id}/translations`, { method: "POST", body: { lang: this.lang.value, client_key: this.#key } });
      this.#key = newKey();
      draft.emit("moved");
      this.open(a.id);
    } catch (err) {
      this.problem.textContent = said(err);
    }
  }
}

/** @param {unknown} err */
const said = (err) => /** @type {Error} */ (err).message || "The server is out of reach.";

/**
 * The languages, other than its own, in which an article is live: what is not true any more may stand there too.
 * @param {number} id
 * @returns {Promise<{id: number, name: string}[]>}
 */
export async function liveElsewhere(id) {
  const { translations } = await call(`/v1/articles/${id}/translations`).catch(() => ({ translations: [] }));
  return translations.filter((/** @type {any} */ t) => t.id !== id && t.live_version).map((/** @type {any} */ t) => ({ id: t.id, name: language(t.lang) }));
}
