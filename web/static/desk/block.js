// SPDX-License-Identifier: MIT
// Keeping somebody who harasses staff from writing for a time. What they will be told stands there before it is done.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { button, field, Frame } from "./dialog.js";
import { blocks } from "./words.js";

/** @type {[number, string][]} */
const spans = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [72, "3 days"],
  [168, "7 days"],
  [720, "30 days"],
];
const agentsMost = 24;

export class BlockDialog extends Frame {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    super("Block the customer", { wide: false });
    this.model = model;
  }

  async block() {
    const { conversation, case: c } = this.model.record;
    this.title.textContent = `Block the customer of ${c.reference}`;
    this.open("");
    const supervisor = this.model.me.role === "supervisor";
    const choices = blocks.map(([value, title, explanation], i) =>
      h("label", { class: "choice" }, h("input", { type: "radio", name: "category", value, required: true, checked: i === 0 }), h("span", {}, h("strong", { text: title }), h("span", { text: explanation }))),
    );
    const hours = h("select", {}, ...spans.filter(([n]) => supervisor || n <= agentsMost).map(([n, text]) => h("option", { value: n, text })));
    hours.value = "24";
    const note = h("textarea", { rows: 3, maxlength: 2000, required: true, dir: "auto" });
    const notice = h("blockquote", { class: "notice-shown", dir: "auto", lang: conversation.locale, "aria-live": "polite", text: "Looking." });
    const submit = h("button", { type: "submit", class: "btn btn-brand" }, icon("lock"), "Block");
    const form = h(
      "form",
      {},
      h("fieldset", {}, h("legend", { class: "sr", text: "Why" }), ...choices),
      field("For how long", hours, supervisor ? undefined : "A supervisor may block for up to 30 days."),
      field("What happened, for the record", note, "Sealed with the conversation; the customer does not see it."),
      h("div", { class: "field" }, h("strong", { text: "What the customer is told" }), notice),
      h("p", { class: "hint", text: "It holds in all their conversations. Complaints and danger are received all the same, and it ends by itself." }),
      h("p", { class: "dialog-actions" }, button("Cancel", () => this.close(), { kind: "btn-quiet" }), submit),
    );
    const told = async () => {
      const found = await this.tries(() => call(`/v1/conversations/${conversation.id}/block?hours=${hours.value}`));
      if (found) notice.textContent = found.notice;
    };
    hours.addEventListener("change", () => void told());
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#go(conversation.id, { category: String(new FormData(form).get("category")), note: note.value.trim(), hours: Number(hours.value) }, submit);
    });
    this.show(form);
    form.querySelector("input")?.focus();
    await told();
  }

  /**
   * @param {string} conversation
   * @param {{category: string, note: string, hours: number}} body
   * @param {HTMLButtonElement} submit
   */
  async #go(conversation, body, submit) {
    if (!(await this.tries(() => call(`/v1/conversations/${conversation}/block`, { method: "POST", body }), submit))) return;
    this.close();
    await this.model.refresh();
    this.model.emit("told", { text: "The customer is blocked.", actions: [{ label: "Undo", run: () => void lift(this.model, conversation) }], for: 60_000 });
  }
}

/**
 * @param {import("./model.js").DeskModel} model
 * @param {string} conversation
 */
export async function lift(model, conversation) {
  const lifted = await model.ask(async () => (await call(`/v1/conversations/${conversation}/block`, { method: "DELETE" })) ?? true);
  await model.refresh();
  if (lifted) model.emit("told", { text: "The customer may write again, and is told so." });
}
