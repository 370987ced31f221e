// SPDX-License-Identifier: MIT
// What the pages of gaps have in common: words, pictures, tags.

import { h, icon } from "../shared/dom.js";
import { shortDate } from "../shared/time.js";
import { language } from "../desk/words.js";

/** @type {Record<string, [string, string]>} The tag of a state, in words. */
export const states = { open: ["Open", "tag-warn"], drafted: ["Being written", "tag-bot"], closed: ["Closed", "tag-good"], dismissed: ["Dismissed", ""] };

/** @type {Record<string, string>} */
export const reasons = {
  no_knowledge: "No article",
  low_confidence: "Not sure enough",
  clarified: "Asked back, then a person",
  declined: "Declined, then a person",
  not_helpful: "Answer did not help",
};

const ns = "http://www.w3.org/2000/svg";

/**
 * A bar a day; what it shows is said beside it.
 * @param {number[]} days
 */
export function spark(days) {
  const svg = document.createElementNS(ns, "svg");
  for (const [key, value] of Object.entries({ class: "spark", viewBox: `0 0 ${days.length * 4} 24`, preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const most = Math.max(1, ...days);
  days.forEach((n, i) => {
    const high = n ? Math.max(3, (22 * n) / most) : 1;
    const rect = document.createElementNS(ns, "rect");
    for (const [key, value] of Object.entries({ class: n ? "spark-day" : "spark-none", x: i * 4, y: 24 - high, width: 3, height: high })) rect.setAttribute(key, String(value));
    svg.append(rect);
  });
  return svg;
}

/** @param {number} n @param {string} one @param {string} [many] */
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** @param {number} minutes */
const spent = (minutes) => (minutes === 0 ? "no agent yet" : minutes < 1 ? "less than a minute of agents" : `${Math.round(minutes)} min of agents`);

/** @type {Record<string, string>} */
const trends = { up: "more than the week before", down: "fewer than the week before", steady: "as in the week before" };

/**
 * How often it was asked and what it cost, as a picture and in words.
 * @param {any} g
 */
export function volume(g) {
  return h(
    "div",
    { class: "gap-volume" },
    spark(g.days),
    h("p", {}, h("strong", { text: count(g.volume, "question") }), ` in 28 days, ${g.week} in the last 7 (${trends[g.trend]})`),
    h("p", {}, icon("person"), spent(g.agent_minutes)),
  );
}

/** @param {any} g */
export function tags(g) {
  const [word, kind] = states[g.state];
  return h(
    "p",
    { class: "gap-tags" },
    h("span", { class: `tag ${kind}`, text: word }),
    g.came_back_at && g.state === "open" && h("span", { class: "tag tag-bad", text: "Came back" }),
    ...g.reasons.map((/** @type {any} */ r) => h("span", { class: "tag", text: `${reasons[r.name]}: ${r.count}` })),
    ...g.languages.map((/** @type {any} */ l) => h("span", { class: "tag", text: `${language(l.name)}: ${l.count}` })),
  );
}

/** @param {unknown} err */
export const said = (err) => /** @type {Error} */ (err).message || "The server is out of reach.";

/** @param {string} at */
export const asked = (at) => shortDate(at, "en-GB");
