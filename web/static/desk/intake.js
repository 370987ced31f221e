// SPDX-License-Identifier: MIT
// A case for somebody who phoned, wrote or came by: taken down while they speak, and given a reference to tell them.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { button, field, Frame } from "./dialog.js";
import { randomID } from "./reply.js";
import { intakes, language, languages } from "./words.js";

export class IntakeDialog extends Frame {
  #cid = "";

  /** @param {import("./model.js").DeskModel} model */
  constructor(model) {
    super("New case", { wide: false });
    this.model = model;
    this.#build();
  }

  /** What was begun and not opened stands there still. */
  take() {
    if (this.el.open) return;
    this.problem.textContent = "";
    this.el.showModal();
    this.words.focus();
  }

  #build() {
    this.words = h("textarea", { rows: 5, required: true, dir: "auto" });
    this.name = h("input", { type: "text", maxlength: 200, autocomplete: "off", dir: "auto" });
    this.email = h("input", { type: "email", maxlength: 254, autocomplete: "off" });
    this.consent = h("input", { type: "checkbox" });
    this.lang = h("select", {}, ...languages.map((l) => h("option", { value: l, text: language(l) })));
    this.complaint = h("input", { type: "checkbox" });
    this.mine = h("input", { type: "checkbox", checked: true });
    const submit = h("button", { type: "submit", class: "btn btn-brand" }, icon("person"), "Open the case");
    const agrees = h("label", { class: "choice", hidden: true }, this.consent, h("span", {}, h("strong", { text: "They agree to be written to" }), h("span", { text: "The reference and a link to their conversation are sent to them." })));
    this.email.addEventListener("input", () => {
      agrees.hidden = this.email.value.trim() === "";
      this.consent.required = !agrees.hidden;
    });
    this.form = h(
      "form",
      {},
      h("fieldset", { class: "choices choices-row" }, h("legend", { text: "They" }), ...intakes.map(([value, text], i) => h("label", { class: "choice" }, h("input", { type: "radio", name: "channel", value, checked: i === 0 }), h("span", { text })))),
      field("What they said", this.words, "In their words. It is their first message."),
      field("Name", this.name),
      field("E-mail", this.email, "Optional. Without it, tell them the reference."),
      agrees,
      field("Language", this.lang),
      h("label", { class: "choice" }, this.complaint, h("span", {}, h("strong", { text: "It is a complaint" }), h("span", { text: "It goes into the register, with its clocks." }))),
      h("label", { class: "choice" }, this.mine, h("span", {}, h("strong", { text: "I take it myself" }), h("span", { text: "Otherwise it waits in the queue like any other." }))),
      h("p", { class: "dialog-actions" }, button("Cancel", () => this.close(), { kind: "btn-quiet" }), submit),
    );
    // Another text is another case; the same one, sent again after a lost answer, is not.
    this.form.addEventListener("input", () => (this.#cid = ""));
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#open(submit);
    });
    this.show(this.form);
  }

  /** @param {HTMLButtonElement} submit */
  async #open(submit) {
    this.#cid ||= randomID();
    const email = this.email.value.trim();
    const body = {
      channel: String(new FormData(this.form).get("channel")),
      text: this.words.value.trim(),
      name: this.name.value.trim(),
      email,
      email_consent: email !== "" && this.consent.checked,
      locale: this.lang.value,
      complaint: this.complaint.checked,
      take: this.mine.checked,
      client_case_id: this.#cid,
    };
    const opened = await this.tries(() => call("/v1/cases", { method: "POST", body }), submit);
    if (!opened) return;
    const c = opened.case;
    this.model.taken.add(c.id);
    this.form.reset();
    this.email.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
    await this.model.select({ kind: "case", id: c.id });
    this.model.emit("told", { text: `The case is open. Its reference is ${c.reference}.`, for: 60_000 });
  }
}
