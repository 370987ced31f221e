// SPDX-License-Identifier: MIT
// Merging two cases of one customer: both side by side, then one goes on.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";
import { button, Frame } from "./dialog.js";
import { reasons, say, states } from "./words.js";

const lastWords = 4;

export class MergeDialog extends Frame {
  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    super("Merge two cases");
    this.model = model;
    this.onDone = () => {};
  }

  /**
   * Offers the customer's other open cases.
   * @param {any} c The case that is open.
   * @param {any[]} others
   */
  choose(c, others) {
    this.open("");
    const rows = others.map((o) => h("li", {}, h("div", { class: "pick-head" }, h("strong", { text: o.reference }), h("span", { class: "hint", text: `${say(reasons, o.reason)} \u00b7 ${dateAndTime(o.opened_at, "en-GB")}` }), button("Compare", () => void this.compare(c.id, o.case_id), { label: `Compare with ${o.reference}` })), h("span", { class: "preview", dir: "auto", text: o.preview })));
    this.show(rows.length > 0 ? h("ul", { class: "picks" }, ...rows) : h("p", { text: "This customer has no other open case." }));
  }

  /**
   * @param {string} one
   * @param {string} other
   */
  async compare(one, other) {
    this.open();
    const both = await this.tries(() => Promise.all([one, other].map((id) => call(`/v1/cases/${id}`))));
    if (!both || both === true) return;
    // The older one goes on unless the other is a complaint: its reference is the one the customer knows best.
    const [a, b] = both;
    const older = new Date(a.case.opened_at) <= new Date(b.case.opened_at) ? a : b;
    const stays = Boolean(a.case.complaint) !== Boolean(b.case.complaint) ? (a.case.complaint ? a : b) : older;
    const known = [a, b].flatMap((r, i) => r.packet?.earlier_cases?.filter((/** @type {any} */ e) => e.case_id === both[1 - i].case.id) ?? []);
    const form = h("form", {}, h("fieldset", { class: "two" }, h("legend", { text: "Which one goes on?" }), ...both.map((r) => this.#side(r, r === stays))));
    const sure = h("input", { type: "checkbox", name: "sure", required: true });
    // Whoever knows an address can give it: who is behind it, only a person can make sure.
    if (known.length > 0 && known.every((e) => e.same_customer === "email")) form.append(h("label", { class: "warned" }, sure, h("span", { text: "Both gave the same e-mail address, and nobody has proved it. I have made sure that they are one customer." })));
    if (known.length === 0) form.append(h("p", { class: "warned" }, icon("warn"), "They are not known to be of the same customer: then they cannot be merged."));
    form.append(h("p", { class: "hint", text: "The other conversation is closed with a word that names this one; nothing is moved and nothing is lost. The customer reads it in both. This cannot be taken back." }));
    const submit = h("button", { type: "submit", class: "btn btn-brand", text: "Merge" });
    form.append(h("p", { class: "dialog-actions" }, button("Cancel", () => this.close(), { kind: "btn-quiet" }), submit));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const into = String(new FormData(form).get("into"));
      void this.#go(both.find((r) => r.case.id !== into).case, both.find((r) => r.case.id === into).case, sure.checked, submit);
    });
    this.show(form);
    form.querySelector("input")?.focus();
  }

  /**
   * @param {any} r A case file.
   * @param {boolean} checked
   */
  #side(r, checked) {
    const { case: c, packet, conversation, messages } = r;
    const said = messages.filter((/** @type {any} */ m) => m.author.type === "customer" || m.author.type === "agent").slice(-lastWords);
    const who = packet?.customer?.name || packet?.customer?.email || "no name given";
    const facts = [say(states, conversation.state), c.assignee?.name, say(reasons, c.reason), `opened ${dateAndTime(c.opened_at, "en-GB")}`].filter(Boolean).join(" \u00b7 ");
    const words = said.map((/** @type {any} */ m) => h("li", {}, h("strong", { text: m.author.type === "agent" ? m.author.name : "Customer" }), " ", h("span", { dir: "auto", text: m.text.slice(0, 300) })));
    return h(
      "label",
      { class: "side" },
      h("span", { class: "pick-head" }, h("input", { type: "radio", name: "into", value: c.id, checked, required: true }), h("strong", { text: c.reference }), c.complaint ? h("span", { class: "tag tag-bad", text: "Complaint" }) : null),
      h("bdi", { text: who }),
      h("span", { class: "hint", text: facts }),
      h("span", { class: "sr", text: "Last words:" }),
      h("ul", { class: "side-words" }, ...words),
    );
  }

  /**
   * @param {any} from
   * @param {any} into
   * @param {boolean} sure
   * @param {HTMLButtonElement} submit
   */
  async #go(from, into, sure, submit) {
    if (!(await this.tries(() => call(`/v1/cases/${from.id}/merge`, { method: "POST", body: { into: into.id, same_customer: sure } }), submit))) return;
    this.close();
    this.onDone();
    await this.model.select({ kind: "case", id: into.id });
    this.model.emit("told", { text: `${from.reference} goes on in ${into.reference}.` });
  }
}
