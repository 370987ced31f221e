// SPDX-License-Identifier: MIT
// Choosing a password by a link, whose secret stays behind the #, and asking for such a link.

import { call } from "../shared/api.js";

const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const done = /** @type {HTMLElement} */ (document.getElementById("done"));
const choose = /** @type {HTMLFormElement} */ (document.getElementById("choose"));
const forgot = /** @type {HTMLFormElement} */ (document.getElementById("forgot"));

const token = /^#([\w.~-]+)$/.exec(location.hash)?.[1];
if (token) {
  history.replaceState(null, "", location.pathname);
  const title = "Choose your password";
  document.title = title;
  /** @type {HTMLElement} */ (document.getElementById("title")).textContent = title;
  choose.hidden = false;
  forgot.hidden = true;
}
/** @type {HTMLElement|null} */ (document.querySelector("form:not([hidden]) input"))?.focus();

choose.addEventListener("submit", (e) => {
  e.preventDefault();
  const { password, again } = Object.fromEntries(new FormData(choose));
  if (password !== again) return tell("The two are not the same.");
  void send(choose, "v1/password", { link_token: token, password }, () => location.assign("/desk"));
});

forgot.addEventListener("submit", (e) => {
  e.preventDefault();
  const { email } = Object.fromEntries(new FormData(forgot));
  void send(forgot, "v1/password/forgot", { email }, (answer) => {
    done.textContent = answer.detail;
    forgot.hidden = true;
  });
});

/** @param {string} text */
function tell(text) {
  problem.textContent = text;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {unknown} body
 * @param {(answer: any) => void} then
 */
async function send(form, path, body, then) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  tell("");
  try {
    then(await call(`/${path}`, { method: "POST", body }));
  } catch (err) {
    tell(/** @type {Error} */ (err).message || "The server cannot be reached. Please try again.");
  }
  button.disabled = false;
}
