// SPDX-License-Identifier: MIT
// The messages, in order: role=log, read out once, kept at its end while the reader is there.

import { h, icon } from "../shared/dom.js";
import { Follow } from "../shared/follow.js";
import { dayName } from "../shared/time.js";
import { markTakenBack } from "./correction.js";
import { draftBubble, fillBubble, growDraft, messageBubble, noticeBlock, outgoingBubble } from "./bubble.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Draft} Draft */

const afterMessages = Number.MAX_SAFE_INTEGER;

export class LogView {
  /** @type {Map<number, HTMLElement>} */ #messages = new Map();
  /** @type {Map<string, HTMLElement>} */ #drafts = new Map();
  /** @type {Map<string, HTMLElement>} */ #outgoing = new Map();
  #loading = false;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./bubble.js").Context} context
   */
  constructor(session, context) {
    this.session = session;
    this.context = context;
    const { words } = context;
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": words.t("messages") });
    this.typing = h("p", { class: "typing", role: "status" });
    this.intro = h("div", { class: "intro" });
    this.inner = h("div", { class: "scroll-inner" }, this.intro, this.list, this.typing);
    this.scroller = h("div", { class: "scroll", tabindex: "0" }, this.inner);
    this.latest = h("button", { type: "button", class: "latest", hidden: true, on: { click: () => this.toEnd() } }, icon("down"), words.t("jump_latest"));
    this.follow = new Follow(this.scroller, this.inner, () => this.follow.atEnd && (this.latest.hidden = true));
    this.#subscribe();
    this.#restore();
  }

  #subscribe() {
    const s = this.session;
    this.stops = [
      s.on("message", ({ message }) => this.#message(message)),
      s.on("disclosure", () => this.#notices()),
      s.on("draft", (draft) => this.#draft(draft)),
      s.on("drop-draft", (draft) => this.#dropDraft(draft)),
      s.on("outbox", (items) => this.#outbox(items)),
      s.on("typing", (who) => this.#typing(who)),
      s.on("loading", (on) => this.#quiet(on)),
      s.on("cleared", () => this.#clear()),
    ];
  }

  dispose() {
    for (const stop of this.stops ?? []) stop();
  }

  /** Shows what the session has when the view is made anew, for instance in another language. */
  #restore() {
    this.#quiet(true);
    for (const m of this.session.messages.values()) this.#message(m);
    this.#notices();
    for (const draft of this.session.drafts.all) this.#draft(draft);
    this.#outbox(this.session.outbox.items);
    this.#typing(this.session.typing);
    this.#quiet(false);
  }

  /**
   * While history is put in, nothing is read out.
   * @param {boolean} on
   */
  #quiet(on) {
    this.#loading = on;
    this.list.setAttribute("aria-live", on ? "off" : "polite");
    this.list.setAttribute("aria-busy", String(on));
  }

  /** @param {Message} m */
  #message(m) {
    const draft = m.turn ? this.#drafts.get(m.turn) : undefined;
    const known = this.#messages.get(m.seq) ?? draft;
    if (m.turn) this.#drafts.delete(m.turn);
    const el = known ?? messageBubble(m, this.context);
    if (known) {
      // Its words have been read out already, sentence by sentence.
      el.setAttribute("aria-live", "off");
      delete el.dataset.turn;
      fillBubble(el, m, this.context);
    } else if (m.author.type === "customer") el.setAttribute("aria-live", "off");
    this.#messages.set(m.seq, el);
    for (const seq of m.corrects ?? []) markTakenBack(this.#messages.get(seq), this.context.words);
    this.#place(el, m.seq);
    this.#day(el, m);
    this.#arrived(m.author.type === "customer");
  }

  /**
   * Puts an element at its place: by seq, answers on their way and unsent messages behind all.
   * @param {HTMLElement} el
   * @param {number} order
   */
  #place(el, order) {
    el.dataset.order = String(order);
    let after = /** @type {HTMLElement|null} */ (this.list.lastElementChild);
    while (after && (after === el || Number(after.dataset.order) > order)) after = /** @type {HTMLElement|null} */ (after.previousElementSibling);
    const next = after ? after.nextElementSibling : this.list.firstElementChild;
    if (next !== el && !(el.isConnected && el.previousElementSibling === after)) this.list.insertBefore(el, next);
  }

  /**
   * A heading before the first message of a day.
   * @param {HTMLElement} el
   * @param {Message} m
   */
  #day(el, m) {
    const day = new Date(m.created_at).toDateString();
    el.dataset.day = day;
    let before = /** @type {HTMLElement|null} */ (el.previousElementSibling);
    while (before && !before.dataset.day) before = /** @type {HTMLElement|null} */ (before.previousElementSibling);
    if (before?.dataset.day === day) return;
    if (!before && day === new Date().toDateString()) return;
    this.#place(h("p", { class: "day", data: { day }, text: dayName(m.created_at, this.context.words.locale) }), m.seq - 0.25);
  }

  #notices() {
    const shown = [...this.list.querySelectorAll(".notice")];
    const wanted = this.session.notices.list;
    for (const [i, d] of wanted.entries()) {
      const old = /** @type {HTMLElement|undefined} */ (shown.find((n) => /** @type {HTMLElement} */ (n).dataset.index === String(i)));
      if (old?.dataset.disclosure === d.id) continue;
      old?.remove();
      const block = noticeBlock(d);
      block.dataset.index = String(i);
      this.#place(block, (d.before_seq ?? 0) === 0 ? 0 : (d.before_seq ?? 0) - 0.5);
    }
    this.follow.hold();
  }

  /** @param {Draft} draft */
  #draft(draft) {
    if (draft.sentences.length === 0) return;
    let el = this.#drafts.get(draft.turn);
    if (!el) {
      el = draftBubble(draft, this.context);
      this.#drafts.set(draft.turn, el);
      this.#place(el, afterMessages - 1);
    }
    growDraft(el, draft, this.context);
    this.#arrived(false);
  }

  /** @param {Draft} draft */
  #dropDraft(draft) {
    this.#drafts.get(draft.turn)?.remove();
    this.#drafts.delete(draft.turn);
  }

  /** @param {import("./outbox.js").Outgoing[]} items */
  #outbox(items) {
    const cids = new Set(items.map((i) => i.cid));
    for (const [cid, el] of this.#outgoing) {
      if (cids.has(cid)) continue;
      el.remove();
      this.#outgoing.delete(cid);
    }
    for (const item of items) {
      const el = outgoingBubble(item, this.context);
      const old = this.#outgoing.get(item.cid);
      if (old) old.replaceWith(el);
      this.#outgoing.set(item.cid, el);
      this.#place(el, afterMessages);
      if (!old) this.toEnd();
    }
  }

  /** @param {string|null} who */
  #typing(who) {
    const { words } = this.context;
    this.typing.replaceChildren();
    if (!who) return;
    const text = who === "bot" ? words.t("typing_bot") : words.t("typing_agent", { agent: who });
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.typing.className = `typing typing-${who === "bot" ? "bot" : "agent"}`;
    this.typing.append(dots, text);
    this.follow.hold();
  }

  #clear() {
    this.list.replaceChildren();
    this.#messages.clear();
    this.#drafts.clear();
    this.#outgoing.clear();
    this.#notices();
  }

  // -- scrolling

  /** @param {boolean} own */
  #arrived(own) {
    if (this.#loading) return;
    if (own) this.follow.atEnd = true;
    this.latest.hidden = this.follow.atEnd;
    this.follow.hold();
  }

  /** @param {number} seq */
  show(seq) {
    const el = this.#messages.get(seq);
    if (!el) return;
    this.follow.atEnd = false;
    el.tabIndex = -1;
    el.scrollIntoView({ block: "center" });
    el.focus({ preventScroll: true });
  }

  toEnd() {
    this.latest.hidden = true;
    this.follow.toEnd();
  }
}
