// SPDX-License-Identifier: MIT
// What the desk knows: the queue, the agent's own cases, the bot's conversations, and the one that is open. Views listen.
//
// Kinds of news: lists, inbox, record, message, draft, notes, selected, seen, taken, undoable, told, presence, mentions, around, link, problem.

import { Emitter } from "../shared/emitter.js";
import { call, Problem } from "../shared/api.js";
import { EventStream } from "../shared/sse.js";
import { Seen } from "./seen.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Staff} Staff
 * @typedef {import("./types.js").CaseSummary} CaseSummary
 * @typedef {import("./types.js").Live} Live
 * @typedef {import("./types.js").Selection} Selection
 * @typedef {import("./types.js").DeskRecord} DeskRecord
 */

const liveEvery = 1_500;
const liveSeldom = 10_000;

export class DeskModel extends Emitter {
  counts = { waiting: 0, mine: 0, snoozed: 0, open: 0 };
  /** @type {CaseSummary[]} The first of them. */ waiting = [];
  /** @type {CaseSummary[]} The first of them, without those put aside. */ mine = [];
  /** @type {Live[]} */ live = [];
  /** @type {Selection|null} */ selected = null;
  /** @type {DeskRecord|null} */ record = null;
  /** @type {Map<string, import("../widget/types.js").Draft>} */ drafts = new Map();
  seen = new Seen();
  /** @type {any} Who is around the open case. */ around = null;
  link = "connecting";
  /** @type {any[]} Notes on the open case. */ notes = [];
  /** @type {Set<string>} Cases that this agent took: no news when they come. */ taken = new Set();
  /** The list of the bot's conversations is being looked at. */ watchesLive = false;

  /** @type {EventStream|null} */ #stream = null;
  #reading = 0;
  #again = false;

  /** @param {Staff} me */
  constructor(me) {
    super();
    this.me = me;
  }

  start() {
    this.#listen();
    void this.refreshLive();
    for (const kind of ["visibilitychange", "focus"]) (kind === "focus" ? globalThis : document).addEventListener(kind, () => this.#look());
    let read = 0;
    setInterval(() => {
      const due = Date.now() - read >= (this.watchesLive ? liveEvery : liveSeldom);
      if (document.visibilityState !== "visible" || !due) return;
      read = Date.now();
      void this.refreshLive();
    }, 500);
  }

  /** Whether the open case is the agent's own, to be answered. */
  get own() {
    const c = this.record?.case;
    return Boolean(c && c.assignee?.id === this.me.id && this.record.conversation.owner === "agent");
  }

  /** @param {Selection|null} selection */
  async select(selection) {
    this.selected = selection;
    this.record = null;
    this.notes = [];
    this.drafts.clear();
    this.emit("selected", selection);
    this.emit("record", null);
    this.#listen();
    if (selection) await this.refresh();
  }

  /** Reads the open record again; calls at the same time become one. */
  async refresh() {
    if (this.#reading++ > 0) {
      this.#again = true;
      return;
    }
    do {
      this.#again = false;
      await this.#read();
    } while (this.#again);
    this.#reading = 0;
  }

  async #read() {
    const wanted = this.selected;
    if (!wanted) return;
    const path = wanted.kind === "case" ? `/v1/cases/${wanted.id}` : `/v1/desk/conversations/${wanted.id}`;
    const record = await this.ask(() => call(path));
    if (!record || this.selected !== wanted) return;
    this.record = record;
    this.around = record.case?.around ?? null;
    for (const m of record.messages) if (m.turn) this.drafts.delete(m.turn);
    this.emit("record", record);
    this.#look();
    if (record.case) await this.#readNotes(record.case.id);
  }

  /** @param {string} id */
  async #readNotes(id) {
    const found = await this.ask(() => call(`/v1/cases/${id}/notes`), true);
    if (!found || this.record?.case?.id !== id || JSON.stringify(found.notes) === JSON.stringify(this.notes)) return;
    this.notes = found.notes;
    this.emit("notes");
  }

  /**
   * A part of a list.
   * @param {string} view
   * @param {number} offset
   * @param {number} limit
   * @returns {Promise<{cases: CaseSummary[], total?: number}|null>}
   */
  part(view, offset, limit) {
    return this.ask(() => call(`/v1/inbox?view=${view}&offset=${offset}&limit=${limit}`), true);
  }

  /**
   * @param {string} reference Or its beginning.
   * @returns {Promise<CaseSummary[]|null>}
   */
  async find(reference) {
    const page = await this.ask(() => call(`/v1/inbox?reference=${encodeURIComponent(reference)}`));
    return page?.cases ?? null;
  }

  /** The open case is being looked at: what its customer wrote is not news any more. */
  #look() {
    const { record } = this;
    if (!record?.case || document.visibilityState !== "visible" || !document.hasFocus()) return;
    const newest = record.messages.findLast((/** @type {Message} */ m) => m.author.type === "customer")?.seq ?? 0;
    if (this.seen.mark(record.case.id, newest)) this.emit("seen");
  }

  async refreshLive() {
    const page = await this.ask(() => call("/v1/desk/conversations?limit=50"), true);
    if (!page) return;
    this.live = page.conversations;
    this.emit("lists");
  }

  // -- acting

  /** @param {string} id */
  claim(id) {
    this.taken.add(id);
    return this.act(() => call(`/v1/cases/${id}/claim`, { method: "POST" }));
  }

  /** @param {string} conversation */
  takeOver(conversation) {
    return this.act(() => call(`/v1/conversations/${conversation}/take-over`, { method: "POST" }));
  }

  /** @param {string} id */
  release(id) {
    return this.act(() => call(`/v1/cases/${id}/release`, { method: "POST" }), "Released");
  }

  /**
   * @param {string} id
   * @param {{team?: string, agent_id?: string, note?: string}} to
   */
  transfer(id, to) {
    return this.act(() => call(`/v1/cases/${id}/transfer`, { method: "POST", body: to }), "Transferred");
  }

  /**
   * @param {string} id
   * @param {string} priority
   */
  prioritise(id, priority) {
    return this.act(() => call(`/v1/cases/${id}/priority`, { method: "POST", body: { priority } }));
  }

  /**
   * Takes this agent's last step with a case back.
   * @param {string} id
   */
  undo(id) {
    this.taken.add(id);
    return this.act(() => call(`/v1/cases/${id}/undo`, { method: "POST" }));
  }

  /**
   * Throws a Problem when the note was not taken.
   * @param {string} id
   * @param {string} text
   * @param {string} nid Of this note, so that it is written once.
   */
  async addNote(id, text, nid) {
    await call(`/v1/cases/${id}/notes`, { method: "POST", body: { text, client_note_id: nid } });
    await this.#readNotes(id);
  }

  /** @param {string} status */
  async setPresence(status) {
    const me = await this.ask(() => call("/v1/presence", { method: "PUT", body: { status } }));
    if (me) this.emit("presence", me);
    return Boolean(me);
  }

  async readPresence() {
    const found = await this.ask(() => call("/v1/presence"), true);
    const me = found?.agents.find((/** @type {any} */ a) => a.id === this.me.id);
    if (me) this.emit("presence", me);
  }

  /**
   * @param {string} id
   * @param {string} outcome
   * @param {string} note
   */
  resolve(id, outcome, note) {
    const body = note ? { outcome, note } : { outcome };
    return this.act(() => call(`/v1/cases/${id}/resolve`, { method: "POST", body }), "Resolved");
  }

  /**
   * Throws a Problem when the message was not taken.
   * @param {string} id
   * @param {string} text
   * @param {string} cid
   */
  async reply(id, text, cid) {
    const { message } = await call(`/v1/cases/${id}/messages`, { method: "POST", body: { text, client_message_id: cid } });
    this.#message(message);
  }

  /**
   * Colleagues see that something is written here; the customer does not.
   * @param {string} id
   */
  writing(id) {
    void call(`/v1/cases/${id}/viewing`, { method: "POST", body: { typing: true } }).catch(() => {});
  }

  /** The colleagues who are writing in the open case just now. */
  get writers() {
    const a = this.around;
    if (!a || a.case_id !== this.record?.case?.id) return [];
    return a.viewers.filter((/** @type {any} */ v) => v.typing && v.id !== this.me.id).map((/** @type {any} */ v) => v.name);
  }

  /** @param {string} id */
  typing(id) {
    void call(`/v1/cases/${id}/typing`, { method: "POST" }).catch(() => {});
  }

  /**
   * @param {() => Promise<any>} action
   * @param {string} [step] What it was, in a word, where it can be taken back.
   */
  async act(action, step) {
    const at = this.selected;
    const result = await this.ask(action);
    if (!result) {
      if (this.selected) void this.refresh();
      return null;
    }
    // Who went to another case before the answer came is not fetched back.
    if (this.selected === at) {
      if (result.case.assignee?.id === this.me.id) this.emit("taken");
      await this.select({ kind: "case", id: result.case.id });
    }
    void this.refreshLive();
    if (step) this.emit("undoable", { id: result.case.id, text: `${step} ${result.case.reference}.` });
    return result;
  }

  /**
   * @param {() => Promise<any>} action
   * @param {boolean} [quiet]
   */
  async ask(action, quiet = false) {
    try {
      return await action();
    } catch (err) {
      const problem = err instanceof Problem ? err : new Problem(0, "unknown", String(err));
      if (problem.status === 401) this.#signedOut();
      else if (!quiet) this.emit("problem", problem.message || "The server cannot be reached. Please try again.");
      return null;
    }
  }

  // -- hearing

  #listen() {
    this.#stream?.stop();
    const { selected } = this;
    const query = selected ? `?${selected.kind}=${encodeURIComponent(selected.id)}` : "";
    const newest = this.record?.messages.at(-1)?.seq ?? 0;
    this.#stream = new EventStream({
      url: `/v1/desk/events${query}`,
      headers: () => ({}),
      lastID: newest > 0 ? String(newest) : null,
      onEvent: (e) => this.#hear(e),
      onState: (state, status) => this.#linked(state, status),
    });
    this.#stream.start();
  }

  /** @param {import("../shared/sse.js").ServerEvent} e */
  #hear(e) {
    const data = JSON.parse(e.data || "{}");
    switch (e.event) {
      case "queue.updated":
        if (!Array.isArray(data.cases)) return;
        this.waiting = data.cases;
        return this.emit("lists");
      case "inbox.updated":
        this.counts = data.counts;
        this.mine = data.mine;
        this.emit("inbox");
        return this.emit("lists");
      case "viewing.updated":
        this.around = data;
        return this.emit("around", data);
      case "mentions.updated":
        return this.emit("mentions", data.unseen);
      case "message.created":
        this.#message(data);
        // A notice says that something has changed with the case.
        if (data.author.type === "system") void this.refresh();
        return;
      case "turn.started":
        this.drafts.set(data.turn, { turn: data.turn, disclosure: data.disclosure, sentences: [], ended: false });
        return this.emit("draft", data.turn);
      case "message.delta":
        return this.#delta(data);
      case "turn.ended":
        this.drafts.delete(data.turn);
        this.emit("draft", data.turn);
        return void this.refresh();
      case "conversation.updated":
        return this.#conversation(data);
      case "reset":
        return void this.refresh();
      case "session.ended":
        return this.#signedOut();
    }
  }

  /** @param {Message} m */
  #message(m) {
    const { record } = this;
    if (!record) return;
    const at = record.messages.findIndex((/** @type {Message} */ x) => x.seq >= m.seq);
    if (at < 0) record.messages.push(m);
    else record.messages.splice(at, record.messages[at].seq === m.seq ? 1 : 0, m);
    if (m.turn) this.drafts.delete(m.turn);
    this.emit("message", m);
    this.#look();
  }

  /** @param {{turn: string, index: number, text: string}} e */
  #delta(e) {
    const draft = this.drafts.get(e.turn) ?? { turn: e.turn, disclosure: undefined, sentences: [], ended: false };
    draft.sentences[e.index] = e.text;
    this.drafts.set(e.turn, draft);
    this.emit("draft", e.turn);
  }

  /** @param {any} c */
  #conversation(c) {
    if (!this.record || this.record.conversation.id !== c.id) return;
    const moved = ["epoch", "state", "return_asked"].some((name) => this.record.conversation[name] !== c[name]);
    this.record.conversation = c;
    if (moved) void this.refresh();
  }

  /**
   * @param {import("../shared/sse.js").LinkState} state
   * @param {number} [status]
   */
  #linked(state, status) {
    if (state === "stopped") return;
    if (state === "refused" && status === 401) return this.#signedOut();
    // What was missed while away is read in one piece.
    if (state === "open" && this.link !== "open" && this.selected) void this.refresh();
    this.link = state;
    this.emit("link", state);
  }

  #signedOut() {
    location.assign(`/signin?next=${encodeURIComponent(location.pathname + location.hash)}`);
  }
}
