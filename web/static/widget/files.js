// SPDX-License-Identifier: MIT
// Files in the chat: sending one, with progress, and showing those of a message. A picture is drawn on a canvas from its bytes, so
// that it is never a document or a resource of the page.

import { add, h, icon } from "../shared/dom.js";

/** @typedef {import("./types.js").Message} Message */

const limit = 10;
const side = 240;
const saidFor = 8_000;

/** The button beside the text, with what becomes of the file. */
export class Attach {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./client.js").Client} client
   * @param {import("./strings.js").Strings} words
   */
  constructor(session, client, words) {
    this.session = session;
    this.client = client;
    this.words = words;
    this.input = h("input", { type: "file", class: "sr", id: "file", accept: "image/jpeg,image/png,image/webp,image/gif,application/pdf", tabindex: "-1", "aria-label": words.t("attach") });
    this.button = h("button", { type: "button", class: "btn btn-small btn-quiet" }, icon("doc"), h("span", { text: words.t("attach") }));
    this.status = h("span", { role: "status", text: words.t("attach_hint", { limit }) });
    this.el = h("div", { class: "attach" }, this.button, this.input, this.status);
    this.button.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => void this.#send());
  }

  /** @type {ReturnType<typeof setTimeout>|undefined} */ #fading;

  async #send() {
    const file = this.input.files?.[0];
    this.input.value = "";
    if (!file) return;
    clearTimeout(this.#fading);
    this.button.disabled = true;
    try {
      await this.session.ensureOpen();
      await this.client.attach(file, (share) => this.#say("attach_sending", { n: Math.round(share * 100) }));
      this.#say("attach_sent");
      // Then it says again what can be sent.
      this.#fading = setTimeout(() => this.#say("attach_hint", { limit }), saidFor);
    } catch (err) {
      const { code, message } = /** @type {import("../shared/api.js").Problem} */ (err);
      this.status.textContent = this.words.t(`attach_${code}`, { limit }) || message || this.words.t("attach_failed");
    } finally {
      this.button.disabled = false;
    }
  }

  /**
   * @param {string} key
   * @param {Record<string, string|number>} [values]
   */
  #say(key, values) {
    this.status.textContent = this.words.t(key, values);
  }
}

/**
 * The files of a message; a click fetches one and keeps it.
 * @param {Message} m
 * @param {(id: string) => Promise<Blob>} fetchFile
 * @param {string} label What the button does.
 */
export function fileList(m, fetchFile, label) {
  const list = h("div", { class: "files" });
  for (const f of m.attachments ?? []) {
    const button = h("button", { type: "button", class: "btn btn-small btn-quiet" }, `${label}: ${f.name}`);
    button.addEventListener("click", () => void keep(fetchFile(f.id), f.name));
    add(list, button);
    if (f.media_type.startsWith("image/")) void draw(list, fetchFile(f.id), f.name);
  }
  return list;
}

/**
 * @param {Promise<Blob>} fetched
 * @param {string} name
 */
async function keep(fetched, name) {
  const url = URL.createObjectURL(await fetched);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * @param {HTMLElement} list
 * @param {Promise<Blob>} fetched
 * @param {string} name
 */
async function draw(list, fetched, name) {
  try {
    const picture = await createImageBitmap(await fetched);
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = h("canvas", { role: "img", "aria-label": name, width: Math.ceil(picture.width * scale), height: Math.ceil(picture.height * scale) });
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    list.prepend(canvas);
  } catch {
    // The button remains.
  }
}
