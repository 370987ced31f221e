// SPDX-License-Identifier: MIT
// Sources: the list under an answer, and the article with the words that the answer rests on marked.

import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { markQuotes } from "../shared/quote.js";
import { dateAndTime } from "../shared/time.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Citation} Citation */

/**
 * One entry an article version, in the order of use.
 * @param {Message} m
 * @param {import("./bubble.js").Context} c
 */
export function sourceList(m, { words, onSource }) {
  /** @type {Map<string, Citation>} */
  const articles = new Map();
  for (const citation of m.citations) {
    const key = `${citation.article_id}/${citation.version}`;
    if (!articles.has(key)) articles.set(key, citation);
  }
  const list = h("ol", { class: "sources" });
  for (const citation of articles.values()) {
    const button = h(
      "button",
      { type: "button", class: "source", "aria-haspopup": "dialog", on: { click: () => onSource(m, citation) } },
      icon("doc"),
      h("span", { class: "source-title", dir: "auto", text: citation.title }),
      h("q", { class: "source-quote", dir: "auto", text: shorten(citation.quote) }),
    );
    add(list, h("li", {}, button));
  }
  return h("div", { class: "cited", "aria-live": "off" }, h("p", { class: "cited-title", text: words.t("sources") }), list);
}

/** @param {string} quote */
function shorten(quote) {
  const plain = quote.replace(/[*_`#]+/g, "").replace(/[>|\s]+/g, " ").trim();
  return plain.length > 140 ? `${plain.slice(0, 138).trimEnd()}\u2026` : plain;
}

/** A dialog that shows one article version. */
export class SourceDialog {
  /**
   * @param {import("./client.js").Client} client
   * @param {() => import("./strings.js").Strings} words
   */
  constructor(client, words) {
    this.client = client;
    this.words = words;
    this.title = h("h2", { id: "source-title", tabindex: "-1" });
    this.meta = h("p", { class: "source-meta" });
    this.body = h("div", { class: "source-body" });
    this.close = h("button", { type: "button", class: "btn btn-icon btn-quiet", on: { click: () => this.el.close() } }, icon("close"));
    const head = h("div", { class: "source-head" }, h("div", {}, this.title, this.meta), this.close);
    this.el = h("dialog", { class: "source-dialog", "aria-labelledby": "source-title" }, head, this.body);
    this.el.addEventListener("click", (e) => e.target === this.el && this.el.close());
  }

  /**
   * @param {Message} m
   * @param {Citation} citation
   */
  async open(m, citation) {
    const words = this.words();
    this.close.setAttribute("aria-label", words.t("source_close"));
    this.title.textContent = citation.title;
    this.meta.textContent = words.t("source_version", { version: words.number(citation.version) });
    this.#quotes([citation.quote]);
    this.el.showModal();
    this.title.focus();
    try {
      const source = await this.client.source(citation.article_id, citation.version);
      if (this.el.open) this.#show(source, m, citation);
    } catch {
      add(this.body, citation.url && this.#link(citation.url));
    }
  }

  /**
   * Until the article is here, and when it cannot be had: the quoted words alone.
   * @param {string[]} quotes
   */
  #quotes(quotes) {
    const words = this.words();
    const blocks = quotes.map((text) => h("blockquote", { class: "prose", dir: "auto" }, h("mark", { text })));
    this.body.replaceChildren(h("p", { class: "source-note", text: words.t("source_quote") }), ...blocks);
  }

  /**
   * @param {any} source
   * @param {Message} m
   * @param {Citation} citation
   */
  #show(source, m, citation) {
    const words = this.words();
    const date = source.published_at ? ` \u00b7 ${dateAndTime(source.published_at, words.locale)}` : "";
    this.title.textContent = source.title;
    this.meta.textContent = words.t("source_version", { version: words.number(source.version) }) + date;
    const article = h("div", { class: "prose article", lang: source.lang, dir: "auto", tabindex: "0", role: "document" });
    setServerHTML(article, source.html);
    const own = source.quotes.filter((/** @type {{seq: number}} */ q) => q.seq === m.seq).map((/** @type {{text: string}} */ q) => q.text);
    const first = markQuotes(article, own.length ? own : [citation.quote]);
    const note = h("p", { class: "source-note" }, h("mark", { class: "swatch", "aria-hidden": "true" }), words.t("source_quote"));
    this.body.replaceChildren();
    if (!source.live) add(this.body, h("p", { class: "source-changed" }, icon("warn"), words.t("source_changed")));
    if (first) add(this.body, note, article);
    else {
      this.#quotes([citation.quote]);
      add(this.body, article);
    }
    if (source.url) add(this.body, this.#link(source.url));
    first?.scrollIntoView({ block: "center" });
  }

  /** @param {string} url */
  #link(url) {
    if (!/^https?:/i.test(url)) return null;
    return h("p", {}, h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, this.words().t("source_open"), " ", icon("link")));
  }
}
