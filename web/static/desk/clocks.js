// SPDX-License-Identifier: MIT
// The clocks of a case: by when people owe it something.

import { h, icon } from "../shared/dom.js";
import { clock, shortDate } from "../shared/time.js";
import { clocks, say } from "./words.js";

/** @typedef {{kind: string, state: string, due_at?: string, ended_at?: string}} Clock */

/** @param {string} at */
function when(at) {
  return new Date(at).toDateString() === new Date().toDateString() ? clock(at, "en-GB") : shortDate(at, "en-GB");
}

/**
 * The one that is due next; what is far away is not worth a tag. Which clock it is stands behind it: a row has no room for it.
 * @param {Clock} [c]
 */
export function clockTag(c) {
  if (!c?.due_at || c.state === "running") return null;
  const late = c.state === "breached";
  const kind = say(clocks, c.kind);
  const text = `${late ? "was due" : "by"} ${when(c.due_at)}`;
  return h("span", { class: `tag ${late ? "tag-bad" : "tag-warn"}`, title: `${kind} ${text}` }, icon("warn"), h("span", { class: "sr", text: `${kind} ` }), late ? `Due ${when(c.due_at)}` : `By ${when(c.due_at)}`);
}

/**
 * Those that have not ended.
 * @param {Clock[]} list
 * @returns {Node[]}
 */
export function clockLines(list) {
  return list
    .filter((c) => !c.ended_at && c.state !== "met")
    .map((c) => {
      const late = c.state === "breached";
      const text = c.due_at ? `${late ? "was due" : "by"} ${when(c.due_at)}` : "paused";
      return h("span", { class: `clock clock-${c.state}` }, c.state === "running" || c.state === "paused" ? null : icon("warn"), `${say(clocks, c.kind)} ${text}`);
    });
}
