// SPDX-License-Identifier: MIT
// Customers who may not write now, the next to end first; a supervisor lifts any of it.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { latest } from "../shared/latest.js";
import { ask, button, failed, mayChange, root, say, when } from "./form.js";

/** @type {Record<string, string>} */
const categories = { harassment: "Harassment", threats: "Threats", spam: "Spam" };
const body = h("tbody");

/** @param {any} b */
function row(b) {
  const named = b.reference || "the conversation";
  const lift = () =>
    ask(`Lift the block of ${named}?`, "The customer may write again at once, and is told so.", "Lift it", async () => {
      await call(`/v1/conversations/${b.conversation_id}/block`, { method: "DELETE" });
      say("The customer may write again.");
      await load();
    });
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, b.case_id ? h("a", { href: `/desk#case=${b.case_id}`, text: b.reference }) : h("a", { href: `/desk#conversation=${b.conversation_id}`, text: "Conversation" })),
    h("td", { text: categories[b.category] ?? b.category }),
    h("td", { text: b.by.name }),
    h("td", {}, h("time", { datetime: b.created_at, text: when(b.created_at) })),
    h("td", {}, h("time", { datetime: b.until, text: when(b.until) })),
    h("td", { class: "set-does" }, mayChange ? button("Lift\u2026", lift, { label: `Lift the block of ${named}` }) : null),
  );
}

const load = latest(
  () => call("/v1/blocks"),
  ({ blocks }) => {
    body.replaceChildren(...blocks.map(row));
    if (blocks.length === 0) body.append(h("tr", {}, h("td", { colspan: 6, class: "hint", text: "Nobody is blocked." })));
  },
);

root.replaceChildren(
  h(
    "div",
    { class: "set-scroll", tabindex: "0", role: "region", "aria-label": "Blocked customers" },
    h("table", { class: "set-table" }, h("thead", {}, h("tr", {}, ...["Case", "Why", "By", "Since", "Until"].map((text) => h("th", { scope: "col", text })), h("td", {}, h("span", { class: "sr", text: "Actions" })))), body),
  ),
);
await load().catch(failed);
