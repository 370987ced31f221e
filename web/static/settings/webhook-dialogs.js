// SPDX-License-Identifier: MIT
// The dialogs about webhooks: adding, changing, and a new secret.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { button, dialog, field, fresh, input, onSubmit, select, shown } from "./form.js";

/** @type {Record<string, string>} */
const words = {
  "case.opened": "A customer was promised a person",
  "case.claimed": "An agent took it",
  "case.released": "It went back to the queue",
  "case.transferred": "It went to another agent or team",
  "case.escalated": "A supervisor was asked",
  "case.priority_changed": "Its priority changed",
  "case.resolved": "It was resolved",
  "case.withdrawn": "The customer left the queue",
  "case.reopened": "It was not solved after all",
  "complaint.received": "It is a complaint",
  "clock.breached": "A target was missed",
};

const keep = "The secret is shown this once. Keep it where the messages are received; they are checked with it.";

/**
 * @param {string[]} events All there are.
 * @param {any} hook What is changed; null: a new one.
 * @param {() => Promise<void>} done
 */
export function edit(events, hook, done) {
  const body = { url: hook?.url ?? "", events: [...(hook?.events ?? ["case.opened", "case.resolved"])], note: hook?.note ?? "" };
  dialog(hook ? "Change the webhook" : "Add a webhook", (close) => {
    const form = h(
      "form",
      {},
      field("Address", input(body.url, (v) => (body.url = v.trim()), { type: "url", required: true, maxlength: 2000, placeholder: "https://", spellcheck: "false" }), { field: "url", hint: "Public, with http or https; a redirect is not followed." }),
      field("What it is for", input(body.note, (v) => (body.note = v), { maxlength: 200 }), { field: "note" }),
      choices(events, body.events),
      h("p", { class: "problem", role: "alert" }),
      h("div", { class: "dialog-actions" }, button("Cancel", close, { kind: "btn-quiet" }), h("button", { class: "btn btn-brand", type: "submit", text: hook ? "Save" : "Add" })),
    );
    onSubmit(form, async () => {
      const { webhook } = await call(hook ? `/v1/webhooks/${hook.id}` : "/v1/webhooks", { method: hook ? "PUT" : "POST", body });
      close();
      await done();
      if (!hook) shown("The secret", keep, webhook.secret);
    });
    return [form];
  }).classList.add("dialog-wide");
}

/**
 * @param {string[]} all
 * @param {string[]} chosen Is changed in place.
 */
function choices(all, chosen) {
  const id = fresh();
  const boxes = all.map((event) => {
    const box = h("input", { type: "checkbox" });
    box.checked = chosen.includes(event);
    box.addEventListener("change", () => {
      if (box.checked) chosen.push(event);
      else chosen.splice(chosen.indexOf(event), 1);
    });
    return h("label", { class: "set-check" }, box, h("span", {}, words[event] ?? event, h("code", { class: "hint set-block", text: event })));
  });
  const el = h("fieldset", { class: "set-field", id }, h("legend", { class: "hook-legend", text: "Tell of" }), h("div", { class: "set-checks" }, ...boxes), h("span", { class: "set-error", id: `${id}-e` }));
  el.dataset.field = "events";
  return el;
}

/**
 * @param {any} hook
 * @param {() => Promise<void>} done
 */
export function renew(hook, done) {
  let hours = "24";
  dialog("A new secret", (close) => {
    const form = h(
      "form",
      {},
      h("p", { text: "Until the old secret ends, messages carry both signatures, so that none is refused while you put the new one in place." }),
      field("The old secret is good for", select([["24", "One more day"], ["168", "One more week"], ["1", "One more hour"], ["0", "No longer: it leaked"]], hours, (v) => (hours = v)), { field: "overlap_hours" }),
      h("p", { class: "problem", role: "alert" }),
      h("div", { class: "dialog-actions" }, button("Cancel", close, { kind: "btn-quiet" }), h("button", { class: "btn btn-brand", type: "submit", text: "Make it" })),
    );
    onSubmit(form, async () => {
      const { webhook } = await call(`/v1/webhooks/${hook.id}/secret`, { method: "POST", body: { overlap_hours: Number(hours) } });
      close();
      await done();
      shown("The new secret", keep, webhook.secret);
    });
    return [form];
  });
}
