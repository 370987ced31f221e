// SPDX-License-Identifier: MIT

/** Tells listeners what has changed, by kind. */
export class Emitter {
  /** @type {Map<string, Set<(value: any) => void>>} */
  #listeners = new Map();

  /**
   * @param {string} kind
   * @param {(value: any) => void} fn
   * @returns {() => void} stops listening
   */
  on(kind, fn) {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set.add(fn));
    return () => set.delete(fn);
  }

  /**
   * @param {string} kind
   * @param {unknown} [value]
   */
  emit(kind, value) {
    for (const fn of this.#listeners.get(kind) ?? []) fn(value);
  }
}
