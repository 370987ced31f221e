// SPDX-License-Identifier: MIT
// Writing to the customer, as a person. What is written is kept until the server has it.

import { h, icon } from "../shared/dom.js";

const typingEvery = 4_000;

export class Reply {
  /** @type {{text: string, cid: string}|null} What is on its way, to be sent again under the same id. */ #attempt = null;
  #toldTyping = 0;
  /** @type {Map<string, string>} Unsent words by case. */ #kept = new Map();
  #case = "";

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.input = h("textarea", { id: "reply", rows: 3, maxlength: 4000, dir: "auto", "aria-describedby": "reply-hint" });
    this.button = h("button", { type: "submit", class: "btn btn-brand" }, icon("send"), "Send");
    this.problem = h("p", { class: "problem", role: "alert" });
    const as = h("p", { class: "reply-as" }, icon("person"), h("span", {}, "You write as ", h("strong", { text: model.me.name }), ", a person."));
    const hint = h("p", { class: "hint", id: "reply-hint" }, h("kbd", { text: "Ctrl" }), " ", h("kbd", { text: "Enter" }), " sends. Markdown works.");
    const label = h("label", { class: "sr", for: "reply", text: "Reply to the customer" });
    this.el = h("form", { class: "reply", hidden: true }, as, label, this.input, this.problem, h("div", { class: "reply-foot" }, hint, this.button));
    this.el.addEventListener("submit", (e) => (e.preventDefault(), void this.#send()));
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), void this.#send());
    });
    this.input.addEventListener("input", () => this.#written());
    model.on("record", () => this.render());
  }

  render() {
    const { own, record } = this.model;
    const id = record?.case?.id ?? "";
    if (id !== this.#case) {
      this.#case = id;
      this.#attempt = null;
      this.input.value = this.#kept.get(id) ?? "";
      this.problem.textContent = "";
    }
    const was = this.el.hidden;
    this.el.hidden = !own || ["resolved", "closed"].includes(record.conversation.state);
    if (was && !this.el.hidden) this.input.focus();
  }

  #written() {
    this.#kept.set(this.#case, this.input.value);
    if (!this.input.value.trim() || Date.now() - this.#toldTyping < typingEvery) return;
    this.#toldTyping = Date.now();
    this.model.typing(this.#case);
  }

  async #send() {
    const text = this.input.value.trim();
    const id = this.#case;
    if (!text || this.button.disabled) return;
    if (this.#attempt?.text !== text) this.#attempt = { text, cid: randomID() };
    this.button.disabled = true;
    this.problem.textContent = "";
    try {
      await this.model.reply(id, text, this.#attempt.cid);
      this.#kept.delete(id);
      this.#attempt = null;
      this.#toldTyping = 0;
      if (this.#case === id) this.input.value = "";
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "Not sent: the server cannot be reached. Your words are kept; please send again.";
    } finally {
      this.button.disabled = false;
      this.input.focus();
    }
  }
}

function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
