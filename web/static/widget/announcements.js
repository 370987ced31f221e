// SPDX-License-Identifier: MIT
// What everybody who opens the chat is told for a time. It stands between the head and the messages, and goes when it is over.

import { h, icon, setServerHTML } from "../shared/dom.js";
import { promisedTime } from "../shared/time.js";

/** How often it is asked anew while the page is looked at. */
const refreshEvery = 60_000;

export class Announcements {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #over;
  #shown = "";

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./client.js").Client} client
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, client, words) {
    this.session = session;
    this.client = client;
    this.words = words;
    this.el = h("section", { class: "announced", "aria-label": words.t("announcement"), hidden: true });
    this.timer = setInterval(() => document.visibilityState === "visible" && void this.load(), refreshEvery);
    void this.load();
  }

  dispose() {
    clearInterval(this.timer);
    clearTimeout(this.#over);
  }

  async load() {
    try {
      this.#show(await this.client.announcements(this.words.locale));
    } catch {
      // What is shown stays until it is over.
    }
  }

  /** @param {{now: string, announcements: {id: number, version: number, expires_at: string, lang: string, html: string}[]}} current */
  #show({ now, announcements: list }) {
    clearTimeout(this.#over);
    if (list.length > 0) {
      const first = Math.min(...list.map((a) => Date.parse(a.expires_at))) - Date.parse(now);
      this.#over = setTimeout(() => this.#show({ now: new Date(Date.parse(now) + first).toISOString(), announcements: list.filter((a) => Date.parse(a.expires_at) > Date.parse(now) + first) }), Math.min(Math.max(first, 0), 2 ** 31 - 1));
    }
    const shown = JSON.stringify(list.map((a) => [a.id, a.version, a.expires_at]));
    if (shown === this.#shown) return; // so that nothing is read out twice
    this.#shown = shown;
    this.el.hidden = list.length === 0;
    this.el.replaceChildren(...list.map((a) => this.#one(a)));
  }

  /** @param {{expires_at: string, lang: string, html: string}} a */
  #one(a) {
    const body = h("div", { class: "prose", lang: a.lang, dir: "auto" });
    setServerHTML(body, a.html);
    const until = this.words.t("announcement_until", { time: promisedTime(a.expires_at, this.words.locale, this.session.timezone ?? "") });
    return h("div", { class: "announced-one" }, h("p", { class: "announced-head" }, icon("bell"), h("strong", { text: this.words.t("announcement") }), " ", h("span", { text: until })), body);
  }
}
