// SPDX-License-Identifier: MIT
// What this agent has looked at, by case: kept in this browser, numbers only.

const stored = "candor:seen";
const most = 400;

export class Seen {
  /** @type {Map<string, number>} The customer's newest message that was seen. */ #seqs;

  constructor() {
    this.#seqs = new Map(read());
  }

  /**
   * @param {string} id Of the case.
   * @param {number} seq
   * @returns {boolean} whether that is new
   */
  mark(id, seq) {
    if ((this.#seqs.get(id) ?? -1) >= seq) return false;
    this.#seqs.delete(id); // what was seen last stands last
    this.#seqs.set(id, seq);
    for (const key of [...this.#seqs.keys()].slice(0, Math.max(0, this.#seqs.size - most))) this.#seqs.delete(key);
    try {
      localStorage.setItem(stored, JSON.stringify([...this.#seqs]));
    } catch {
      // Then it holds for this page.
    }
    return true;
  }

  /**
   * Whether the customer has written since: in an own case, or in one that was looked at.
   * @param {import("./model.js").CaseSummary} c
   * @param {string} me
   */
  unread(c, me) {
    const seq = this.#seqs.get(c.id);
    if (seq === undefined && c.assignee?.id !== me) return false;
    return c.last_customer_seq > (seq ?? 0);
  }
}

/** @returns {[string, number][]} */
function read() {
  try {
    const list = JSON.parse(localStorage.getItem(stored) ?? "[]");
    return Array.isArray(list) ? list.filter((e) => Array.isArray(e) && typeof e[0] === "string" && typeof e[1] === "number") : [];
  } catch {
    return [];
  }
}
