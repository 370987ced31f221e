// SPDX-License-Identifier: MIT
// The customer's side of the HTTP interface, one method an operation.

import { call, Problem } from "../shared/api.js";

/** @typedef {import("./types.js").Conversation} Conversation */
/** @typedef {import("./types.js").Message} Message */

export class Client {
  /** @type {{id: string, token: string}|null} */
  credentials = null;

  /** @param {string} base Address of the gateway, with a slash at the end. */
  constructor(base) {
    this.base = base;
  }

  /** @returns {Record<string, string>} */
  headers() {
    return this.credentials ? { Authorization: `Bearer ${this.credentials.token}` } : {};
  }

  /** @param {string} [path] */
  url(path = "") {
    const id = this.credentials?.id ?? "";
    return `${this.base}v1/conversations/${id}${path}`;
  }

  /** @param {string} locale */
  strings(locale) {
    return call(`${this.base}v1/widget/strings?locale=${encodeURIComponent(locale)}`, { cache: "no-cache" });
  }

  service() {
    return call(`${this.base}service`);
  }

  /** @param {string} locale */
  announcements(locale) {
    return call(`${this.base}v1/announcements/current?locale=${encodeURIComponent(locale)}`);
  }

  /**
   * @param {string} locale
   * @param {string} identity
   */
  async open(locale, identity) {
    const open = (/** @type {any} */ body) => call(`${this.base}v1/conversations`, { method: "POST", body });
    try {
      return await open(identity ? { locale, customer: { identity_token: identity } } : { locale });
    } catch (err) {
      // A token that is not believed, perhaps of a page that was open for long, keeps nobody from asking.
      if (!identity || !(err instanceof Problem) || !err.code.startsWith("identity_")) throw err;
      return open({ locale });
    }
  }

  /**
   * @param {number} after
   * @returns {Promise<{messages: Message[], disclosures: import("./types.js").Disclosure[], conversation: Conversation}>}
   */
  messages(after, limit = 200) {
    return call(this.url(`/messages?after=${after}&limit=${limit}`), { headers: this.headers() });
  }

  /**
   * @param {string} text
   * @param {string} cid
   * @returns {Promise<{message: Message, conversation: Conversation}>}
   */
  post(text, cid) {
    const headers = { ...this.headers(), Prefer: "respond-async" };
    return call(this.url("/messages"), { method: "POST", headers, body: { text, client_message_id: cid } });
  }

  /**
   * Sends a file; fetch tells no progress, so this is the older way.
   * @param {File} file
   * @param {(share: number) => void} progress
   * @returns {Promise<void>}
   */
  attach(file, progress) {
    const body = new FormData();
    body.append("file", file);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.url("/attachments"));
      for (const [name, value] of Object.entries(this.headers())) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.upload.addEventListener("progress", (e) => e.lengthComputable && progress(e.loaded / e.total));
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Problem(request.status, request.response?.code ?? "", request.response?.detail ?? ""))));
      request.addEventListener("error", () => reject(new Error("")));
      request.send(body);
    });
  }

  /**
   * @param {string} file
   * @returns {Promise<Blob>}
   */
  async file(file) {
    const response = await fetch(this.url(`/attachments/${file}`), { headers: this.headers() });
    if (!response.ok) throw new Error("");
    return response.blob();
  }

  /** @returns {Promise<{messages: Message[], conversation: Conversation}>} */
  requestPerson() {
    return call(this.url("/handoff"), { method: "POST", headers: this.headers(), body: {} });
  }

  /** @returns {Promise<{messages: Message[], conversation: Conversation}>} */
  leaveQueue() {
    return call(this.url("/handoff"), { method: "DELETE", headers: this.headers() });
  }

  /**
   * @param {string} email
   * @param {string} textShown
   * @param {string} locale
   * @returns {Promise<{messages: Message[], conversation: Conversation}>}
   */
  leaveContact(email, textShown, locale) {
    const body = { email, text_shown: textShown, locale };
    return call(this.url("/contact"), { method: "POST", headers: this.headers(), body });
  }

  /** @returns {Promise<{messages: Message[], conversation: Conversation}>} */
  withdrawContact() {
    return call(this.url("/contact"), { method: "DELETE", headers: this.headers() });
  }

  /** A new conversation that goes on with this one, which is closed. */
  continue() {
    return call(this.url("/continue"), { method: "POST", headers: this.headers() });
  }

  /**
   * @param {string} purpose
   * @param {boolean} given
   * @param {string} textShown
   * @param {string} locale
   */
  consent(purpose, given, textShown, locale) {
    const body = { purpose, given, text_shown: textShown, locale };
    return call(this.url("/consents"), { method: "POST", headers: this.headers(), body });
  }

  /**
   * @param {boolean} solved
   * @returns {Promise<{messages: Message[], conversation: Conversation}>}
   */
  followUp(solved) {
    return call(this.url("/follow-up"), { method: "POST", headers: this.headers(), body: { solved } });
  }

  /** @param {number} seq @param {boolean} helpful @param {string} [comment] */
  feedback(seq, helpful, comment) {
    return call(this.url(`/messages/${seq}/feedback`), { method: "POST", headers: this.headers(), body: { helpful, comment } });
  }

  /** @param {import("./types.js").Rating} rating */
  rate(rating) {
    return call(this.url("/rating"), { method: "POST", headers: this.headers(), body: rating });
  }

  /**
   * @param {number} article
   * @param {number} version
   */
  source(article, version) {
    return call(this.url(`/sources/${article}/${version}`), { headers: this.headers() });
  }

  /** @returns {Promise<Blob>} the conversation as a page to keep */
  async transcript() {
    const response = await fetch(this.url("/transcript"), { headers: { ...this.headers(), Accept: "text/html" } });
    if (!response.ok) throw new Error(`the transcript answered ${response.status}`);
    return response.blob();
  }
}
