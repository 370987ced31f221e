// SPDX-License-Identifier: MIT

/** @type {Promise<CSSStyleSheet[]>|null} */
let sheets = null;

/** The widget's styles as sheets that a shadow root adopts: no inline style, nothing shown before they are here. */
export function styleSheets() {
  sheets ??= Promise.all(["tokens", "base", "widget-frame", "widget-log", "widget-answer", "widget-foot", "widget-rate"].map(load)).catch((err) => {
    sheets = null;
    throw err;
  });
  return sheets;
}

/** @param {string} name */
async function load(name) {
  const response = await fetch(new URL(`../css/${name}.css`, import.meta.url));
  if (!response.ok) throw new Error(`the style ${name} answered ${response.status}`);
  return new CSSStyleSheet().replace(await response.text());
}
