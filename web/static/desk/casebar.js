// SPDX-License-Identifier: MIT
// The open case: how it stands, and what the agent may do with it.

import { add, h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { clockLines } from "./clocks.js";
import { BlockDialog, lift } from "./block.js";
import { EscalateDialog, More, SnoozeDialog } from "./more.js";
import * as steps from "./steps.js";
import { TransferDialog } from "./transfer.js";
import { blocks, priorities, resolutions, say, states } from "./words.js";

export class CaseBar {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    this.model = model;
    this.title = h("h2", { tabindex: "-1" });
    this.state = h("p", { class: "case-state", role: "status" });
    this.actions = h("div", { class: "case-actions" });
    this.clocks = h("p", { class: "clocks" });
    this.more = new More();
    this.back = h("button", { type: "button", class: "btn btn-small btn-quiet back-to-lists", text: "All lists", on: { click: () => void model.select(null) } });
    // On a small screen the file lies over the conversation.
    this.file = h("button", { type: "button", class: "btn btn-small btn-quiet packet-toggle", "aria-pressed": "false", text: "Case file", on: { click: () => this.#toggleFile() } });
    this.around = h("p", { class: "around", role: "status" });
    /** @type {(id: string) => void} */ this.onCause = () => {};
    /** @type {(c: any) => void} */ this.onLink = () => {};
    /** @type {(c: any, others: any[]) => void} */ this.onMerge = () => {};
    this.ties = h("p", { class: "ties" });
    this.el = h("header", { class: "case-bar" }, this.back, this.file, h("div", { class: "case-title" }, this.title, this.state, this.ties, this.clocks, this.around), this.more.el, this.actions);
    this.block = new BlockDialog(model);
    model.on("around", (a) => this.#around(a));
    this.dialog = new ResolveDialog((outcome, note) => void model.resolve(model.record.case.id, outcome, note));
    this.transfer = new TransferDialog(model);
    this.snooze = new SnoozeDialog((until) => void steps.snooze(model, model.record.case.id, until));
    this.escalate = new EscalateDialog((note) => void steps.escalate(model, model.record.case.id, note));
    this.priority = h("select", { class: "select-small", id: "priority", "aria-label": "Priority" }, ...Object.entries(priorities).map(([value, text]) => h("option", { value, text })));
    this.priority.addEventListener("change", () => void model.prioritise(model.record.case.id, this.priority.value));
    model.on("record", () => this.render());
  }

  #toggleFile(on = !this.el.closest(".case")?.hasAttribute("data-packet")) {
    this.el.closest(".case")?.toggleAttribute("data-packet", on);
    this.file.setAttribute("aria-pressed", String(on));
  }

  render() {
    const { record } = this.model;
    if (!record) this.#toggleFile(false);
    this.around.replaceChildren();
    if (record?.case?.around) this.#around(record.case.around);
    this.actions.replaceChildren();
    this.clocks.replaceChildren(...clockLines(record?.case?.clocks ?? []));
    this.ties.replaceChildren(...this.#ties(record?.case));
    this.more.show(this.rare());
    if (!record) {
      this.title.textContent = "Loading";
      this.state.textContent = "";
      return;
    }
    const { case: c, conversation } = record;
    this.title.textContent = c ? c.reference : "Conversation with the bot";
    const holder = c?.assignee && conversation.owner !== "bot" ? (c.assignee.id === this.model.me.id ? "With you" : `With ${c.assignee.name}`) : say(states, conversation.state);
    const text = conversation.state === "waiting_customer" || conversation.state === "resolved" ? `${holder} \u00b7 ${say(states, conversation.state)}` : holder;
    const aside = c?.snoozed_until ? ` \u00b7 snoozed until ${dateAndTime(c.snoozed_until, "en-GB")}` : "";
    const asked = conversation.return_asked ? " \u00b7 the customer is asked whether the bot may go on" : "";
    if (this.state.textContent !== text + aside + asked) this.state.textContent = text + aside + asked;
    this.el.dataset.state = conversation.state;
    if (c && ["queue", "agent"].includes(conversation.owner) && !["resolved", "closed"].includes(conversation.state)) {
      this.priority.value = c.priority;
      this.priority.dataset.priority = c.priority;
      add(this.actions, this.priority);
    }
    add(this.actions, ...this.possible().map(({ label, key, primary, run }) => h("button", { type: "button", class: `btn btn-small ${primary ? "btn-brand" : ""}`, "aria-keyshortcuts": key, on: { click: run } }, label, h("kbd", { "aria-hidden": "true", text: key }))));
  }

  /**
   * What may be done now, with the key that does it.
   * @returns {{label: string, key: string, primary: boolean, run: () => void}[]}
   */
  possible() {
    const { record, own } = this.model;
    if (!record) return [];
    const { case: c, conversation } = record;
    if (conversation.state === "resolved" || conversation.state === "closed") return [];
    if (conversation.owner === "bot") return [{ label: "Take over", key: "t", primary: true, run: () => void this.model.takeOver(conversation.id) }];
    if (conversation.owner === "queue" && c) return [{ label: "Claim", key: "c", primary: true, run: () => void this.model.claim(c.id) }];
    if (!own) return [];
    return [
      ...(conversation.state === "human" ? [{ label: "Wait", key: "w", primary: false, run: () => void steps.wait(this.model, c.id) }] : []),
      { label: "Transfer", key: "x", primary: false, run: () => void this.transfer.open() },
      { label: "Release", key: "u", primary: false, run: () => void this.model.release(c.id) },
      { label: "Resolve", key: "e", primary: false, run: () => this.dialog.open(c.reference) },
    ];
  }

  /**
   * What is done more seldom.
   * @returns {{label: string, run: () => void}[]}
   */
  rare() {
    const { model } = this;
    const { case: c, conversation } = model.record ?? {};
    if (!c || !["queue", "agent"].includes(conversation.owner) || ["resolved", "closed"].includes(conversation.state)) return [];
    const others = (model.record.packet?.earlier_cases ?? []).filter((/** @type {any} */ e) => e.state === "waiting" || e.state === "claimed");
    const common = [{ label: c.cause ? "Link to another cause\u2026" : "Link to a cause\u2026", run: () => this.onLink(c) }];
    if (others.length > 0) common.push({ label: "Merge with another case\u2026", run: () => this.onMerge(c, others) });
    if (!c.blocked) common.push({ label: "Block the customer\u2026", run: () => void this.block.block() });
    else if (c.blocked.by.id === model.me.id || model.me.role === "supervisor") common.push({ label: "Lift the block", run: () => void lift(model, conversation.id) });
    if (!model.own) return common;
    const aside = c.snoozed_until ? { label: "Wake now", run: () => void steps.wake(model, c.id) } : { label: "Snooze\u2026", run: () => this.snooze.open() };
    const list = [aside, { label: "Ask a supervisor\u2026", run: () => this.escalate.open() }, ...common];
    if (!c.complaint && c.reason !== "safety" && !conversation.return_asked) list.push({ label: "Ask whether the bot may go on", run: () => void steps.proposeReturn(model, c.id) });
    return list;
  }

  /**
   * What the case is part of.
   * @param {any} c
   * @returns {Node[]}
   */
  #ties(c) {
    const list = [];
    if (c?.blocked) list.push(h("span", { class: "tag tag-bad" }, icon("lock"), `Blocked until ${dateAndTime(c.blocked.until, "en-GB")} by ${c.blocked.by.name}: ${blocks.find(([value]) => value === c.blocked.category)?.[1]}`));
    if (c?.continues) list.push(h("button", { type: "button", class: "link", on: { click: () => void this.model.select({ kind: "conversation", id: c.continues }) } }, icon("retry"), "Continues an earlier conversation"));
    if (c?.merged_into) list.push(h("button", { type: "button", class: "link", on: { click: () => void this.model.select({ kind: "case", id: c.merged_into }) } }, icon("link"), "Goes on in another case"));
    if (!c?.cause) return list;
    return [...list, h("button", { type: "button", class: "link", on: { click: () => this.onCause(c.cause.id) } }, icon("link"), "Cause: ", h("bdi", { text: c.cause.title }), c.cause.open > 1 ? `, ${c.cause.open} open cases` : "")];
  }

  /**
   * Who else has the case open, and whether its customer is there.
   * @param {any} a
   */
  #around(a) {
    if (!a || a.case_id !== this.model.record?.case?.id) return;
    const others = a.viewers.filter((/** @type {any} */ v) => v.id !== this.model.me.id);
    const words = others.map((/** @type {any} */ v) => h("span", { class: v.typing ? "is-writing" : "", text: v.typing ? `${v.name} is writing` : `${v.name} is looking` }));
    const customer = a.customer.online ? "The customer is here" : a.customer.last_seen ? `The customer left ${dateAndTime(a.customer.last_seen, "en-GB")}` : "";
    this.around.replaceChildren(...words, ...(customer ? [h("span", { text: customer })] : []));
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key did something
   */
  press(key) {
    const action = this.possible().find((a) => a.key === key);
    action?.run();
    return Boolean(action);
  }
}

class ResolveDialog {
  /** @param {(outcome: string, note: string) => void} done */
  constructor(done) {
    const choices = resolutions.map(([value, title, explanation], i) =>
      h("label", { class: "choice" }, h("input", { type: "radio", name: "outcome", value, required: true, checked: i === 0 }), h("span", {}, h("strong", { text: title }), h("span", { text: explanation }))),
    );
    this.title = h("h2", { id: "resolve-title" });
    const note = h("textarea", { id: "resolve-note", name: "note", rows: 3, maxlength: 2000 });
    const cancel = h("button", { type: "button", class: "btn btn-quiet", text: "Cancel", on: { click: () => this.el.close() } });
    const form = h("form", { method: "dialog" }, this.title);
    add(form, h("fieldset", {}, h("legend", { class: "sr", text: "Outcome" }), ...choices));
    add(form, h("label", { for: "resolve-note", text: "Note for colleagues; the customer does not see it" }), note);
    add(form, h("p", { class: "dialog-actions" }, cancel, h("button", { type: "submit", class: "btn btn-brand" }, icon("check"), "Resolve")));
    form.addEventListener("submit", () => {
      done(String(new FormData(form).get("outcome")), note.value.trim());
      form.reset();
    });
    this.el = h("dialog", { class: "dialog", "aria-labelledby": "resolve-title" }, form);
  }

  /** @param {string} reference */
  open(reference) {
    this.title.textContent = `Resolve ${reference}`;
    this.el.showModal();
  }
}
