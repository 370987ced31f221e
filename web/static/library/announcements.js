// SPDX-License-Identifier: MIT
// What is true for a time: the list, and from it in two clicks a new announcement.

import { call, Problem } from "../shared/api.js";
import { h, setServerHTML } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { language } from "../desk/words.js";
import { AnnouncementDialog } from "./announcement.js";

const root = /** @type {HTMLElement} */ (document.getElementById("announcements"));
const note = /** @type {HTMLElement} */ (document.getElementById("library-note"));

/** @type {Record<string, [string, string]>} */
const states = { live: ["Live", "tag-good"], scheduled: ["Scheduled", "tag-warn"], ended: ["Over", ""] };
const when = (/** @type {string} */ at) => shortDate(at, "en-GB");

/** @param {string} words @param {boolean} [bad] */
function say(words, bad = false) {
  note.textContent = words;
  note.classList.toggle("is-good", !bad);
}

/** @param {unknown} err */
const failed = (err) => say(/** @type {Error} */ (err).message || "The server is out of reach.", true);

class Page {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  constructor() {
    this.dialog = new AnnouncementDialog((words) => {
      say(words);
      void this.refresh();
    });
    this.fresh = h("button", { type: "button", class: "btn btn-brand", text: "New announcement", on: { click: () => void this.dialog.write(null) } });
    this.list = h("ul", { class: "notices-list", "aria-label": "Announcements" });
    root.replaceChildren(this.fresh, this.list);
  }

  async refresh() {
    try {
      const { announcements } = await call("/v1/announcements");
      this.list.replaceChildren(...announcements.map((/** @type {any} */ a) => this.#card(a)));
      if (announcements.length === 0) this.list.replaceChildren(h("li", { class: "hint", text: "Nothing is announced. An outage, a changed date: say it here, and the bot says it first." }));
      this.#again(announcements);
    } catch (err) {
      failed(err);
    }
  }

  /** Reads the list anew when something begins or ends. @param {any[]} list */
  #again(list) {
    clearTimeout(this.#timer);
    const times = list.flatMap((a) => [a.starts_at, a.expires_at]).map((at) => Date.parse(at) - Date.now()).filter((ms) => ms > 0 && ms < 2 ** 31);
    if (times.length > 0) this.#timer = setTimeout(() => void this.refresh(), Math.min(...times) + 1_000);
  }

  /** @param {any} a */
  #card(a) {
    const [word, kind] = states[a.state];
    const [first] = a.texts;
    const body = h("div", { class: "prose", lang: first.lang, dir: "auto" });
    setServerHTML(body, first.html);
    const facts = [
      h("span", { class: `tag ${kind}`, text: word }),
      a.everybody && h("span", { class: "tag tag-bot", text: "Shown to everybody" }),
      h("span", { text: a.state === "scheduled" ? `From ${when(a.starts_at)} until ${when(a.expires_at)}` : a.state === "live" ? `Until ${when(a.expires_at)}` : `Ended ${when(a.expires_at)}` }),
      h("span", { text: `Version ${a.version}` }),
      h("span", { text: a.texts.map((/** @type {any} */ t) => language(t.lang)).join(", ") }),
      a.articles.length > 0 && h("span", { text: `Before the answers of ${a.articles.length} ${a.articles.length === 1 ? "article" : "articles"}` }),
      a.overrides.length > 0 && h("span", { text: `Stands in for ${a.overrides.length} ${a.overrides.length === 1 ? "article" : "articles"}` }),
    ];
    const end = a.state !== "ended" && h("button", { type: "button", class: "btn btn-small", "aria-label": `End now: ${first.title}`, text: "End now", on: { click: () => void this.#end(a.id) } });
    const change = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-label": `Change: ${first.title}`, text: a.state === "ended" ? "Publish again" : "Change", on: { click: () => void this.dialog.write(a) } });
    return h("li", { class: `notice-card is-${a.state}`, data: { announcement: String(a.id) } }, h("p", { class: "notice-facts" }, ...facts), !first.text.startsWith(first.title.replace("\u2026", "")) && h("h2", { lang: first.lang, dir: "auto", text: first.title }), body, h("p", { class: "notice-actions" }, end, change));
  }

  /** @param {number} id */
  async #end(id) {
    try {
      await call(`/v1/announcements/${id}/end`, { method: "POST" });
      say("It is over. No answer is given from it any more.");
      await this.refresh();
      this.fresh.focus();
    } catch (err) {
      failed(err);
    }
  }
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/signin?next=/library/announcements");
});

try {
  await call("/v1/session");
  await new Page().refresh();
} catch (err) {
  if (err instanceof Problem && err.status === 401) location.assign("/signin?next=/library/announcements");
  else say("The announcements cannot be loaded at the moment. Please reload the page.", true);
}
