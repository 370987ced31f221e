// SPDX-License-Identifier: MIT
// Writing to the customer, as a person. What is written is kept until the server has it.

import { call } from "../shared/api.js";
import { h, icon, setServerHTML } from "../shared/dom.js";
import { AttachButton } from "./files.js";

const typingEvery = 4_000;

export class Reply {
  /** @type {{text: string, cid: string}|null} What is on its way, to be sent again under the same id. */ #attempt = null;
  #toldTyping = 0;
  /** @type {Map<string, string>} Unsent words by case. */ #kept = new Map();
  #case = "";

  /** @type {(name: string) => void} */ onTool = () => {};

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.input = h("textarea", { id: "reply", rows: 3, maxlength: 4000, dir: "auto", "aria-describedby": "reply-hint" });
    this.button = h("button", { type: "submit", class: "btn btn-brand" }, icon("send"), "Send");
    this.problem = h("p", { class: "problem", role: "alert" });
    this.look = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-pressed": "false", text: "Preview", on: { click: () => void this.#preview(this.shown.hidden) } });
    this.shown = h("div", { class: "reply-preview prose", dir: "auto", role: "region", "aria-label": "As the customer will see it", tabindex: "0", hidden: true });
    const tool = (/** @type {string} */ text, /** @type {string} */ about) => h("button", { type: "button", class: "btn btn-small btn-quiet", title: about, text, on: { click: () => this.onTool(text) } });
    this.attach = new AttachButton(model);
    this.tools = h("div", { class: "foot-actions" }, this.attach.el, tool("Saved replies", "A slash at the beginning of an empty reply opens them too"), tool("Suggest", "What the library says to this"), this.look);
    const as = h("p", { class: "write-as" }, icon("person"), h("span", {}, "You write as ", h("strong", { text: model.me.name }), ", a person."));
    const over = h("button", { type: "button", class: "btn btn-small", text: "Send all the same", on: { click: () => void this.#send(true) } });
    const hold = h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Not yet", on: { click: () => ((this.asked.hidden = true), this.input.focus()) } });
    this.question = h("span", { role: "alert" });
    this.asked = h("p", { class: "warned", hidden: true }, icon("warn"), this.question, h("span", { class: "foot-actions" }, over, hold));
    const hint = h("p", { class: "hint", id: "reply-hint" }, h("kbd", { text: "Ctrl" }), " ", h("kbd", { text: "Enter" }), " sends. Markdown works.");
    const label = h("label", { class: "sr", for: "reply", text: "Reply to the customer" });
    this.el = h(
      "form",
      { class: "write reply", hidden: true },
      as, label, this.input, this.shown, this.attach.said, this.problem, this.asked,
      h("div", { class: "reply-foot" }, hint, h("div", { class: "foot-actions" }, this.tools, this.button)),
    );
    this.el.addEventListener("submit", (e) => (e.preventDefault(), void this.#send()));
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "/" && !this.input.value) (e.preventDefault(), this.onTool("Saved replies"));
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), void this.#send());
    });
    this.input.addEventListener("input", () => this.#written());
    model.on("record", () => this.render());
  }

  /** Whether the open case may be answered. */
  get possible() {
    const { own, record } = this.model;
    return own && !["resolved", "closed"].includes(record.conversation.state);
  }

  render() {
    const id = this.model.record?.case?.id ?? "";
    if (id === this.#case) return;
    this.#case = id;
    this.asked.hidden = true;
    this.#attempt = null;
    this.input.value = this.#kept.get(id) ?? "";
    this.problem.textContent = "";
    void this.#preview(false);
  }

  /**
   * Puts text where the cursor stands.
   * @param {string} text
   */
  insert(text) {
    void this.#preview(false);
    const { input } = this;
    const before = input.value.slice(0, input.selectionStart);
    const glue = before && !/\s$/.test(before) ? "\n\n" : "";
    input.focus();
    input.setRangeText(glue + text, input.selectionStart, input.selectionEnd, "end");
    this.#written();
  }

  /** @param {boolean} on */
  async #preview(on) {
    this.look.setAttribute("aria-pressed", String(on));
    this.look.textContent = on ? "Write" : "Preview";
    if (on) {
      const found = await this.model.ask(() => call("/v1/preview", { method: "POST", body: { text: this.input.value } }));
      if (!found) return void this.#preview(false);
      setServerHTML(this.shown, found.html);
    }
    this.shown.hidden = !on;
    this.input.hidden = on;
  }

  #written() {
    this.#kept.set(this.#case, this.input.value);
    if (!this.input.value.trim() || Date.now() - this.#toldTyping < typingEvery) return;
    this.#toldTyping = Date.now();
    this.model.typing(this.#case);
  }

  /** @param {boolean} [over] Although a colleague is writing too. */
  async #send(over = false) {
    const text = this.input.value.trim();
    const id = this.#case;
    if (!text || this.button.disabled) return;
    const { writers } = this.model;
    this.asked.hidden = over || writers.length === 0;
    this.question.textContent = this.asked.hidden ? "" : `${writers.join(", ")} ${writers.length === 1 ? "is" : "are"} writing in this case too. Send it?`;
    if (!this.asked.hidden) return this.asked.querySelector("button")?.focus();
    if (this.#attempt?.text !== text) this.#attempt = { text, cid: randomID() };
    this.button.disabled = true;
    this.problem.textContent = "";
    try {
      await this.model.reply(id, text, this.#attempt.cid);
      this.#kept.delete(id);
      this.#attempt = null;
      this.#toldTyping = 0;
      if (this.#case === id) this.input.value = "";
      void this.#preview(false);
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "Not sent: the server cannot be reached. Your words are kept; please send again.";
    } finally {
      this.button.disabled = false;
      this.input.focus();
    }
  }
}

/** Fit to tell a message from another; also where no secure context gives crypto.randomUUID. */
export function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
