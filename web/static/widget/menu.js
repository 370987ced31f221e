// SPDX-License-Identifier: MIT
// What is needed now and then: text size, language, a copy of the conversation, hours, a new conversation.

import { add, h, icon } from "../shared/dom.js";

export const textSizes = [1, 1.15, 1.3, 1.5, 1.75, 2];

/**
 * @typedef {object} MenuActions
 * @property {() => number} textSize Index into textSizes.
 * @property {(index: number) => void} setTextSize
 * @property {(locale: string) => void} setLocale
 * @property {() => void} transcript
 * @property {() => void} startAnew
 * @property {() => boolean} hasConversation
 * @property {string} serviceURL
 */

export class Menu {
  /**
   * @param {import("./strings.js").Strings} words
   * @param {MenuActions} actions
   */
  constructor(words, actions) {
    this.words = words;
    this.actions = actions;
    this.button = h("button", {
      type: "button",
      class: "btn btn-icon btn-quiet",
      "aria-label": words.t("menu"),
      "aria-expanded": "false",
      "aria-controls": "menu",
      on: { click: () => this.toggle() },
    });
    add(this.button, icon("more"));
    this.panel = h("div", { class: "menu", id: "menu", hidden: true });
    this.el = h("div", { class: "menu-anchor" }, this.button, this.panel);
    this.el.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || this.panel.hidden) return;
      e.stopPropagation();
      this.toggle(false);
      this.button.focus();
    });
    this.el.addEventListener("focusout", (e) => {
      const next = /** @type {Node|null} */ (e.relatedTarget);
      if (next && !this.el.contains(next)) this.toggle(false);
    });
  }

  /** @param {boolean} [open] */
  toggle(open = this.panel.hidden) {
    if (open) this.#fill();
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) /** @type {HTMLElement|null} */ (this.panel.querySelector("button, select, a"))?.focus();
  }

  #fill() {
    const { words, actions } = this;
    this.panel.replaceChildren(this.#textSize(), this.#language());
    /**
     * @param {string} text
     * @param {() => void} run
     */
    const item = (text, run) => h("button", { type: "button", class: "menu-item", text, on: { click: () => (this.toggle(false), run()) } });
    if (actions.hasConversation()) add(this.panel, item(words.t("transcript"), actions.transcript), item(words.t("new_conversation"), actions.startAnew));
    const service = { class: "menu-item", href: actions.serviceURL, target: "_blank", rel: "noopener" };
    add(this.panel, h("a", { ...service, text: words.t("service") }));
  }

  #textSize() {
    const { words, actions } = this;
    /**
     * @param {string} key
     * @param {string} sign
     * @param {number} step
     */
    const step = (key, sign, step) => {
      const button = h("button", { type: "button", class: "btn btn-small", "aria-label": words.t(key), text: sign });
      button.addEventListener("click", () => actions.setTextSize(Math.max(0, Math.min(textSizes.length - 1, actions.textSize() + step))));
      return button;
    };
    const group = h("div", { class: "steps", role: "group", "aria-label": words.t("text_size") }, step("text_smaller", "A\u2212", -1), step("text_larger", "A+", 1));
    return h("div", { class: "menu-row" }, h("span", { text: words.t("text_size") }), group);
  }

  #language() {
    const { words, actions } = this;
    const select = h("select", { id: "language", on: { change: () => actions.setLocale(select.value) } });
    for (const locale of words.locales) {
      add(select, h("option", { value: locale, lang: locale, selected: locale === words.locale, text: words.languageName(locale) }));
    }
    return h("div", { class: "menu-row" }, h("label", { for: "language", text: words.t("language") }), select);
  }
}
