// SPDX-License-Identifier: MIT
// Who else has the article open. It locks nothing: two who save at once see both texts.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";

const every = 10_000;

export class Viewers {
  /** @type {number|null} */ #id = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #wrote = false;

  constructor() {
    this.el = h("p", { class: "viewers", role: "status", hidden: true });
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#id && void this.#tell());
  }

  wrote() {
    if (this.#wrote) return;
    this.#wrote = true;
    if (this.#id) void this.#tell();
  }

  /** @param {number|null} id */
  follow(id) {
    if (id === this.#id) return;
    this.#leave();
    this.#id = id;
    this.#show([]);
    if (id) void this.#tell();
  }

  async #tell() {
    clearTimeout(this.#timer);
    const id = this.#id;
    const writing = this.#wrote;
    try {
      const { viewers } = await call(`/v1/articles/${id}/viewing`, { method: "POST", body: { writing } });
      if (id !== this.#id) return;
      this.#wrote = false;
      this.#show(viewers);
    } catch {
      // Who is there is a courtesy; the next time tells.
    }
    if (id === this.#id) this.#timer = setTimeout(() => document.visibilityState === "visible" && void this.#tell(), every);
  }

  /** @param {any[]} viewers */
  #show(viewers) {
    const names = viewers.map((v) => v.name).join(", ");
    const writing = viewers.some((v) => v.writing);
    const text = viewers.length === 0 ? "" : `${names} ${viewers.length === 1 ? "has" : "have"} this open${writing ? " and writes" : ""}`;
    this.el.hidden = !text;
    if (this.el.textContent !== text) this.el.replaceChildren(text ? icon("person") : "", text);
  }

  #leave() {
    clearTimeout(this.#timer);
    if (!this.#id) return;
    const url = `/v1/articles/${this.#id}/viewing`;
    this.#id = null;
    this.#wrote = false;
    void fetch(url, { method: "POST", keepalive: true, credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ left: true }) }).catch(() => {});
  }
}
