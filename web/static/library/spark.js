// SPDX-License-Identifier: MIT
// A small picture of weeks. The same numbers stand below it as a table.

const ns = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string|number>} attributes */
function svg(tag, attributes) {
  const el = document.createElementNS(ns, tag);
  for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, String(value));
  return el;
}

/**
 * A bar for each week: its answers, and of those the ones that did not help.
 * @param {{answers: number, not_helpful: number}[]} weeks
 */
export function spark(weeks) {
  const [step, high] = [10, 48];
  const most = Math.max(1, ...weeks.map((w) => w.answers));
  const picture = svg("svg", { class: "spark", viewBox: `0 0 ${weeks.length * step} ${high + 1}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  weeks.forEach((w, i) => {
    const bar = (/** @type {number} */ n, /** @type {string} */ name) => {
      const tall = n ? Math.max(2, (n / most) * high) : 0;
      picture.append(svg("rect", { class: name, x: i * step + 1, width: step - 2, y: high - tall, height: tall }));
    };
    bar(w.answers, "spark-all");
    bar(w.not_helpful, "spark-bad");
  });
  picture.append(svg("rect", { class: "spark-base", x: 0, width: weeks.length * step, y: high, height: 1 }));
  return picture;
}
