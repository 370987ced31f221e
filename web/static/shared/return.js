// SPDX-License-Identifier: MIT
// Back into a conversation. The link from a mail carries its secret behind the #, where no log and no referrer sees it; following
// it uses nothing up, the button does.

import { call } from "./api.js";
import { Storage } from "../widget/storage.js";

const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const sent = /** @type {HTMLElement} */ (document.getElementById("sent"));
const link = /** @type {HTMLFormElement} */ (document.getElementById("link"));
const ask = /** @type {HTMLFormElement} */ (document.getElementById("ask"));

const token = /^#(\w+)$/.exec(location.hash)?.[1];
if (token) {
  /** @type {HTMLInputElement} */ (link.elements.namedItem("link_token")).value = token;
  history.replaceState(null, "", location.pathname + location.search);
  link.hidden = false;
  ask.hidden = true;
}
/** @type {HTMLElement|null} */ (document.querySelector("form:not([hidden]) :is(input:not([type=hidden]), button)"))?.focus();

link.addEventListener("submit", (e) =>
  submit(e, "/v1/links/open", ({ conversation, token: opened }) => {
    new Storage(location.origin).set({ id: conversation.id, token: opened, wantsPerson: false, outbox: [] });
    location.assign("/chat");
  }),
);
ask.addEventListener("submit", (e) =>
  submit(e, "/v1/links", () => {
    sent.textContent = sent.dataset.words ?? "";
    ask.hidden = true;
  }),
);

/**
 * @param {SubmitEvent} e
 * @param {string} path
 * @param {(answer: any) => void} done
 */
async function submit(e, path, done) {
  e.preventDefault();
  const form = /** @type {HTMLFormElement} */ (e.currentTarget);
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  problem.textContent = "";
  try {
    done(await call(path, { method: "POST", body: Object.fromEntries(new FormData(form)) }));
  } catch (err) {
    problem.textContent = /** @type {Error} */ (err).message;
    button.disabled = false;
    ask.hidden = false;
  }
}
