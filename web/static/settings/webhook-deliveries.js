// SPDX-License-Identifier: MIT
// What a webhook was told: how each message stands, and sending one again.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { busy, button, mayChange, say, when } from "./form.js";

/** @type {Record<string, [string, string]>} Words and look of each state. */
export const state = { waiting: ["waiting", "tag-warn"], delivered: ["delivered", "tag-good"], failed: ["failed", "tag-bad"], dropped: ["dropped", ""] };

const pageSize = 25;

/**
 * @param {any} w
 * @param {() => Promise<void>} changed Shows the webhooks anew.
 */
export function deliveries(w, changed) {
  const body = h("tbody");
  const foot = h("p", { class: "set-actions" });

  /** @param {string} [before] */
  async function load(before) {
    const page = await call(`/v1/webhooks/${w.id}/deliveries?limit=${pageSize}${before ? `&before=${before}` : ""}`);
    if (!before) body.replaceChildren();
    body.append(...page.deliveries.map(row));
    if (!body.childElementCount) body.append(h("tr", {}, h("td", { colspan: 6, class: "hint", text: "Nothing was told yet." })));
    foot.replaceChildren(
      button("Refresh", (b) => busy(b, () => load()), { label: `Refresh the messages to ${w.url}` }),
      page.next ? button("Show earlier", (b) => busy(b, () => load(page.next)), { label: `Show earlier messages to ${w.url}` }) : "",
      mayChange && !w.disabled_why ? button("Send all again that did not arrive", (b) => busy(b, recover)) : "",
    );
  }

  async function recover() {
    const { deliveries: n } = await call(`/v1/webhooks/${w.id}/recover`, { method: "POST" });
    await changed();
    say(n ? `${n} ${n === 1 ? "message is" : "messages are"} sent again.` : "There is none that did not arrive.");
  }

  /** @param {any} d */
  function row(d) {
    const [text, look] = state[d.state];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, d.event, h("span", { class: "hint set-block", text: d.reference ?? "no case" })),
      h("td", {}, h("time", { datetime: d.created_at, text: when(d.created_at) })),
      h("td", {}, h("span", { class: `tag ${look}`, text })),
      h("td", { text: d.attempts }),
      h("td", {}, d.status ? String(d.status) : "", d.verdict ? h("span", { class: "hint set-block", text: d.verdict }) : null),
      h("td", {}, d.next_at ? when(d.next_at) : "", mayChange && d.state !== "waiting" && d.case_id && !w.disabled_why ? again(d) : null),
    );
  }

  /** @param {any} d */
  const again = (d) =>
    button("Send again", (b) => busy(b, async () => (await call(`/v1/webhooks/${w.id}/deliveries/${d.id}/replay`, { method: "POST" }), await changed(), say("It is sent again, under the same id."))), {
      label: `Send ${d.event} of ${d.reference} again`,
    });

  const el = h(
    "div",
    {},
    h(
      "div",
      { class: "set-scroll hook-log", tabindex: "0", role: "region", "aria-label": `Messages to ${w.url}` },
      h("table", { class: "set-table" }, h("thead", {}, h("tr", {}, ...["What", "When", "State", "Attempts", "Answer", "Next try"].map((text) => h("th", { scope: "col", text })))), body),
    ),
    foot,
  );
  return { el, load };
}
