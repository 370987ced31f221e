// SPDX-License-Identifier: MIT
// What became of the answers that rest on the article: figures, the customers' words, who was told what, and corrections.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { spark } from "./spark.js";
import { ToldDialog } from "./told.js";
import { delivery } from "./wrong.js";

/** @type {Record<string, string>} */
export const stands = {
  bot: "With the bot",
  queued: "In the queue",
  awaiting_hours: "Waits for opening hours",
  human: "With a person",
  waiting_customer: "Waits for the customer",
  resolved: "Resolved",
  closed: "Closed",
};

/** @type {Record<string, [string, string]>} */
const letters = { sent: ["Mailed", "tag-good"], waiting: ["Mail waits", ""], failed: ["Mail failed", "tag-bad"] };

/** A week begins on Monday as the server counts. @param {string} at */
const day = (at) => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(at));

export class Consequences {
  #asked = 0;
  /** @type {any} */ #draft = null;
  #next = "";

  /** @param {(text: string) => void} say */
  constructor(say) {
    this.say = say;
    this.dialog = new ToldDialog();
    this.version = h("select", { id: "became-version", on: { change: () => void this.#load() } });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.figures = h("div", { class: "became-figures" });
    this.words = h("section", { class: "became-part" });
    this.corrections = h("section", { class: "became-part" });
    this.list = h("ol", { class: "plain told-list", "aria-label": "Who was told" });
    this.more = h("button", { type: "button", class: "btn btn-small", text: "More", hidden: true, on: { click: () => void this.#page() } });
    this.told = h("section", { class: "became-part" }, h("h3", { text: "Who was told" }), this.list, this.more);
    this.el = h("div", { class: "became" }, h("div", { class: "field" }, h("label", { for: "became-version", text: "Answers from" }), this.version), this.problem, this.figures, this.corrections, this.words, this.told);
  }

  /** @param {any} draft */
  async show(draft) {
    if (draft !== this.#draft) this.version.replaceChildren();
    this.#draft = draft;
    await this.#load();
  }

  async #load() {
    const draft = this.#draft;
    const asked = ++this.#asked;
    this.problem.textContent = "";
    if (!draft || draft.id === null) return this.#empty();
    const chosen = this.version.value;
    try {
      const data = await call(this.#address());
      if (asked !== this.#asked) return;
      this.#versions(data, chosen);
      this.#show(data);
    } catch (err) {
      if (asked !== this.#asked) return;
      this.#empty();
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
  }

  #empty() {
    for (const el of [this.figures, this.words, this.corrections, this.list]) el.replaceChildren();
    this.figures.append(h("p", { class: "hint", text: "No answer rests on this article yet." }));
    this.told.hidden = true;
  }

  /** @param {Record<string, string>} [more] */
  #address(more = {}) {
    const query = new URLSearchParams({ limit: "20", ...more });
    if (this.version.value) query.set("version", this.version.value);
    return `/v1/articles/${this.#draft.id}/consequences?${query}`;
  }

  /** The versions to choose from are read while all are shown. @param {any} data @param {string} chosen */
  #versions(data, chosen) {
    if (chosen) return;
    const options = (data.versions ?? []).map((/** @type {any} */ v) => h("option", { value: String(v.version), text: `Version ${v.version} (${v.answers})` }));
    this.version.replaceChildren(h("option", { value: "", text: "All versions" }), ...options);
  }

  /** @param {any} data */
  #show(data) {
    if (!data.total.answers && !data.told.length) this.#empty();
    else this.#figures(data);
    this.#words(data);
    this.#corrections(data.corrections ?? []);
    this.list.replaceChildren();
    this.told.hidden = data.told.length === 0;
    this.#rows(data);
  }

  /** @param {any} data */
  #figures(data) {
    const { total, weeks } = data;
    const share = (/** @type {number} */ n) => (total.answers ? ` (${Math.round((100 * n) / total.answers)} %)` : "");
    const pair = (/** @type {string} */ name, /** @type {string} */ value) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }));
    const rating = total.rating ? `${total.rating.average} of 5 (${total.rating.count})` : "none";
    const table = h("table", {}, h("caption", { class: "sr", text: "By week" }), h("thead", {}, h("tr", {}, ...["Week of", "Answers", "Helped", "Not helpful", "Handed off"].map((text) => h("th", { scope: "col", text })))));
    const used = weeks.filter((/** @type {any} */ w) => w.answers > 0).reverse();
    table.append(h("tbody", {}, ...used.map((/** @type {any} */ w) => h("tr", {}, h("th", { scope: "row", text: day(w.start) }), ...[w.answers, w.helped, w.not_helpful, w.handed_off].map((n) => h("td", { text: String(n) }))))));
    this.figures.replaceChildren(
      h("dl", { class: "became-numbers" }, pair("Answers", String(total.answers)), pair("Helped", `${total.helped}${share(total.helped)}`), pair("Not helpful", `${total.not_helpful}${share(total.not_helpful)}`), pair("Handed off afterwards", `${total.handed_off}${share(total.handed_off)}`), pair("Rating of the assistant", rating)),
      picture(weeks),
      h("details", { class: "became-weeks" }, h("summary", { text: `Week by week since ${day(data.since)}` }), table),
    );
  }

  /** @param {any} data */
  #words(data) {
    this.words.replaceChildren();
    if (!data.words?.length) return;
    const rows = data.words.map((/** @type {any} */ w) =>
      h("li", { class: "version" }, h("p", { class: "as-written", dir: "auto", text: w.text }), h("p", { class: "hint" }, h("time", { datetime: w.at, text: dateAndTime(w.at, "en-GB") }), ` \u00b7 version ${w.version}`), h("p", { class: "version-actions" }, this.#open(w))),
    );
    add(this.words, h("h3", { text: "Why it did not help" }), data.redacted && h("p", { class: "hint", text: "Addresses, numbers and the like are taken out." }), h("ul", { class: "plain told-list" }, ...rows));
  }

  /** @param {any[]} list */
  #corrections(list) {
    this.corrections.replaceChildren();
    if (!list.length) return;
    const rows = list.map((c) => {
      const again = c.delivery.failed > 0 && h("button", { type: "button", class: "btn btn-small", text: `Write to ${c.delivery.failed} again`, on: { click: () => void this.#retry(c.id) } });
      const el = h("li", { class: "version" }, h("p", {}, h("strong", { text: `Version ${c.version} was wrong` })), h("p", { dir: "auto", text: c.reason }), h("p", { class: "hint" }, h("time", { datetime: c.at, text: dateAndTime(c.at, "en-GB") }), ` \u00b7 ${c.by}`), delivery(c.delivery));
      add(el, again);
      return el;
    });
    this.corrections.append(h("h3", { text: "Corrections sent" }), h("ul", { class: "plain told-list" }, ...rows));
  }

  /** @param {any} data */
  #rows(data) {
    this.#next = data.next ?? "";
    this.more.hidden = !this.#next;
    for (const t of data.told) this.list.append(this.#row(t));
  }

  async #page() {
    this.more.disabled = true;
    try {
      const before = this.list.childElementCount;
      this.#rows(await call(this.#address({ cursor: this.#next })));
      /** @type {HTMLElement|null} */ (this.list.children[before]?.querySelector("button"))?.focus();
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
    this.more.disabled = false;
  }

  /** @param {any} t */
  #row(t) {
    const tags = h("p", { class: "told-tags" });
    add(
      tags,
      h("span", { class: "tag", text: `Version ${t.version}` }),
      t.helpful === true && h("span", { class: "tag tag-good", text: "Helped" }),
      t.helpful === false && h("span", { class: "tag tag-bad", text: "Not helpful" }),
      t.handed_off && h("span", { class: "tag tag-person", text: "Handed off" }),
      t.corrected_at && h("span", { class: "tag tag-warn", text: t.shown_at ? "Corrected, shown" : "Corrected" }),
      letters[t.mail] && h("span", { class: `tag ${letters[t.mail][1]}`, text: letters[t.mail][0] }),
    );
    const reach = t.erased ? "erased" : t.reachable ? "may be written to by mail" : "no mail";
    const facts = `${t.locale} \u00b7 ${stands[t.state] ?? t.state} \u00b7 ${reach}`;
    return h("li", { class: "version" }, h("p", {}, h("strong", { text: t.reference || t.conversation_id.slice(0, 8) }), " ", h("time", { class: "hint", datetime: t.at, text: dateAndTime(t.at, "en-GB") })), h("p", { class: "hint", text: facts }), tags, h("p", { class: "version-actions" }, t.erased ? null : this.#open(t)));
  }

  /** @param {any} t */
  #open(t) {
    const name = t.reference || t.conversation_id.slice(0, 8);
    return h("button", { type: "button", class: "btn btn-small", "aria-label": `Open the answer to ${name}, message ${t.seq}`, text: "Open the answer", on: { click: () => void this.dialog.show(this.#draft.id, t) } });
  }

  /** @param {string} id */
  async #retry(id) {
    try {
      await call(`/v1/corrections/${id}/retry`, { method: "POST" });
      await this.#load();
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }
}

/** @param {any[]} weeks */
function picture(weeks) {
  const holder = h("p", { class: "spark-key" }, h("span", { class: "key-all" }, icon("chat"), "Answers by week"), h("span", { class: "key-bad", text: "not helpful" }));
  return h("div", { class: "spark-box" }, spark(weeks), holder);
}
