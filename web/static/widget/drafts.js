// SPDX-License-Identifier: MIT
// Answers on their way: the sentences of turns whose message has not arrived yet.

/** @typedef {import("./types.js").Draft} Draft */

const messageFollows = 2_000;

export class Drafts {
  /** @type {Map<string, Draft>} */ #open = new Map();
  /** @type {Set<string>} Turns whose message is here; what is still said about them is late. */ #written = new Set();
  /** @type {(kind: "draft"|"drop-draft", draft: Draft) => void} */ #emit;
  /** @type {() => Promise<void>} */ #catchUp;

  /**
   * @param {(kind: "draft"|"drop-draft", draft: Draft) => void} emit
   * @param {() => Promise<void>} catchUp Asks the server for messages that were missed.
   */
  constructor(emit, catchUp) {
    this.#emit = emit;
    this.#catchUp = catchUp;
  }

  /**
   * @param {{turn: string, disclosure?: {id: string, label: string}}} e
   * @returns {boolean} whether the turn is news
   */
  started(e) {
    if (this.#written.has(e.turn)) return false;
    const draft = this.#open.get(e.turn) ?? { turn: e.turn, disclosure: e.disclosure, sentences: [], ended: false };
    draft.disclosure ??= e.disclosure;
    this.#open.set(e.turn, draft);
    this.#emit("draft", draft);
    return true;
  }

  /** @param {{turn: string, index: number, text: string}} e */
  delta(e) {
    if (this.#written.has(e.turn)) return;
    if (!this.#open.has(e.turn)) this.started({ turn: e.turn });
    const draft = /** @type {Draft} */ (this.#open.get(e.turn));
    if (draft.sentences[e.index] !== undefined) return;
    draft.sentences[e.index] = e.text;
    this.#emit("draft", draft);
  }

  /** @param {{turn: string}} e */
  ended(e) {
    const draft = this.#open.get(e.turn);
    if (!draft) return;
    draft.ended = true;
    if (draft.sentences.length === 0) {
      this.#open.delete(e.turn);
      this.#emit("drop-draft", draft);
      return;
    }
    // The message that replaces the sentences should have come by now; when it does not, they stay, marked as incomplete.
    setTimeout(async () => {
      if (!this.#open.has(e.turn)) return;
      await this.#catchUp().catch(() => {});
      if (this.#open.has(e.turn)) this.#emit("draft", draft);
    }, messageFollows);
  }

  /**
   * The message of a turn has arrived and takes the place of its sentences.
   * @param {string} turn
   */
  arrived(turn) {
    this.#written.add(turn);
    this.#open.delete(turn);
  }

  /** @returns {Draft[]} */
  get all() {
    return [...this.#open.values()];
  }

  clear() {
    this.#open.clear();
    this.#written.clear();
  }
}
