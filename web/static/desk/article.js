// SPDX-License-Identifier: MIT
// An article version as it was when the bot read it, with the passage marked.

import { call } from "../shared/api.js";
import { h, icon, setServerHTML } from "../shared/dom.js";
import { markQuotes } from "../shared/quote.js";
import { dateAndTime } from "../shared/time.js";

export class ArticleDialog {
  constructor() {
    this.title = h("h2", { id: "article-title", tabindex: "-1" });
    this.meta = h("p", { class: "hint" });
    this.body = h("div", { class: "prose dialog-body", tabindex: "0" });
    const close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.el.close() } }, icon("close"));
    this.el = h("dialog", { class: "dialog dialog-wide", "aria-labelledby": "article-title" }, h("header", {}, h("div", {}, this.title, this.meta), close), this.body);
  }

  /**
   * @param {number} article
   * @param {number} version
   * @param {string} text The passage, or nothing.
   */
  async open(article, version, text) {
    this.title.textContent = `Article ${article}`;
    this.meta.textContent = `Version ${version}`;
    this.body.replaceChildren("Reading the article.");
    this.el.showModal();
    this.title.focus();
    try {
      const found = await call(`/v1/articles/${article}/versions/${version}`);
      this.title.textContent = found.title;
      this.meta.textContent = `Version ${found.version}, published ${dateAndTime(found.published_at, "en-GB")}`;
      this.body.lang = found.lang;
      setServerHTML(this.body, found.html ?? "");
      if (text) markQuotes(this.body, [text])?.scrollIntoView({ block: "center" });
    } catch (err) {
      this.body.replaceChildren(/** @type {Error} */ (err).message || "The article cannot be read at the moment.");
    }
  }
}
