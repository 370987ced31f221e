// SPDX-License-Identifier: MIT
// What the pages of the settings share: fields with their messages, a note, dialogs, and signing in again when it is needed.

import { call, Problem } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";

/** @typedef {{field: string, message: string}} Finding */

export const main = /** @type {HTMLElement} */ (document.getElementById("set-main"));
export const root = /** @type {HTMLElement} */ (document.getElementById("settings"));
export const mayChange = main.dataset.change === "true";

const note = /** @type {HTMLElement} */ (document.getElementById("set-note"));
/** @type {ReturnType<typeof setTimeout>|undefined} */
let fading;

/**
 * Says something at the top of the page, and to screen readers.
 * @param {string} text
 * @param {"good"|"bad"} [kind]
 */
export function say(text, kind = "good") {
  note.textContent = text;
  note.dataset.kind = kind;
  clearTimeout(fading);
  if (kind === "good") fading = setTimeout(() => (note.textContent = ""), 10_000);
}

/** @param {unknown} err */
export function failed(err) {
  if (err instanceof Problem && err.status === 401) {
    location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
    return;
  }
  say((err instanceof Error && err.message) || "The server cannot be reached. Please try again.", "bad");
}

/**
 * Runs what a button does; the button cannot be pressed again meanwhile.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<unknown>} work
 */
export async function busy(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (err) {
    failed(err);
  }
  button.disabled = false;
}

let count = 0;

/** A fresh id. */
export function fresh() {
  return `f${++count}`;
}

/**
 * A control with its label and a place for what is wrong with it.
 * @param {string} label
 * @param {HTMLElement} control
 * @param {{field?: string, hint?: string, hidden?: boolean}} [options] `field` is its name in the settings; `hidden`: the label is for screen readers.
 */
export function field(label, control, { field: name, hint, hidden } = {}) {
  const id = control.id || fresh();
  control.id = id;
  const message = h("span", { class: "set-error", id: `${id}-e` });
  const described = [hint && `${id}-h`, message.id].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  if (name) control.dataset.field = name;
  return h(
    "div",
    { class: "set-field" },
    h("label", { for: id, class: hidden ? "sr" : null, text: label }),
    control,
    hint ? h("span", { class: "hint", id: `${id}-h`, text: hint }) : null,
    message,
  );
}

/**
 * @param {string} value
 * @param {(value: string) => void} change
 * @param {Record<string, any>} [props]
 */
export function input(value, change, props = {}) {
  const el = h("input", { type: "text", ...props });
  el.value = value;
  el.addEventListener("input", () => change(el.value));
  return el;
}

/**
 * @param {[string, string][]} options Value and words.
 * @param {string} value
 * @param {(value: string) => void} change
 * @param {Record<string, any>} [props]
 */
export function select(options, value, change, props = {}) {
  const el = h("select", props, ...options.map(([v, text]) => h("option", { value: v, text })));
  el.value = value;
  el.addEventListener("change", () => change(el.value));
  return el;
}

/**
 * @param {string} text
 * @param {(button: HTMLButtonElement) => unknown} press
 * @param {{kind?: string, label?: string}} [options]
 */
export function button(text, press, { kind = "btn-small", label } = {}) {
  const el = h("button", { type: "button", class: `btn ${kind}`, "aria-label": label, text });
  el.addEventListener("click", () => press(el));
  return el;
}

/**
 * A button with a cross that takes something away.
 * @param {string} label What is removed.
 * @param {() => void} press
 */
export function remove(label, press) {
  return h("button", { type: "button", class: "btn btn-icon btn-quiet set-remove", "aria-label": label, on: { click: press } }, icon("close"));
}

/**
 * Shows what is wrong beside the fields; what belongs to none of them is returned.
 * @param {Finding[]} findings
 */
export function mark(findings) {
  for (const el of root.querySelectorAll(".set-error")) el.textContent = "";
  for (const el of root.querySelectorAll("[aria-invalid]")) el.removeAttribute("aria-invalid");
  /** @type {Finding[]} */
  const rest = [];
  for (const finding of findings) {
    const control = nearest(finding.field);
    if (!control) {
      rest.push(finding);
      continue;
    }
    if (control.matches("input, select, textarea")) control.setAttribute("aria-invalid", "true");
    for (let fold = control.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
    const place = document.getElementById(`${control.id}-e`);
    if (place) place.textContent = [place.textContent, finding.message].filter(Boolean).join(" ");
  }
  return rest;
}

/**
 * The control of a field, or of what it is part of: "hours.3" belongs to "hours".
 * @param {string} name
 * @returns {HTMLElement|null}
 */
function nearest(name) {
  for (let at = name; at; at = at.includes(".") ? at.slice(0, at.lastIndexOf(".")) : "") {
    const found = /** @type {HTMLElement|null} */ (root.querySelector(`[data-field="${CSS.escape(at)}"]`));
    if (found) return found;
  }
  return null;
}

// Who changes what is marked has read it; the next look at the settings says what is still wrong.
root.addEventListener("input", (e) => {
  const control = /** @type {Element} */ (e.target);
  if (!control.hasAttribute("aria-invalid")) return;
  control.removeAttribute("aria-invalid");
  const place = document.getElementById(`${control.id}-e`);
  if (place) place.textContent = "";
});

/** Moves to the first thing that is wrong. */
export function toFirst() {
  /** @type {HTMLElement|null} */ (root.querySelector("[aria-invalid]") ?? root.querySelector(".set-error:not(:empty)"))?.scrollIntoView({ block: "center" });
  /** @type {HTMLElement|null} */ (root.querySelector("[aria-invalid]"))?.focus({ preventScroll: true });
}

/**
 * A dialog that is made when it is needed and gone when it closes.
 * @param {string} title
 * @param {(close: () => void) => (Node|string|null)[]} build
 */
export function dialog(title, build) {
  const id = fresh();
  const el = h("dialog", { class: "dialog", "aria-labelledby": id });
  const close = () => el.close();
  const cross = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: close } }, icon("close"));
  el.append(h("header", {}, h("h2", { id, text: title }), cross));
  for (const child of build(close)) if (child) el.append(child);
  el.addEventListener("close", () => el.remove());
  root.append(el);
  el.showModal();
  return el;
}

/**
 * Asks before something that cannot be taken back.
 * @param {string} title
 * @param {string} text
 * @param {string} yes The words on the button.
 * @param {() => Promise<unknown>} work
 */
export function ask(title, text, yes, work) {
  dialog(title, (close) => [
    h("p", { text }),
    h(
      "div",
      { class: "dialog-actions" },
      button("Cancel", close, { kind: "btn-quiet" }),
      button(yes, (b) => busy(b, async () => (await work(), close())), { kind: "btn-brand" }),
    ),
  ]);
}

/**
 * A secret that is shown this once, to be copied.
 * @param {string} title
 * @param {string} text
 * @param {string} secret
 */
export function shown(title, text, secret) {
  dialog(title, (close) => {
    const value = h("input", { type: "text", readonly: true, class: "set-secret", "aria-label": title });
    value.value = secret;
    const copy = button("Copy", async (b) => {
      value.select();
      await navigator.clipboard?.writeText(secret).catch(() => {});
      b.textContent = "Copied";
    });
    return [h("p", { text }), value, h("div", { class: "dialog-actions" }, copy, button("Done", close, { kind: "btn-brand" }))];
  });
}

/**
 * Sends a form of a dialog; what is wrong is shown beside its fields.
 * @param {HTMLFormElement} form
 * @param {() => Promise<unknown>} work
 */
export function onSubmit(form, work) {
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void busy(/** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]")), async () => {
      try {
        await work();
      } catch (err) {
        const place = /** @type {HTMLElement} */ (form.querySelector(".problem"));
        if (!(err instanceof Problem) || err.status === 401) throw err;
        const rest = mark(err.errors);
        place.textContent = err.errors.length && !rest.length ? "" : err.message;
      }
    });
  });
}

/**
 * A time for people, in their own zone.
 * @param {string|undefined} at
 */
export function when(at) {
  return at ? new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at)) : "never";
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/signin");
});
