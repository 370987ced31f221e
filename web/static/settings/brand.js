// SPDX-License-Identifier: MIT
// How the chat looks on the company's pages, with a sketch of it.

import { Problem } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { busy, button, field, fresh, input, mark, say, select } from "./form.js";

const usual = "#0b5d51";
const colour = /^#[0-9a-f]{6}$/;

/**
 * @param {any} company
 * @param {() => void} changed
 */
export function brandFields(company, changed) {
  const brand = (company.brand ??= {});
  const name = h("strong", {});
  const logo = h("img", { class: "brand-logo", alt: "", hidden: true });
  const words = h("span", { class: "brand-words", text: "What a customer writes" });
  const sketch = h("div", { class: "brand-sketch", role: "img", "aria-label": "The chat in this colour" }, logo, name, words);
  const draw = () => {
    name.textContent = brand.name || company.name;
    words.style.background = colour.test(brand.accent ?? "") ? brand.accent : usual;
    sketch.dataset.corner = brand.corner || "right";
    logo.hidden = !brand.logo;
    if (brand.logo) logo.src = `/brand/${brand.logo.image}.png`;
    name.hidden = Boolean(brand.logo) && brand.logo.width >= 2 * brand.logo.height;
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
    logoField(brand, () => (draw(), changed())),
    sketch,
  );
}

/**
 * Uploading a logo and taking it away.
 * @param {any} brand
 * @param {() => void} changed
 */
function logoField(brand, changed) {
  const id = fresh();
  const file = h("input", { type: "file", class: "sr", id, accept: "image/png,image/jpeg,image/webp", tabindex: "-1", "aria-label": "Logo", "aria-describedby": `${id}-h ${id}-g-e` });
  const take = button("Upload a logo", () => file.click());
  const drop = button("Remove the logo", () => {
    delete brand.logo;
    drop.hidden = true;
    changed();
  });
  drop.hidden = !brand.logo;
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    void busy(take, async () => {
      mark([]);
      try {
        brand.logo = await upload(chosen);
      } catch (err) {
        if (!(err instanceof Problem) || !err.message) throw err;
        mark([{ field: "brand.logo", message: err.message }]);
        return;
      }
      drop.hidden = false;
      changed();
      say("This is how it looks. It is shown to customers once you save.");
    });
  });
  const el = h(
    "div",
    { class: "set-field", role: "group", "aria-label": "Logo", id: `${id}-g` },
    h("label", { for: id, text: "Logo" }),
    h("span", { class: "set-actions set-tight" }, take, drop),
    file,
    h("span", { class: "hint", id: `${id}-h`, text: "PNG, JPEG or WebP, at most 1 MB. One that is twice as wide as high stands for the name, another beside it." }),
    h("span", { class: "set-error", id: `${id}-g-e` }),
  );
  el.dataset.field = "brand.logo";
  return el;
}

/** @param {File} chosen */
async function upload(chosen) {
  const form = new FormData();
  form.append("file", chosen, chosen.name);
  const response = await fetch("/v1/company/logo", { method: "POST", body: form, headers: { Accept: "application/json" }, credentials: "same-origin" });
  const data = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, data?.code ?? "", data?.detail ?? "The logo was not uploaded.");
  const { image, width, height } = data.logo;
  return { image, width, height };
}
