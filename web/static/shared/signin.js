// SPDX-License-Identifier: MIT
// Signing in without leaving the page when it fails. A one-time link carries its token behind the #, where no log and no referrer
// sees it; following the link uses nothing up, the button does.

import { call } from "./api.js";

const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const link = /** @type {HTMLFormElement} */ (document.getElementById("link"));
const password = /** @type {HTMLFormElement} */ (document.getElementById("password"));

const token = /^#([\w.~-]+)$/.exec(location.hash)?.[1];
if (token) {
  /** @type {HTMLInputElement} */ (link.elements.namedItem("link_token")).value = token;
  history.replaceState(null, "", location.pathname + location.search);
  link.hidden = false;
  password.hidden = true;
}
/** @type {HTMLElement|null} */ (document.querySelector("form:not([hidden]) :is(input:not([type=hidden]), button)"))?.focus();

for (const form of [link, password]) form.addEventListener("submit", submit);

/** @param {SubmitEvent} e */
async function submit(e) {
  e.preventDefault();
  const form = /** @type {HTMLFormElement} */ (e.currentTarget);
  const { next, ...body } = Object.fromEntries(new FormData(form));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  problem.textContent = "";
  try {
    await call("/v1/session", { method: "POST", body });
    location.assign(safe(String(next)));
  } catch (err) {
    problem.textContent = /** @type {Error} */ (err).message || "The server cannot be reached. Please try again.";
    button.disabled = false;
    if (form === link) password.hidden = false;
  }
}

/**
 * Only a path of this site.
 * @param {string} next
 */
function safe(next) {
  const url = new URL(next || "/desk", location.href);
  return url.origin === location.origin ? url.pathname + url.search : "/desk";
}
