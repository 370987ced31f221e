// SPDX-License-Identifier: MIT
// A list on the server, of which the parts that are looked at are here.

const size = 50;

/** @typedef {import("./model.js").CaseSummary} CaseSummary */

export class Parts {
  total = 0;
  /** @type {Map<number, CaseSummary>} */ #items = new Map();
  /** @type {Set<number>} Parts that need not be asked for. */ #fresh = new Set();
  /** @type {Map<number, number>} Parts that were asked for, with the age of the list then. */ #asked = new Map();
  #age = 0;
  #looked = [0, 0];

  /**
   * @param {(offset: number, limit: number) => Promise<{cases: CaseSummary[], total?: number}|null>} ask
   * @param {() => void} changed
   */
  constructor(ask, changed) {
    this.ask = ask;
    this.changed = changed;
  }

  /** @param {number} index */
  get(index) {
    return this.#items.get(index);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  need(from, to) {
    this.#looked = [from, to];
    for (let part = Math.floor(from / size); part * size < Math.max(to, 1); part++) {
      if (!this.#fresh.has(part) && !this.#asked.has(part)) void this.#fetch(part);
    }
  }

  /** What is here may have changed: what is looked at is asked for again, and shown until the answer is there. */
  refresh() {
    this.#age++;
    this.#fresh.clear();
    this.need(this.#looked[0], this.#looked[1]);
  }

  /**
   * The beginning of the list came by itself.
   * @param {CaseSummary[]} cases
   * @param {number} total
   */
  head(cases, total) {
    this.#age++;
    this.#fresh.clear();
    this.#put(0, cases, total);
    this.need(this.#looked[0], this.#looked[1]);
    this.changed();
  }

  /** @param {number} part */
  async #fetch(part) {
    const age = this.#age;
    this.#asked.set(part, age);
    const page = await this.ask(part * size, size);
    this.#asked.delete(part);
    if (!page) return;
    this.#put(part, page.cases, page.total);
    // It changed while the answer was on its way: what is shown is right in a moment.
    if (age !== this.#age) this.#fresh.delete(part);
    this.changed();
  }

  /**
   * @param {number} part
   * @param {CaseSummary[]} cases
   * @param {number} [total] Where nobody counts it grows as it is read.
   */
  #put(part, cases, total) {
    const first = part * size;
    for (let i = 0; i < size; i++) {
      if (cases[i]) this.#items.set(first + i, cases[i]);
      else this.#items.delete(first + i);
    }
    this.#fresh.add(part);
    this.total = total ?? (cases.length < size ? first + cases.length : Math.max(this.total, first + size + 1));
    for (const index of this.#items.keys()) if (index >= this.total) this.#items.delete(index);
  }
}
