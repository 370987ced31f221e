// SPDX-License-Identifier: MIT
// The company's colour, the corner of its button, and its logo.

import { h } from "../shared/dom.js";

/** @typedef {{url: string, width: number, height: number}} Logo */
/** @typedef {{name?: string, accent?: string, accent_dark?: string, corner?: "left"|"right", logo?: Logo}} Brand */

const colour = /^#[0-9a-f]{6}$/;

/**
 * The company's colour as custom properties, to be adopted after the tokens; null where it has none. What is light is mixed from it.
 * @param {Brand} brand
 */
export function brandSheet({ accent, accent_dark: dark }) {
  if (!accent || !dark || !colour.test(accent) || !colour.test(dark)) return null;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host {
    --brand: light-dark(${accent}, ${dark});
    --brand-strong: light-dark(color-mix(in srgb, ${accent} 80%, #000000), color-mix(in srgb, ${dark} 80%, #ffffff));
    --on-brand: light-dark(#ffffff, #000000);
    --brand-soft: var(--sunken);
  }`);
  return sheet;
}

/** How much wider than high a logo is that has the name written in it. */
const written = 2;

/**
 * The company in the head of the chat: its name, its logo beside it, or a logo that has the name written in it. The name is read once.
 * A logo that does not arrive, or that the page's own policy refuses, leaves the name.
 * @param {string} org
 * @param {Logo|undefined} logo
 * @param {string} base
 */
export function signature(org, logo, base) {
  const name = h("span", { text: org });
  if (!logo) return [name];
  const instead = logo.width >= written * logo.height;
  const img = h("img", { class: "logo", src: new URL(logo.url.replace(/^\//, ""), base).href, width: logo.width, height: logo.height, alt: instead ? org : "" });
  img.addEventListener("error", () => img.replaceWith(...(instead ? [name] : [])));
  return instead ? [img] : [img, name];
}
