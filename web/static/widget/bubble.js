// SPDX-License-Identifier: MIT
// How one message looks. The author line is text in the reading order, before the words: who speaks, and for the bot its label.

import { add, h, icon, plainSentence, setServerHTML } from "../shared/dom.js";
import { clock } from "../shared/time.js";
import { takenBack } from "./correction.js";
import { feedbackRow } from "./feedback.js";
import { fileList } from "./files.js";
import { sourceList } from "./sources.js";

/** @typedef {import("./types.js").Message} Message */
/**
 * @typedef {object} Context
 * @property {import("./strings.js").Strings} words
 * @property {(m: Message, citation: import("./types.js").Citation) => void} onSource
 * @property {(m: Message, helpful: boolean, comment?: string) => Promise<boolean>} onFeedback
 * @property {(seq: number) => Message|undefined} said A message that is shown.
 * @property {(seq: number) => void} onShow Goes to it.
 * @property {(id: string) => Promise<Blob>} file Fetches a file of the conversation.
 * @property {(cid: string) => void} onRetry
 * @property {(item: import("./outbox.js").Outgoing) => void} onDiscard
 */

const eventIcons = /** @type {Record<string, string>} */ ({
  handoff_queued: "queue",
  handoff_after_hours: "queue",
  agent_joined: "person",
  agent_left: "person",
  queue_opened: "queue",
  promise_broken: "warn",
  reply_by_email: "letter",
  resolved: "check",
  closed: "check",
  complaint_received: "letter",
  assistant_back: "bot",
  assistant_while_waiting: "bot",
  correction: "warn",
});

/**
 * @param {Message} m
 * @param {Context} c
 */
export function messageBubble(m, c) {
  const el = h("article", { class: `msg msg-${m.author.type}`, data: { seq: m.seq } });
  fillBubble(el, m, c);
  return el;
}

/**
 * @param {HTMLElement} el
 * @param {Message} m
 * @param {Context} c
 */
export function fillBubble(el, m, c) {
  el.className = `msg msg-${m.author.type}${m.event ? ` on-${m.event}` : ""}`;
  el.dataset.seq = String(m.seq);
  const body = h("div", { class: "body prose", dir: "auto" });
  if (m.author.type === "customer") {
    body.classList.add("verbatim");
    body.textContent = m.text;
  } else setServerHTML(body, m.html);
  el.replaceChildren(authorLine(m, c));
  if (!namesFile(m)) add(el, body);
  if (m.partial) add(el, h("p", { class: "cut" }, icon("warn"), c.words.t("partial")));
  if (m.event === "correction") add(el, takenBack(m, c));
  if (m.citations?.length) add(el, sourceList(m, c));
  if (m.attachments?.length) add(el, fileList(m, c.file, c.words.t("attach_open")));
  if (m.author.type === "bot" && m.turn && !m.partial) add(el, feedbackRow(m, c));
}

/**
 * Whether a message says no more than the name of its file, which the file says too.
 * @param {Message} m
 */
export function namesFile(m) {
  return m.event === "attachment" && m.attachments?.length === 1 && m.attachments[0].name === m.text;
}

/**
 * @param {Message} m
 * @param {Context} c
 */
function authorLine(m, { words }) {
  const kinds = { customer: words.t("you"), bot: m.author.name || words.t("bot"), agent: m.author.name || words.t("agent"), system: words.t(m.event === "correction" ? "correction" : "system") };
  const line = h("p", { class: "by" });
  const signs = { bot: "bot", agent: "person", customer: "", system: eventIcons[m.event ?? ""] ?? "chat" };
  if (m.author.type !== "customer") add(line, icon(signs[m.author.type]));
  add(line, h("span", { class: "who", text: kinds[m.author.type] }));
  if (m.disclosure) add(line, " ", h("span", { class: "label", text: m.disclosure.label }));
  else if (m.author.type === "agent") add(line, " ", h("span", { class: "label label-person", text: words.t("person") }));
  add(line, " ", h("time", { datetime: m.created_at, text: clock(m.created_at, words.locale) }));
  return line;
}

/**
 * A message that the server has not confirmed.
 * @param {import("./outbox.js").Outgoing} item
 * @param {Context} c
 */
export function outgoingBubble(item, c) {
  const { words } = c;
  const el = h("article", { class: `msg msg-customer is-${item.state}`, data: { cid: item.cid }, "aria-live": "off" });
  const line = h("p", { class: "by" }, h("span", { class: "who", text: words.t("you") }), " ");
  const text = { sending: words.t("sending"), waiting: words.t("not_sent"), refused: words.t("not_sent") }[item.state];
  add(line, h("span", { class: "send-state", role: item.state === "sending" ? null : "status", text }));
  add(el, line, h("div", { class: "body prose verbatim", dir: "auto", text: item.text }));
  if (item.state === "sending") return el;
  if (item.problem?.message) add(el, h("p", { class: "cut" }, icon("warn"), item.problem.message));
  const again = h("button", { type: "button", class: "btn btn-small", on: { click: () => c.onRetry(item.cid) } }, icon("retry"), words.t("retry"));
  const drop = h("button", { type: "button", class: "btn btn-small btn-quiet", on: { click: () => c.onDiscard(item) } }, words.t("edit"));
  add(el, h("p", { class: "actions" }, again, item.state === "refused" && drop));
  return el;
}

/**
 * An answer on its way: the sentences that have come so far.
 * @param {import("./types.js").Draft} draft
 * @param {Context} c
 */
export function draftBubble(draft, { words }) {
  const line = h("p", { class: "by" }, icon("bot"), h("span", { class: "who", text: words.t("bot") }));
  const label = draft.disclosure?.label ?? words.disclosure.label;
  add(line, " ", h("span", { class: "label", text: label }));
  return h("article", { class: "msg msg-bot is-draft", data: { turn: draft.turn } }, line, h("div", { class: "body prose verbatim", dir: "auto" }));
}

/**
 * Adds the sentences that el does not show yet; what it shows is not touched, so that it is read out once.
 * @param {HTMLElement} el
 * @param {import("./types.js").Draft} draft
 * @param {Context} c
 */
export function growDraft(el, draft, { words }) {
  const body = /** @type {HTMLElement} */ (el.querySelector(".body"));
  const shown = body.childElementCount;
  for (const [i, sentence] of draft.sentences.entries()) {
    if (i < shown || sentence === undefined) continue;
    add(body, h("span", { class: "sentence", text: gap(body, sentence) + plainSentence(sentence).trimEnd() }));
  }
  if (draft.ended && !el.querySelector(".cut")) {
    el.classList.remove("is-draft");
    add(el, h("p", { class: "cut" }, icon("warn"), words.t("partial")));
  }
}

/**
 * What stands between two sentences: nothing in Chinese and Japanese, a new line before a list, else a space.
 * @param {HTMLElement} body
 * @param {string} next
 */
function gap(body, next) {
  const before = body.textContent ?? "";
  if (!before || /^\s/.test(next)) return "";
  if (/^([-*+]|\d+[.)])\s/.test(next)) return "\n";
  return /[\u3000-\u9fff\uff00-\uffef]$/.test(before) ? "" : " ";
}

/**
 * The long notice: automated, not a person, how to get one.
 * @param {import("./types.js").Disclosure} d
 */
export function noticeBlock(d) {
  const lang = { lang: d.locale, dir: "auto" };
  return h(
    "section",
    { class: "notice", "aria-label": d.label, data: { disclosure: d.id, before: d.before_seq ?? 0 } },
    h("p", { class: "notice-label", ...lang }, icon("bot"), d.label),
    h("p", { ...lang, text: d.text }),
  );
}
