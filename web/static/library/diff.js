// SPDX-License-Identifier: MIT
// What has changed between two texts: line by line, and word by word inside the lines that changed.

import { h } from "../shared/dom.js";

/** @typedef {{kind: "same"|"del"|"ins", items: string[]}} Run */

const mostCells = 4_000_000;

/**
 * The longest common subsequence as runs. Too much to compare is one deletion and one insertion.
 * @param {string[]} a
 * @param {string[]} b
 * @returns {Run[]}
 */
export function compare(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  /** @type {Run[]} */
  const runs = [];
  const put = (/** @type {Run["kind"]} */ kind, /** @type {string[]} */ items) => {
    if (items.length === 0) return;
    const last = runs.at(-1);
    if (last?.kind === kind) last.items.push(...items);
    else runs.push({ kind, items: [...items] });
  };
  put("same", a.slice(0, head));
  middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), put);
  put("same", a.slice(a.length - tail));
  return runs;
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @param {(kind: Run["kind"], items: string[]) => void} put
 */
function middle(a, b, put) {
  if (a.length === 0 || b.length === 0 || a.length * b.length > mostCells) {
    put("del", a);
    put("ins", b);
    return;
  }
  const wide = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * wide + j] = a[i] === b[j] ? lengths[(i + 1) * wide + j + 1] + 1 : Math.max(lengths[(i + 1) * wide + j], lengths[i * wide + j + 1]);
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      put("same", [a[i++]]);
      j++;
    } else if (lengths[(i + 1) * wide + j] >= lengths[i * wide + j + 1]) put("del", [a[i++]]);
    else put("ins", [b[j++]]);
  }
  put("del", a.slice(i));
  put("ins", b.slice(j));
}

/** @param {string} s */
const words = (s) => s.match(/\p{sc=Han}|[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) ?? [];

const around = 2;

/**
 * The difference of two texts, drawn. Lines that are the same far from any change are left out.
 * @param {string} from
 * @param {string} to
 */
export function drawDiff(from, to) {
  const runs = compare(from.split("\n"), to.split("\n"));
  if (runs.every((run) => run.kind === "same")) return h("p", { class: "hint", text: "The texts are the same." });
  const box = h("div", { class: "diff", tabindex: "0", role: "group", "aria-label": "Changes" });
  runs.forEach((run, i) => {
    if (run.kind === "same") return box.append(...unchanged(run.items, i === 0, i === runs.length - 1));
    if (run.kind === "del" && runs[i + 1]?.kind === "ins") return box.append(...changed(run.items.join("\n"), runs[i + 1].items.join("\n")));
    if (run.kind === "ins" && runs[i - 1]?.kind === "del") return;
    box.append(line(run.kind, [run.items.join("\n")]));
  });
  return box;
}

/** @param {string[]} lines @param {boolean} first @param {boolean} last */
function unchanged(lines, first, last) {
  const before = first ? [] : lines.slice(0, around);
  const after = last ? [] : lines.slice(-around);
  if (before.length + after.length >= lines.length) return [line("same", [lines.join("\n")])];
  const left = lines.length - before.length - after.length;
  return [before.length ? line("same", [before.join("\n")]) : "", h("p", { class: "diff-gap", text: `${left} unchanged ${left === 1 ? "line" : "lines"}` }), after.length ? line("same", [after.join("\n")]) : ""];
}

/** @param {string} from @param {string} to */
function changed(from, to) {
  const runs = compare(words(from), words(to));
  const side = (/** @type {"del"|"ins"} */ kind) =>
    line(kind, runs.filter((run) => run.kind === kind || run.kind === "same").map((run) => (run.kind === kind ? h(kind, { text: run.items.join("") }) : run.items.join(""))));
  return [side("del"), side("ins")];
}

/** @param {Run["kind"]} kind @param {(string|Node)[]} content */
function line(kind, content) {
  const sign = { same: "", del: "Removed: ", ins: "Added: " }[kind];
  return h("div", { class: `diff-line diff-${kind}`, dir: "auto" }, sign && h("span", { class: "sr", text: sign }), ...content);
}
