// SPDX-License-Identifier: MIT
// Files in the transcript, with a small picture of those that have one, and sending one to the customer.

import { Problem } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";

/** @type {Record<string, string>} */
const kinds = { "image/jpeg": "JPEG picture", "image/png": "PNG picture", "image/gif": "GIF picture", "image/webp": "WebP picture", "application/pdf": "PDF document" };

/** @param {number} bytes */
export function size(bytes) {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * The server sends them as downloads, and small pictures that it has drawn itself.
 * @param {{id: string, name: string, media_type: string, size: number}[]} files
 * @param {string|undefined} caseID
 */
export function fileList(files, caseID) {
  return h("ul", { class: "files" }, ...files.map((f) => file(f, caseID)));
}

/**
 * @param {{id: string, name: string, media_type: string, size: number}} f
 * @param {string|undefined} caseID
 */
function file(f, caseID) {
  const about = h("span", { class: "hint", text: `${kinds[f.media_type] ?? f.media_type}, ${size(f.size)}` });
  const name = h("bdi", { text: f.name });
  if (!caseID) return h("li", {}, icon("doc"), h("span", { class: "file-words" }, name, about));
  const path = `/v1/cases/${caseID}/attachments/${f.id}`;
  const sign = icon("doc");
  const link = h("a", { href: path, download: f.name }, name);
  const el = h("li", {}, sign, h("span", { class: "file-words" }, link, about));
  if (!f.media_type.startsWith("image/")) return el;
  const picture = h("img", { src: `${path}/thumbnail`, alt: `Small picture of ${f.name}`, loading: "lazy", decoding: "async" });
  // Of some there is none; the name is enough then.
  picture.addEventListener("error", () => picture.replaceWith(sign));
  sign.replaceWith(picture);
  return el;
}

/** The button beside the reply, with what became of the file. */
export class AttachButton {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.input = h("input", { type: "file", class: "sr", accept: Object.keys(kinds).join(), tabindex: "-1", "aria-label": "File for the customer" });
    this.button = h("button", { type: "button", class: "btn btn-small btn-quiet", title: "A picture or a PDF document, 10 MB at most; sent at once", text: "Attach\u2026", on: { click: () => this.input.click() } });
    this.said = h("p", { class: "hint attach-said", role: "status" });
    this.el = h("span", { class: "attach-button" }, this.button, this.input);
    this.input.addEventListener("change", () => void this.#send());
    model.on("selected", () => (this.said.textContent = ""));
  }

  async #send() {
    const chosen = this.input.files?.[0];
    const id = this.model.record?.case?.id;
    if (!chosen || !id) return;
    this.button.disabled = true;
    this.said.textContent = `Sending ${chosen.name}.`;
    try {
      await upload(id, chosen);
      this.said.textContent = `${chosen.name} is sent.`;
      await this.model.refresh();
    } catch (err) {
      this.said.textContent = `${chosen.name} is not sent. ${/** @type {Error} */ (err).message || "The server cannot be reached; please try again."}`;
    } finally {
      this.input.value = "";
      this.button.disabled = false;
    }
  }
}

/**
 * @param {string} id Of the case.
 * @param {File} chosen
 */
async function upload(id, chosen) {
  const form = new FormData();
  form.append("file", chosen, chosen.name);
  const response = await fetch(`/v1/cases/${id}/attachments`, { method: "POST", body: form, credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  if (response?.ok) return;
  const problem = await response?.json().catch(() => null);
  throw new Problem(response?.status ?? 0, problem?.code ?? "unreachable", problem?.detail ?? "");
}
