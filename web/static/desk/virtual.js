// SPDX-License-Identifier: MIT
// A list of any length of which only what is looked at is in the document. Rows are of one height. A row that has the focus keeps it while
// the list changes around it.

import { h } from "../shared/dom.js";

const beyond = 6;

/**
 * @template T
 * @typedef {object} Source
 * @property {number} total
 * @property {(index: number) => T|undefined} get
 * @property {(from: number, to: number) => void} need What is looked at, to be fetched where it is not there.
 */

/**
 * @template T
 * @typedef {object} RowMaker
 * @property {(item: T) => string} key
 * @property {(item: T) => Node[]} parts What stands in a row.
 * @property {(item: T) => boolean} current Whether the row is the open one.
 * @property {(item: T) => void} open
 * @property {(key: string) => void} gone The row that had the focus has left the list.
 * @property {Marker<T>} [mark] Rows can be chosen, to be worked on together.
 */

/**
 * @template T
 * @typedef {object} Marker
 * @property {(item: T) => string} name What the box is called; empty: the row cannot be chosen.
 * @property {(item: T) => boolean} on
 * @property {(index: number, range: boolean) => void} toggle
 */

/** @template T */
export class VirtualList {
  /** @type {Source<T>} */ source = { total: 0, get: () => undefined, need: () => {} };
  /** @type {Map<string, {el: HTMLLIElement, button: HTMLButtonElement, box: HTMLInputElement|null, index: number, shown: string, item: T}>} */ #rows = new Map();
  #active = "";
  #frame = 0;

  /** @param {RowMaker<T>} maker */
  constructor(maker) {
    this.maker = maker;
    this.list = h("ul", { class: "row-list" });
    this.probe = h("div", { class: "row-probe", "aria-hidden": "true" });
    this.el = h("div", { class: "rows", id: "rows", role: "tabpanel" }, this.probe, this.list);
    this.el.addEventListener("scroll", () => this.soon(), { passive: true });
    this.el.addEventListener("keydown", (e) => this.#key(e));
    this.list.addEventListener("focusin", (e) => this.#focused(/** @type {HTMLElement} */ (e.target)));
    new ResizeObserver(() => this.soon()).observe(this.el);
  }

  get rowHeight() {
    return this.probe.offsetHeight || 1;
  }

  /** @param {Source<T>} source */
  show(source) {
    if (source !== this.source) this.el.scrollTop = 0;
    this.source = source;
    this.render();
  }

  /** Renders before the next frame; many reasons are one rendering. */
  soon() {
    this.#frame ||= requestAnimationFrame(() => this.render());
  }

  render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { source, rowHeight } = this;
    this.list.style.blockSize = `${source.total * rowHeight}px`;
    const from = Math.max(0, Math.floor(this.el.scrollTop / rowHeight) - beyond);
    const to = Math.min(source.total, Math.ceil((this.el.scrollTop + this.el.clientHeight) / rowHeight) + beyond);
    source.need(from, to);
    const focused = this.#rows.get(this.#focusedKey());
    /** @type {Map<string, {item: T, index: number}>} */
    const wanted = new Map();
    for (let index = from; index < to; index++) {
      const item = source.get(index);
      if (item !== undefined) wanted.set(this.maker.key(item), { item, index });
    }
    const lost = focused && !wanted.has(this.maker.key(focused.item));
    const away = lost && (focused.index < from || focused.index >= to);
    // Scrolled out of sight it stays in the document, so that the keys go on from it.
    if (away) wanted.set(this.maker.key(focused.item), { item: focused.item, index: focused.index });
    this.#put([...wanted].sort(([, a], [, b]) => a.index - b.index));
    if (lost && !away) this.#leave(focused);
    this.#rove();
  }

  /** @param {[string, {item: T, index: number}][]} wanted */
  #put(wanted) {
    const keys = new Set(wanted.map(([key]) => key));
    /** @type {ChildNode|null} */
    let next = this.list.firstChild;
    for (const [key, { item, index }] of wanted) {
      const row = this.#row(key, item, index);
      // To move the row that has the focus would take it away: what stands before it is taken out instead.
      if (row.el.contains(document.activeElement)) {
        while (next && next !== row.el) {
          const after = next.nextSibling;
          next.remove();
          next = after;
        }
      }
      if (row.el === next) next = next.nextSibling;
      else this.list.insertBefore(row.el, next);
    }
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      if (!row.el.contains(document.activeElement)) row.el.remove();
      this.#rows.delete(key);
    }
  }

  /**
   * @param {string} key
   * @param {T} item
   * @param {number} index
   */
  #row(key, item, index) {
    let row = this.#rows.get(key);
    if (!row) {
      const button = h("button", { type: "button", class: "row", data: { key }, on: { click: () => this.maker.open(/** @type {any} */ (this.#rows.get(key)).item) } });
      const box = this.#box(key, item);
      row = { el: h("li", {}, box, button), button, box, index, shown: "", item };
      this.#rows.set(key, row);
    }
    const shown = JSON.stringify(item);
    if (row.shown !== shown) row.button.replaceChildren(...this.maker.parts(item));
    Object.assign(row, { shown, item, index });
    if (row.box) row.box.checked = this.maker.mark?.on(item) ?? false;
    row.el.style.insetBlockStart = `${index * this.rowHeight}px`;
    row.el.setAttribute("aria-setsize", String(this.source.total));
    row.el.setAttribute("aria-posinset", String(index + 1));
    if (this.maker.current(item)) row.button.setAttribute("aria-current", "true");
    else row.button.removeAttribute("aria-current");
    return row;
  }

  /**
   * @param {string} key
   * @param {T} item
   */
  #box(key, item) {
    const { mark } = this.maker;
    const name = mark?.name(item);
    if (!mark || !name) return null;
    const box = h("input", { type: "checkbox", class: "row-box", "aria-label": name, data: { key } });
    box.addEventListener("click", (e) => mark.toggle(/** @type {any} */ (this.#rows.get(key)).index, e.shiftKey));
    return box;
  }

  /**
   * Rows are made anew although their items are the same: something else that they show has changed.
   */
  refresh() {
    for (const row of this.#rows.values()) row.shown = "";
    this.soon();
  }

  #focusedKey() {
    const el = /** @type {HTMLElement|null} */ (document.activeElement);
    return el && this.list.contains(el) ? (el.dataset.key ?? "") : "";
  }

  /**
   * The row that had the focus is no longer in the list: the one that has taken its place gets it.
   * @param {{el: HTMLElement, index: number, item: T}} row
   */
  #leave(row) {
    this.maker.gone(this.maker.key(row.item));
    row.el.remove();
    const index = Math.min(row.index, this.source.total - 1);
    const heir = [...this.#rows.values()].find((r) => r.index === index);
    if (heir) heir.button.focus({ preventScroll: true });
    else this.el.focus();
  }

  /** One row is in the order of the Tab key; the arrows lead to the others. */
  #rove() {
    const rows = [...this.#rows.values()].sort((a, b) => a.index - b.index);
    const current = rows.find((r) => r.button.dataset.key === this.#active) ?? rows.find((r) => r.button.hasAttribute("aria-current")) ?? rows[0];
    for (const row of rows) for (const el of [row.button, row.box]) if (el) el.tabIndex = row === current ? 0 : -1;
    // Without a row the list itself can be reached, and scrolled.
    this.el.tabIndex = rows.length === 0 ? 0 : -1;
  }

  /** @param {HTMLElement} el */
  #focused(el) {
    this.#active = el.dataset.key ?? "";
    this.#rove();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const page = Math.max(1, Math.floor(this.el.clientHeight / this.rowHeight) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[e.key];
    if (step === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    this.move(step);
  }

  /** The item that has the focus. */
  get focusedItem() {
    return this.#rows.get(this.#focusedKey())?.item;
  }

  /** Puts the keyboard on the row that the Tab key leads to. */
  focus() {
    (/** @type {HTMLElement|null} */ (this.list.querySelector('.row[tabindex="0"]')) ?? this.el).focus({ preventScroll: true });
  }

  /** Its place; -1 where none has. */
  get focusedIndex() {
    return this.#rows.get(this.#focusedKey())?.index ?? -1;
  }

  /**
   * Moves the focus by rows, from the focused or the open one.
   * @param {number} step
   */
  move(step) {
    const from = this.#rows.get(this.#focusedKey()) ?? [...this.#rows.values()].find((r) => r.button.hasAttribute("aria-current"));
    const index = Math.max(0, Math.min(this.source.total - 1, from ? from.index + step : 0));
    this.#to(index);
  }

  /** @param {number} index */
  #to(index) {
    const { rowHeight, el } = this;
    if (index * rowHeight < el.scrollTop) el.scrollTop = index * rowHeight;
    else if ((index + 1) * rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = (index + 1) * rowHeight - el.clientHeight;
    this.render();
    [...this.#rows.values()].find((r) => r.index === index)?.button.focus({ preventScroll: true });
  }
}
