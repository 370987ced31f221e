// SPDX-License-Identifier: MIT
// "Send me the answer by e-mail": an address for the answer, with the words that are agreed to and recorded. The place is kept.

import { add, h, icon } from "../shared/dom.js";

/** @typedef {import("./types.js").Conversation} Conversation */

export class ContactForm {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    this.words = words;
    this.email = h("input", { type: "email", id: "contact-email", name: "email", autocomplete: "email", required: true, maxlength: "254", dir: "ltr" });
    this.problem = h("p", { class: "contact-problem", id: "contact-problem", role: "alert" });
    this.email.setAttribute("aria-describedby", "contact-consent contact-problem");
    const send = h("button", { type: "submit", class: "btn btn-small", text: words.t("email_save") });
    const row = h("div", { class: "contact-row" }, this.email, send);
    const label = h("label", { for: "contact-email", text: words.t("email_address") });
    const consent = h("p", { class: "contact-consent", id: "contact-consent", text: words.t("consent.contact") });
    const form = h("form", { novalidate: true, on: { submit: (/** @type {SubmitEvent} */ e) => void this.#send(e) } }, label, row, consent, this.problem);
    this.ask = h("details", { class: "contact" }, h("summary", {}, icon("letter"), words.t("by_email")), form);
    this.ask.addEventListener("toggle", () => this.ask.open && this.email.focus());
    const remove = h("button", { type: "button", class: "btn btn-small btn-quiet leave", text: words.t("email_withdraw"), on: { click: () => void session.act(() => session.client.withdrawContact()) } });
    this.given = h("p", { class: "contact-given" }, icon("letter"), h("span", { text: words.t("email_saved") }), " ", remove);
    this.el = h("div", {}, this.ask, this.given);
  }

  /** @param {Conversation} c */
  render(c) {
    this.ask.hidden = Boolean(c.reply_by_email);
    this.given.hidden = !c.reply_by_email;
  }

  /** @param {SubmitEvent} e */
  async #send(e) {
    e.preventDefault();
    const email = this.email.value.trim();
    const valid = email !== "" && this.email.checkValidity();
    this.email.setAttribute("aria-invalid", String(!valid));
    this.problem.textContent = valid ? "" : this.words.t("email_invalid");
    if (!valid) return this.email.focus();
    const { session, words } = this;
    if (!(await session.act(() => session.client.leaveContact(email, words.t("consent.contact"), words.locale)))) return;
    this.email.value = "";
    this.ask.open = false;
  }
}
