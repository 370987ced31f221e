// SPDX-License-Identifier: MIT
// Wording: a language, its texts, and each as the customer reads it.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { Draft, history, lock, saving } from "./draft.js";
import { failed, field, mark, mayChange, root, select } from "./form.js";

/** @type {Record<string, string>} */
const names = {
  "disclosure.first": "Notice before the first message",
  "disclosure.asked": "Answer to “are you a person?”",
  "small.greeting": "Greeting",
  "small.thanks": "Answer to thanks",
  "small.bye": "Goodbye",
  "decline.scope": "A question out of scope",
  unknown: "Nothing is known about it",
  "clarify.open": "Asking for more words",
  "upset.offer": "To somebody who is upset",
  "answer.intro": "Before passages of articles",
  "handoff.add": "While waiting for a person",
  "case.waiting_customer": "An agent waits for the customer",
  "case.resolved": "A request was resolved",
  "case.closed": "A conversation was closed",
  "ui.title": "Title of the chat",
  "ui.open": "Button that opens the chat",
  "ui.placeholder": "In the empty input",
  "ui.talk_to_person": "Button for a person",
};

let locale = "en";

/**
 * @param {Draft} draft
 * @param {any} all
 */
function build(draft, all) {
  draft.company.wording ??= {};
  const { el: save, tell } = saving(draft, () => build(draft, all));
  const { dir } = all.locales.find((/** @type {any} */ l) => l.locale === locale);
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let waiting;
  const changed = () => {
    draft.dirty = true;
    tell();
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const seen = await call("/v1/company/preview", { method: "POST", body: { company: draft.company } }).catch(() => null);
      if (seen) mark(seen.problems);
    }, 300);
  };
  const pick = select(
    all.locales.map((/** @type {any} */ l) => [l.locale, l.name]),
    locale,
    (v) => {
      locale = v;
      build(draft, all);
    },
  );
  root.replaceChildren(
    h("div", { class: "set-bar set-look" }, field("Language", pick)),
    ...all.texts.map((/** @type {any} */ text) => one(draft, text, all.samples, dir, changed)),
    save,
    h("div", { class: "set-look" }, history(draft, () => build(draft, all))),
  );
  lock();
}

/**
 * @param {Draft} draft
 * @param {any} text
 * @param {Record<string, string>} samples
 * @param {string} dir
 * @param {() => void} changed
 */
function one(draft, text, samples, dir, changed) {
  const own = draft.company.wording[locale]?.[text.key] ?? "";
  const builtIn = text.built_in[locale];
  const seen = h("p", { class: "say", lang: locale, dir });
  const show = (/** @type {string} */ value) => {
    const whole = text.extends ? [builtIn, value].filter(Boolean).join(" ") : value || builtIn;
    seen.textContent = whole.replace(/\{([a-z_]+)\}/g, (hole, name) => samples[name] ?? hole);
  };
  show(own);
  const area = h("textarea", { rows: 2, maxlength: 600, lang: locale, dir, placeholder: text.extends ? "" : builtIn });
  area.value = own;
  area.addEventListener("input", () => {
    const texts = (draft.company.wording[locale] ??= {});
    if (area.value.trim()) texts[text.key] = area.value;
    else delete texts[text.key];
    if (!Object.keys(texts).length) delete draft.company.wording[locale];
    show(area.value.trim());
    changed();
  });
  const title = names[text.key] ?? text.key;
  const holes = [...new Set(builtIn.match(/\{[a-z_]+\}/g) ?? [])].join(", ");
  const hint = text.extends ? "It stands behind the notice, which stays as it is." : holes ? `Keep ${holes}. Empty: the built-in text.` : "Empty: the built-in text.";
  return h(
    "section",
    { class: "set-section say-row", "aria-label": title },
    h("h2", { text: title }),
    h("div", { class: "say-pair" }, field(text.extends ? "What you add" : "In your words", area, { field: `wording.${locale}.${text.key}`, hint: mayChange ? hint : "" }), h("div", {}, h("p", { class: "hint", text: "As customers read it" }), seen)),
  );
}

try {
  const [draft, all] = await Promise.all([Draft.load(), call("/v1/wording")]);
  build(draft, all);
} catch (err) {
  failed(err);
}
