// SPDX-License-Identifier: MIT
// What a saved reply does besides being said: in words, and as fields.

import { h } from "../shared/dom.js";
import { field } from "./dialog.js";
import { priorities, resolutions } from "./words.js";

/** @typedef {{priority?: string, outcome?: string, wait?: boolean, snooze_hours?: number, team?: string, agent_id?: string}} Actions */
/** @typedef {{teams: {id: string, name: string}[], agents: {id: string, name: string}[]}} Places */

/** @type {[number, string][]} */
const spans = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [72, "3 days"],
  [168, "7 days"],
  [336, "14 days"],
];

/** @param {number} hours */
function span(hours) {
  return spans.find(([n]) => n === hours)?.[1] ?? `${hours} hours`;
}

/**
 * @param {Actions} a
 * @param {Places} places
 * @returns {string[]}
 */
export function actionWords(a, { teams, agents }) {
  const words = [];
  if (a.priority) words.push(`Priority: ${priorities[a.priority]}`);
  if (a.outcome) words.push(`Resolve: ${resolutions.find(([value]) => value === a.outcome)?.[1]}`);
  if (a.wait) words.push("Wait for the customer");
  if (a.snooze_hours) words.push(`Snooze for ${span(a.snooze_hours)}`);
  if (a.team) words.push(`Transfer to ${teams.find((t) => t.id === a.team)?.name ?? `${a.team} (not there any more)`}`);
  if (a.agent_id) words.push(`Transfer to ${agents.find((p) => p.id === a.agent_id)?.name ?? "somebody who is not here any more"}`);
  return words;
}

/**
 * Two fields; `value` reads them.
 * @param {Actions} a
 * @param {Places} places
 */
export function actionFields(a, { teams, agents }) {
  const priority = h("select", {}, h("option", { value: "", text: "As it is" }), ...Object.entries(priorities).map(([value, text]) => h("option", { value, text })));
  priority.value = a.priority ?? "";
  const group = (/** @type {string} */ label, /** @type {[string, string][]} */ list) => (list.length > 0 ? h("optgroup", { label }, ...list.map(([value, text]) => h("option", { value, text }))) : null);
  const known = a.snooze_hours && !spans.some(([n]) => n === a.snooze_hours) ? [.../** @type {[number, string][]} */ (spans), /** @type {[number, string]} */ ([a.snooze_hours, span(a.snooze_hours)])] : spans;
  const then = h(
    "select",
    {},
    h("option", { value: "", text: "Nothing more" }),
    h("option", { value: "wait", text: "Wait for the customer" }),
    group("Resolve", resolutions.map(([value, title]) => [`outcome:${value}`, title])),
    group("Snooze", known.map(([n, text]) => [`snooze_hours:${n}`, `For ${text}`])),
    group("Transfer to a team", teams.map((t) => [`team:${t.id}`, t.name])),
    group("Transfer to a colleague", agents.map((p) => [`agent_id:${p.id}`, p.name])),
  );
  const name = /** @type {const} */ (["outcome", "snooze_hours", "team", "agent_id"]).find((key) => a[key]);
  then.value = a.wait ? "wait" : name ? `${name}:${a[name]}` : "";
  /** @returns {Actions} */
  const value = () => {
    /** @type {Actions} */
    const set = priority.value ? { priority: priority.value } : {};
    const [key, what] = then.value.split(/:(.*)/s);
    if (key === "wait") return { ...set, wait: true };
    if (key === "snooze_hours") return { ...set, snooze_hours: Number(what) };
    return key ? { ...set, [key]: what } : set;
  };
  return { el: h("div", { class: "two" }, field("Priority becomes", priority), field("And then", then)), value };
}
