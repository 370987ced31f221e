// SPDX-License-Identifier: MIT
// Staff: who works here, what each may do, and what assignment gives them.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { latest } from "../shared/latest.js";
import { ask, busy, button, failed, mayChange, root, say, shown, when } from "./form.js";
import { edit, invite, roles } from "./staff-dialogs.js";

/** @type {any[]} */
let teams = [];
const body = h("tbody");

/** @param {any} m */
function row(m) {
  const team = teams.find((t) => t.id === m.membership.team) ?? teams[0];
  const gets = [team?.name, m.membership.skills.join(", "), m.membership.languages.join(", "), `${m.membership.capacity} at a time`].filter(Boolean).join(" · ");
  return h(
    "tr",
    { class: m.disabled ? "set-off" : null },
    h("th", { scope: "row" }, m.name, h("span", { class: "hint set-block", text: m.email })),
    h("td", {}, h("span", { class: "tag tag-person", text: m.role }), m.disabled ? h("span", { class: "tag tag-bad", text: "disabled" }) : null),
    h("td", { text: ["agent", "supervisor"].includes(m.role) ? gets : "" }),
    h("td", { text: m.last_seen_at ? when(m.last_seen_at) : m.has_password ? "not yet" : "has not chosen a password" }),
    h("td", { class: "set-does" }, ...(mayChange ? doings(m) : [])),
  );
}

/** @param {any} m */
function doings(m) {
  if (m.disabled) {
    return [button("Enable", (b) => busy(b, async () => (await call(`/v1/staff/${m.id}/enable`, { method: "POST" }), say(`${m.name} may sign in again.`), await load())), { label: `Enable ${m.name}` })];
  }
  return [
    button("Change", () => edit(m, teams, load), { label: `Change ${m.name}` }),
    button(
      "Password link",
      (b) =>
        busy(b, async () => {
          const made = await call(`/v1/staff/${m.id}/reset`, { method: "POST" });
          shown("A link for a password", made.mailed ? `It was mailed to ${m.email}. It is good once, within a day.` : `No mail is sent from here: give this link to ${m.name}. It is good once, within a day.`, made.link);
        }),
      { label: `Make a password link for ${m.name}` },
    ),
    button("Disable", () => ask(`Disable ${m.name}?`, "Sessions and tokens end at once, and open cases go back to the queue, where they keep their places.", "Disable", async () => (await call(`/v1/staff/${m.id}/disable`, { method: "POST" }), say(`${m.name} is disabled.`), await load())), {
      kind: "btn-small btn-quiet",
      label: `Disable ${m.name}`,
    }),
  ];
}

const load = latest(
  () => Promise.all([call("/v1/staff"), call("/v1/company")]),
  ([{ staff }, { company }]) => {
    teams = company.teams ?? [];
    body.replaceChildren(...staff.map(row));
  },
);

root.replaceChildren(
  h("div", { class: "set-bar" }, mayChange ? button("Invite somebody", () => invite(load), { kind: "btn-brand" }) : null),
  h(
    "div",
    { class: "set-scroll", tabindex: "0", role: "region", "aria-label": "Accounts" },
    h("table", { class: "set-table" }, h("thead", {}, h("tr", {}, ...["Name", "Role", "Is given", "Last here"].map((text) => h("th", { scope: "col", text })), h("td", {}, h("span", { class: "sr", text: "Actions" })))), body),
  ),
  h("details", { class: "set-more" }, h("summary", { text: "What the roles may do" }), h("ul", { class: "set-plain" }, ...roles.map(([, text]) => h("li", { text })))),
);
await load().catch(failed);
