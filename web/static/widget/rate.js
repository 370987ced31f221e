// SPDX-License-Identifier: MIT
// What the customer thought of it, asked once when it is over: of the person and of the assistant apart, only of those who spoke.
// The server says whom it asks about, and asks no more after an answer or a refusal.

import { h, icon } from "../shared/dom.js";

/** @typedef {"person"|"assistant"} Side */

const values = [1, 2, 3, 4, 5];

export class RateCard {
  #asked = "";
  #sending = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    this.words = words;
    this.title = h("p", { class: "rate-title", id: "rate-title", text: words.t("rate") });
    this.sides = h("div", { class: "rate-sides" });
    this.comment = h("textarea", { id: "rate-comment", rows: 2, maxlength: 1000, dir: "auto" });
    this.send = h("button", { type: "submit", class: "btn btn-small btn-brand", text: words.t("rate_send") });
    this.refuse = h("button", { type: "button", class: "btn btn-small btn-quiet", text: words.t("decline"), on: { click: () => void this.#give({ declined: true }) } });
    const label = h("label", { for: "rate-comment", text: words.t("rate_comment") });
    const buttons = h("div", { class: "rate-buttons" }, this.send, this.refuse);
    this.form = h("form", { novalidate: true }, this.title, this.sides, label, this.comment, buttons);
    this.form.addEventListener("submit", (e) => (e.preventDefault(), this.#submit()));
    this.form.addEventListener("change", () => this.#choosing());
    this.thanks = h("p", { class: "rate-thanks", role: "status" });
    this.el = h("section", { class: "queue rate", "aria-labelledby": "rate-title" }, this.form, this.thanks);
    this.stop = session.on("conversation", (c) => this.render(c));
    this.render(session.conversation);
  }

  /** @param {import("./types.js").Conversation|null} c */
  render(c) {
    const sides = /** @type {Side[]} */ (["person", "assistant"]).filter((side) => c?.rating?.[side]);
    const asked = c && sides.length ? `${c.id} ${sides}` : "";
    // What is chosen already stays while the server says the same again.
    if (asked && asked !== this.#asked) {
      this.comment.value = "";
      this.thanks.textContent = "";
      this.sides.replaceChildren(...sides.map((side) => this.#side(side)));
      this.#choosing();
    }
    if (c?.state !== "resolved" && c?.state !== "closed") this.thanks.textContent = "";
    this.#asked = asked;
    this.form.hidden = !asked;
    this.el.hidden = !asked && !this.thanks.textContent;
  }

  /**
   * Five radio buttons that look like stars; the words of the chosen one stand beside them.
   * @param {Side} side
   */
  #side(side) {
    const { words } = this;
    const said = h("span", { class: "rate-said", "aria-hidden": "true" });
    const stars = h("span", { class: "stars" });
    for (const value of values) {
      const text = `${words.t(`rate_${value}`)}, ${words.t("rate_value", { n: words.number(value), max: words.number(values.length) })}`;
      const radio = h("input", { type: "radio", name: `rate-${side}`, value, "aria-label": text });
      radio.addEventListener("change", () => (said.textContent = words.t(`rate_${value}`)));
      stars.append(h("label", { class: "star", title: words.t(`rate_${value}`) }, radio, icon("star")));
    }
    const name = words.t(side === "person" ? "person" : "bot");
    return h("fieldset", { class: "rate-side", data: { side } }, h("legend", { text: name }), stars, said);
  }

  /** @param {Side} side */
  #value(side) {
    const radio = /** @type {HTMLInputElement|null} */ (this.form.querySelector(`[name="rate-${side}"]:checked`));
    return radio ? Number(radio.value) : undefined;
  }

  #choosing() {
    this.send.setAttribute("aria-disabled", String(!this.form.querySelector(":checked")));
  }

  #submit() {
    const [person, assistant] = [this.#value("person"), this.#value("assistant")];
    if (!person && !assistant) return /** @type {HTMLElement|null} */ (this.form.querySelector("input"))?.focus();
    void this.#give({ person, assistant, comment: this.comment.value.trim() || undefined });
  }

  /** @param {import("./types.js").Rating} rating */
  async #give(rating) {
    if (this.#sending) return;
    this.#sending = true;
    const focused = this.form.contains(/** @type {ShadowRoot} */ (this.el.getRootNode()).activeElement);
    const { session } = this;
    const done = await session.act(async () => {
      await session.client.rate(rating);
      return { messages: [], conversation: { .../** @type {import("./types.js").Conversation} */ (session.conversation), rating: undefined } };
    });
    // Where the server would not have it, the conversation is as it says.
    if (!done) void session.act(() => session.client.messages(session.lastSeq));
    this.#sending = false;
    if (!done) return;
    if (!rating.declined) this.thanks.textContent = this.words.t("feedback_thanks");
    this.render(session.conversation);
    if (focused) /** @type {HTMLElement|null} */ (/** @type {ShadowRoot} */ (this.el.getRootNode()).querySelector("#text"))?.focus();
  }
}
