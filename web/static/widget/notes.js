// SPDX-License-Identifier: MIT
// What the customer must know about the connection and about requests that failed; empty while all is well.

import { add, h, icon } from "../shared/dom.js";

const shownFor = 10_000;
const quietFor = 2_500;

export class Notes {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #linkTimer;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, words) {
    this.session = session;
    this.words = words;
    this.link = h("p", { class: "note note-link", role: "status" });
    this.problem = h("p", { class: "note note-problem", role: "alert" });
    this.gone = h("div", { class: "note note-gone", role: "alert" });
    this.el = h("div", { class: "notes" }, this.link, this.problem, this.gone);
    this.stops = [
      session.on("link", () => this.#linkChanged()),
      session.on("problem", (p) => this.#problem(p)),
      session.on("cleared", () => this.problem.replaceChildren()),
    ];
    this.#linkChanged();
  }

  dispose() {
    clearTimeout(this.#timer);
    clearTimeout(this.#linkTimer);
    for (const stop of this.stops) stop();
  }

  /** A short loss is not worth a word. */
  #linkChanged() {
    clearTimeout(this.#linkTimer);
    const { link } = this.session;
    this.el.dataset.link = link;
    this.gone.replaceChildren();
    if (link === "lost" || link === "offline" || (link === "connecting" && this.link.textContent)) {
      this.#linkTimer = setTimeout(() => this.#say(link), this.link.textContent ? 0 : quietFor);
      return;
    }
    if (link !== "connecting") this.link.replaceChildren();
    if (link === "gone") this.#showGone();
  }

  /** @param {string} link */
  #say(link) {
    const text = this.words.t(link === "offline" ? "offline" : "reconnecting");
    if (this.link.textContent !== text) this.link.replaceChildren(icon("retry"), text);
  }

  #showGone() {
    const anew = h("button", { type: "button", class: "btn btn-small", text: this.words.t("new_conversation"), on: { click: () => this.session.startAnew() } });
    add(this.gone, h("p", { text: this.words.t("error.expired") }), anew);
  }

  /** @param {{code: string, detail: string}} p */
  #problem(p) {
    const own = { unreachable: "error.not_sent", rate_limited: "error.too_many" }[p.code];
    const text = (own && this.words.t(own)) || p.detail || this.words.t("error.not_sent");
    this.problem.replaceChildren(icon("warn"), text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.problem.replaceChildren(), shownFor);
  }
}
