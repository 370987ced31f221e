// SPDX-License-Identifier: MIT
// One source: what it is, how its reading goes, its pages, what an editor has to choose, and its readings so far.

import { call } from "../shared/api.js";
import { add, h, setServerHTML } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { Dialog } from "./dialog.js";
import { ImportGate } from "./importgate.js";

/** @type {Record<string, string>} */
export const kinds = { site: "A site", page: "One page" };
/** @type {Record<string, string>} */
export const schedules = { weekly: "Every week", daily: "Every day", never: "Only when asked" };
/** @type {Record<string, string>} */
export const modes = { drafts: "Becomes a draft", publish: "Is published through the gate" };

/** @type {Record<string, [string, string]>} */
const states = { ok: ["As it was", ""], changed: ["Taken over", "tag-good"], conflict: ["To choose", "tag-warn"], duplicate: ["Same as another", ""], gone: ["Gone", "tag-warn"], failed: ["Not read", "tag-bad"] };
/** @type {Record<string, [string, string]>} */
const outcomes = { waiting: ["Waiting", "tag-bot"], running: ["Reading", "tag-bot"], held: ["Held by the gate", "tag-warn"], done: ["Read", "tag-good"], failed: ["Failed", "tag-bad"], cancelled: ["Cancelled", ""] };

/** @param {any} im */
export function outcome(im) {
  if (im.interrupted) return h("span", { class: "tag tag-warn", text: "Interrupted" });
  const [word, kind] = outcomes[im.state] ?? [im.state, ""];
  return h("span", { class: `tag ${kind}`, text: im.state === "running" && im.step === "checking" ? "Before the gate" : word });
}

const when = (/** @type {string} */ at) => shortDate(at, "en-GB");
const running = (/** @type {any} */ im) => im && !im.ended_at;

/** How many pages a source may have, as the server has it. */
const mostPages = 2000;

/** @param {string} id @param {number} pages @param {() => void} [changed] */
export const limitInput = (id, pages, changed) => h("input", { id, type: "number", inputmode: "numeric", min: "1", max: String(mostPages), step: "1", value: String(pages), "aria-describedby": `${id}-hint`, ...(changed && { on: { change: changed } }) });

/** @param {string} id @param {HTMLElement} input */
export const limitField = (id, input) => h("div", { class: "field" }, h("label", { for: id, text: "Pages at most" }), input, h("p", { class: "hint", id: `${id}-hint`, text: `1 to ${mostPages.toLocaleString("en-GB")}; what a site has beyond is not read.` }));

/** What is wrong with a limit, "" if nothing. @param {HTMLInputElement} input */
export function limitTrouble(input) {
  const n = Number(input.value);
  const wrong = !input.value || !Number.isInteger(n) || n < 1 || n > mostPages;
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return wrong ? `Pages at most: please enter a whole number from 1 to ${mostPages.toLocaleString("en-GB")}.` : "";
}

/** Who may own a source. Without a connection there is nobody to choose. @returns {Promise<{list: {id: string, name: string}[], you: string}>} */
export async function editors() {
  try {
    const about = await call("/v1/library");
    return { list: about.editors.map((/** @type {any} */ e) => ({ id: String(e.id), name: e.name })), you: String(about.you) };
  } catch {
    return { list: [], you: "" };
  }
}

/** Both texts of a conflict. */
class ChoiceDialog extends Dialog {
  /** @param {() => void} chosen */
  constructor(chosen) {
    super("Which text stays?");
    this.el.classList.add("dialog-full");
    this.chosen = chosen;
    this.problem = h("p", { class: "problem", role: "alert" });
  }

  /** @param {string} path */
  async show(path) {
    this.problem.textContent = "";
    this.body.replaceChildren(h("p", { class: "hint", text: "Loading both texts." }));
    this.open();
    try {
      const page = await call(path);
      const side = (/** @type {string} */ name, /** @type {any} */ t) => {
        const text = h("div", { class: "prose as-said", lang: t?.lang || null, dir: "auto" });
        setServerHTML(text, t?.html ?? "");
        return h("div", { class: "side", role: "group", "aria-label": name }, h("p", { class: "side-name", text: name }), h("p", { class: "side-title", text: t?.title ?? "", dir: "auto" }), text);
      };
      const keep = (/** @type {string} */ which) => void this.#choose(path, which, page.article?.rev ?? 0);
      this.body.replaceChildren(
        h("p", { text: "The page has changed, and so has the article here. Nothing was overwritten." }),
        h("div", { class: "sides" }, side(page.article ? "Written here" : "Written here: thrown away", page.article), side("On the page now", page.incoming)),
        this.problem,
        h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Keep what is written here", on: { click: () => keep("article") } }), h("button", { type: "button", class: "btn btn-brand", text: "Take the page\u2019s as a draft", on: { click: () => keep("page") } })),
      );
    } catch (err) {
      this.body.replaceChildren(this.problem);
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
  }

  /** @param {string} path @param {string} keep @param {number} rev */
  async #choose(path, keep, rev) {
    try {
      await call(`${path}/resolve`, { method: "POST", body: { keep, expected_rev: rev } });
      this.el.close();
      this.chosen();
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
  }
}

export class SourceView {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #id = "";
  #asked = 0;

  /** @param {(words: string, bad?: boolean) => void} say @param {() => void} back */
  constructor(say, back) {
    this.say = say;
    this.back = back;
    this.head = h("div", { class: "source-facts" });
    this.now = h("button", { type: "button", class: "btn btn-brand", text: "Read it now", on: { click: () => void this.#sync() } });
    this.stop = h("button", { type: "button", class: "btn", text: "Stop", on: { click: () => void this.#cancel() } });
    this.bar = h("progress", { max: "1", value: "0", "aria-label": "Pages read" });
    this.status = h("p", { role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.full = h("p", { class: "hint" });
    this.gate = new ImportGate(() => void this.refresh());
    this.filter = h("select", { id: "page-state", on: { change: () => void this.#pages() } }, h("option", { value: "", text: "All pages" }), ...Object.entries(states).map(([value, [text]]) => h("option", { value, text })));
    this.rows = h("tbody");
    this.more = h("button", { type: "button", class: "btn btn-quiet", text: "More pages", hidden: true, on: { click: () => void this.#pages(true) } });
    this.history = h("ul", { class: "source-history", "aria-label": "Readings" });
    this.choice = new ChoiceDialog(() => void this.refresh());
    this.el = h("section", { class: "source", "aria-label": "Source", hidden: true });
  }

  leave() {
    clearTimeout(this.#timer);
    this.#id = "";
  }

  /** @param {string} id */
  async open(id) {
    this.leave();
    this.#id = id;
    this.gate.clear();
    this.gate.el.hidden = true;
    this.title = h("h2", { tabindex: "-1" });
    this.schedule = h("select", { id: "source-again", on: { change: () => void this.#change() } }, ...Object.entries(schedules).map(([value, text]) => h("option", { value, text })));
    this.mode = h("select", { id: "source-becomes", on: { change: () => void this.#change() } }, ...Object.entries(modes).map(([value, text]) => h("option", { value, text })));
    this.limit = limitInput("source-most", 200, () => void this.#change());
    this.owner = h("select", { id: "source-belongs", on: { change: () => void this.#change() } });
    this.editors = (await editors()).list;
    if (id !== this.#id) return;
    const table = h("table", { class: "source-table" }, h("thead", {}, h("tr", {}, ...["Page", "State", "Read", "Article"].map((text) => h("th", { scope: "col", text })))), this.rows);
    this.el.replaceChildren(
      h("div", { class: "source-actions" }, h("a", { class: "btn btn-small btn-quiet", href: "#", text: "All sources" }), h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Follow it no longer", on: { click: () => void this.#remove() } })),
      this.title,
      this.head,
      h("div", { class: "source-form" }, h("div", { class: "fields" }, h("div", { class: "field" }, h("label", { for: "source-again", text: "Read again" }), this.schedule), h("div", { class: "field" }, h("label", { for: "source-becomes", text: "What has changed" }), this.mode), limitField("source-most", this.limit), h("div", { class: "field" }, h("label", { for: "source-belongs", text: "Owner" }), this.owner, h("p", { class: "hint", text: "New articles that it brings are theirs." }))), this.full, h("div", { class: "source-actions" }, this.now, this.stop), this.status, this.bar, this.problem, this.gate.el),
      h("div", { class: "source-actions" }, h("h3", { text: "Pages" }), h("label", { class: "sr", for: "page-state", text: "Which pages" }), this.filter),
      h("div", { class: "source-table-frame", tabindex: "0", role: "region", "aria-label": "Pages" }, table),
      this.more,
      h("h3", { text: "Readings so far" }),
      this.history,
    );
    await this.refresh();
    this.title.focus();
  }

  async refresh() {
    const id = this.#id;
    if (!id) return;
    clearTimeout(this.#timer);
    try {
      const source = await call(`/v1/sources/${id}`);
      if (id !== this.#id) return;
      this.#show(source);
      if (running(source.last)) this.#timer = setTimeout(() => void this.refresh(), 1_000);
      else await Promise.all([this.#pages(), this.#imports(source)]);
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.", true);
      this.#timer = setTimeout(() => void this.refresh(), 5_000);
    }
  }

  /** @param {any} s */
  #show(s) {
    const on = document.activeElement;
    /** @type {HTMLElement} */ (this.title).textContent = s.url;
    if (on !== this.schedule) /** @type {HTMLSelectElement} */ (this.schedule).value = s.schedule;
    if (on !== this.mode) /** @type {HTMLSelectElement} */ (this.mode).value = s.mode;
    if (on !== this.limit) /** @type {HTMLInputElement} */ (this.limit).value = String(s.max_pages);
    if (on !== this.owner) this.#owners(s);
    const pages = Object.values(/** @type {Record<string, number>} */ (s.pages)).reduce((sum, n) => sum + n, 0);
    this.full.textContent = s.kind === "site" && pages >= s.max_pages ? "It has as many pages as the limit allows. If the site has more, they are not read; raise the limit to read them." : "";
    this.head.replaceChildren();
    add(this.head, s.last && outcome(s.last), h("span", { class: "hint", text: [kinds[s.kind], s.owner && `belongs to ${s.owner}`, s.next_at && `next ${when(s.next_at)}`].filter(Boolean).join(" \u00b7 ") }));
    const busy = running(s.last);
    this.now.disabled = busy;
    this.stop.hidden = this.bar.hidden = !busy;
    if (!busy) {
      this.status.textContent = s.last ? summary(s.last) : "It was never read.";
      return;
    }
    const what = s.last.step === "checking" ? "golden questions asked" : "pages read";
    this.bar.max = Math.max(s.last.found, 1);
    this.bar.value = s.last.done;
    this.status.textContent = `${s.last.done} of ${s.last.found} ${what}.${s.last.interrupted ? " The server was interrupted. It goes on by itself in a minute or two." : ""}`;
  }

  /** @param {any} s */
  #owners(s) {
    const list = [{ id: "", name: "Nobody" }, ...(this.editors ?? [])];
    if (s.owner_id && !list.some((e) => e.id === s.owner_id)) list.push({ id: s.owner_id, name: s.owner });
    this.owner?.replaceChildren(...list.map((e) => h("option", { value: e.id, text: e.name, selected: e.id === (s.owner_id ?? "") })));
  }

  /** @param {boolean} [more] */
  async #pages(more = false) {
    const asked = ++this.#asked;
    const after = more ? (this.rows.lastElementChild?.getAttribute("data-page") ?? "0") : "0";
    const { pages } = await call(`/v1/sources/${this.#id}/pages?${new URLSearchParams({ after, ...(this.filter.value && { state: this.filter.value }) })}`);
    if (asked !== this.#asked) return;
    const rows = pages.map((/** @type {any} */ p) => this.#row(p));
    if (more) this.rows.append(...rows);
    else this.rows.replaceChildren(...rows);
    if (this.rows.children.length === 0) this.rows.append(h("tr", {}, h("td", { colspan: "4", text: "No page." })));
    this.more.hidden = pages.length < 200;
  }

  /** @param {any} p */
  #row(p) {
    const [word, kind] = states[p.state] ?? [p.state, ""];
    const path = `/v1/sources/${this.#id}/pages/${p.id}`;
    const act = p.state === "conflict" ? h("button", { type: "button", class: "btn btn-small btn-brand", text: "Choose", "aria-label": `Choose: ${p.title || p.url}`, on: { click: () => void this.choice.show(path) } }) : null;
    return h(
      "tr",
      { data: { page: p.id } },
      h("td", {}, h("a", { href: p.url, target: "_blank", rel: "noreferrer", text: p.title || p.url }), p.title && h("span", { class: "hint", text: p.url })),
      h("td", {}, h("span", { class: `tag ${kind}`, text: word }), p.error && h("span", { class: "hint", text: p.error })),
      h("td", { text: when(p.fetched_at) }),
      h("td", {}, act, p.article_id ? h("a", { href: `/library#article=${p.article_id}`, "aria-label": `Open: ${p.title || p.url}`, text: "Open" }) : !act && "\u2013"),
    );
  }

  /** @param {any} source */
  async #imports(source) {
    const { imports } = await call(`/v1/imports?source_id=${this.#id}`);
    this.history.replaceChildren(...imports.slice(0, 20).map((/** @type {any} */ im) => h("li", { class: "notice-card" }, h("div", { class: "source-facts" }, outcome(im), h("span", { text: when(im.created_at) }), h("span", { class: "hint", text: im.author || "by the schedule" }), h("a", { href: `/v1/imports/${im.id}/report`, download: "", "aria-label": `Report of ${when(im.created_at)}`, text: "Report" })), h("p", { class: "hint", text: summary(im) }))));
    this.gate.el.hidden = source.last?.state !== "held" && !this.gate.status.textContent;
    if (source.last?.state === "held") this.gate.show(await call(`/v1/imports/${source.last.id}`));
  }

  async #sync() {
    this.problem.textContent = "";
    this.gate.clear();
    this.gate.el.hidden = true;
    try {
      await call(`/v1/sources/${this.#id}/sync`, { method: "POST" });
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
    await this.refresh();
  }

  async #cancel() {
    try {
      const { last } = await call(`/v1/sources/${this.#id}`);
      if (running(last)) await call(`/v1/imports/${last.id}/cancel`, { method: "POST" });
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
    await this.refresh();
  }

  async #change() {
    const limit = /** @type {HTMLInputElement} */ (this.limit);
    this.problem.textContent = limitTrouble(limit);
    if (this.problem.textContent) return;
    try {
      const s = await call(`/v1/sources/${this.#id}`);
      await call(`/v1/sources/${this.#id}`, { method: "PUT", body: { schedule: this.schedule?.value, mode: this.mode?.value, max_pages: Number(limit.value), ...(s.lang && { lang: s.lang }), ...(this.owner?.value && { owner_id: this.owner.value }) } });
      this.say("Changed.");
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
    await this.refresh();
  }

  async #remove() {
    if (!confirm("Follow this source no longer? Its articles stay.")) return;
    try {
      await call(`/v1/sources/${this.#id}`, { method: "DELETE" });
      this.back();
    } catch (err) {
      this.problem.textContent = /** @type {Error} */ (err).message || "The server is out of reach.";
    }
  }
}

/** @param {any} im */
function summary(im) {
  return [became(im), im.interruptions === 1 && "It was interrupted once and carried on.", im.interruptions > 1 && `It was interrupted ${im.interruptions} times and carried on.`].filter(Boolean).join(" ");
}

/** @param {any} im */
function became(im) {
  if (im.state === "failed") return im.error;
  const parts = /** @type {[number, string][]} */ ([[im.created, "new"], [im.updated, "changed"], [im.unchanged, "as before"], [im.conflicts, "to choose"], [im.gone, "gone"], [im.failed, "not read"], [im.published, "published"]]).filter(([n]) => n > 0);
  return parts.length > 0 ? `${parts.map(([n, word]) => `${n} ${word}`).join(", ")}.` : "Nothing was read.";
}
