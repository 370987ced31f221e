// SPDX-License-Identifier: MIT
// A customer's question becomes one that each publication is held against, without what tells who asked it.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { button, field, Frame } from "./dialog.js";

export class GoldenDialog extends Frame {
  constructor() {
    super("Golden question", { wide: false });
  }

  /** @param {string} conversation @param {number} seq */
  async ask(conversation, seq) {
    this.open();
    const found = await this.tries(() => call("/v1/questions/preview", { method: "POST", body: { conversation_id: conversation, seq } }));
    if (!found || found === true) return;
    const text = h("textarea", { rows: "4", maxlength: "500", dir: "auto", lang: found.lang });
    text.value = found.text;
    const right = h("select", {}, ...found.articles.map((/** @type {any} */ a) => h("option", { value: String(a.id), text: `An answer from \u201c${a.title}\u201d` })), h("option", { value: "", text: "A person takes over" }));
    const keep = button("Make it golden", (b) => this.#keep({ text: text.value, lang: found.lang, expects: right.value ? "article" : "handoff", ...(right.value && { article_id: Number(right.value) }) }, b), { kind: "btn-brand" });
    this.show(
      field("The question, as the gate will ask it", text, "Personal data was taken out. Please look whether anything is left that tells who asked."),
      field("What is right", right, found.articles.length > 0 ? undefined : "The bot cited no article. To expect one, add the question beside that article in the library."),
      h("div", { class: "dialog-actions" }, button("Cancel", () => this.close(), { kind: "" }), keep),
    );
    text.focus();
  }

  /** @param {Record<string, unknown>} body @param {HTMLButtonElement} b */
  async #keep(body, b) {
    if (!(await this.tries(() => call("/v1/questions", { method: "POST", body }), b))) return;
    this.show(h("div", { class: "dialog-actions" }, button("Close", () => this.close(), { kind: "btn-brand" })));
    this.said.textContent = "Kept. Each publication is held against it from now on.";
  }
}
