// SPDX-License-Identifier: MIT
// What only the customer can say: whether the assistant may answer again, and that a resolved request is not solved.

import { h } from "../shared/dom.js";

export class AnswerCard {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    const button = (/** @type {string} */ text, /** @type {string} */ kind, /** @type {() => void} */ click) =>
      h("button", { type: "button", class: `btn btn-small ${kind}`, text, on: { click } });
    this.shown = words.t("consent.return");
    this.locale = words.locale;
    const choices = h("div", { class: "queue-lines" }, button(words.t("agree"), "", () => this.#answer(true)), " ", button(words.t("decline"), "btn-quiet", () => this.#answer(false)));
    this.ask = h("div", { class: "return-asked" }, h("p", { text: this.shown }), choices);
    this.unsolved = button(words.t("not_solved"), "not-solved", () => void this.#unsolved());
    this.el = h("section", { class: "queue", "aria-label": words.t("agent"), hidden: true }, this.ask, this.unsolved);
    this.stop = session.on("conversation", (c) => this.render(c));
    this.render(session.conversation);
  }

  /** @param {import("./types.js").Conversation|null} c */
  render(c) {
    this.ask.hidden = !c?.return_asked;
    this.unsolved.hidden = c?.state !== "resolved";
    this.el.hidden = this.ask.hidden && this.unsolved.hidden;
  }

  /**
   * The words above the buttons are those that are agreed to, and recorded.
   * @param {boolean} given
   */
  #answer(given) {
    void this.session.consent("return_to_bot", given, this.shown, this.locale);
  }

  async #unsolved() {
    this.unsolved.disabled = true;
    await this.session.act(() => this.session.client.followUp(false));
    this.unsolved.disabled = false;
  }
}
