// SPDX-License-Identifier: MIT
// Whether an answer helped; who says no may say why, in their own words.

import { add, h } from "../shared/dom.js";

let made = 0;

/**
 * @param {import("./types.js").Message} m
 * @param {import("./bubble.js").Context} c
 */
export function feedbackRow(m, c) {
  const { words } = c;
  const thanks = h("span", { class: "thanks", role: "status" });
  const label = { role: "group", "aria-label": words.t("helpful"), "aria-live": "off" };
  const el = h("div", { class: "feedback", ...label }, h("span", { text: words.t("helpful") }));
  const choices = [true, false].map((helpful) => {
    const button = h("button", { type: "button", class: "btn btn-small btn-quiet", text: words.t(helpful ? "yes" : "no") });
    button.addEventListener("click", async () => {
      if (!(await c.onFeedback(m, helpful))) return;
      m.feedback = { helpful };
      press();
      thanks.textContent = words.t("feedback_thanks");
      el.querySelector(".feedback-why")?.remove();
      if (!helpful) add(el, whyForm(m, c, thanks));
    });
    return { helpful, button };
  });
  const press = () => {
    for (const { helpful, button } of choices) button.setAttribute("aria-pressed", String(m.feedback?.helpful === helpful));
  };
  press();
  add(el, ...choices.map((x) => x.button), thanks);
  return el;
}

/**
 * @param {import("./types.js").Message} m
 * @param {import("./bubble.js").Context} c
 * @param {HTMLElement} thanks
 */
function whyForm(m, c, thanks) {
  const { words } = c;
  const id = `why-${++made}`;
  const text = h("textarea", { id, rows: 2, maxlength: 1000, dir: "auto" });
  const form = h("form", { class: "feedback-why", novalidate: true }, h("label", { for: id, text: words.t("rate_comment") }), text, h("button", { type: "submit", class: "btn btn-small", text: words.t("send") }));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const why = text.value.trim();
    if (!why || !(await c.onFeedback(m, false, why))) return;
    form.remove();
    thanks.textContent = "";
    thanks.textContent = words.t("feedback_thanks");
  });
  return form;
}
