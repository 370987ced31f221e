// SPDX-License-Identifier: MIT
// The text of one article as it is written: kept in this browser with every key, saved on the server after a pause, and never over
// somebody else's text.

import { call, Problem } from "../shared/api.js";
import { Emitter } from "../shared/emitter.js";
import { backoff } from "../shared/sse.js";

const pause = 1_200;
const prefix = "candor:article:";

/** @typedef {{title: string, body: string, lang: string, url: string, asked: string[]}} Fields */
/** @typedef {"empty"|"saved"|"unsaved"|"saving"|"offline"|"refused"|"conflict"} SaveState */

/** @param {any} from A draft, a version, or what this browser kept. @returns {Fields} */
export function fieldsOf(from) {
  return { title: from?.title ?? "", body: from?.body ?? "", lang: from?.lang ?? "en", url: from?.url ?? "", asked: from?.asked_as ?? from?.asked ?? [] };
}

/** @param {Fields} a @param {Fields} b */
export function same(a, b) {
  return a.title === b.title && a.body === b.body && a.lang === b.lang && a.url === b.url && a.asked.join("\n") === b.asked.join("\n");
}

/** Not randomUUID: that is missing on pages served without TLS. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export class Draft extends Emitter {
  /** @type {any} */ article = null;
  /** @type {Fields} */ fields = fieldsOf(null);
  /** @type {Fields} */ saved = fieldsOf(null);
  /** @type {Fields|null} What somebody else has saved meanwhile. */ theirs = null;
  /** @type {SaveState} */ state = "empty";
  detail = "";
  rev = 0;
  /** Makes a first save that is sent twice one article. */ birth = newKey();
  /** @type {Fields|null} What a first save has sent whose answer was lost. */ #unheard = null;
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {Promise<boolean>|null} */ #running = null;

  /** @param {number|null} id null: an article that is not there yet */
  constructor(id) {
    super();
    this.id = id;
    this.online = () => this.state === "offline" && void this.save();
    addEventListener("online", this.online);
  }

  get key() {
    return prefix + (this.id ?? "new");
  }

  /** Reads the article, and what this browser has kept of it. */
  async load() {
    if (this.id !== null) this.#read(await call(`/v1/articles/${this.id}`));
    const kept = this.#kept();
    if (kept && !same(kept.fields, this.saved)) {
      if (this.id === null && kept.birth) [this.birth, this.#unheard] = [kept.birth, kept.unheard];
      this.fields = kept.fields;
      if (this.id !== null && kept.rev !== this.rev) this.#clash();
      else {
        this.#set("unsaved", "Text that had not been saved was kept in this browser, and is here again.");
        this.#later(pause);
      }
    } else {
      this.#forget();
      this.#set(this.id === null ? "empty" : "saved");
    }
    this.emit("loaded");
  }

  /** @param {any} article */
  #read(article) {
    this.article = article;
    this.id = article.id;
    this.rev = article.draft?.rev ?? 0;
    this.saved = fieldsOf(article.draft ?? article.live ?? article.last);
    this.fields = { ...this.saved };
    this.theirs = null;
    this.emit("article", article);
  }

  /** @param {any} article The server's, after something other than saving. */
  take(article) {
    this.#read(article);
    this.#forget();
    this.#set("saved");
    this.emit("loaded");
  }

  /** @param {any} article The server's, after something that does not touch the text. */
  note(article) {
    this.article = article;
    this.emit("article", article);
  }

  /** The draft is gone from the server: nothing of it is kept. */
  drop() {
    clearTimeout(this.#timer);
    this.fields = { ...this.saved };
    this.#forget();
    this.#set("saved");
  }

  /** @param {Partial<Fields>} change */
  edit(change) {
    Object.assign(this.fields, change);
    this.#keep();
    if (this.state === "conflict") return;
    this.#set("unsaved");
    this.#attempt = 0;
    this.#later(pause);
  }

  /** @param {number} wait */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), wait);
  }

  /** Saves now. @returns {Promise<boolean>} whether the server has what is written here */
  async save() {
    clearTimeout(this.#timer);
    while (this.#running) await this.#running;
    if (this.state === "conflict") return false;
    if (this.id !== null && same(this.fields, this.saved)) {
      this.#forget();
      this.#set("saved");
      return true;
    }
    if (!this.fields.title.trim() || !this.fields.body.trim()) {
      this.#set("refused", this.fields.title.trim() ? "An article needs a text." : "An article needs a title.");
      return false;
    }
    this.#running = this.#send({ ...this.fields });
    const done = await this.#running.finally(() => (this.#running = null));
    if (done && !same(this.fields, this.saved)) return this.save();
    return done;
  }

  /** @param {Fields} sent */
  async #send(sent) {
    this.#set("saving");
    /** @type {any} */
    const body = { title: sent.title, body: sent.body, lang: sent.lang, asked_as: sent.asked };
    if (sent.url) body.url = sent.url;
    try {
      const created = this.id === null;
      const article = created
        ? await call("/v1/articles", { method: "POST", body: { ...body, client_key: this.birth } })
        : await call(`/v1/articles/${this.id}/draft`, { method: "PUT", body: { ...body, expected_rev: this.rev } });
      if (created) this.#forget();
      const before = fieldsOf(article.draft);
      this.article = article;
      this.id = article.id;
      this.rev = article.draft?.rev ?? 0;
      if (created && !same(before, sent)) return this.#born(article, before);
      this.saved = sent;
      this.#attempt = 0;
      if (same(this.fields, sent)) this.#forget();
      else this.#keep();
      this.#set(same(this.fields, sent) ? "saved" : "unsaved");
      this.emit("article", article);
      if (created) this.emit("created", article);
      return true;
    } catch (err) {
      if (this.id === null) this.#unheard = sent;
      return this.#failed(err);
    }
  }

  /**
   * The first save came twice, and the article was made by the first: from here on it is one to save.
   * @param {any} article @param {Fields} before What it says.
   */
  #born(article, before) {
    const own = this.#unheard !== null && same(before, this.#unheard);
    this.saved = before;
    this.#keep();
    this.#set("unsaved");
    this.emit("article", article);
    this.emit("created", article);
    if (!own) this.#clash();
    return own;
  }

  /** @param {unknown} err */
  async #failed(err) {
    if (!(err instanceof Problem)) throw err;
    if (err.code === "draft_changed") return this.#compare();
    if (err.transient) {
      this.#set("offline", err.status === 0 ? "" : err.message);
      this.#later(Math.max(err.retryAfter * 1000, backoff(this.#attempt++)));
    } else if (err.status === 401) this.#set("refused", "You are signed out. The text is kept in this browser: sign in again and come back.");
    else this.#set("refused", err.message);
    return false;
  }

  /** Somebody saved since: or it was this browser, and the answer was lost. */
  async #compare() {
    const article = await call(`/v1/articles/${this.id}`).catch(() => null);
    if (!article) {
      this.#set("offline");
      this.#later(backoff(this.#attempt++));
      return false;
    }
    const mine = this.fields;
    this.#read(article);
    this.fields = mine;
    if (same(mine, this.saved)) {
      this.#forget();
      this.#set("saved");
      return true;
    }
    this.#clash();
    return false;
  }

  #clash() {
    this.theirs = { ...this.saved };
    this.#set("conflict");
    this.emit("conflict");
  }

  /** @param {Fields} fields What it shall be; it is saved over the other text, which has been seen. */
  async settle(fields) {
    this.fields = { ...fields };
    this.theirs = null;
    this.#keep();
    this.#set("unsaved");
    this.emit("loaded");
    return this.save();
  }

  #keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify({ fields: this.fields, rev: this.rev, birth: this.birth, unheard: this.#unheard }));
    } catch {
      this.emit("homeless"); // private mode, or full: leaving the page is asked about
    }
  }

  /** @returns {{fields: Fields, rev: number, birth?: string, unheard: Fields|null}|null} */
  #kept() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
      return kept?.fields ? { fields: fieldsOf(kept.fields), rev: Number(kept.rev), birth: kept.birth, unheard: kept.unheard ? fieldsOf(kept.unheard) : null } : null;
    } catch {
      return null;
    }
  }

  #forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // There is nothing then.
    }
  }

  /** @param {SaveState} state @param {string} [detail] */
  #set(state, detail = "") {
    this.state = state;
    this.detail = detail;
    this.emit("state", state);
  }

  /** What is not saved yet stays in the browser. */
  close() {
    clearTimeout(this.#timer);
    removeEventListener("online", this.online);
    if (this.state === "unsaved") void this.save();
  }
}
