// SPDX-License-Identifier: MIT
// Where the customer writes. Enter sends, Shift and Enter begins a new line.

import { h, icon } from "../shared/dom.js";

const limit = 4000;
const warnFrom = 3500;
const growsByItself = CSS.supports("field-sizing", "content");

export class Composer {
  #shift = false;

  /**
   * @param {import("./strings.js").Strings} words
   * @param {(text: string) => void} send
   */
  constructor(words, send) {
    this.words = words;
    this.send = send;
    this.input = h("textarea", { id: "text", rows: 1, placeholder: words.t("placeholder"), enterkeyhint: "send", dir: "auto", "aria-describedby": "hint" });
    this.button = h("button", { type: "submit", class: "btn btn-brand send" }, icon("send"), h("span", { text: words.t("send") }));
    this.hint = h("p", { class: "hint", id: "hint" });
    const label = h("label", { class: "sr", for: "text", text: words.t("input_label") });
    this.el = h("form", { class: "composer", novalidate: true }, label, this.input, this.button, this.hint);
    this.el.addEventListener("submit", (e) => {
      e.preventDefault();
      this.#submit();
    });
    this.input.addEventListener("keydown", (e) => (this.#shift = e.shiftKey));
    this.input.addEventListener("beforeinput", (e) => this.#lineBreak(e));
    this.input.addEventListener("input", () => this.#fit());
    this.#fit();
  }

  /**
   * Enter, also that of a telephone's keyboard; while an input method is composing, Enter chooses a word and makes no line break.
   * @param {InputEvent} e
   */
  #lineBreak(e) {
    if (e.inputType !== "insertLineBreak" || this.#shift || e.isComposing) return;
    e.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return this.input.focus();
    if ([...text].length > limit) return this.#fit();
    this.input.value = "";
    this.#fit();
    this.send(text);
    this.input.focus();
  }

  #fit() {
    const { input, words } = this;
    if (!growsByItself) {
      input.style.blockSize = "auto";
      input.style.blockSize = `${input.scrollHeight + 2}px`;
    }
    const length = [...input.value].length;
    const over = length > limit;
    input.setAttribute("aria-invalid", String(over));
    this.hint.classList.toggle("over", over);
    if (over) this.hint.textContent = words.t("error.too_long", { limit: words.number(limit) });
    else if (length >= warnFrom) this.hint.textContent = words.t("characters_left", { n: words.number(limit - length) });
    else this.hint.textContent = words.t("enter_hint");
  }

  /**
   * @param {string} text
   * @param {boolean} [focus]
   */
  fill(text, focus = true) {
    this.input.value = text;
    this.#fit();
    if (!focus) return;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  focus() {
    this.input.focus();
  }
}
