// SPDX-License-Identifier: MIT
// <candor-chat>: the chat of a company on its own page. Attributes: locale, theme (light, dark), open, mode="page" (fills its box
// instead of floating), home (where the company's name leads), suggestions (questions, one a line), identity-token (what the company's shop says of the customer). Events: candor:ready, candor:open, candor:close, candor:message.

import { add, h, icon } from "../shared/dom.js";
import { backoff } from "../shared/sse.js";
import { AnswerCard } from "./answer.js";
import { brandSheet, signature } from "./brand.js";
import { Client } from "./client.js";
import { Composer } from "./composer.js";
import { Attach } from "./files.js";
import { Announcements } from "./announcements.js";
import { Intro } from "./intro.js";
import { LogView } from "./log.js";
import { Menu, textSizes } from "./menu.js";
import { Notes } from "./notes.js";
import { RateCard } from "./rate.js";
import { Session } from "./session.js";
import { SourceDialog } from "./sources.js";
import { QueueCard, StatusBar } from "./status.js";
import { Storage } from "./storage.js";
import { Strings } from "./strings.js";
import { styleSheets } from "./style.js";

export class CandorChat extends HTMLElement {
  /** Address of the gateway; the loader sets it. */
  static base = new URL("/", import.meta.url).href;
  static observedAttributes = ["locale", "open"];

  /** @type {Strings|null} */ #words = null;
  /** @type {{dispose(): void}[]} */ #views = [];
  #unread = 0;
  #started = false;
  #shadow = this.attachShadow({ mode: "open" });
  /** @type {HTMLElement} */ #frame = h("div", { class: "frame" });
  /** @type {HTMLElement|undefined} */ #panel;
  /** @type {HTMLButtonElement|undefined} */ #launcher;
  /** @type {Composer|undefined} */ #composer;
  /** @type {LogView|undefined} */ #log;
  #ask = (/** @type {MouseEvent} */ e) => this.#asked(e);

  async connectedCallback() {
    document.addEventListener("click", this.#ask);
    if (this.#started) return;
    this.#started = true;
    const base = CandorChat.base;
    this.client = new Client(base);
    this.storage = new Storage(base);
    this.session = new Session(this.client, this.storage, () => this.#words?.locale ?? "en", () => this.getAttribute("identity-token") ?? "");
    this.dialog = new SourceDialog(this.client, () => /** @type {Strings} */ (this.#words));
    const [sheets] = await Promise.all([styleSheets(), this.#load(this.storage.get().locale ?? this.getAttribute("locale") ?? "en")]);
    const { brand } = /** @type {Strings} */ (/** @type {unknown} */ (this.#words));
    const own = brandSheet(brand);
    this.#shadow.adoptedStyleSheets = own ? [...sheets, own] : sheets;
    if (brand.corner) this.#frame.dataset.corner = brand.corner;
    this.#shadow.append(this.#frame);
    this.#size();
    this.#build();
    this.session.on("message", ({ message, known }) => this.#arrived(message, known));
    this.session.on("cleared", () => this.#opening());
    this.session.on("conversation", (c) => this.#followLocale(c?.locale));
    this.#opening();
    void this.session.resume();
    this.#emit("ready");
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.#ask);
  }

  /**
   * @param {string} name
   * @param {string|null} _before
   * @param {string|null} value
   */
  attributeChangedCallback(name, _before, value) {
    if (!this.#panel) return;
    if (name === "open") this.#showPanel();
    if (name === "locale" && value) void this.#switchTo(value, false);
  }

  get paged() {
    return this.getAttribute("mode") === "page";
  }

  get isOpen() {
    return this.paged || this.hasAttribute("open");
  }

  open() {
    this.setAttribute("open", "");
    this.#composer?.focus();
  }

  close() {
    this.removeAttribute("open");
    this.#launcher?.focus();
  }

  /**
   * Opens the chat with a question in the input; the customer sends it, unless the page says that a click meant it.
   * @param {string} question
   * @param {boolean} [send]
   */
  ask(question, send = false) {
    if (!this.isOpen) this.open();
    if (send) this.session?.say(question);
    else this.#composer?.fill(question);
  }

  /** @param {string} locale */
  async #load(locale) {
    for (let attempt = 0; !this.#words || this.#words.locale !== locale; attempt++) {
      try {
        this.#words = new Strings(await /** @type {Client} */ (this.client).strings(locale));
        return;
      } catch {
        if (this.#words) return;
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /**
   * @param {string} locale
   * @param {boolean} keep For the next page too.
   */
  async #switchTo(locale, keep) {
    await this.#load(locale);
    if (keep) this.storage?.set({ locale });
    const written = this.#composer?.input.value ?? "";
    const focused = this.#shadow.activeElement === this.#composer?.input;
    this.#build();
    this.#opening();
    if (written || focused) this.#composer?.fill(written, focused);
  }

  /**
   * The server answers in the language that the customer writes; the words around follow, unless the customer chose.
   * @param {string|undefined} locale
   */
  #followLocale(locale) {
    if (!locale || locale === this.#words?.locale || this.storage?.get().locale || !this.#words?.locales.includes(locale)) return;
    void this.#switchTo(locale, false);
  }

  /** Before there is a conversation, its opening notice is shown already. */
  #opening() {
    if (this.#words) this.session?.addDisclosure({ ...this.#words.disclosure, before_seq: 0 }, true);
  }

  // -- building

  #build() {
    for (const view of this.#views) view.dispose();
    const words = /** @type {Strings} */ (this.#words);
    const session = /** @type {Session} */ (this.session);
    this.#frame.lang = words.locale;
    this.#frame.dir = words.dir;
    const log = (this.#log = new LogView(session, this.#context(words)));
    const status = new StatusBar(session, words);
    const queue = new QueueCard(session, words);
    const answer = new AnswerCard(session, words);
    const rate = new RateCard(session, words);
    const notes = new Notes(session, words);
    const intro = new Intro(session, words, /** @type {Client} */ (this.client), this.#suggestions(), (text) => session.say(text));
    const composer = (this.#composer = new Composer(words, (text) => session.say(text)));
    const announced = new Announcements(session, /** @type {Client} */ (this.client), words);
    log.intro.append(intro.el);
    this.#views = [log, intro, notes, announced, { dispose: () => (status.stop(), queue.stop(), answer.stop(), rate.stop()) }];
    const dialog = /** @type {SourceDialog} */ (this.dialog);
    const parts = [this.#header(words), status.el, announced.el, log.scroller, log.latest, notes.el, queue.el, answer.el, rate.el, composer.el, new Attach(session, /** @type {Client} */ (this.client), words).el];
    const role = this.paged ? "region" : "dialog";
    this.#panel = h("section", { class: "panel", role, "aria-label": words.t("title") }, ...parts);
    this.#panel.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && !this.paged && !dialog.el.open) this.close();
    });
    this.#launcher = h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", on: { click: () => (this.isOpen ? this.close() : this.open()) } });
    this.#frame.replaceChildren(this.#panel, this.paged ? "" : this.#launcher, dialog.el);
    this.#showPanel();
  }

  /** @param {Strings} words */
  #header(words) {
    const session = /** @type {Session} */ (this.session);
    const menu = new Menu(words, {
      textSize: () => this.storage?.get().textSize ?? 0,
      setTextSize: (index) => (this.storage?.set({ textSize: index }), this.#size()),
      setLocale: (locale) => void this.#switchTo(locale, true),
      transcript: () => void this.#transcript(),
      startAnew: () => session.startAnew(),
      hasConversation: () => Boolean(session.conversation),
      serviceURL: `${CandorChat.base}service`,
    });
    const close = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": words.t("close"), on: { click: () => this.close() } }, icon("close"));
    const home = this.getAttribute("home");
    // On a page of its own the chat is what the page is about.
    const org = h(this.paged && home ? "h1" : "h2", {}, h(home ? "a" : "span", { class: "org", href: home }, ...signature(words.org, words.brand.logo, CandorChat.base)));
    const title = h("div", { class: "title" }, org, h("p", { text: words.t("title") }));
    return h("div", { class: "head" }, title, menu.el, this.paged ? null : close);
  }

  /** @param {Strings} words */
  #context(words) {
    const session = /** @type {Session} */ (this.session);
    return {
      words,
      onSource: (/** @type {any} */ m, /** @type {any} */ citation) => void this.dialog?.open(m, citation),
      onFeedback: (/** @type {any} */ m, /** @type {boolean} */ helpful, /** @type {string|undefined} */ comment) => session.feedback(m.seq, helpful, comment),
      said: (/** @type {number} */ seq) => session.messages.get(seq),
      onShow: (/** @type {number} */ seq) => this.#log?.show(seq),
      file: (/** @type {string} */ id) => /** @type {Client} */ (this.client).file(id),
      onRetry: (/** @type {string} */ cid) => (session.outbox.retry(cid), this.#composer?.focus()),
      onDiscard: (/** @type {any} */ item) => (session.outbox.remove(item.cid), this.#composer?.fill(item.text)),
    };
  }

  #suggestions() {
    return (this.getAttribute("suggestions") ?? "").split("\n").map((s) => s.trim()).filter(Boolean);
  }

  // -- living

  #showPanel() {
    const words = /** @type {Strings} */ (this.#words);
    const open = this.isOpen;
    if (this.#panel) this.#panel.hidden = !open;
    if (open) {
      this.#unread = 0;
      this.#log?.toEnd();
    }
    const launcher = this.#launcher;
    if (!launcher) return;
    launcher.setAttribute("aria-expanded", String(open));
    launcher.replaceChildren(icon(open ? "close" : "chat"), h("span", { class: open ? "sr" : "", text: words.t(open ? "close" : "open") }));
    if (this.#unread > 0) {
      const badge = h("span", { class: "unread" }, h("span", { "aria-hidden": "true", text: words.number(this.#unread) }), h("span", { class: "sr", text: words.t("new_messages") }));
      add(launcher, badge);
    }
    this.#emit(open ? "open" : "close");
  }

  /**
   * @param {import("./types.js").Message} m
   * @param {boolean} known
   */
  #arrived(m, known) {
    if (known || m.author.type === "customer" || this.session?.reading) return;
    this.#emit("message", { seq: m.seq, author: m.author.type });
    if (this.isOpen) return;
    this.#unread++;
    this.#showPanel();
  }

  /** A link or button of the page with data-candor-ask brings a question. */
  #asked(/** @type {MouseEvent} */ e) {
    const link = /** @type {Element|null} */ (e.target)?.closest?.("[data-candor-ask]");
    if (!link || !this.#panel) return;
    e.preventDefault();
    this.ask(link.getAttribute("data-candor-ask") ?? "");
  }

  /** The page may have a root font size of its own: ours is the reader's, times the size chosen in the menu. */
  #size() {
    const probe = h("span", { class: "probe" });
    this.#frame.append(probe);
    const medium = Number.parseFloat(getComputedStyle(probe).fontSize);
    probe.remove();
    const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const chosen = textSizes[this.storage?.get().textSize ?? 0] ?? 1;
    this.#frame.style.setProperty("--zoom", String((medium / root || 1) * chosen));
  }

  async #transcript() {
    const blob = await /** @type {Client} */ (this.client).transcript().catch(() => null);
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    const name = `${this.session?.conversation?.reference ?? "conversation"}.html`;
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /**
   * @param {string} kind
   * @param {unknown} [detail]
   */
  #emit(kind, detail) {
    this.dispatchEvent(new CustomEvent(`candor:${kind}`, { bubbles: true, composed: true, detail }));
  }
}
