// SPDX-License-Identifier: MIT
// What was said, by whom, and between the lines what the bot decided.

import { add, h, icon, plainSentence, setServerHTML } from "../shared/dom.js";
import { Follow } from "../shared/follow.js";
import { clock } from "../shared/time.js";
import { fileList } from "./files.js";
import { turnBlock } from "./turn.js";
import { detectors, say, share } from "./words.js";

/** @typedef {import("../widget/types.js").Message} Message */
/** @typedef {import("./model.js").DeskModel} DeskModel */

const authors = { customer: "Customer", bot: "Bot", agent: "Agent", system: "Notice" };

export class Transcript {
  /** @type {((conversation: string, seq: number) => void)|null} Set for who may write golden questions. */ onGolden = null;

  /**
   * @param {DeskModel} model
   * @param {(article: number, version: number, text: string) => void} openArticle
   */
  constructor(model, openArticle) {
    this.model = model;
    this.openArticle = openArticle;
    this.log = h("div", { class: "transcript-inner", role: "log", "aria-label": "Transcript", "aria-live": "polite" });
    this.el = h("div", { class: "transcript", tabindex: "0" }, this.log);
    this.follow = new Follow(this.el, this.log);
    model.on("record", () => this.#whole());
    model.on("message", () => this.#whole());
    model.on("notes", () => this.#whole());
    model.on("draft", () => this.#drafts());
  }

  #whole() {
    const { record } = this.model;
    const fresh = this.shown !== record?.conversation.id;
    this.shown = record?.conversation.id;
    if (!record) return this.log.replaceChildren();
    if (fresh) this.follow.atEnd = true;
    this.log.setAttribute("aria-live", fresh ? "off" : "polite");
    this.#merge(this.#items(record));
    this.#drafts();
    if (fresh) requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite"));
  }

  /**
   * Puts the items in without touching those that are unchanged: an open decision record stays open, nothing is read out twice.
   * @param {{key: string, make: () => HTMLElement}[]} items
   */
  #merge(items) {
    const old = new Map([.../** @type {HTMLCollectionOf<HTMLElement>} */ (this.log.children)].map((el) => [el.dataset.key ?? "", el]));
    /** @type {HTMLElement|null} */
    let last = null;
    for (const { key, make } of items) {
      const el = old.get(key) ?? make();
      el.dataset.key = key;
      old.delete(key);
      /** @type {Element|null} */
      const next = last ? last.nextElementSibling : this.log.firstElementChild;
      if (next !== el) this.log.insertBefore(el, next);
      last = el;
    }
    for (const [key, el] of old) if (!key.startsWith("draft-")) el.remove();
  }

  /** @param {any} record */
  #items(record) {
    /** @type {{at: number, key: string, make: () => HTMLElement}[]} */
    const items = [];
    for (const d of record.disclosures) items.push({ at: (d.before_seq ?? 0) - 0.5, key: `notice-${d.id}-${d.before_seq}`, make: () => notice(d) });
    const evidence = record.case?.evidence ?? [];
    for (const m of /** @type {Message[]} */ (record.messages)) {
      const why = evidence.filter((/** @type {any} */ e) => e.message_id === m.seq);
      items.push({ at: m.seq, key: `m-${m.seq}-${why.length}`, make: () => this.#message(m, why) });
    }
    for (const t of record.turns) items.push({ at: t.to_seq + 0.25, key: `turn-${t.id}-${t.outcome}`, make: () => turnBlock(t, this.openArticle) });
    for (const n of this.model.notes) items.push({ at: this.#placeOf(n.created_at, record.messages), key: `note-${n.id}`, make: () => note(n) });
    return items.sort((a, b) => a.at - b.at);
  }

  /**
   * Behind the last message that was there when it was written.
   * @param {string} at
   * @param {Message[]} messages
   */
  #placeOf(at, messages) {
    return (messages.findLast((m) => m.created_at <= at)?.seq ?? 0) + 0.5;
  }

  /**
   * @param {Message} m
   * @param {any[]} evidence
   */
  #message(m, evidence) {
    const line = h("p", { class: "by" });
    if (m.author.type !== "customer") add(line, icon(m.author.type === "bot" ? "bot" : m.author.type === "agent" ? "person" : "chat"));
    add(line, h("strong", { text: m.event === "correction" ? "Correction" : m.author.type === "agent" ? (m.author.name ?? "Agent") : authors[m.author.type] }));
    if (m.disclosure) add(line, h("span", { class: "tag tag-bot", text: m.disclosure.label }));
    add(line, h("time", { datetime: m.created_at, text: clock(m.created_at, "en-GB") }), h("span", { class: "seq", text: `#${m.seq}` }));
    const body = h("div", { class: "prose", dir: "auto" });
    if (m.author.type === "customer") body.append(h("p", { class: "as-written", text: m.text }));
    else setServerHTML(body, m.html);
    const el = h("article", { class: `said said-${m.author.type}`, id: `m-${m.seq}`, tabindex: "-1" }, line);
    const { attachments: files = [] } = m;
    // A message that only names its file says it once, beside the file.
    const named = m.event === "attachment" && files.length === 1 && files[0].name === m.text;
    if (!named) add(el, body);
    if (m.author.type === "customer" && m.text && !named && this.onGolden) add(line, this.#golden(m));
    if (m.partial) add(el, h("p", { class: "partial" }, icon("warn"), "Cut off: what follows was never shown."));
    if (m.feedback) add(el, h("p", { class: "tag", text: m.feedback.helpful ? "The customer found this helpful" : "The customer did not find this helpful" }));
    if (files.length > 0) add(el, fileList(files, this.model.record?.case?.id));
    if (m.citations?.length) add(el, this.#citations(m));
    for (const e of evidence) add(el, evidenceLine(e));
    return el;
  }

  /** @param {Message} m */
  #golden(m) {
    const conversation = this.model.record?.conversation.id ?? "";
    return h("button", { type: "button", class: "link golden", "aria-label": `Make message ${m.seq} a golden question`, "aria-haspopup": "dialog", on: { click: () => this.onGolden?.(conversation, m.seq) } }, icon("star"), "Golden question");
  }

  /** @param {Message} m */
  #citations(m) {
    const list = h("ul", { class: "cites" });
    for (const c of m.citations) {
      const open = h("button", { type: "button", class: "link", on: { click: () => this.openArticle(c.article_id, c.version, c.quote) } }, icon("doc"), `${c.title}, v${c.version}`);
      add(list, h("li", {}, open));
    }
    return list;
  }

  /** Sentences as they reach the customer. */
  #drafts() {
    for (const el of this.log.querySelectorAll('[data-key^="draft-"]')) {
      if (!this.model.drafts.has(/** @type {HTMLElement} */ (el).dataset.turn ?? "")) el.remove();
    }
    for (const draft of this.model.drafts.values()) {
      const key = `draft-${draft.turn}`;
      let el = /** @type {HTMLElement|null} */ (this.log.querySelector(`[data-key="${CSS.escape(key)}"]`));
      if (!el) {
        const line = h("p", { class: "by" }, icon("bot"), h("strong", { text: "Bot" }), h("span", { class: "writing", text: "is writing" }));
        el = h("article", { class: "said said-bot said-draft", data: { key, turn: draft.turn } }, line, h("p", { class: "prose", dir: "auto" }));
        this.log.append(el);
      }
      const text = draft.sentences.filter(Boolean).map(plainSentence).join(" ");
      /** @type {HTMLElement} */ (el.lastElementChild).textContent = text;
      if (el !== this.log.lastElementChild) this.log.append(el);
    }
  }

  /**
   * Goes to a message and shows which.
   * @param {number} seq
   */
  goTo(seq) {
    const el = this.log.querySelector(`#m-${seq}`);
    if (!(el instanceof HTMLElement)) return;
    this.follow.release();
    el.scrollIntoView({ block: "center" });
    el.focus({ preventScroll: true });
    el.classList.remove("found");
    requestAnimationFrame(() => el.classList.add("found"));
  }
}

/** @param {import("../widget/types.js").Disclosure} d */
function notice(d) {
  return h("section", { class: "said said-notice", "aria-label": "Notice shown to the customer" }, h("p", { class: "by" }, icon("bot"), h("strong", { text: d.label })), h("p", { lang: d.locale, dir: "auto", text: d.text }));
}

/** @param {any} n */
function note(n) {
  const line = h("p", { class: "by" }, icon("lock"), h("strong", { text: n.author.name }), h("span", { class: "tag tag-warn", text: "Note, not seen by the customer" }), h("time", { datetime: n.created_at, text: clock(n.created_at, "en-GB") }));
  return h("article", { class: "said said-note", tabindex: "-1" }, line, h("p", { class: "as-written", dir: "auto", text: n.text }));
}

/** @param {any} e */
export function evidenceText(e) {
  const parts = [say(detectors, e.detector)];
  if (e.rule) parts.push(e.rule);
  // A rule without a measure leaves both at nothing.
  if (e.threshold) parts.push(`${share(e.score ?? 0)} ${(e.score ?? 0) >= e.threshold ? "\u2265" : "<"} ${share(e.threshold)}`);
  return parts.join(" \u00b7 ");
}

/** @param {any} e */
function evidenceLine(e) {
  return h("p", { class: "evidence" }, icon("person"), h("span", {}, "Why a person: ", evidenceText(e)));
}

/**
 * A small picture of a file, whose name stands beside it; gone where there is none.
 * @param {string} src
 */
function thumbnail(src) {
  const img = h("img", { class: "thumb", src, alt: "", loading: "lazy", decoding: "async" });
  img.addEventListener("error", () => img.remove());
  return img;
}
