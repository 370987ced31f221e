// SPDX-License-Identifier: MIT
// The open article: its bar, the editor, and beside it the preview, the bench and the versions.

import { call, Problem } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { Emitter } from "../shared/emitter.js";
import { Bench } from "./bench.js";
import { ConflictDialog } from "./conflict.js";
import { Consequences } from "./consequences.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { GateDialog } from "./gate.js";
import { states } from "./list.js";
import { Preview } from "./preview.js";
import { Questions } from "./questions.js";
import { Tabs } from "./tabs.js";
import { Versions } from "./versions.js";

export class ArticleView extends Emitter {
  /** @type {Draft|null} */ draft = null;
  unkept = false;

  /** @param {(text: string) => void} say */
  constructor(say) {
    super();
    this.say = say;
    this.editor = new Editor((change) => this.draft?.edit(change));
    this.preview = new Preview();
    this.bench = new Bench();
    this.bench.ready = () => this.save();
    this.versions = new Versions(say);
    this.questions = new Questions("own");
    this.consequences = new Consequences(say);
    this.gate = new GateDialog();
    this.conflict = new ConflictDialog();
    this.tags = h("p", { class: "article-tags" });
    this.publishButton = h("button", { type: "button", class: "btn btn-brand", text: "Publish\u2026", on: { click: () => void this.publish() } });
    this.archiveButton = h("button", { type: "button", class: "btn btn-quiet", text: "Archive", on: { click: () => void this.#archive() } });
    this.settleButton = h("button", { type: "button", class: "btn btn-small", text: "See both texts", hidden: true, on: { click: () => this.draft && this.conflict.show(this.draft) } });
    this.bar = h("header", { class: "article-bar" }, this.tags, this.editor.state, this.settleButton, h("div", { class: "article-actions" }, this.archiveButton, this.publishButton));
    this.tabs = new Tabs("Beside the text", [["preview", "Preview", this.preview.el], ["try", "Try it", this.bench.el], ["versions", "Versions", this.versions.el], ["questions", "Questions", this.questions.el], ["consequences", "Consequences", this.consequences.el]], (name) => this.#tab(name));
    this.el = h("section", { class: "article-view", "aria-label": "Open article", hidden: true }, this.bar, this.editor.el, this.tabs.el);
  }

  /** @param {number|null} id */
  async open(id) {
    this.leave();
    const draft = (this.draft = new Draft(id));
    this.unkept = false;
    this.editor.el.inert = true;
    draft.on("loaded", () => this.#fill(draft));
    draft.on("state", () => this.#state(draft));
    let listed = "";
    draft.on("article", (article) => {
      this.#facts(draft);
      const line = JSON.stringify([Boolean(article.draft), article.live?.version, article.draft?.title]);
      if (listed && listed !== line) this.#changed(draft);
      listed = line;
    });
    draft.on("conflict", () => this.conflict.show(draft));
    draft.on("homeless", () => (this.unkept = true));
    for (const kind of ["published", "restored", "created"]) draft.on(kind, () => this.#changed(draft));
    draft.on("created", (article) => this.emit("created", article));
    draft.on("published", (article) => this.#told(`Live as version ${article.live.version}.`));
    draft.on("restored", (version) => this.#told(`Version ${version} is the draft now. Customers see it when it is published.`));
    this.#facts(draft);
    try {
      await draft.load();
      this.editor.el.inert = false;
    } catch (err) {
      if (this.draft !== draft) return;
      this.say(err instanceof Problem && err.status === 404 ? "There is no such article any more." : "The article cannot be read: the server is out of reach.");
    }
  }

  /** @param {string} text */
  #told(text) {
    this.editor.say("saved", text);
  }

  leave() {
    this.draft?.close();
    this.draft = null;
  }

  /** @param {Draft} draft */
  #fill(draft) {
    if (draft !== this.draft) return;
    this.editor.fill(draft.fields);
    this.preview.show(draft.fields);
    this.#tab(this.tabs.chosen);
  }

  /** @param {Draft} draft */
  #state(draft) {
    if (draft !== this.draft) return;
    this.editor.say(draft.state, draft.detail);
    this.editor.count();
    this.preview.show(draft.fields);
    this.settleButton.hidden = draft.state !== "conflict";
    if (draft.state === "saved") this.unkept = false;
    this.#facts(draft);
  }

  /** @param {Draft} draft */
  #facts(draft) {
    if (draft !== this.draft) return;
    const a = draft.article;
    const [word, kind] = states[a?.status ?? "draft"];
    this.tags.replaceChildren(h("span", { class: `tag ${kind}`, text: a?.live ? `${word}, version ${a.live.version}` : word }));
    add(this.tags, a?.live && a.draft && h("span", { class: "tag tag-warn", text: "Draft waiting" }));
    this.archiveButton.hidden = !a?.live;
    this.publishButton.disabled = !(a?.draft || draft.state === "unsaved" || draft.state === "saving");
    this.bench.about(a);
  }

  /** @param {Draft} draft */
  #changed(draft) {
    this.emit("changed");
    if (draft === this.draft) this.#tab(this.tabs.chosen);
  }

  /** @param {string} name */
  #tab(name) {
    if (name === "versions" && this.draft) void this.versions.show(this.draft);
    if (name === "consequences" && this.draft) void this.consequences.show(this.draft);
    if (name === "questions" && this.draft) void this.questions.show(this.draft.id);
  }

  /** Saves now. */
  async save() {
    return this.draft ? this.draft.save() : false;
  }

  try() {
    this.tabs.choose("try");
    if (this.bench.question.value.trim()) void this.bench.ask();
    else this.bench.question.focus();
  }

  async publish() {
    const draft = this.draft;
    if (!draft || this.publishButton.disabled || !(await draft.save()) || !draft.article?.draft) return;
    await this.gate.show(draft);
  }

  async #archive() {
    const draft = this.draft;
    if (!draft?.article?.live || !confirm("Take this article out of every answer? Its versions stay on record.")) return;
    if (draft.article.draft && !(await draft.save())) return;
    try {
      draft.take(await call(`/v1/articles/${draft.id}/archive`, { method: "POST" }));
      this.emit("changed");
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }
}
