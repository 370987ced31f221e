// SPDX-License-Identifier: MIT
// Messages that the server has not confirmed yet. They are sent in order, one at a time, each under one client_message_id, so that
// sending one again can never double it. A fault that may pass is tried again until it has; a refusal waits for the customer.

import { Problem } from "../shared/api.js";
import { backoff } from "../shared/sse.js";

/**
 * @typedef {"sending"|"waiting"|"refused"} SendState
 * @typedef {{cid: string, text: string, at: string, state: SendState, problem?: Problem}} Outgoing
 */

export class Outbox {
  /** @type {Outgoing[]} */
  items = [];
  /** @type {(item: Outgoing) => Promise<void>} */ #send;
  /** @type {() => void} */ #changed;
  #busy = false;
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /**
   * @param {(item: Outgoing) => Promise<void>} send Resolves when the server has the message.
   * @param {() => void} changed
   */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
    addEventListener("online", () => this.hurry());
  }

  /** @param {import("./storage.js").Unsent[]} saved */
  restore(saved) {
    this.items = saved.map(({ cid, text, at }) => ({ cid, text, at, state: "waiting" }));
    this.#changed();
    this.hurry();
  }

  /** @param {string} text */
  add(text) {
    this.items.push({ cid: randomID(), text, at: new Date().toISOString(), state: "sending" });
    this.#changed();
    this.hurry();
  }

  /** @param {string} cid */
  retry(cid) {
    const item = this.items.find((i) => i.cid === cid);
    if (item && item.state === "refused") item.state = "sending";
    this.hurry();
  }

  /**
   * Takes a message out: it has arrived, or the customer gives it up.
   * @param {string} cid
   * @returns {boolean} whether it was here
   */
  remove(cid) {
    const before = this.items.length;
    this.items = this.items.filter((i) => i.cid !== cid);
    if (this.items.length === before) return false;
    this.#changed();
    return true;
  }

  /** Tries at once instead of at the next attempt. */
  hurry() {
    this.#attempt = 0;
    clearTimeout(this.#timer);
    void this.#pump();
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let item = this.#next(); item; item = this.#next()) {
        this.#become(item, "sending");
        if (!(await this.#attemptOne(item))) return;
      }
    } finally {
      this.#busy = false;
    }
  }

  #next() {
    return this.items.find((i) => i.state !== "refused");
  }

  /**
   * @param {Outgoing} item
   * @returns {Promise<boolean>} whether the next one may be sent
   */
  async #attemptOne(item) {
    try {
      await this.#send(item);
      this.#attempt = 0;
      this.remove(item.cid);
      return true;
    } catch (err) {
      const problem = err instanceof Problem ? err : new Problem(0, "unreachable", "");
      if (!problem.transient) {
        this.#become(item, "refused", problem);
        return true;
      }
      this.#become(item, "waiting", problem);
      const delay = Math.max(backoff(this.#attempt++), problem.retryAfter * 1000);
      this.#timer = setTimeout(() => void this.#pump(), delay);
      return false;
    }
  }

  /**
   * @param {Outgoing} item
   * @param {SendState} state
   * @param {Problem} [problem]
   */
  #become(item, state, problem) {
    item.state = state;
    item.problem = problem;
    this.#changed();
  }
}

/** Not randomUUID: that is missing on pages served without TLS. */
function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
