// SPDX-License-Identifier: MIT
// One event connection for all tabs of a conversation. The tab that holds the lock reads the stream and passes events on; when it
// goes, the next one takes over from the last event that it has seen. Without locks or channels every tab reads for itself.

import { EventStream } from "../shared/sse.js";

/** @typedef {import("../shared/sse.js").ServerEvent} ServerEvent */
/** @typedef {import("../shared/sse.js").LinkState} LinkState */

const snapshots = new Set(["conversation.updated", "queue.updated"]);
const ofTurn = new Set(["turn.started", "message.delta"]);

/**
 * @typedef {object} ChannelOptions
 * @property {string} id The conversation.
 * @property {string} url
 * @property {() => Record<string, string>} headers
 * @property {() => number} lastSeq
 * @property {(e: ServerEvent) => void} onEvent
 * @property {(state: LinkState, status?: number) => void} onState
 */

export class Channel {
  /** @type {ChannelOptions} */ #o;
  /** @type {EventStream|null} */ #stream = null;
  /** @type {BroadcastChannel|null} */ #tabs = null;
  /** @type {AbortController} */ #queueing = new AbortController();
  /** @type {(() => void)|null} */ #release = null;
  /** @type {LinkState} */ #state = "connecting";
  /** @type {Map<string, ServerEvent>} What a tab that joins needs to see. */ #recent = new Map();
  /** @type {ServerEvent[]} */ #turn = [];

  /** @param {ChannelOptions} o */
  constructor(o) {
    this.#o = o;
  }

  start() {
    if (!navigator.locks || typeof BroadcastChannel === "undefined") return this.#lead();
    this.#tabs = new BroadcastChannel(`candor:${this.#o.id}`);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
    this.#tabs.postMessage({ hello: true });
    const hold = () =>
      new Promise((resolve) => {
        this.#release = () => resolve(undefined);
        this.#lead();
      });
    navigator.locks.request(`candor:${this.#o.id}`, { signal: this.#queueing.signal }, hold).catch(() => {});
  }

  stop() {
    this.#queueing.abort();
    this.#release?.();
    this.#stream?.stop();
    this.#tabs?.close();
    this.#stream = this.#tabs = null;
  }

  #lead() {
    const seq = this.#o.lastSeq();
    this.#stream = new EventStream({
      url: this.#o.url,
      headers: this.#o.headers,
      lastID: seq > 0 ? String(seq) : null,
      onEvent: (e) => {
        this.#remember(e);
        this.#tabs?.postMessage({ event: e });
        this.#o.onEvent(e);
      },
      onState: (state, status) => {
        this.#state = state;
        this.#tabs?.postMessage({ state, status });
        this.#o.onState(state, status);
      },
    });
    this.#stream.start();
  }

  /** @param {ServerEvent} e */
  #remember(e) {
    if (snapshots.has(e.event)) this.#recent.set(e.event, e);
    if (e.event === "turn.started") this.#turn = [];
    if (e.event === "turn.ended") this.#turn = [];
    if (ofTurn.has(e.event)) this.#turn.push(e);
  }

  /** @param {{hello?: boolean, event?: ServerEvent, state?: LinkState, status?: number}} said */
  #hear(said) {
    if (said.hello && this.#stream) {
      for (const e of [...this.#recent.values(), ...this.#turn]) this.#tabs?.postMessage({ event: e });
      this.#tabs?.postMessage({ state: this.#state });
    } else if (this.#stream) return;
    else if (said.event) this.#o.onEvent(said.event);
    else if (said.state && said.state !== "stopped") this.#o.onState(said.state, said.status);
  }
}
