// SPDX-License-Identifier: MIT
// Who is in charge, and the way to a person: always visible, always in the same place, one action. Under it, while the customer
// waits: the reference, the place, the wait, and the ways out.

import { add, h, icon } from "../shared/dom.js";
import { promisedTime } from "../shared/time.js";
import { ContactForm } from "./contact.js";

/** @typedef {import("./types.js").Conversation} Conversation */

const waiting = new Set(["queued", "awaiting_hours"]);
const withPerson = new Set(["human", "waiting_customer"]);

export class StatusBar {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    this.words = words;
    this.sign = h("span", { class: "owner-sign" });
    this.text = h("p", { class: "owner-text", role: "status" });
    this.button = h("button", { type: "button", class: "btn btn-small btn-person ask-person", on: { click: () => this.#ask() } });
    this.el = h("div", { class: "owner" }, this.sign, this.text, this.button);
    this.stop = session.on("conversation", () => this.render());
    this.render();
  }

  #ask() {
    if (this.button.getAttribute("aria-disabled") !== "true") void this.session.requestPerson();
  }

  render() {
    const { words, session } = this;
    const c = session.conversation;
    const state = session.wantsPerson && !waiting.has(c?.state ?? "bot") ? "queued" : (c?.state ?? "bot");
    const asked = waiting.has(state) || withPerson.has(state);
    this.el.dataset.state = state;
    this.sign.replaceChildren(icon(withPerson.has(state) ? "person" : waiting.has(state) ? "queue" : "bot"));
    // Until the server has heard the wish, nothing is claimed.
    const text = session.wantsPerson && state === "queued" && c?.state !== "queued" ? words.t("sending") : this.#line(state, c);
    if (this.text.textContent !== text) this.text.textContent = text;
    this.button.setAttribute("aria-disabled", String(asked));
    this.button.replaceChildren();
    add(this.button, !asked && icon("person"), words.t(asked ? "talk_to_person_asked" : "talk_to_person"));
    this.button.hidden = withPerson.has(state);
  }

  /**
   * @param {string} state
   * @param {Conversation|null} c
   */
  #line(state, c) {
    const { words } = this;
    if (withPerson.has(state)) return words.t("person_here") + (c?.agent?.name ? `: ${c.agent.name}` : "");
    if (waiting.has(state)) return words.t("waiting");
    if (state === "resolved") return words.t("resolved");
    if (state === "closed") return words.t("closed");
    return words.t("bot_here");
  }
}

export class QueueCard {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    this.words = words;
    this.place = h("p", { class: "place" });
    this.wait = h("p", { class: "wait" });
    this.reference = h("p", { class: "reference" });
    this.live = h("p", { class: "sr", role: "status" });
    this.assistant = h("input", { type: "checkbox", role: "switch", class: "switch", on: { change: () => void this.#toggle() } });
    this.consent = h("label", { class: "consent" }, this.assistant, h("span", { text: words.t("consent.assistant") }));
    this.leave = h("button", { type: "button", class: "btn btn-small btn-quiet leave", text: words.t("undo_handoff"), on: { click: () => this.#leave() } });
    this.contact = new ContactForm(session, words);
    this.facts = h("div", { class: "queue-facts" }, this.place, h("div", { class: "queue-lines" }, this.wait, this.reference));
    this.el = h("section", { class: "queue", "aria-label": words.t("waiting"), hidden: true }, this.facts, this.consent, this.contact.el, this.leave, this.live);
    this.stop = session.on("conversation", (c) => this.render(c));
    this.render(session.conversation);
  }

  /** @param {Conversation|null} c */
  render(c) {
    const { words } = this;
    const waits = waiting.has(c?.state ?? "bot");
    // An address that was left is seen, and can be taken back, for as long as it is kept.
    this.el.hidden = !waits && !c?.reply_by_email;
    this.el.setAttribute("aria-label", words.t(waits ? "waiting" : "by_email"));
    this.facts.hidden = this.consent.hidden = this.leave.hidden = !waits;
    if (!c || this.el.hidden) return;
    this.contact.render(c);
    if (!waits) return void (this.live.textContent = "");
    this.#facts(c);
    this.#referenceLine(c.reference);
    this.assistant.checked = c.assistant_while_waiting;
  }

  /** @param {Conversation} c */
  #facts(c) {
    const { words } = this;
    if (c.queue) {
      const text = words.t("queue_position", { position: words.number(c.queue.position) });
      const [before, after] = words.t("queue_position", { position: "\u0000" }).split(/[\u2066-\u2069]*\u0000[\u2066-\u2069]*/);
      this.place.replaceChildren(h("span", { text: before }), h("strong", { text: words.number(c.queue.position) }), h("span", { text: after ?? "" }));
      this.place.hidden = false;
      if (this.live.textContent !== text) this.live.textContent = text;
    } else this.place.hidden = true;
    if (c.promised_by) this.wait.textContent = words.t("promised_by", { due: promisedTime(c.promised_by, words.locale, this.session.timezone) });
    else if (c.queue?.wait) this.wait.textContent = words.t("queue_wait", { wait: words.wait(c.queue.wait) });
    else this.wait.textContent = words.t(c.queue?.nobody ? "nobody_here" : "handoff.wait_unknown");
  }

  /** @param {string} [reference] */
  #referenceLine(reference) {
    this.reference.hidden = !reference;
    if (!reference || this.reference.dataset.ref === reference) return;
    const { words } = this;
    this.reference.dataset.ref = reference;
    const said = h("span", { class: "copied", role: "status" });
    const copy = h("button", { type: "button", class: "btn btn-small btn-quiet btn-icon copy", "aria-label": words.t("copy") }, icon("copy"));
    copy.addEventListener("click", async () => {
      await navigator.clipboard?.writeText(reference).then(() => (said.textContent = words.t("copied"))).catch(() => {});
    });
    this.reference.replaceChildren(words.t("reference", { ref: reference }), " ", copy, said);
  }

  /** The words beside the switch are those that are agreed to, and recorded. */
  async #toggle() {
    const given = this.assistant.checked;
    const done = await this.session.consent("assistant_while_waiting", given, this.words.t("consent.assistant"), this.words.locale);
    if (!done) this.assistant.checked = !given;
  }

  #leave() {
    void this.session.act(() => this.session.client.leaveQueue());
  }
}
