// SPDX-License-Identifier: MIT
// The company's colour and the corner of its button.

/** @typedef {{name?: string, accent?: string, accent_dark?: string, corner?: "left"|"right"}} Brand */

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
