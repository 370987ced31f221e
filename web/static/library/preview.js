// SPDX-License-Identifier: MIT
// The article as the widget shows it when a customer opens a source: rendered by the server, worn in the widget's own styles.

import { call } from "../shared/api.js";
import { h, setServerHTML } from "../shared/dom.js";
import { styleSheets } from "../widget/style.js";

export class Preview {
  #asked = 0;
  #shown = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  constructor() {
    this.title = h("h2", { dir: "auto" });
    this.article = h("div", { class: "prose article", dir: "auto" });
    const box = h("div", { class: "source-dialog", open: true }, h("div", { class: "source-head" }, h("div", {}, this.title, h("p", { class: "source-meta", text: "As customers see it" }))), h("div", { class: "source-body" }, this.article));
    this.host = h("div", { class: "preview-host" });
    const root = this.host.attachShadow({ mode: "open" });
    root.append(h("div", { class: "frame" }, box));
    const fit = new CSSStyleSheet();
    fit.replaceSync(":host { display: block } .source-dialog { inline-size: auto; max-block-size: none; box-shadow: none }");
    styleSheets().then((sheets) => (root.adoptedStyleSheets = [...sheets, fit]), () => {});
    const theme = () => (document.documentElement.dataset.theme ? this.host.setAttribute("theme", document.documentElement.dataset.theme) : this.host.removeAttribute("theme"));
    new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    theme();
    this.note = h("p", { class: "hint", role: "status" });
    this.el = h("div", { class: "preview" }, this.note, this.host);
  }

  /** @param {import("./draft.js").Fields} fields */
  show(fields) {
    this.title.textContent = fields.title || "Untitled";
    this.article.lang = fields.lang;
    if (fields.body === this.#shown) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(fields.body), 250);
  }

  /** @param {string} body */
  async #ask(body) {
    const asked = ++this.#asked;
    try {
      const { html } = await call("/v1/articles/preview", { method: "POST", body: { body } });
      if (asked !== this.#asked) return;
      setServerHTML(this.article, html);
      this.#shown = body;
      this.note.textContent = "";
    } catch {
      this.note.textContent = "The preview is older than the text: the server is out of reach.";
    }
  }
}
