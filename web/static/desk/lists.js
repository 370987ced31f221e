// SPDX-License-Identifier: MIT
// The inbox: its lists, one of them open at a time, and the search by reference.

import { h } from "../shared/dom.js";
import { waited } from "../shared/time.js";
import { Marks } from "./marks.js";
import { Parts } from "./parts.js";
import { caseRow, liveRow } from "./row.js";
import { VirtualList } from "./virtual.js";

/** @typedef {import("./model.js").DeskModel} DeskModel */
/** @typedef {"waiting"|"mine"|"snoozed"|"open"|"resolved"|"live"} ListName */

const names = /** @type {const} */ ([
  ["waiting", "Waiting"],
  ["mine", "Mine"],
  ["snoozed", "Snoozed"],
  ["open", "All open"],
  ["resolved", "Done"],
  ["live", "With the bot"],
]);

const nothing = {
  waiting: "Nobody is waiting.",
  mine: "You have no open case. Claim one that waits.",
  snoozed: "You have put no case aside.",
  open: "No case is open.",
  resolved: "Nothing has been resolved yet.",
  live: "The bot is talking with nobody at the moment.",
  search: "No case has such a reference.",
};

const sayEvery = 8_000;
const searchAfter = 200;

export class Lists {
  /** @type {ListName} */ open = "waiting";
  /** @type {any[]|null} What the search found. */ #found = null;
  /** @type {Record<string, import("./virtual.js").Source<any>>} */ #lists = {};
  /** @type {Record<string, any[]>} */ #items = {};
  #said = 0;
  #searching = 0;

  /** @param {DeskModel} model */
  constructor(model) {
    this.model = model;
    this.parts = Object.fromEntries(["waiting", "mine", "snoozed", "open", "resolved"].map((view) => [view, new Parts((offset, limit) => model.part(view, offset, limit), () => this.changed())]));
    this.marks = new Marks(() => this.rows.soon());
    this.rows = new VirtualList({
      mark: {
        name: (item) => (item.reference ? `Choose ${item.reference}` : ""),
        on: (item) => this.marks.has(item.id),
        toggle: (index, range) => this.#mark(index, range),
      },
      key: (item) => `${item.reference ? "case" : "live"}-${item.id}`,
      parts: (item) => (item.reference ? caseRow(item, { unread: model.seen.unread(item, model.me.id), me: model.me.id }) : liveRow(item)),
      current: (item) => model.selected?.id === item.id && model.selected?.kind === (item.reference ? "case" : "conversation"),
      open: (item) => void model.select({ kind: item.reference ? "case" : "conversation", id: item.id }),
      gone: () => this.#say("It has left this list."),
    });
    this.search = h("input", { type: "search", id: "search", class: "search", placeholder: "Reference", "aria-label": "Find a case by its reference", "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false", maxlength: 40 });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Lists" });
    this.none = h("p", { class: "none" });
    this.rows.el.append(this.none);
    this.said = h("p", { class: "sr", role: "status" });
    this.el = h("nav", { class: "lists", "aria-label": "Conversations" }, h("div", { class: "search-line" }, this.search, h("kbd", { "aria-hidden": "true", text: "/" })), this.tabs, this.rows.el, this.marks.el, this.said);
    this.search.addEventListener("input", () => this.#search());
    this.search.addEventListener("keydown", (e) => this.#searchKey(e));
    this.tabs.addEventListener("keydown", (e) => this.#tabKey(e));
    this.tabs.replaceChildren(...names.map(([name, title]) => this.#tab(name, title)));
    model.on("lists", () => this.#listsMoved());
    model.on("selected", () => this.render());
    model.on("seen", () => this.rows.refresh());
    model.on("taken", () => this.show("mine"));
    setInterval(() => this.#tick(), 1000);
    this.render();
  }

  /** @param {ListName} name */
  show(name) {
    this.open = name;
    this.marks.forget();
    this.#endSearch();
    this.model.watchesLive = name === "live";
    if (name === "live") void this.model.refreshLive();
    this.parts[name]?.refresh();
    this.render();
    return true;
  }

  /** @param {number} step */
  move(step) {
    this.rows.move(step);
  }

  /**
   * Chooses the case under the keyboard, or leaves it out.
   * @param {boolean} range With all from the last one on.
   * @returns {boolean} whether there is one
   */
  markFocused(range) {
    if (!this.focusedCase) return false;
    this.#mark(this.rows.focusedIndex, range);
    return true;
  }

  /**
   * @param {number} index
   * @param {boolean} range
   */
  #mark(index, range) {
    this.marks.toggle(index, range, (i) => this.rows.source.get(i));
  }

  /** The case under the keyboard. */
  get focusedCase() {
    const item = this.rows.focusedItem;
    return item?.reference ? item : null;
  }

  #listsMoved() {
    const { model } = this;
    this.parts.waiting.head(model.waiting, model.counts.waiting);
    this.parts.mine.head(model.mine, model.counts.mine);
    if (["snoozed", "open", "resolved"].includes(this.open)) this.parts[this.open].refresh();
    this.render();
    this.#announce();
  }

  changed() {
    this.rows.soon();
    this.#none();
  }

  render() {
    for (const [name] of names) this.#renderTab(name);
    this.rows.el.setAttribute("aria-labelledby", `tab-${this.open}`);
    this.rows.show(this.#source());
    this.#none();
    this.#tick();
  }

  /** @returns {import("./virtual.js").Source<any>} */
  #source() {
    if (this.#found) return this.#fixed("search", this.#found);
    if (this.open === "live") return this.#fixed("live", this.model.live);
    return this.parts[this.open];
  }

  /**
   * A list that is here as a whole. Each name is one list, whatever is in it now.
   * @param {"search"|"live"} name
   * @param {any[]} items
   */
  #fixed(name, items) {
    const source = (this.#lists[name] ??= { total: 0, get: (i) => this.#items[name][i], need: () => {} });
    this.#items[name] = items;
    source.total = items.length;
    return source;
  }

  #none() {
    const empty = this.#source().total === 0;
    this.none.hidden = !empty;
    this.none.textContent = empty ? nothing[this.#found ? "search" : this.open] : "";
  }

  // -- tabs

  /**
   * @param {ListName} name
   * @param {string} title
   */
  #tab(name, title) {
    const props = { type: "button", class: "tab", role: "tab", id: `tab-${name}`, "aria-controls": "rows" };
    return h("button", { ...props, on: { click: () => this.show(name) } }, title, " ", h("span", { class: "count" }));
  }

  /** @param {ListName} name */
  #renderTab(name) {
    const el = /** @type {HTMLElement} */ (this.tabs.querySelector(`#tab-${name}`));
    const selected = name === this.open && !this.#found;
    el.setAttribute("aria-selected", String(selected));
    el.tabIndex = name === this.open ? 0 : -1;
    const { counts, live, mine, me, seen } = this.model;
    const n = { ...counts, live: live.length, resolved: undefined }[name];
    const count = /** @type {HTMLElement} */ (el.querySelector(".count"));
    count.textContent = n === undefined ? "" : String(n);
    count.classList.toggle("count-unread", name === "mine" && mine.some((c) => seen.unread(c, me.id)));
  }

  /** @param {KeyboardEvent} e */
  #tabKey(e) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const at = names.findIndex(([name]) => name === this.open);
    this.show(names[(at + step + names.length) % names.length][0]);
    /** @type {HTMLElement|null} */ (this.tabs.querySelector('[tabindex="0"]'))?.focus();
  }

  // -- search

  #search() {
    clearTimeout(this.#searching);
    const text = this.search.value.trim();
    if (text.replace(/[^\p{L}\p{N}]/gu, "").length < 2) {
      this.#found = null;
      return this.render();
    }
    this.#searching = setTimeout(async () => {
      const found = await this.model.find(text);
      if (!found || this.search.value.trim() !== text) return;
      this.#found = found;
      this.render();
      this.#say(found.length === 1 ? "1 case found." : `${found.length} cases found.`);
    }, searchAfter);
  }

  /** @param {KeyboardEvent} e */
  #searchKey(e) {
    if (e.key === "Enter" && this.#found?.length === 1) void this.model.select({ kind: "case", id: this.#found[0].id });
    else if ((e.key === "Enter" || e.key === "ArrowDown") && this.#found) this.rows.move(0);
    else if (e.key === "Escape" && this.search.value) this.#endSearch();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  #endSearch() {
    clearTimeout(this.#searching);
    this.search.value = "";
    this.#found = null;
    this.render();
  }

  // -- saying

  /** @param {string} text */
  #say(text) {
    this.said.textContent = text;
    this.#said = Date.now();
  }

  /** How many wait, not more often than somebody can listen. */
  #announce() {
    const text = `${this.model.counts.waiting} waiting`;
    if (this.said.textContent !== text && Date.now() - this.#said > sayEvery) this.#say(text);
  }

  #tick() {
    for (const el of /** @type {NodeListOf<HTMLElement>} */ (this.rows.list.querySelectorAll(".timer"))) {
      const text = waited(el.dataset.since ?? "");
      if (el.textContent !== text) el.textContent = text;
    }
  }
}
