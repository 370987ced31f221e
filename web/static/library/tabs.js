// SPDX-License-Identifier: MIT

import { h } from "../shared/dom.js";

/** Panels of which one is shown, by the usual keys. */
export class Tabs {
  /** @type {string} */ chosen = "";

  /** @param {string} label @param {[string, string, Element][]} all Name, words, content. @param {(name: string) => void} shown */
  constructor(label, all, shown) {
    this.shown = shown;
    this.tabs = new Map(all.map(([name, text]) => [name, h("button", { type: "button", role: "tab", class: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, text, on: { click: () => this.choose(name) } })]));
    this.panels = new Map(all.map(([name, , el]) => [name, h("div", { role: "tabpanel", class: "side-panel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: "0" }, el)]));
    const row = h("div", { role: "tablist", class: "side-tabs", "aria-label": label }, ...this.tabs.values());
    row.addEventListener("keydown", (e) => this.#key(e));
    this.el = h("section", { class: "side", "aria-label": label }, h("h2", { class: "sr", text: label }), row, ...this.panels.values());
    this.choose(all[0][0]);
  }

  /** @param {string} name */
  choose(name) {
    this.chosen = name;
    for (const [key, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(key === name));
      tab.tabIndex = key === name ? 0 : -1;
    }
    for (const [key, panel] of this.panels) panel.hidden = key !== name;
    this.shown(name);
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!by) return;
    const names = [...this.tabs.keys()];
    const next = names[(names.indexOf(this.chosen) + by + names.length) % names.length];
    this.choose(next);
    this.tabs.get(next)?.focus();
    e.preventDefault();
  }
}
