// SPDX-License-Identifier: MIT
// Webhooks: who is told what, how that goes, and what can be done about it.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { latest } from "../shared/latest.js";
import { ask, busy, button, failed, mayChange, root, say, when } from "./form.js";
import { deliveries, state } from "./webhook-deliveries.js";
import { edit, renew } from "./webhook-dialogs.js";

/** @type {string[]} */
let events = [];
/** @type {Set<string>} Whose deliveries are open. */
const open = new Set();
const list = h("div", { class: "set-cards" });

/** @type {Record<string, string>} */
const why = { gone: "Switched off: the address answered that it is gone (410).", failing: "Switched off: nothing went well for five days.", paused: "Switched off by a supervisor." };

/**
 * How a webhook stands, in a word and in a sentence.
 * @param {any} w
 */
function standing(w) {
  if (w.disabled_why) return h("span", { class: `tag ${w.disabled_why === "paused" ? "tag-warn" : "tag-bad"}`, text: "off" });
  if (w.failing_since) return h("span", { class: "tag tag-bad", text: "failing" });
  return h("span", { class: "tag tag-good", text: "on" });
}

/** @param {any} w */
function notes(w) {
  return [
    w.disabled_why && `${why[w.disabled_why]} Since ${when(w.disabled_at)}; what happens meanwhile is not told.`,
    !w.disabled_why && w.failing_since && `No message arrived since ${when(w.failing_since)}. After five days it is switched off.`,
    w.quiet_until && `The address asked to be left alone until ${when(w.quiet_until)}.`,
    w.old_secret_until && `The secret before is good until ${when(w.old_secret_until)}.`,
    w.waiting && `${w.waiting} ${w.waiting === 1 ? "message waits" : "messages wait"} to be sent.`,
  ].filter(Boolean);
}

/** @param {any} w */
function card(w) {
  const title = h("h2", { class: "hook-url", text: w.url });
  const log = deliveries(w, load);
  const details = h("details", { class: "set-more" }, h("summary", { text: "Messages" }), log.el);
  details.addEventListener("toggle", () => {
    if (details.open) open.add(w.id);
    else open.delete(w.id);
    if (details.open) void log.load().catch(failed);
  });
  details.open = open.has(w.id);
  return h(
    "section",
    { class: "set-section hook", "aria-label": w.url },
    h("div", { class: "hook-head" }, title, standing(w)),
    w.note ? h("p", { text: w.note }) : null,
    h("p", { class: "hint" }, `Told of: ${w.events.join(", ")}`),
    ...notes(w).map((text) => h("p", { class: "hook-note", text })),
    mayChange ? h("p", { class: "set-actions" }, ...doings(w)) : null,
    details,
  );
}

/**
 * A button that does one thing to a webhook and shows the list anew.
 * @param {any} w @param {string} text @param {(b: HTMLButtonElement) => unknown} press
 */
const act = (w, text, press) => button(text, press, { label: `${text}: ${w.url}` });

/** @param {any} w */
function doings(w) {
  const post = (/** @type {string} */ path) => call(path, { method: "POST" });
  return [
    act(w, "Send a test", (b) =>
      busy(b, async () => {
        const { delivery } = await post(`/v1/webhooks/${w.id}/test`);
        await load();
        say(delivery.state === "delivered" ? `The test arrived: the address answered ${delivery.status}.` : `The test did not arrive: ${delivery.verdict}.`, delivery.state === "delivered" ? "good" : "bad");
      }),
    ),
    w.disabled_why
      ? act(w, "Switch on", (b) => busy(b, async () => (await post(`/v1/webhooks/${w.id}/enable`), await load(), say("Switched on."))))
      : act(w, "Switch off", () => ask("Switch this webhook off?", "What waits stays and is sent when it is switched on; what happens meanwhile is not told.", "Switch off", async () => (await post(`/v1/webhooks/${w.id}/disable`), await load()))),
    act(w, "Change", () => edit(events, w, load)),
    act(w, "New secret", () => renew(w, load)),
    act(w, "Delete", () => ask("Delete this webhook?", `Nothing is told to ${w.url} any more, and its secret is destroyed.`, "Delete", async () => (await call(`/v1/webhooks/${w.id}`, { method: "DELETE" }), await load(), say("Deleted.")))),
  ];
}

const load = latest(
  () => call("/v1/webhooks"),
  (all) => {
    events = all.events;
    list.replaceChildren(...(all.webhooks.length ? all.webhooks.map(card) : [h("p", { class: "hint", text: "Nobody is told yet." })]));
  },
);

root.replaceChildren(
  h("div", { class: "set-bar" }, mayChange ? button("Add a webhook", () => edit(events, null, load), { kind: "btn-brand" }) : null),
  list,
  h(
    "details",
    { class: "set-more" },
    h("summary", { text: "How messages are sent" }),
    h(
      "ul",
      { class: "set-plain" },
      h("li", { text: "Each is signed as Standard Webhooks says, with the secret that is shown once: HMAC-SHA256 over webhook-id.webhook-timestamp.body." }),
      h("li", { text: "What is not answered with 2xx within ten seconds is sent again for about a day, under the same webhook-id. Retry-After is honoured up to six hours." }),
      h("li", { text: "An address that answers 410, or fails for five days, is switched off. The audit says when." }),
      h("li", {}, `A message is ${Object.values(state).map(([text]) => text).join(", ")}; it is kept for 30 days.`),
    ),
  ),
);
await load().catch(failed);
