// SPDX-License-Identifier: MIT
// A message that takes back what was said before: what that was, and the way to it.

import { add, h, icon, plainSentence } from "../shared/dom.js";

/** @typedef {import("./types.js").Message} Message */

const shown = 3;
const longest = 200;

/**
 * What was said, quoted from the messages themselves: what was redacted since is not said again.
 * @param {Message} m
 * @param {import("./bubble.js").Context} c
 */
export function takenBack(m, { words, said, onShow }) {
  const earlier = (m.corrects ?? []).map((seq) => said(seq)).filter((x) => x?.text);
  if (!earlier.length) return null;
  const el = h("div", { class: "taken" }, h("p", { class: "taken-title", text: words.t("correction_said") }));
  for (const old of earlier.slice(-shown)) {
    const plain = plainSentence(old.text).replace(/\s+/g, " ").trim();
    add(el, h("blockquote", { class: "taken-quote", dir: "auto", text: plain.length > longest ? `${plain.slice(0, longest - 2).trimEnd()}\u2026` : plain }));
    add(el, h("button", { type: "button", class: "btn btn-small btn-quiet", on: { click: () => onShow(old.seq) } }, words.t("correction_show")));
  }
  return el;
}

/**
 * Marks a message as taken back, for whoever reads up to it. Nothing is read out: the correction has been.
 * @param {HTMLElement|undefined} el
 * @param {import("./strings.js").Strings} words
 */
export function markTakenBack(el, words) {
  if (!el || el.querySelector(".cut-taken")) return;
  add(el, h("p", { class: "cut cut-taken", "aria-live": "off" }, icon("warn"), words.t("correction")));
}
