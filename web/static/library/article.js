// SPDX-License-Identifier: MIT
// The open article: its bar, the editor, and beside it the preview, the bench and the versions.

import { call, Problem } from "../shared/api.js";
import { add, h } from "../shared/dom.js";
import { Emitter } from "../shared/emitter.js";
import { dateAndTime } from "../shared/time.js";
import { Bench } from "./bench.js";
import { ConflictDialog } from "./conflict.js";
import { Consequences } from "./consequences.js";
import { Details } from "./details.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { GateDialog } from "./gate.js";
import { Languages, liveElsewhere } from "./languages.js";
import { audiences, states } from "./list.js";
import { Origin } from "./origin.js";
import { Preview } from "./preview.js";
import { Questions } from "./questions.js";
import { StageStrip } from "./stage.js";
import { Tabs } from "./tabs.js";
import { Versions } from "./versions.js";
import { Viewers } from "./viewers.js";

export class ArticleView extends Emitter {
  /** @type {Draft|null} */ draft = null;
  unkept = false;

  /** @param {(text: string) => void} say */
  constructor(say) {
    super();
    this.say = say;
    const edit = (/** @type {Partial<import("./draft.js").Fields>} */ change) => {
      this.draft?.edit(change);
      this.viewers.wrote();
    };
    this.editor = new Editor(edit);
    this.details = new Details(edit);
    this.viewers = new Viewers();
    this.languages = new Languages((id) => (location.hash = `#article=${id}`));
    this.stage = new StageStrip(say, () => this.save());
    this.preview = new Preview();
    this.bench = new Bench();
    this.bench.ready = () => this.save();
    this.versions = new Versions(say);
    this.questions = new Questions("own");
    this.consequences = new Consequences(say);
    this.origin = new Origin();
    this.editor.el.prepend(this.origin.el);
    this.gate = new GateDialog();
    this.conflict = new ConflictDialog();
    this.tags = h("p", { class: "article-tags" });
    this.publishButton = h("button", { type: "button", class: "btn btn-brand", text: "Publish\u2026", on: { click: () => void this.publish() } });
    this.archiveButton = h("button", { type: "button", class: "btn btn-quiet", text: "Archive", on: { click: () => void this.#archive() } });
    this.settleButton = h("button", { type: "button", class: "btn btn-small", text: "See both texts", hidden: true, on: { click: () => this.draft && this.conflict.show(this.draft) } });
    this.bar = h("header", { class: "article-bar" }, this.tags, this.editor.state, this.settleButton, this.viewers.el, h("div", { class: "article-actions" }, this.archiveButton, this.publishButton));
    this.tabs = new Tabs("Beside the text", [["preview", "Preview", this.preview.el], ["try", "Try it", this.bench.el], ["versions", "Versions", this.versions.el], ["questions", "Questions", this.questions.el], ["consequences", "Consequences", this.consequences.el], ["details", "Details", this.details.el], ["languages", "Languages", this.languages.el]], (name) => this.#tab(name));
    this.el = h("section", { class: "article-view", "aria-label": "Open article", hidden: true }, h("div", { class: "article-top" }, this.bar, this.stage.el), this.editor.el, this.tabs.el);
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
    for (const kind of ["published", "restored", "created", "moved"]) draft.on(kind, () => this.#changed(draft));
    draft.on("created", (article) => this.emit("created", article));
    draft.on("published", (article) => this.#told(`Live as version ${article.live.version}.`));
    draft.on("scheduled", (article) => this.#told(`Goes live by itself on ${dateAndTime(article.draft.stage.publish_at, "en-GB")}.`));
    draft.on("discarded", (live) => this.emit("discarded", live));
    draft.on("restored", (version) => this.#told(`Version ${version} is the draft now. Customers see it when it is published.`));
    draft.on("published", () => void this.origin.show(draft.id));
    void this.origin.show(id);
    this.#facts(draft);
    try {
      await draft.load();
      this.#open(draft);
      this.viewers.follow(draft.id);
    } catch (err) {
      if (this.draft !== draft) return;
      this.say(err instanceof Problem && err.status === 404 ? "There is no such article any more." : "The article cannot be read: the server is out of reach.");
    }
  }

  /** @param {string} text */
  #told(text) {
    this.editor.say("saved", text);
  }

  /** @param {any} about What the library knows. */
  know(about) {
    this.stage.about = this.details.about = this.gate.about = about;
    if (this.draft) this.#facts(this.draft);
  }

  /** What is scheduled stays as it is. @param {Draft} draft */
  #open(draft) {
    this.editor.el.inert = draft.article?.draft?.stage.stage === "scheduled";
  }

  leave() {
    this.viewers.follow(null);
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
    if (a && a.audience !== "everyone") add(this.tags, h("span", { class: "tag", text: audiences[a.audience] }));
    if (a?.overdue) add(this.tags, h("span", { class: "tag tag-bad", text: "Review overdue: not used for answers" }));
    this.stage.show(draft);
    this.details.show(draft);
    if (a) this.#open(draft);
    if (a) this.viewers.follow(a.id);
    this.archiveButton.hidden = !a?.live;
    this.publishButton.disabled = a?.draft?.stage.stage === "scheduled" || !(a?.draft || draft.state === "unsaved" || draft.state === "saving");
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
    if (name === "details" && this.draft) this.details.show(this.draft);
    if (name === "languages" && this.draft) void this.languages.show(this.draft);
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
    if (!draft?.article?.live) return;
    const others = await liveElsewhere(/** @type {number} */ (draft.id));
    const stays = others.length ? ` It stays live in ${others.map((o) => o.name).join(", ")}: archive that too if it is not right any more.` : "";
    if (!confirm(`Take this article out of every answer? Its versions stay on record.${stays}`)) return;
    if (draft.article.draft && !(await draft.save())) return;
    try {
      draft.take(await call(`/v1/articles/${draft.id}/archive`, { method: "POST" }));
      this.emit("changed");
    } catch (err) {
      this.say(/** @type {Error} */ (err).message || "The server is out of reach.");
    }
  }
}
