// SPDX-License-Identifier: MIT
// Why a person, and what that person needs to know before the first word. Each line leads to the messages it comes from.

import { call } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { evidenceText } from "./transcript.js";
import { language, promises, reasons, resolutions, say, share, steps } from "./words.js";

/** @type {Record<string, string>} */
const outcomes = Object.fromEntries(resolutions.map(([value, title]) => [value, title]));

export class PacketView {
  /**
   * @param {import("./model.js").DeskModel} model
   * @param {(seq: number) => void} goTo
   * @param {(article: number, version: number, text: string) => void} openArticle
   */
  constructor(model, goTo, openArticle) {
    this.model = model;
    this.goTo = goTo;
    this.openArticle = openArticle;
    this.el = h("aside", { class: "packet", "aria-label": "Case", tabindex: "0" });
    model.on("record", () => this.render());
  }

  render() {
    const { record } = this.model;
    this.el.replaceChildren();
    if (!record) return;
    const { case: c, packet, conversation } = record;
    if (c?.complaint) add(this.el, this.#complaint(c));
    if (c) add(this.el, this.#why(c));
    if (c?.promises?.length) add(this.el, this.#promises(c.promises));
    if (packet) this.#packet(packet);
    add(this.el, this.#about(conversation, c, packet));
    if (packet?.earlier_cases?.length) add(this.el, this.#earlier(packet.earlier_cases));
    if (c) add(this.el, this.#history(c));
  }

  /** @param {any} c */
  #why(c) {
    const list = h("ul", { class: "why" });
    for (const e of c.evidence) {
      add(list, h("li", {}, h("span", { text: evidenceText(e) }), e.quote ? h("q", { dir: "auto", text: e.quote }) : null, this.#refs(e.message_id ? [e.message_id] : [])));
    }
    const reason = this.model.record.packet?.reason;
    const words = reason?.text && reason.text !== say(reasons, c.reason) ? h("p", {}, h("span", { text: reason.text }), " ", this.#refs(reason.seqs ?? [])) : null;
    return h("section", {}, h("h3", { text: "Why a person" }), h("p", { class: "reason", text: say(reasons, c.reason) }), words, list);
  }

  /** @param {any} c */
  #complaint(c) {
    const days = Math.ceil((new Date(c.complaint.due_at).getTime() - Date.now()) / 86_400_000);
    const due = h("p", {}, "Answer in writing by ", h("strong", { text: dateAndTime(c.complaint.due_at, "en-GB") }), days >= 0 ? `, ${days} days from now.` : ", which has passed.");
    const issue = h("blockquote", { dir: "auto", text: c.complaint.issue });
    return h("section", { class: "complaint" }, h("h3", {}, icon("letter"), "Complaint"), issue, h("p", { text: `Received ${dateAndTime(c.complaint.received_at, "en-GB")}.` }), due);
  }

  /**
   * Dates by which a person was promised, and whether they were kept.
   * @param {any[]} list
   */
  #promises(list) {
    const rows = list.map((p) => {
      const state = p.kept_at ? "kept" : p.broken_at ? "broken" : p.dropped_at ? "dropped" : "open";
      const late = state === "open" && new Date(p.due_at).getTime() < Date.now();
      const tag = { kept: "tag-good", broken: "tag-bad", dropped: "", open: late ? "tag-bad" : "tag-warn" }[state];
      const kept = p.kept_at ? ` ${dateAndTime(p.kept_at, "en-GB")}` : "";
      return h("li", { class: `promise promise-${state}` }, h("span", {}, "A person by ", h("strong", {}, h("time", { datetime: p.due_at, text: dateAndTime(p.due_at, "en-GB") })), " ", this.#refs(p.message_id ? [p.message_id] : [])), h("span", { class: `tag ${tag}` }, state === "kept" ? icon("check") : state === "dropped" ? null : icon(late || state === "broken" ? "warn" : "queue"), promises[state] + kept));
    });
    return h("section", {}, h("h3", { text: "Promised" }), h("ul", { class: "promises" }, ...rows));
  }

  /** @param {any} packet */
  #packet(packet) {
    this.#lines("Issue", packet.issue ? [packet.issue] : []);
    const open = packet.open_question;
    this.#lines("Open question", open && open.text !== packet.issue?.text ? [open] : []);
    if (packet.confidence) {
      const { confidence, threshold, seqs } = packet.confidence;
      const words = `${share(confidence)} of the ${share(threshold)} it takes to answer`;
      add(this.el, h("section", {}, h("h3", { text: "How sure the bot was" }), h("p", {}, words, " ", this.#refs(seqs ?? []))));
    }
    this.#lines("Tried already", packet.tried);
    if (packet.facts.length > 0) {
      const list = h("dl", { class: "facts" });
      for (const f of packet.facts) add(list, h("div", {}, h("dt", { text: f.kind.replaceAll("_", " ") }), h("dd", {}, h("bdi", { text: f.value }), " ", this.#refs([f.seq]))));
      add(this.el, h("section", {}, h("h3", { text: "Given already, do not ask again" }), list));
    }
    if (packet.articles.length > 0) {
      const list = h("ul", {});
      for (const a of packet.articles) {
        const open = h("button", { type: "button", class: "link", on: { click: () => this.openArticle(a.article_id, a.version, "") } }, icon("doc"), `${a.title}, v${a.version}`);
        add(list, h("li", {}, open, " ", this.#refs(a.seqs)));
      }
      add(this.el, h("section", {}, h("h3", { text: "Articles shown" }), list));
    }
  }

  /**
   * @param {string} title
   * @param {{text: string, seqs: number[]}[]} lines
   */
  #lines(title, lines) {
    if (lines.length === 0) return;
    const list = h("ul", {}, ...lines.map((l) => h("li", {}, h("span", { dir: "auto", text: l.text }), " ", this.#refs(l.seqs))));
    add(this.el, h("section", {}, h("h3", { text: title }), list));
  }

  /**
   * @param {any} conversation
   * @param {any} c
   * @param {any} packet
   */
  #about(conversation, c, packet) {
    const list = h("dl", { class: "facts" });
    /**
     * @param {string} name
     * @param {string|undefined} value
     */
    const fact = (name, value) => value && add(list, h("div", {}, h("dt", { text: name }), h("dd", {}, h("bdi", { text: value }))));
    fact("Name", packet?.customer?.name);
    fact("E-mail", packet?.customer?.email);
    if (packet?.customer?.vouched) fact("Known", "signed in at your shop, which vouches for them");
    fact("Language", language(packet?.language ?? c?.language ?? conversation.locale));
    fact("Began", dateAndTime(conversation.created_at, "en-GB"));
    fact("Case opened", c && dateAndTime(c.opened_at, "en-GB"));
    const alike = c?.same_address_blocked_until;
    fact("Blocked", alike && `somebody who gave the same address, until ${dateAndTime(alike, "en-GB")}; nobody has proved that they are one`);
    fact("Assistant meanwhile", conversation.assistant_while_waiting ? "yes, by consent" : undefined);
    return h("section", {}, h("h3", { text: "About" }), list);
  }

  /** @param {any[]} cases */
  #earlier(cases) {
    const list = h("ul", { class: "earlier" });
    for (const c of cases) {
      const open = h("button", { type: "button", class: "link", text: c.reference, on: { click: () => void this.model.select({ kind: "case", id: c.case_id }) } });
      const how = [dateAndTime(c.opened_at, "en-GB"), say(reasons, c.reason), c.outcome ? say(outcomes, c.outcome) : c.state, c.agent].filter(Boolean).join(" \u00b7 ");
      const same = c.same_customer === "email" ? h("span", { class: "tag tag-warn", text: "same e-mail address, not proved" }) : null;
      add(list, h("li", {}, open, " ", same, h("span", { class: "hint", text: how }), c.preview ? h("span", { class: "preview", dir: "auto", text: c.preview }) : null));
    }
    return h("section", {}, h("h3", { text: "Earlier cases" }), list);
  }

  /** @param {any} c */
  #history(c) {
    const list = h("ol", { class: "history" });
    const details = h("details", {}, h("summary", {}, "What was done"), list);
    details.addEventListener("toggle", async () => {
      if (!details.open) return;
      const found = await this.model.ask(() => call(`/v1/cases/${c.id}/history`));
      if (!found) return;
      const rows = found.steps.map((/** @type {any} */ s) => h("li", {}, h("time", { datetime: s.created_at, text: dateAndTime(s.created_at, "en-GB") }), " ", h("strong", { text: s.agent?.name ?? "It" }), ` ${say(steps, s.action)}`));
      list.replaceChildren(...(rows.length > 0 ? rows : [h("li", { text: "Nothing yet." })]));
    });
    return h("section", {}, details);
  }

  /** @param {number[]} seqs */
  #refs(seqs) {
    const span = h("span", { class: "refs" });
    for (const seq of seqs) {
      add(span, h("button", { type: "button", class: "ref", "aria-label": `Go to message ${seq}`, text: `#${seq}`, on: { click: () => this.goTo(seq) } }));
    }
    return span;
  }
}
