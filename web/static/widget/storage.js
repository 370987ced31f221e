// SPDX-License-Identifier: MIT
// What survives a reload: the conversation's id and token, and what has not been sent yet. Pages that forbid storage get a
// conversation that lives as long as the page.

/**
 * @typedef {object} Unsent
 * @property {string} cid client_message_id: the same for every attempt.
 * @property {string} text
 * @property {string} at
 * @typedef {object} Saved
 * @property {string} [id]
 * @property {string} [token]
 * @property {boolean} [wantsPerson] The button was pressed and the server has not answered yet.
 * @property {Unsent[]} [outbox]
 * @property {string} [locale] Chosen by the customer.
 * @property {number} [textSize]
 */

export class Storage {
  /** @type {Saved} */ #memory = {};
  #key;

  /** @param {string} base Address of the gateway. */
  constructor(base) {
    this.#key = `candor:${new URL(base).host}`;
    this.#memory = this.#read() ?? {};
  }

  /** @returns {Saved|null} */
  #read() {
    try {
      const value = JSON.parse(localStorage.getItem(this.#key) ?? "null");
      return value && typeof value === "object" ? value : null;
    } catch {
      return null;
    }
  }

  /** @returns {Saved} */
  get() {
    return this.#read() ?? this.#memory;
  }

  /**
   * Changes some fields; undefined removes one.
   * @param {Partial<Saved>} change
   */
  set(change) {
    this.#memory = { ...this.get(), ...change };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#memory));
    } catch {
      // Full or forbidden: the page's memory has it.
    }
  }

  /**
   * Calls back when another tab has started or ended a conversation.
   * @param {() => void} fn
   * @returns {() => void} stops watching
   */
  watch(fn) {
    /** @param {StorageEvent} e */
    const listener = (e) => {
      if (e.key !== this.#key && e.key !== null) return;
      const before = this.#memory.id;
      this.#memory = this.#read() ?? {};
      if (this.#memory.id !== before) fn();
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }
}
