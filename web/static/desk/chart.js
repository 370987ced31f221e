// SPDX-License-Identifier: MIT
// Small charts as SVG. What they show stands beside them as a table for who cannot see them.

import { h } from "../shared/dom.js";

const ns = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string|number>} attributes
 * @param {...Node} children
 */
function svg(tag, attributes, ...children) {
  const el = document.createElementNS(ns, tag);
  for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, String(value));
  el.append(...children);
  return el;
}

/**
 * A number that divides an axis well: 1, 2 or 5 times a power of ten.
 * @param {number} most
 */
export function niceStep(most) {
  const raw = Math.max(1, most / 4);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) ?? raw;
}

/**
 * Bars side by side, a group for each label.
 * @param {string} title
 * @param {string[]} labels
 * @param {{name: string, values: number[]}[]} series
 */
export function bars(title, labels, series) {
  const [width, height, left, bottom, top] = [960, 300, 44, 34, 12];
  const most = Math.max(1, ...series.flatMap((s) => s.values));
  const step = niceStep(most);
  const high = Math.ceil(most / step) * step;
  const y = (/** @type {number} */ n) => top + (height - top - bottom) * (1 - n / high);
  const group = (width - left) / labels.length;
  const bar = (group * 0.72) / series.length;
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (let n = 0; n <= high; n += step) {
    chart.append(svg("line", { class: "chart-grid", x1: left, x2: width, y1: y(n), y2: y(n) }), text(n, left - 8, y(n) + 6, "end"));
  }
  labels.forEach((label, i) => {
    const x = left + i * group;
    chart.append(text(label, x + group / 2, height - 8, "middle"));
    series.forEach((s, j) => {
      const value = s.values[i];
      if (value) chart.append(svg("rect", { class: `chart-bar chart-bar-${j}`, x: x + group * 0.14 + j * bar, y: y(value), width: Math.max(2, bar - 3), height: y(0) - y(value), rx: 3 }));
    });
  });
  const key = h("ul", { class: "chart-key", "aria-hidden": "true" }, ...series.map((s, j) => h("li", {}, h("span", { class: `chart-dot chart-dot-${j}` }), s.name)));
  return h("figure", { class: "chart-figure" }, h("figcaption", {}, h("h2", { text: title }), key), chart, table(title, labels, series));
}

/**
 * @param {string|number} words
 * @param {number} x
 * @param {number} y
 * @param {string} anchor
 */
function text(words, x, y, anchor) {
  const el = svg("text", { class: "chart-text", x, y, "text-anchor": anchor });
  el.textContent = String(words);
  return el;
}

/**
 * @param {string} title
 * @param {string[]} labels
 * @param {{name: string, values: number[]}[]} series
 */
function table(title, labels, series) {
  const head = h("tr", {}, h("th", { scope: "col", text: "Hour" }), ...series.map((s) => h("th", { scope: "col", text: s.name })));
  const rows = labels.map((label, i) => h("tr", {}, h("th", { scope: "row", text: label }), ...series.map((s) => h("td", { text: s.values[i] }))));
  return h("div", { class: "sr" }, h("table", {}, h("caption", { text: title }), h("thead", {}, head), h("tbody", {}, ...rows)));
}

/**
 * A share as a ring.
 * @param {number} part
 * @param {number} whole
 * @param {string} words What it is the share of, read aloud.
 */
export function ring(part, whole, words) {
  const share = whole > 0 ? part / whole : 0;
  const [r, round] = [52, 2 * Math.PI * 52];
  const chart = svg("svg", { class: "ring", viewBox: "0 0 120 120", role: "img", "aria-label": `${whole > 0 ? Math.round(share * 100) : 0} percent ${words}` });
  chart.append(svg("circle", { class: "ring-back", cx: 60, cy: 60, r }));
  if (share > 0) chart.append(svg("circle", { class: `ring-part ${share >= 0.9 ? "is-good" : share >= 0.7 ? "is-fair" : "is-bad"}`, cx: 60, cy: 60, r, "stroke-dasharray": `${round * share} ${round}`, transform: "rotate(-90 60 60)" }));
  const label = svg("text", { class: "ring-text", x: 60, y: 69, "text-anchor": "middle" });
  label.textContent = whole > 0 ? `${Math.round(share * 100)}%` : "\u2013";
  chart.append(label);
  return chart;
}
