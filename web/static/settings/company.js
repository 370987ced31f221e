// SPDX-License-Identifier: MIT
// The company: name, hours, holidays, channels, targets and teams, with what customers would see just now.

import { call } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { brandFields } from "./brand.js";
import { Draft, history, lock, saving } from "./draft.js";
import { button, failed, field, input, mark, mayChange, remove, root, select } from "./form.js";
import { holidays, week } from "./hours.js";
import { count, targetFields } from "./targets.js";
import { teams } from "./teams.js";

/** @type {[string, string][]} */
const kinds = [["phone", "Telephone"], ["email", "E-mail"], ["post", "Post"], ["shop", "Shop"], ["web", "Web"]];
/** @type {[string, string][]} */
const languages = [["en", "English"], ["zh", "Chinese"], ["es", "Spanish"], ["fr", "French"], ["de", "German"], ["pt", "Portuguese"], ["ja", "Japanese"], ["ar", "Arabic"]];

/**
 * @param {string} title
 * @param {...(Node|null)} children
 */
function section(title, ...children) {
  return h("section", { class: "set-section", "aria-label": title }, h("h2", { text: title }), ...children);
}

/** @param {Draft} draft */
function build(draft) {
  const c = draft.company;
  c.holidays ??= [];
  c.teams ??= [];
  const now = h("p", { class: "set-now-text" });
  const perTeam = h("ul", { class: "set-now-teams" });
  const live = h("section", { class: "set-now set-look", "aria-label": "What customers see now", role: "status" }, h("h2", { text: "What customers see now" }), now, perTeam);
  const { el: save, tell } = saving(draft, () => build(draft));
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let waiting;
  const look = async () => {
    if (!mayChange) return;
    try {
      const seen = await call("/v1/company/preview", { method: "POST", body: { company: clean(c) } });
      now.textContent = seen.summary;
      now.dataset.open = String(seen.open_now);
      perTeam.replaceChildren(...seen.teams.map((/** @type {any} */ t) => h("li", {}, h("strong", { text: `${t.name || t.id}: ` }), t.summary)));
      if (draft.dirty) mark(seen.problems);
    } catch {
      now.textContent = "Some fields are not complete yet.";
      now.dataset.open = "unknown";
    }
  };
  const changed = () => {
    draft.dirty = true;
    tell();
    clearTimeout(waiting);
    waiting = setTimeout(look, 300);
  };
  const set = (/** @type {string} */ key) => (/** @type {string} */ v) => {
    c[key] = v;
    changed();
  };
  root.replaceChildren(
    mayChange ? live : "",
    section(
      "Company",
      h(
        "div",
        { class: "set-grid" },
        field("Name", input(c.name, set("name"), { maxlength: 80, autocomplete: "organization" }), { field: "name" }),
        field("Language of its pages", select(languages, c.locale, set("locale")), { field: "locale" }),
        field("Time zone", input(c.time_zone, set("time_zone"), { list: "zones", spellcheck: "false" }), { field: "time_zone", hint: "Hours and dates are told in it." }),
        field("What the assistant can help with", input(c.scope, set("scope"), { maxlength: 300 }), { field: "scope", hint: "One sentence; it is said when a question is out of scope." }),
      ),
      zones(),
    ),
    section("Opening hours", week(c.hours, "hours", changed)),
    section("Holidays", holidays(c.holidays, "holidays", changed)),
    section("Other ways to reach you", channels(c.channels, changed)),
    section("What you promise", targetFields(c.targets, "targets", changed)),
    section("How the chat looks", brandFields(c, changed)),
    section("Teams", teams(c.teams, changed)),
    section("How cases reach agents", giving(c, changed)),
    section("How articles go live", approving(c, changed)),
    save,
    h("div", { class: "set-look" }, history(draft, () => build(draft))),
  );
  lock();
  void look();
}

/** @param {any} c The settings without what is empty. */
function clean(c) {
  return { ...c, holidays: c.holidays ?? [], teams: c.teams ?? [] };
}

/**
 * @param {any} c
 * @param {() => void} changed
 */
function giving(c, changed) {
  const mode = select(
    [["automatic", "To who has least to do"], ["round_robin", "In turn, to who has waited longest"], ["manual", "To nobody: agents claim them"]],
    c.assignment || "automatic",
    (v) => {
      if (v === "automatic") delete c.assignment;
      else c.assignment = v;
      changed();
    },
  );
  return h(
    "div",
    { class: "set-grid" },
    field("A case is given", mode, { field: "assignment", hint: "Among those who are available, fit and have room. Who spoke with the customer last comes first." }),
    field("Somebody else gets it after (minutes of silence)", count(c, "silent_minutes", changed, { placeholder: "5", max: 1440 }), { field: "silent_minutes", hint: "Of an agent who has it and does nothing with it." }),
  );
}

/**
 * @param {any} c
 * @param {() => void} changed
 */
function approving(c, changed) {
  const box = h("input", { type: "checkbox", checked: Boolean(c.second_eyes), id: "second-eyes", "aria-describedby": "second-eyes-e" });
  box.dataset.field = "second_eyes";
  box.addEventListener("change", () => {
    if (box.checked) c.second_eyes = true;
    else delete c.second_eyes;
    changed();
  });
  return h("div", { class: "set-field" }, h("span", { class: "set-check" }, box, h("label", { for: "second-eyes", text: "A second editor approves a draft before it is published" })), h("span", { class: "set-error", id: "second-eyes-e" }));
}

function zones() {
  const list = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return h("datalist", { id: "zones" }, ...list.map((zone) => h("option", { value: zone })));
}

/**
 * @param {any[]} list
 * @param {() => void} changed
 */
function channels(list, changed) {
  const rows = h("div", { class: "set-rows", id: "channels" });
  rows.dataset.field = "channels";
  const draw = () => {
    rows.replaceChildren(
      ...list.map((channel, i) =>
        h(
          "div",
          { class: "set-row", role: "group", "aria-label": `Channel ${i + 1}` },
          field("Kind", select(kinds, channel.kind, (v) => ((channel.kind = v), changed())), { field: `channels.${i}.kind` }),
          field("Address", input(channel.address, (v) => ((channel.address = v), changed()), { maxlength: 200 }), { field: `channels.${i}.address` }),
          remove(`Remove channel ${i + 1}`, () => (list.splice(i, 1), draw(), changed())),
        ),
      ),
    );
  };
  draw();
  const plus = button("Add a channel", () => {
    list.push({ kind: "phone", address: "" });
    draw();
    changed();
  });
  return h("div", { class: "set-list" }, h("p", { class: "hint", text: "Two at least: they are named whenever customers have to wait." }), rows, h("span", { class: "set-error", id: "channels-e" }), h("p", { class: "set-actions" }, plus));
}

try {
  build(await Draft.load());
} catch (err) {
  failed(err);
}
