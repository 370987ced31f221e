// SPDX-License-Identifier: MIT
// What a row of the inbox says.

import { add, h, icon } from "../shared/dom.js";
import { clock, dateAndTime, shortDate } from "../shared/time.js";
import { clockTag } from "./clocks.js";
import { language, reasons, say } from "./words.js";

/**
 * @param {import("./model.js").CaseSummary} c
 * @param {{unread: boolean, me: string}} about
 * @returns {Node[]}
 */
export function caseRow(c, { unread, me }) {
  const head = h("span", { class: "row-head" });
  if (unread) add(head, h("span", { class: "unread-dot", "aria-hidden": "true" }), h("span", { class: "sr", text: "Unread. " }));
  if (c.position) add(head, h("span", { class: "pos", text: c.position }), h("span", { class: "sr", text: ". in the queue, " }));
  add(head, h("strong", { text: c.reference }), due(c), h("span", { class: "timer", data: { since: c.waiting_since } }));
  const tags = h("span", { class: "row-tags" });
  if (c.priority === "urgent") add(tags, h("span", { class: "tag tag-bad" }, icon("warn"), "Urgent"));
  if (c.priority === "high") add(tags, h("span", { class: "tag tag-warn", text: "High" }));
  if (c.complaint) add(tags, h("span", { class: "tag tag-bad", text: "Complaint" }));
  if (c.reason !== "complaint") add(tags, h("span", { class: "tag tag-why", title: say(reasons, c.reason), text: say(reasons, c.reason) }));
  if (c.state === "awaiting_hours") add(tags, h("span", { class: "tag", text: "Out of hours" }));
  if (c.escalated) add(tags, h("span", { class: "tag tag-warn", text: "Escalated" }));
  if (c.reply_by_email) add(tags, h("span", { class: "tag" }, icon("letter"), "By e-mail"));
  if (c.cause) add(tags, h("span", { class: "tag tag-cause", title: c.cause.title }, icon("link"), h("bdi", { text: c.cause.title })));
  if (c.snoozed_until) add(tags, h("span", { class: "tag", text: `Snoozed until ${dateAndTime(c.snoozed_until, "en-GB")}` }));
  add(tags, clockTag(c.clock));
  if (c.state === "waiting_customer") add(tags, h("span", { class: "tag", text: "Customer's turn" }));
  else if (c.assignee && c.unanswered) add(tags, h("span", { class: "tag tag-person", text: "To answer" }));
  if (c.assignee && c.assignee.id !== me) add(tags, h("span", { class: "tag" }, icon("person"), c.assignee.name));
  add(tags, h("span", { class: "tag", title: language(c.language), text: c.language.toUpperCase() }));
  return [head, tags, h("span", { class: "preview", lang: c.language, dir: "auto", text: c.preview })];
}

/** @param {import("./model.js").CaseSummary} c */
function due(c) {
  if (!c.due_at) return null;
  const late = new Date(c.due_at).getTime() < Date.now();
  const when = new Date(c.due_at).toDateString() === new Date().toDateString() ? clock(c.due_at, "en-GB") : shortDate(c.due_at, "en-GB");
  return h("span", { class: `tag due ${late ? "tag-bad" : ""}`, text: `${late ? "was due" : "by"} ${when}` });
}

/**
 * @param {import("./model.js").Live} c
 * @returns {Node[]}
 */
export function liveRow(c) {
  return [
    h("span", { class: "row-head" }, icon("bot"), h("strong", { text: c.turn_open ? "Writing now" : "With the bot" }), h("span", { class: "timer", data: { since: c.last_message_at } })),
    h("span", { class: "row-tags" }, h("span", { class: "tag", text: c.locale.toUpperCase() }), h("span", { class: "tag", text: `${c.last_seq} messages` })),
    h("span", { class: "preview", lang: c.locale, dir: "auto", text: c.preview }),
  ];
}
