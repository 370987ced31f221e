// SPDX-License-Identifier: MIT
// What is announced to customers at the moment, in a line above the desk: agents know what customers were told, and until when.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";

/** How often it is asked for at least: somebody may announce something at any time. */
const often = 60_000;

export class Announced {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #shown = "";

  constructor() {
    this.el = h("section", { class: "announced", "aria-label": "Announced to customers", hidden: true });
  }

  async start() {
    clearTimeout(this.#timer);
    try {
      const { announcements } = await call("/v1/announcements");
      this.#show(announcements.filter((/** @type {any} */ a) => a.state === "live"));
      const turns = announcements.flatMap((/** @type {any} */ a) => [a.starts_at, a.expires_at]).map((/** @type {string} */ at) => Date.parse(at) - Date.now() + 1_000);
      this.#again(Math.min(often, ...turns.filter((/** @type {number} */ ms) => ms > 0)));
    } catch {
      this.#again(often); // what was read stays: the desk itself says when the server is out of reach
    }
  }

  /** @param {number} ms */
  #again(ms) {
    this.#timer = setTimeout(() => void this.start(), ms);
  }

  /** @param {any[]} live */
  #show(live) {
    const same = JSON.stringify(live.map((a) => [a.id, a.version]));
    if (same === this.#shown) return;
    this.#shown = same;
    this.el.hidden = live.length === 0;
    this.el.replaceChildren(...live.map(line));
  }
}

/** @param {any} a */
function line(a) {
  const [first] = a.texts;
  return h(
    "p",
    {},
    h("span", { class: "tag tag-warn", text: "Announced" }),
    " ",
    h("span", { class: "announced-text", lang: first.lang, dir: "auto", text: first.text }),
    " ",
    h("span", { class: "hint", text: `until ${shortDate(a.expires_at, "en-GB")}` }),
  );
}
