// SPDX-License-Identifier: MIT
// One answer as the customer got it: the question, what was said, and the passages it rests on.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { Dialog } from "./dialog.js";

const authors = /** @type {Record<string, string>} */ ({ customer: "Customer", bot: "Bot", agent: "Agent", system: "Notice" });

export class ToldDialog extends Dialog {
  #asked = 0;

  constructor() {
    super("What was said");
  }

  /** @param {number} article @param {{conversation_id: string, seq: number, reference?: string}} told */
  async show(article, told) {
    const asked = ++this.#asked;
    this.title.textContent = `What was said${told.reference ? `, ${told.reference}` : ""}`;
    this.body.replaceChildren(h("p", { class: "hint", role: "status", text: "Reading the conversation." }));
    this.open();
    try {
      const data = await call(`/v1/articles/${article}/consequences/${told.conversation_id}/${told.seq}`);
      if (asked === this.#asked) this.#fill(data);
    } catch (err) {
      if (asked === this.#asked) this.body.replaceChildren(h("p", { class: "problem", role: "alert", text: /** @type {Error} */ (err).message || "The server is out of reach." }));
    }
  }

  /** @param {any} data */
  #fill(data) {
    this.body.replaceChildren();
    add(
      this.body,
      data.redacted && h("p", { class: "hint", text: "Addresses, numbers and the like are taken out of what the customer wrote." }),
      ...data.question.map((/** @type {any} */ m) => said(m)),
      said(data.answer),
      ...data.corrections.map((/** @type {any} */ m) => said(m)),
      data.transcript && h("details", { class: "told-whole" }, h("summary", { text: "The whole conversation" }), ...data.transcript.map((/** @type {any} */ m) => said(m))),
    );
  }
}

/** @param {any} m */
function said(m) {
  const correction = m.event === "correction";
  const body = h("div", { class: "prose", dir: "auto" });
  if (m.author.type === "customer") body.append(h("p", { class: "as-written", text: m.text }));
  else setServerHTML(body, m.html);
  const by = h("p", { class: "told-by" }, h("strong", { text: correction ? "Correction" : m.author.name || authors[m.author.type] }), " ");
  if (m.disclosure) add(by, h("span", { class: "tag tag-bot", text: m.disclosure.label }), " ");
  add(by, h("time", { class: "hint", datetime: m.created_at, text: dateAndTime(m.created_at, "en-GB") }));
  const el = h("article", { class: `told-said told-${correction ? "correction" : m.author.type}` }, by, body);
  if (m.citations?.length) {
    const cited = m.citations.map((/** @type {any} */ c) => h("li", {}, icon("doc"), h("span", {}, `${c.title}, version ${c.version}: `, h("q", { dir: "auto", text: c.quote }))));
    el.append(h("ul", { class: "plain told-cited", "aria-label": "Rests on" }, ...cited));
  }
  return el;
}
