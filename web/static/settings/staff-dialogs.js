// SPDX-License-Identifier: MIT
// The dialogs about staff: inviting and changing.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { button, dialog, field, input, onSubmit, select, shown } from "./form.js";

/** @type {[string, string][]} */
export const roles = [
  ["agent", "Agent: takes cases"],
  ["editor", "Editor: writes articles"],
  ["supervisor", "Supervisor: everything"],
  ["compliance", "Compliance: reads and exports, holds deletion"],
];

/** @param {() => Promise<void>} done */
export function invite(done) {
  const body = { name: "", email: "", role: "agent" };
  dialog("Invite somebody", (close) => {
    const form = h(
      "form",
      {},
      field("Name, as customers see it", input("", (v) => (body.name = v), { required: true, maxlength: 80 }), { field: "name" }),
      field("E-mail address", input("", (v) => (body.email = v), { type: "email", required: true, maxlength: 254 }), { field: "email" }),
      field("Role", select(roles, "agent", (v) => (body.role = v)), { field: "role" }),
      h("p", { class: "problem", role: "alert" }),
      h("div", { class: "dialog-actions" }, button("Cancel", close, { kind: "btn-quiet" }), h("button", { class: "btn btn-brand", type: "submit", text: "Invite" })),
    );
    onSubmit(form, async () => {
      const made = await call("/v1/staff/invite", { method: "POST", body });
      close();
      shown("The invitation", made.mailed ? `It was mailed to ${body.email}. The link is good once, within a day.` : `No mail is sent from here: give this link to ${body.name}. It is good once, within a day.`, made.link);
      await done();
    });
    return [form];
  });
}

/**
 * @param {any} member
 * @param {any[]} teams
 * @param {() => Promise<void>} done
 */
export function edit(member, teams, done) {
  const m = structuredClone(member.membership);
  let role = member.role;
  /** @type {[string, string][]} */
  const choices = [["", teams.length ? `The first team (${teams[0].name})` : "All agents are one team"], ...teams.map((t) => /** @type {[string, string]} */ ([t.id, t.name]))];
  if (m.team && !teams.some((t) => t.id === m.team)) choices.push([m.team, `${m.team} (there is no such team any more)`]);
  dialog(member.name, (close) => {
    const form = h(
      "form",
      {},
      field("Role", select(roles, role, (v) => (role = v)), { field: "role" }),
      field("Team", select(choices, m.team, (v) => (m.team = v)), { field: "team" }),
      field("Skills", input(m.skills.join(", "), (v) => (m.skills = v.split(",").map((s) => s.trim()).filter(Boolean))), { field: "skills", hint: "Words, separated by commas." }),
      field("Languages", input(m.languages.join(", "), (v) => (m.languages = v.split(/[\s,]+/).filter(Boolean))), { field: "languages", hint: "As en, de. None: any." }),
      field("Cases at a time", input(String(m.capacity), (v) => (m.capacity = Math.trunc(Number(v)) || 0), { type: "number", min: 0, max: 50 }), { field: "capacity", hint: "0: takes none by assignment." }),
      h("p", { class: "problem", role: "alert" }),
      h("div", { class: "dialog-actions" }, button("Cancel", close, { kind: "btn-quiet" }), h("button", { class: "btn btn-brand", type: "submit", text: "Save" })),
    );
    onSubmit(form, async () => {
      if (role !== member.role) await call(`/v1/staff/${member.id}/role`, { method: "PUT", body: { role } });
      if (JSON.stringify(m) !== JSON.stringify(member.membership)) await call(`/v1/staff/${member.id}/membership`, { method: "PUT", body: m });
      close();
      await done();
    });
    return [form];
  });
}
