// SPDX-License-Identifier: MIT
// What is known of an article beside its text: owner, audience, review and end take effect at once; the words of customers go live with the text.

import { call, Problem } from "../shared/api.js";
import { h } from "../shared/dom.js";

export class Details {
  /** @type {import("./draft.js").Draft|null} */ #draft = null;
  /** @type {any} */ about = null;
  #shown = "";

  /** @param {(change: Partial<import("./draft.js").Fields>) => void} edit */
  constructor(edit) {
    this.owner = h("select", { id: "detail-owner" });
    this.audience = h("select", { id: "detail-audience" }, h("option", { value: "everyone", text: "Everyone" }), h("option", { value: "signed_in", text: "Signed-in customers" }), h("option", { value: "staff", text: "Staff only" }));
    this.review = h("input", { id: "detail-review", type: "date" });
    this.expires = h("input", { id: "detail-expires", type: "datetime-local" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.done = h("p", { class: "hint", role: "status" });
    this.save = h("button", { type: "submit", class: "btn", text: "Set" });
    this.asked = h("textarea", { id: "detail-asked", rows: "6", dir: "auto", placeholder: "One question to a line", "aria-describedby": "detail-asked-hint", on: { input: () => edit({ asked: lines(this.asked.value) }) } });
    const field = (/** @type {string} */ id, /** @type {string} */ text, /** @type {Node} */ el, hint = "") => h("div", { class: "field" }, h("label", { for: id, text }), el, hint && h("p", { class: "hint", id: `${id}-hint`, text: hint }));
    this.form = h(
      "form",
      { class: "bench-form" },
      field("detail-owner", "Owner", this.owner, "Is told when a scheduled draft is kept back."),
      field("detail-audience", "For", this.audience, "Signed-in customers are those for whom your own site vouches; nobody else is told what is for them. What is for staff only is found at the desk, and never told to a customer."),
      field("detail-review", "Review by", this.review, "After this day it is not used for answers until somebody has looked at it."),
      field("detail-expires", "Expires", this.expires, "From then on it is not used for answers."),
      this.problem,
      h("div", { class: "version-actions" }, this.save, this.done),
    );
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#set();
    });
    this.el = h("div", { class: "bench" }, field("detail-asked", "Asked as", this.asked, "How customers ask for this. It helps to find the article; what they are shown is its text. Goes live with the text."), h("h3", { text: "Effective at once" }), this.form);
  }

  /** @param {import("./draft.js").Draft} draft */
  show(draft) {
    const other = this.#draft !== draft;
    this.#draft = draft;
    if (document.activeElement !== this.asked || other) this.asked.value = draft.fields.asked.join("\n");
    const a = draft.article;
    this.asked.disabled = a?.draft?.stage.stage === "scheduled";
    for (const el of [this.owner, this.audience, this.review, this.expires, this.save]) el.disabled = !a;
    const facts = JSON.stringify([a?.id, a?.owner, a?.audience, a?.review_by, a?.expires_at, this.about?.editors]);
    if (facts === this.#shown) return;
    this.#shown = facts;
    this.problem.textContent = this.done.textContent = "";
    const editors = [...(this.about?.editors ?? [])];
    if (a?.owner && !editors.some((e) => e.id === a.owner.id)) editors.push(a.owner);
    this.owner.replaceChildren(h("option", { value: "", text: "Nobody" }), ...editors.map((e) => h("option", { value: String(e.id), text: e.name, selected: e.id === a?.owner?.id })));
    this.audience.value = a?.audience ?? "everyone";
    this.review.value = a?.review_by ? local(new Date(new Date(a.review_by).getTime() - 1)).slice(0, 10) : "";
    this.expires.value = a?.expires_at ? local(new Date(a.expires_at)) : "";
  }

  async #set() {
    const draft = this.#draft;
    if (!draft?.article) return;
    this.problem.textContent = this.done.textContent = "";
    /** @type {any} */
    const body = { audience: this.audience.value, expected_details_rev: draft.article.details_rev };
    if (this.owner.value) body.owner_id = Number(this.owner.value);
    if (this.review.value) body.review_by = dayEnd(this.review.value).toISOString();
    if (this.expires.value) body.expires_at = new Date(this.expires.value).toISOString();
    try {
      draft.note(await call(`/v1/articles/${draft.id}/details`, { method: "PUT", body }));
      draft.emit("moved");
      this.done.textContent = "In force.";
    } catch (err) {
      const theirs = err instanceof Problem && err.code === "details_changed" && (await call(`/v1/articles/${draft.id}`).catch(() => null));
      if (theirs && draft === this.#draft) draft.note(theirs);
      this.problem.textContent = theirs ? "Somebody else has set these meanwhile; this is what stands now. Set yours again if it is still right." : /** @type {Error} */ (err).message || "The server is out of reach.";
    }
  }
}

/** @param {string} text */
const lines = (text) => text.split("\n").map((l) => l.trim()).filter(Boolean);

/** @param {string} day The day lasts to its end, here. */
function dayEnd(day) {
  const [y, m, d] = day.split("-").map(Number);
  return new Date(y, m - 1, d + 1);
}

/** @param {Date} at As fields for a time want it. */
export function local(at) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
