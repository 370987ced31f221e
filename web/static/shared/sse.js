// SPDX-License-Identifier: MIT
// Reading text/event-stream with fetch, so that a bearer header can be sent: framing, watchdog, and coming back after a loss.

/** @typedef {{event: string, id: string|null, data: string}} ServerEvent */

const longest = 4 << 20;

/** Splits bytes into events as the EventSource standard does, wherever the bytes are cut. */
export class EventParser {
  #decoder = new TextDecoder();
  #rest = "";
  #event = "";
  /** @type {string[]} */
  #data = [];
  /** @type {string|null} */
  #id = null;
  /** @type {number|null} Milliseconds that the server wishes a reader to wait before coming back. */
  retry = null;

  /**
   * @param {Uint8Array} bytes
   * @returns {ServerEvent[]}
   */
  push(bytes) {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    if (this.#rest.length > longest) throw new Error("an event is too long");
    /** @type {ServerEvent[]} */
    const events = [];
    for (;;) {
      const end = this.#rest.search(/[\r\n]/);
      // A carriage return at the very end may be half of a pair.
      if (end < 0 || (this.#rest[end] === "\r" && end === this.#rest.length - 1)) return events;
      const width = this.#rest.startsWith("\r\n", end) ? 2 : 1;
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + width);
      this.#line(line, events);
    }
  }

  /**
   * @param {string} line
   * @param {ServerEvent[]} events
   */
  #line(line, events) {
    if (line === "") {
      if (this.#data.length > 0) events.push({ event: this.#event || "message", id: this.#id, data: this.#data.join("\n") });
      this.#event = "";
      this.#data = [];
      this.#id = null;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d{1,6}$/.test(value)) this.retry = Number(value);
  }
}

const silence = 40_000;
const slowest = 30_000;

/**
 * The wait before attempt n (from 0): doubling, capped, and spread so that clients of a restarted server do not come back at once.
 * @param {number} attempt
 * @param {number} [base]
 * @param {() => number} [random]
 */
export function backoff(attempt, base = 1000, random = Math.random) {
  const full = Math.min(slowest, base * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random();
}

/**
 * @typedef {"connecting"|"open"|"lost"|"offline"|"refused"|"stopped"} LinkState
 * @typedef {object} StreamOptions
 * @property {string} url
 * @property {() => Record<string, string>} headers
 * @property {string|null} lastID The last event that was read.
 * @property {(e: ServerEvent) => void} onEvent
 * @property {(state: LinkState, status?: number) => void} onState `refused` is final: the server said that this reader may not read.
 */

/** One event connection that comes back by itself. */
export class EventStream {
  /** @type {StreamOptions} */ #o;
  /** @type {AbortController|null} */ #abort = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #attempt = 0;
  #running = false;
  #wake = () => this.#hurry();

  /** @param {StreamOptions} o */
  constructor(o) {
    this.#o = o;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#connect();
  }

  stop() {
    this.#running = false;
    removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = null;
    this.#o.onState("stopped");
  }

  #hurry() {
    if (!this.#running || this.#abort || document.visibilityState === "hidden") return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  async #connect() {
    const abort = (this.#abort = new AbortController());
    this.#o.onState("connecting");
    let wait = 0;
    try {
      /** @type {Record<string, string>} */
      const headers = { ...this.#o.headers(), Accept: "text/event-stream" };
      if (this.#o.lastID) headers["Last-Event-ID"] = this.#o.lastID;
      this.#watch(abort);
      const response = await fetch(this.#o.url, { headers, cache: "no-store", credentials: "same-origin", signal: abort.signal });
      if ([400, 401, 403, 404, 410, 422].includes(response.status)) return this.#refuse(response.status);
      if (!response.ok || !response.body) {
        wait = 1000 * Number(response.headers.get("Retry-After") ?? 0);
        throw new Error(`the stream answered ${response.status}`);
      }
      wait = await this.#read(response.body.getReader(), abort);
    } catch {
      // A lost connection is not news; the state says it.
    } finally {
      clearTimeout(this.#timer);
      if (this.#abort === abort) this.#abort = null;
    }
    this.#later(wait);
  }

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader
   * @param {AbortController} abort
   * @returns {Promise<number>} the wait that the server asked for
   */
  async #read(reader, abort) {
    const parser = new EventParser();
    for (let first = true; ; first = false) {
      const { done, value } = await reader.read();
      if (done || abort.signal.aborted) return parser.retry ?? 0;
      this.#watch(abort);
      if (first) {
        this.#attempt = 0;
        this.#o.onState("open");
      }
      for (const e of parser.push(value)) {
        if (e.id !== null) this.#o.lastID = e.id;
        if (e.event === "reset") this.#o.lastID = null;
        this.#o.onEvent(e);
      }
    }
  }

  /** @param {AbortController} abort */
  #watch(abort) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => abort.abort(), silence);
  }

  /** @param {number} status */
  #refuse(status) {
    this.#running = false;
    this.#o.onState("refused", status);
  }

  /** @param {number} wait */
  #later(wait) {
    if (!this.#running) return;
    this.#o.onState(navigator.onLine ? "lost" : "offline");
    const delay = Math.max(Math.min(wait, slowest), backoff(this.#attempt++));
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}
