// SPDX-License-Identifier: MIT
// The conversation as this page knows it: what the server said, what is still to be sent, and how the connection stands. Views
// listen to it; it knows none of them.
//
// Kinds of news: message, disclosure, draft, drop-draft, outbox, conversation, link, typing, cleared, loading, problem.

import { Emitter } from "../shared/emitter.js";
import { Problem } from "../shared/api.js";
import { backoff } from "../shared/sse.js";
import { Channel } from "./channel.js";
import { Drafts } from "./drafts.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Conversation} Conversation */
/** @typedef {import("./types.js").Disclosure} Disclosure */
/** @typedef {import("../shared/sse.js").LinkState} LinkState */

const typingHolds = 6_000;
const turnPatience = 90_000;

export class Session extends Emitter {
  /** @type {Conversation|null} */ conversation = null;
  /** @type {Map<number, Message>} */ messages = new Map();
  notices = new Notices(this.messages);
  /** @type {LinkState|"idle"|"gone"} */ link = "idle";
  /** @type {string|null} Who is writing: an agent's name, "bot", or nobody. */ typing = null;
  wantsPerson = false;
  timezone = ""; // the company's, once it is known
  /** History is being read; nothing of it is news. */ reading = false;
  lastSeq = 0;

  drafts = new Drafts((kind, draft) => this.emit(kind, draft), () => this.#catchUp());
  /** @type {Channel|null} */ #channel = null;
  /** @type {Promise<void>|null} */ #opening = null;
  #generation = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #typingTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #personTimer;

  /**
   * @param {import("./client.js").Client} client
   * @param {import("./storage.js").Storage} storage
   * @param {() => string} locale For a new conversation.
   * @param {() => string} [identity] What the company's own shop says of the customer; "": nothing.
   */
  constructor(client, storage, locale, identity = () => "") {
    super();
    this.client = client;
    this.storage = storage;
    this.locale = locale;
    this.identity = identity;
    this.outbox = new Outbox((item) => this.#deliver(item), () => this.#outboxChanged());
    storage.watch(() => this.resume(false));
  }

  /**
   * Continues what an earlier page, or another tab, began.
   * @param {boolean} [unsent] With what that page did not get sent; another tab sends its own.
   */
  async resume(unsent = true) {
    this.#forget();
    const saved = this.storage.get();
    if (!saved.id || !saved.token) {
      if (unsent) this.outbox.restore(saved.outbox ?? []);
      return;
    }
    this.client.credentials = { id: saved.id, token: saved.token };
    this.#setReading(true);
    const generation = this.#generation;
    await this.#catchUpUntilDone();
    if (generation !== this.#generation) return;
    this.#setReading(false);
    if (/** @type {string} */ (this.link) === "gone") return;
    this.#listen();
    if (unsent) this.outbox.restore(saved.outbox ?? []);
    if (unsent && saved.wantsPerson) void this.requestPerson();
  }

  /** @param {string} text */
  say(text) {
    this.outbox.add(text);
  }

  /** Asks for a person, again and again until the server has heard it. */
  async requestPerson(attempt = 0) {
    clearTimeout(this.#personTimer);
    this.#wantPerson(true);
    try {
      await this.ensureOpen();
      this.#take(await this.client.requestPerson());
      this.#wantPerson(false);
    } catch (err) {
      if (err instanceof Problem && !err.transient) {
        this.#wantPerson(false);
        this.#refused(err);
        return;
      }
      this.emit("problem", { code: "unreachable", detail: "" });
      this.#personTimer = setTimeout(() => void this.requestPerson(attempt + 1), backoff(attempt));
    }
  }

  /** @param {() => Promise<{messages: Message[], conversation: Conversation}>} request Its answer is shown. */
  act(request) {
    return this.#try(async () => this.#take(await request()));
  }

  /**
   * @param {string} purpose
   * @param {boolean} given
   * @param {string} shown The words that the customer saw.
   * @param {string} locale
   */
  consent(purpose, given, shown, locale) {
    return this.#try(async () => {
      const { conversation } = await this.client.consent(purpose, given, shown, locale);
      this.#setConversation(conversation);
    });
  }

  /** @param {number} seq @param {boolean} helpful @param {string} [comment] */
  feedback(seq, helpful, comment) {
    return this.#try(() => this.client.feedback(seq, helpful, comment));
  }

  /** Leaves this conversation behind on this device; what is unsent goes with the next one. */
  startAnew() {
    this.#leave();
    this.outbox.restore(this.outbox.items);
  }

  #leave() {
    this.storage.set({ id: undefined, token: undefined, wantsPerson: false });
    this.#forget();
  }

  /** @param {boolean} reading */
  #setReading(reading) {
    this.reading = reading;
    this.emit("loading", reading);
  }

  // -- sending

  /** @param {import("./outbox.js").Outgoing} item */
  async #deliver(item) {
    try {
      await this.#post(item);
    } catch (err) {
      if (!(err instanceof Problem) || !this.#isOver(err)) throw err;
      if (err.code !== "conversation_closed") {
        this.#gone();
        throw err;
      }
      // Closed since the last word: what is written now begins a new one that goes on with it.
      const opened = await this.client.continue();
      this.#leave();
      this.#begin(opened);
      await this.#post(item);
    }
  }

  /** @param {import("./outbox.js").Outgoing} item */
  async #post(item) {
    await this.ensureOpen();
    this.#take(await this.client.post(item.text, item.cid));
  }

  /** Opens a conversation unless there is one; callers at the same time share the attempt. */
  async ensureOpen() {
    if (this.client.credentials) return;
    this.#opening ??= this.#open().finally(() => (this.#opening = null));
    await this.#opening;
  }

  async #open() {
    this.#begin(await this.client.open(this.locale(), this.identity()));
  }

  /** @param {{conversation: Conversation, token: string, disclosure: Disclosure}} opened */
  #begin(opened) {
    const { id } = opened.conversation;
    this.client.credentials = { id, token: opened.token };
    this.storage.set({ id, token: opened.token });
    this.#setConversation(opened.conversation);
    this.addDisclosure({ ...opened.disclosure, before_seq: 0 });
    this.#listen();
  }

  /** @param {{message?: Message, messages?: Message[], conversation: Conversation}} result */
  #take({ message, messages = message ? [message] : [], conversation }) {
    for (const m of messages) this.addMessage(m);
    this.#setConversation(conversation);
  }

  /** @param {Problem} problem */
  #isOver(problem) {
    return problem.status === 401 || problem.code === "conversation_not_found" || problem.code === "conversation_closed";
  }

  /** @param {Problem} problem */
  #refused(problem) {
    if (this.#isOver(problem)) this.#gone();
    else this.emit("problem", { code: problem.code, detail: problem.message });
  }

  /** @param {() => Promise<unknown>} action */
  async #try(action) {
    try {
      await action();
      return true;
    } catch (err) {
      if (err instanceof Problem && !err.transient) this.#refused(err);
      else this.emit("problem", { code: "unreachable", detail: "" });
      return false;
    }
  }

  #outboxChanged() {
    this.storage.set({ outbox: this.outbox.items.map(({ cid, text, at }) => ({ cid, text, at })) });
    this.emit("outbox", this.outbox.items);
  }

  /** @param {boolean} wants */
  #wantPerson(wants) {
    this.wantsPerson = wants;
    this.storage.set({ wantsPerson: wants });
    this.emit("conversation", this.conversation);
  }

  // -- hearing

  #listen() {
    this.#channel?.stop();
    const url = this.client.url("/events");
    this.#channel = new Channel({
      id: this.client.credentials?.id ?? "",
      url,
      headers: () => this.client.headers(),
      lastSeq: () => this.lastSeq,
      onEvent: (e) => this.#hear(e),
      onState: (state, status) => this.#setLink(state, status),
    });
    this.#channel.start();
    void this.#catchUp().catch(() => {});
  }

  /** @param {import("../shared/sse.js").ServerEvent} e */
  #hear(e) {
    const data = JSON.parse(e.data || "{}");
    switch (e.event) {
      case "message.created":
        return this.addMessage(data);
      case "disclosure.shown":
        return this.addDisclosure(data);
      case "conversation.updated":
        return this.#setConversation(data);
      case "queue.updated":
        if (this.conversation) this.#setConversation({ ...this.conversation, queue: data });
        return;
      case "rating.requested":
        if (this.conversation) this.#setConversation({ ...this.conversation, rating: data });
        return;
      case "turn.started":
        if (this.drafts.started(data)) this.#setTyping("bot", turnPatience);
        return;
      case "message.delta":
        return this.drafts.delta(data);
      case "turn.ended":
        if (this.typing === "bot") this.#setTyping(null);
        return this.drafts.ended(data);
      case "agent.typing":
        return this.#setTyping(data.name ?? this.conversation?.agent?.name ?? "agent", typingHolds);
      case "reset":
        return void this.#reload();
    }
  }

  /**
   * @param {LinkState} state
   * @param {number} [status]
   */
  #setLink(state, status) {
    if (state === "stopped" || this.link === "gone") return;
    if (state === "refused") return status === 400 || status === 422 ? this.#lost() : this.#gone();
    // What a lost stream was about to say is not known; the new one says it again.
    if (state !== "open") this.#setTyping(null);
    else this.outbox.hurry();
    this.link = state;
    this.emit("link", state);
  }

  /** The server could not read our place in the stream: read again from the start. */
  #lost() {
    this.lastSeq = 0;
    setTimeout(() => this.#listen(), backoff(2));
  }

  #gone() {
    this.#channel?.stop();
    this.link = "gone";
    this.#setTyping(null);
    this.emit("link", "gone");
  }

  async #reload() {
    this.messages.clear();
    this.lastSeq = 0;
    this.emit("cleared");
    await this.#catchUp().catch(() => {});
  }

  async #catchUp() {
    for (;;) {
      const page = await this.client.messages(this.lastSeq);
      for (const m of page.messages) this.addMessage(m);
      for (const d of page.disclosures) this.addDisclosure(d);
      this.#setConversation(page.conversation);
      if (page.messages.length < 200) return;
    }
  }

  async #catchUpUntilDone() {
    const generation = this.#generation;
    for (let attempt = 0; generation === this.#generation; attempt++) {
      try {
        return await this.#catchUp();
      } catch (err) {
        if (err instanceof Problem && (err.status === 401 || err.status === 404)) return this.#gone();
        this.link = navigator.onLine ? "lost" : "offline";
        this.emit("link", this.link);
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  // -- state

  /** @param {Message} m */
  addMessage(m) {
    const known = this.messages.has(m.seq);
    this.messages.set(m.seq, m);
    this.lastSeq = Math.max(this.lastSeq, m.seq);
    if (m.client_message_id) this.outbox.remove(m.client_message_id);
    if (m.turn) this.drafts.arrived(m.turn);
    if (m.author.type !== "customer") this.#setTyping(null);
    this.emit("message", { message: m, known });
  }

  /**
   * @param {Disclosure} d
   * @param {boolean} [opening] The page's own, from the widget's words.
   */
  addDisclosure(d, opening = false) {
    if (this.notices.add(d, opening)) this.emit("disclosure", d);
  }

  /** @param {Conversation} c */
  #setConversation(c) {
    if (this.conversation && this.conversation.id === c.id && c.epoch < this.conversation.epoch) return;
    this.conversation = c;
    if (c.owner === "agent" && this.typing === "bot") this.#setTyping(null);
    this.emit("conversation", c);
  }

  /**
   * An indicator always carries the time at which it goes by itself.
   * @param {string|null} who
   * @param {number} [holds]
   */
  #setTyping(who, holds = 0) {
    clearTimeout(this.#typingTimer);
    if (who) this.#typingTimer = setTimeout(() => this.#setTyping(null), holds);
    if (who === this.typing) return;
    this.typing = who;
    this.emit("typing", who);
  }

  #forget() {
    this.#generation++;
    this.#setReading(false);
    this.#channel?.stop();
    this.#channel = null;
    clearTimeout(this.#personTimer);
    this.client.credentials = null;
    this.conversation = null;
    this.messages.clear();
    this.notices.list = [];
    this.drafts.clear();
    this.lastSeq = 0;
    this.wantsPerson = false;
    this.link = "idle";
    this.#setTyping(null);
    this.emit("cleared");
    this.emit("conversation", null);
    this.emit("link", "idle");
  }
}
