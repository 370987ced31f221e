// SPDX-License-Identifier: MIT
// Who waits, what is mine, what the bot is doing: three lists, one open at a time.

import { add, h, icon } from "../shared/dom.js";
import { waited } from "../shared/time.js";
import { language, reasons, say } from "./words.js";

/** @typedef {import("./model.js").DeskModel} DeskModel */
/** @typedef {"waiting"|"mine"|"live"} ListName */

const names = /** @type {const} */ ([
  ["waiting", "Waiting"],
  ["mine", "Mine"],
  ["live", "With the bot"],
]);

export class Lists {
  /** @type {ListName} */ open = "waiting";

  /** @param {DeskModel} model */
  constructor(model) {
    this.model = model;
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Lists" });
    this.list = h("ul", { class: "row-list" });
    this.panel = h("div", { class: "rows", id: "rows", role: "tabpanel", "aria-live": "off" }, this.list);
    this.said = h("p", { class: "sr", role: "status" });
    this.el = h("nav", { class: "lists", "aria-label": "Conversations" }, this.tabs, this.panel, this.said);
    this.tabs.addEventListener("keydown", (e) => this.#tabKey(e));
    model.on("lists", () => this.render());
    model.on("selected", () => this.render());
    model.on("taken", () => this.show("mine"));
    setInterval(() => this.#tick(), 1000);
    this.render();
  }

  /** @param {ListName} name */
  show(name) {
    this.open = name;
    this.model.watchesLive = name === "live";
    if (name === "live") void this.model.refreshLive();
    this.render();
  }

  /**
   * Moves the focus between rows.
   * @param {1|-1} step
   */
  move(step) {
    const rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".row"))];
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const current = at >= 0 ? at : rows.findIndex((r) => r.getAttribute("aria-current") === "true");
    rows[Math.max(0, Math.min(rows.length - 1, current + step))]?.focus();
  }

  render() {
    const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset?.key;
    const counts = { waiting: this.model.waiting.length, mine: this.model.mine.length, live: this.model.live.length };
    this.#tabs(counts);
    this.panel.setAttribute("aria-labelledby", `tab-${this.open}`);
    this.list.replaceChildren(...this.#rows());
    if (focused) /** @type {HTMLElement|null} */ (this.el.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
    const said = `${counts.waiting} waiting`;
    if (this.said.textContent !== said) this.said.textContent = said;
    document.title = counts.waiting > 0 ? `(${counts.waiting}) Desk` : "Desk";
    this.#tick();
  }

  /** @param {Record<ListName, number>} counts */
  #tabs(counts) {
    const tabs = names.map(([name, title]) => {
      const selected = name === this.open;
      const props = { type: "button", class: "tab", role: "tab", id: `tab-${name}`, data: { key: `tab-${name}` }, "aria-selected": String(selected), "aria-controls": "rows", tabindex: selected ? "0" : "-1" };
      return h("button", { ...props, on: { click: () => this.show(name) } }, title, " ", h("span", { class: "count", text: counts[name] }));
    });
    this.tabs.replaceChildren(...tabs);
  }

  /** @param {KeyboardEvent} e */
  #tabKey(e) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const at = names.findIndex(([name]) => name === this.open);
    this.show(names[(at + step + names.length) % names.length][0]);
    /** @type {HTMLElement|null} */ (this.tabs.querySelector('[aria-selected="true"]'))?.focus();
  }

  #rows() {
    const { model } = this;
    if (this.open === "live") return this.#orNone(model.live.map((c) => this.#liveRow(c)), "The bot is talking with nobody at the moment.");
    if (this.open === "mine") return this.#orNone(model.mine.map((c) => this.#caseRow(c)), "You have no open case. Claim one that waits.");
    const ordered = [...model.waiting].sort((a, b) => (a.position ?? 1e9) - (b.position ?? 1e9));
    return this.#orNone(ordered.map((c) => this.#caseRow(c)), "Nobody is waiting.");
  }

  /**
   * @param {HTMLElement[]} rows
   * @param {string} none
   */
  #orNone(rows, none) {
    return rows.length > 0 ? rows : [h("li", { class: "none", text: none })];
  }

  /** @param {import("./model.js").CaseSummary} c */
  #caseRow(c) {
    const current = this.model.selected?.kind === "case" && this.model.selected.id === c.id;
    const head = h("span", { class: "row-head" });
    if (c.position) add(head, h("span", { class: "pos", text: c.position }), h("span", { class: "sr", text: ". in the queue, " }));
    add(head, h("strong", { text: c.reference }), h("span", { class: "timer", data: { since: c.waiting_since } }));
    const tags = h("span", { class: "row-tags" }, h("span", { class: "tag", text: say(reasons, c.reason) }));
    if (c.complaint && c.reason !== "complaint") add(tags, h("span", { class: "tag tag-bad", text: "Complaint" }));
    if (c.reason === "complaint") tags.firstElementChild?.classList.add("tag-bad");
    if (c.priority === "high" || c.priority === "urgent") add(tags, h("span", { class: "tag tag-warn", text: c.priority === "urgent" ? "Urgent" : "Priority" }));
    add(tags, h("span", { class: "tag", title: language(c.language), text: c.language.toUpperCase() }));
    if (c.state === "awaiting_hours") add(tags, h("span", { class: "tag", text: "Promised" }));
    if (c.state === "waiting_customer") add(tags, h("span", { class: "tag", text: "Customer's turn" }));
    const preview = h("span", { class: "preview", lang: c.language, dir: "auto", text: c.preview });
    return this.#row(`case-${c.id}`, current, () => this.model.select({ kind: "case", id: c.id }), head, tags, preview);
  }

  /** @param {import("./model.js").Live} c */
  #liveRow(c) {
    const current = this.model.selected?.kind === "conversation" && this.model.selected.id === c.id;
    const head = h("span", { class: "row-head" }, icon("bot"), h("strong", { text: c.turn_open ? "Writing now" : "With the bot" }), h("span", { class: "timer", data: { since: c.last_message_at } }));
    const tags = h("span", { class: "row-tags" }, h("span", { class: "tag", text: c.locale.toUpperCase() }), h("span", { class: "tag", text: `${c.last_seq} messages` }));
    const preview = h("span", { class: "preview", lang: c.locale, dir: "auto", text: c.preview });
    return this.#row(`live-${c.id}`, current, () => this.model.select({ kind: "conversation", id: c.id }), head, tags, preview);
  }

  /**
   * @param {string} key
   * @param {boolean} current
   * @param {() => void} open
   * @param {...Node} parts
   */
  #row(key, current, open, ...parts) {
    const button = h("button", { type: "button", class: "row", data: { key }, "aria-current": current ? "true" : null, on: { click: open } }, ...parts);
    return h("li", {}, button);
  }

  #tick() {
    for (const el of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll(".timer"))) {
      el.textContent = waited(el.dataset.since ?? "");
    }
  }
}
