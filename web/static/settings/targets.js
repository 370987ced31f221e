// SPDX-License-Identifier: MIT
// What is promised: the two times that customers are told, and those that only the clocks of the desk know, by priority.

import { h } from "../shared/dom.js";
import { field, input } from "./form.js";

/** @type {[string, string][]} */
const times = [
  ["ack_minutes", "Acknowledged"],
  ["first_response_minutes", "First reply"],
  ["next_response_minutes", "Next reply"],
  ["resolution_minutes", "Resolved"],
];
const priorities = ["urgent", "high", "normal", "low"];

/**
 * A number that is left out when its field is empty.
 * @param {any} of
 * @param {string} key
 * @param {() => void} changed
 * @param {Record<string, any>} [props]
 */
export function count(of, key, changed, props = {}) {
  const set = (/** @type {string} */ v) => {
    if (v.trim() === "") delete of[key];
    else of[key] = Math.trunc(Number(v)) || 0;
    changed();
  };
  return input(of[key] ? String(of[key]) : "", set, { type: "number", min: 1, inputmode: "numeric", ...props });
}

/**
 * @param {any} targets
 * @param {string} at
 * @param {() => void} changed
 */
export function targetFields(targets, at, changed) {
  return h(
    "div",
    { class: "set-own" },
    h(
      "div",
      { class: "set-grid" },
      field("A person replies within (minutes of opening hours)", count(targets, "first_response_minutes", changed), { field: `${at}.first_response_minutes` }),
      field("A complaint is answered in writing within (days)", count(targets, "complaint_days", changed), { field: `${at}.complaint_days` }),
    ),
    h(
      "details",
      { class: "set-more" },
      h("summary", { text: "Clocks of the desk, and priorities" }),
      h("p", { class: "hint", text: "Minutes of opening hours. Customers are not told these; agents see them run and are warned at 80 %. Empty: as usual." }),
      h(
        "div",
        { class: "set-grid" },
        field("Acknowledged within", count(targets, "ack_minutes", changed, { placeholder: "5" }), { field: `${at}.ack_minutes` }),
        field("Next reply within", count(targets, "next_response_minutes", changed, { placeholder: "as the first" }), { field: `${at}.next_response_minutes` }),
        field("Resolved within", count(targets, "resolution_minutes", changed, { placeholder: "960" }), { field: `${at}.resolution_minutes` }),
      ),
      ...priorities.map((p) => priority(targets, p, at, changed)),
    ),
  );
}

/**
 * What differs for cases of one priority.
 * @param {any} targets
 * @param {string} name
 * @param {string} at
 * @param {() => void} changed
 */
function priority(targets, name, at, changed) {
  const own = { ...targets.priorities?.[name] };
  const keep = () => {
    const all = { ...targets.priorities };
    if (Object.keys(own).length) all[name] = own;
    else delete all[name];
    if (Object.keys(all).length) targets.priorities = all;
    else delete targets.priorities;
    changed();
  };
  return h(
    "fieldset",
    { class: "set-priority" },
    h("legend", { text: `Cases of ${name} priority` }),
    h("div", { class: "set-grid set-quarters" }, ...times.map(([key, label]) => field(label, count(own, key, keep), { field: `${at}.priorities.${name}.${key}` }))),
  );
}
