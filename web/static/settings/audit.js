// SPDX-License-Identifier: MIT
// Who changed what, newest first.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { button, busy, failed, field, root, select, when } from "./form.js";

/** @type {Record<string, string>} */
const actions = {
  "company.saved": "Settings saved",
  "company.restored": "Settings of an earlier version restored",
  "staff.added": "Account made at a terminal",
  "staff.invited": "Invited",
  "staff.role_changed": "Role changed",
  "staff.disabled": "Disabled",
  "staff.enabled": "Enabled",
  "staff.membership_changed": "Team, skills or capacity changed",
  "staff.reset_sent": "Link for a password made",
  "staff.password_set": "Password chosen by a link",
  "staff.password_changed": "Password changed",
  "staff.token_created": "API token made",
  "staff.credential_revoked": "Session or token ended",
  "webhook.created": "Webhook added",
  "webhook.changed": "Webhook changed",
  "webhook.paused": "Webhook switched off",
  "webhook.enabled": "Webhook switched on",
  "webhook.disabled": "Webhook gave up",
  "webhook.secret_renewed": "Webhook's secret renewed",
  "webhook.deleted": "Webhook deleted",
  "hold.placed": "Deletion held",
  "hold.released": "Hold on deletion ended",
  "record.exported": "Record exported",
};

const body = h("tbody");
const more = h("p", { class: "set-actions" });
let family = "";

/** @param {any} e */
function row(e) {
  const detail = Object.entries(e.detail).map(([k, v]) => `${k.replaceAll("_", " ")}: ${Array.isArray(v) ? v.join(", ") || "none" : v === "" ? "none" : v}`);
  return h(
    "tr",
    {},
    h("td", {}, h("time", { datetime: e.at, text: when(e.at) })),
    h("td", { text: e.by?.name ?? "At a terminal" }),
    h("td", { text: actions[e.action] ?? e.action.replaceAll("_", " ") }),
    h("td", { text: e.subject.replace("/", " ") }),
    h("td", { class: "hint", text: detail.join("; ") }),
  );
}

/** @param {string} before */
async function load(before = "") {
  const page = await call(`/v1/audit?limit=100&family=${family}${before && `&before=${before}`}`);
  body.append(...page.entries.map(row));
  if (!body.childElementCount) body.append(h("tr", {}, h("td", { colspan: 5, class: "hint", text: "Nothing was changed yet." })));
  more.replaceChildren(page.next ? button("Show earlier", (b) => busy(b, () => load(page.next))) : "");
}

const filter = select(
  [["", "Everything"], ["company", "Company"], ["staff", "Staff"], ["webhook", "Webhooks"], ["hold", "Holds on deletion"], ["record", "Records"]],
  "",
  (v) => {
    family = v;
    body.replaceChildren();
    void load().catch(failed);
  },
);
root.replaceChildren(
  h("div", { class: "set-bar" }, field("Show", filter)),
  h(
    "div",
    { class: "set-scroll", tabindex: "0", role: "region", "aria-label": "Audit" },
    h("table", { class: "set-table" }, h("thead", {}, h("tr", {}, ...["When", "Who", "What", "To", "Detail"].map((text) => h("th", { scope: "col", text })))), body),
  ),
  more,
);
await load().catch(failed);
