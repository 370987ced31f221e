// SPDX-License-Identifier: MIT
// The long notices and where they stand.

/** @typedef {import("./types.js").Disclosure} Disclosure */
/** @typedef {import("./types.js").Message} Message */

export class Notices {
  /** @type {Disclosure[]} */ list = [];
  /** @type {Map<number, Message>} */ #messages;

  /** @param {Map<number, Message>} messages */
  constructor(messages) {
    this.#messages = messages;
  }

  /**
   * Takes a notice in. Of two in one place the later counts: the server's, or the page's own in another language, that one only
   * until the bot has spoken.
   * @param {Disclosure} d
   * @param {boolean} opening The page's own, from the widget's words.
   * @returns {boolean} whether it is news
   */
  add(d, opening) {
    const at = this.list.findIndex((known) => this.#samePlace(known, d));
    const silent = this.#samePlace({ ...d, before_seq: 0 }, { ...d, before_seq: Infinity });
    if (at >= 0 && (this.list[at].id === d.id || (opening && !silent))) return false;
    const place = this.#samePlace(d, { ...d, before_seq: 0 }) ? 0 : d.before_seq;
    if (at >= 0) this.list[at] = { ...d, before_seq: place };
    else this.list.push({ ...d, before_seq: place });
    return true;
  }

  /**
   * The opening notice is shown before it is known which message it precedes: two places are one unless the bot spoke between them.
   * @param {Disclosure} a
   * @param {Disclosure} b
   */
  #samePlace(a, b) {
    const [from, to] = [a.before_seq ?? 0, b.before_seq ?? 0].sort((x, y) => x - y);
    for (const m of this.#messages.values()) if (m.author.type === "bot" && m.seq >= from && m.seq < to) return false;
    return true;
  }
}
