// SPDX-License-Identifier: MIT
// Teams: what each takes, when it works, and who is next up the ladder.

import { reasons } from "../desk/words.js";
import { h } from "../shared/dom.js";
import { button, field, fresh, input, remove, select } from "./form.js";
import { holidays, week } from "./hours.js";
import { targetFields } from "./targets.js";

/**
 * @param {any[]} list
 * @param {() => void} changed
 */
export function teams(list, changed) {
  const rows = h("div", { class: "set-cards" });
  const draw = () => {
    rows.replaceChildren(...list.map((team, i) => card(list, team, i, changed, draw)));
  };
  draw();
  const plus = button("Add a team", () => {
    list.push({ id: "", name: "" });
    draw();
    changed();
    /** @type {HTMLElement|null} */ (rows.lastElementChild?.querySelector("input"))?.focus();
  });
  return h("div", { class: "set-list" }, h("p", { class: "hint", text: "Without teams all agents are one. The first team takes what no other does." }), rows, h("p", { class: "set-actions" }, plus));
}

/**
 * @param {any[]} list
 * @param {any} team
 * @param {number} i
 * @param {() => void} changed
 * @param {() => void} draw
 */
function card(list, team, i, changed, draw) {
  const at = `teams.${i}`;
  const set = (/** @type {string} */ key) => (/** @type {string} */ value) => {
    if (value || key === "id" || key === "name") team[key] = value;
    else delete team[key];
    changed();
  };
  /** @type {[string, string][]} */
  const others = [["", "Nobody"], ...list.filter((t) => t !== team && t.id).map((t) => /** @type {[string, string]} */ ([t.id, t.name || t.id]))];
  return h(
    "fieldset",
    { class: "set-card" },
    h("legend", { text: team.name || `Team ${i + 1}` }),
    h(
      "div",
      { class: "set-grid" },
      field("Name", input(team.name, set("name"), { maxlength: 80 }), { field: `${at}.name` }),
      field("Id", input(team.id, set("id"), { maxlength: 40, autocapitalize: "none", spellcheck: "false" }), { field: `${at}.id`, hint: "A lower-case word that stays." }),
      field("Languages", input((team.languages ?? []).join(", "), (v) => words(team, "languages", v, changed)), { field: `${at}.languages`, hint: "As en, de. None: all." }),
      field("Skill", input(team.skill ?? "", set("skill")), { field: `${at}.skill`, hint: "What its cases ask of an agent." }),
      field("Escalates to", select(others, team.escalates_to ?? "", set("escalates_to")), { field: `${at}.escalates_to` }),
      field("Time zone", input(team.time_zone ?? "", set("time_zone"), { list: "zones" }), { field: `${at}.time_zone`, hint: "Empty: the company's." }),
    ),
    taken(team, at, changed),
    own(team, at, changed, draw),
    h("p", { class: "set-actions" }, h("span", { class: "sr", text: team.name }), remove(`Remove the team ${team.name || i + 1}`, () => (list.splice(i, 1), draw(), changed()))),
  );
}

/**
 * The reasons of handoffs that the team takes, as boxes.
 * @param {any} team
 * @param {string} at
 * @param {() => void} changed
 */
function taken(team, at, changed) {
  const boxes = Object.entries(reasons).map(([code, text]) => {
    const box = h("input", { type: "checkbox", checked: (team.reasons ?? []).includes(code) });
    box.addEventListener("change", () => {
      const list = (team.reasons ?? []).filter((/** @type {string} */ r) => r !== code);
      if (box.checked) list.push(code);
      if (list.length) team.reasons = list;
      else delete team.reasons;
      changed();
    });
    return h("label", { class: "set-check" }, box, text);
  });
  const id = fresh();
  const group = h("details", { class: "set-more", id }, h("summary", { text: "Reasons it takes (none chosen: all)" }), h("div", { class: "set-checks" }, ...boxes), h("span", { class: "set-error", id: `${id}-e` }));
  group.dataset.field = `${at}.reasons`;
  return group;
}

/**
 * Hours and targets of its own, when it has some.
 * @param {any} team
 * @param {string} at
 * @param {() => void} changed
 * @param {() => void} draw
 */
function own(team, at, changed, draw) {
  const hours = h("input", { type: "checkbox", checked: Boolean(team.hours) });
  hours.addEventListener("change", () => {
    if (hours.checked) team.hours = [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "17:00" }));
    else delete team.hours;
    draw();
    changed();
  });
  const days = h("input", { type: "checkbox", checked: Boolean(team.holidays) });
  days.addEventListener("change", () => {
    if (days.checked) team.holidays = [];
    else delete team.holidays;
    draw();
    changed();
  });
  const targets = h("input", { type: "checkbox", checked: Boolean(team.targets) });
  targets.addEventListener("change", () => {
    if (targets.checked) team.targets = { first_response_minutes: 10, complaint_days: 14 };
    else delete team.targets;
    draw();
    changed();
  });
  return h(
    "div",
    { class: "set-own" },
    h("label", { class: "set-check" }, hours, "Has hours of its own"),
    team.hours ? week(team.hours, `${at}.hours`, changed) : null,
    h("label", { class: "set-check" }, days, "Has holidays of its own"),
    team.holidays ? holidays(team.holidays, `${at}.holidays`, changed) : null,
    h("label", { class: "set-check" }, targets, "Has targets of its own"),
    team.targets ? targetFields(team.targets, `${at}.targets`, changed) : null,
  );
}

/**
 * @param {any} team
 * @param {string} key
 * @param {string} value
 * @param {() => void} changed
 */
function words(team, key, value, changed) {
  const list = value.split(/[\s,]+/).filter(Boolean);
  if (list.length) team[key] = list;
  else delete team[key];
  changed();
}
