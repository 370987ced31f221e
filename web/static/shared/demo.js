// SPDX-License-Identifier: MIT
// The tour: sets how the model behaves and says things for the newcomer.

import { call } from "./api.js";

const modes = /** @type {HTMLElement} */ (document.getElementById("modes"));
const note = /** @type {HTMLElement} */ (document.getElementById("mode-note"));

/** @returns {import("../widget/element.js").CandorChat} */
const chat = () => /** @type {any} */ (document.querySelector("candor-chat"));

/** @param {string} mode */
function show(mode) {
  const input = modes.querySelector(`input[value="${CSS.escape(mode)}"]`);
  if (input instanceof HTMLInputElement) input.checked = true;
}

/** @param {string} mode */
async function setMode(mode) {
  try {
    show((await call("/demo/model", { method: "POST", body: { mode } })).mode);
    note.textContent = "";
  } catch (err) {
    note.textContent = /** @type {Error} */ (err).message || "The model cannot be switched at the moment.";
  }
}

modes.addEventListener("change", (e) => void setMode(/** @type {HTMLInputElement} */ (e.target).value));
document.getElementById("anew")?.addEventListener("click", () => chat().session?.startAnew());

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  button.addEventListener("click", async () => {
    const { say = "", mode } = button.dataset;
    if (mode) await setMode(mode);
    const { session } = chat();
    const state = session?.conversation?.state ?? "bot";
    if ("fresh" in button.dataset || state !== "bot") session?.startAnew();
    chat().ask(say, true);
    button.closest("li")?.classList.add("tried");
  });
}

call("/demo/model").then(({ mode }) => show(mode)).catch(() => {});
