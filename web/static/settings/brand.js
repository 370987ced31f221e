// SPDX-License-Identifier: MIT
// How the chat looks on the company's pages, with a sketch of it.

import { h } from "../shared/dom.js";
import { field, input, select } from "./form.js";

const usual = "#0b5d51";
const colour = /^#[0-9a-f]{6}$/;

/**
 * @param {any} company
 * @param {() => void} changed
 */
export function brandFields(company, changed) {
  const brand = (company.brand ??= {});
  const name = h("strong", {});
  const words = h("span", { class: "brand-words", text: "What a customer writes" });
  const sketch = h("div", { class: "brand-sketch", role: "img", "aria-label": "The chat in this colour" }, name, words);
  const draw = () => {
    name.textContent = brand.name || company.name;
    words.style.background = colour.test(brand.accent ?? "") ? brand.accent : usual;
    sketch.dataset.corner = brand.corner || "right";
  };
  const set = (/** @type {string} */ key) => (/** @type {string} */ value) => {
    brand[key] = value.trim().toLowerCase() && (key === "name" ? value : value.trim().toLowerCase());
    if (!brand[key]) delete brand[key];
    draw();
    changed();
  };
  draw();
  return h(
    "div",
    { class: "set-grid" },
    field("Name above the chat", input(brand.name ?? "", set("name"), { maxlength: 80 }), { field: "brand.name", hint: "Empty: the company's name." }),
    field("Colour", input(brand.accent ?? "", set("accent"), { maxlength: 7, placeholder: usual, spellcheck: "false" }), { field: "brand.accent", hint: "For example #0b5d51. It must be dark enough to read text in it." }),
    field("Corner of the button", select([["", "Right, or left in Arabic"], ["right", "Right"], ["left", "Left"]], brand.corner ?? "", set("corner")), { field: "brand.corner" }),
    sketch,
  );
}
