// SPDX-License-Identifier: MIT
// What was published before: what has changed since, and the way back.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { Dialog } from "./dialog.js";
import { drawDiff } from "./diff.js";
import { WrongDialog } from "./wrong.js";

export class Versions {
  #asked = 0;

  /** @param {(text: string) => void} say */
  constructor(say) {
    this.say = say;
    this.wrong = new WrongDialog();
    this.dialog = new Dialog("Version");
    this.dialog.el.classList.add("dialog-full");
    this.list = h("ol", { class: "plain versions", "aria-label": "Published versions" });
    this.el = h("div", {}, this.list);
    /** @type {import("./draft.js").Draft|null} */
    this.draft = null;
  }

  /** @param {import("./draft.js").Draft} draft */
  async show(draft) {
    this.draft = draft;
    const asked = ++this.#asked;
    const none = h("li", { class: "hint", text: "Nothing has been published yet. Each publication is kept here." });
    if (draft.id === null) return this.list.replaceChildren(none);
    try {
      const { versions } = await call(`/v1/articles/${draft.id}/versions`);
      if (asked !== this.#asked) return;
      const live = draft.article?.live?.version;
      this.list.replaceChildren(...(versions.length ? versions.map((/** @type {any} */ v) => this.#row(v, live)) : [none]));
    } catch {
      if (asked === this.#asked) this.list.replaceChildren(h("li", { class: "hint", text: "The versions cannot be read: the server is out of reach." }));
    }
  }

  /** @param {any} v @param {number|undefined} live */
  #row(v, live) {
    const name = `version ${v.version}`;
    return h(
      "li",
      { class: "version" },
      h("p", {}, h("strong", { text: `Version ${v.version}` }), " ", v.version === live && h("span", { class: "tag tag-good", text: "Live" }), v.wrong_at && h("span", { class: "tag tag-bad", text: "Wrong" })),
      h("p", { class: "hint" }, h("time", { datetime: v.published_at, text: dateAndTime(v.published_at, "en-GB") }), [v.published_by && `by ${v.published_by.name}`, v.approved_by && v.approved_by.id !== v.published_by?.id && `approved by ${v.approved_by.name}`, v.title].filter(Boolean).map((w) => ` \u00b7 ${w}`).join("")),
      h(
        "p",
        { class: "version-actions" },
        h("button", { type: "button", class: "btn btn-small", "aria-label": `Compare ${name} with the text`, text: "Compare", on: { click: () => void this.#compare(v.version, v.wrong_at) } }),
        h("button", { type: "button", class: "btn btn-small", "aria-label": `Restore ${name}`, text: "Restore", on: { click: () => void this.#restore(v.version, v.wrong_at) } }),
        v.wrong_at ? null : h("button", { type: "button", class: "btn btn-small", "aria-label": `Mark ${name} as wrong`, text: "Mark as wrong\u2026", on: { click: () => this.#mark(v) } }),
      ),
    );
  }

  /** @param {number} version @param {string} [wrong] */
  async #compare(version, wrong) {
    const draft = /** @type {import("./draft.js").Draft} */ (this.draft);
    try {
      const old = await call(`/v1/articles/${draft.id}/versions/${version}`);
      this.dialog.title.textContent = `From version ${version} to the text as it is`;
      const title = old.title === draft.fields.title ? null : drawDiff(old.title, draft.fields.title);
      this.dialog.body.replaceChildren();
      if (title) this.dialog.body.append(title);
      this.dialog.body.append(drawDiff(old.body ?? "", draft.fields.body), h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: `Restore version ${version}`, on: { click: () => void this.#restore(version, wrong) } })));
      this.dialog.open();
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }

  /** @param {any} v */
  #mark(v) {
    const draft = /** @type {import("./draft.js").Draft} */ (this.draft);
    this.wrong.show(/** @type {number} */ (draft.id), v, async () => {
      const article = await call(`/v1/articles/${draft.id}`).catch(() => null);
      if (article && draft === this.draft && draft.state === "saved") draft.take(article);
      if (draft === this.draft) void this.show(draft);
    });
  }

  /** @param {number} version @param {string} [wrong] When it was marked wrong. */
  async #restore(version, wrong) {
    if (wrong && !confirm(`Version ${version} was marked wrong. Restore it as a draft to correct it? As it is it cannot be published again.`)) return;
    const draft = /** @type {import("./draft.js").Draft} */ (this.draft);
    // What is written here is saved first, so that restoring replaces nothing unseen.
    if (draft.rev > 0 && !(await draft.save())) return this.say("The text is not saved, so nothing is restored over it.");
    try {
      draft.take(await call(`/v1/articles/${draft.id}/versions/${version}/restore`, { method: "POST", body: { expected_rev: draft.rev, ...(wrong && { wrong: true }) } }));
      this.dialog.el.close();
      draft.emit("restored", version);
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }
}
