// SPDX-License-Identifier: MIT
// The record of a conversation: found by reference, checked, exported, and held against deletion.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { latest } from "../shared/latest.js";
import { ask, busy, button, failed, field, root, say, select, when } from "./form.js";

/** @type {[string, string][]} */
const reasons = [
  ["complaint", "A complaint"],
  ["dispute", "A dispute"],
  ["litigation", "A case in court"],
  ["regulator", "A regulator asks"],
  ["audit", "An audit"],
  ["other", "Something else"],
];

/** @param {string} reason */
const named = (reason) => reasons.find(([value]) => value === reason)?.[1] ?? reason;

const found = h("section", { class: "record", "aria-live": "polite", "aria-label": "The record" });
const body = h("tbody");
const search = h("input", { type: "search", required: true, maxlength: 64, autocomplete: "off", spellcheck: "false" });

/** @param {string} text */
async function find(text) {
  found.replaceChildren(h("p", { class: "hint", text: "Looking." }));
  try {
    show(await call(`/v1/records?reference=${encodeURIComponent(text)}`));
  } catch (err) {
    found.replaceChildren(h("p", { class: "problem", text: /** @type {Error} */ (err).message || "The server cannot be reached. Please try again." }));
  }
}

/** @param {any} r */
function show(r) {
  const name = r.references[0] ?? "Conversation without a case";
  const result = h("div", { class: "record-check" });
  const title = h("h2", { tabindex: "-1", text: name });
  const facts = [`State: ${r.state.replaceAll("_", " ")}`, `Began ${when(r.created_at)}`, r.references.length > 1 ? `Earlier: ${r.references.slice(1).join(", ")}` : "", r.erased ? "Erased: what happened is kept without what was said" : ""].filter(Boolean);
  found.replaceChildren(
    title,
    h("p", { class: "hint", text: facts.join(" \u00b7 ") }),
    h("p", { class: "hint" }, "Conversation ", h("code", { text: r.conversation_id })),
    h(
      "p",
      { class: "set-actions" },
      button("Check the record", (b) => busy(b, () => check(r, result)), { kind: "btn-brand" }),
      h("a", { class: "btn", href: `/v1/records/${r.conversation_id}`, download: `record-${r.conversation_id}.json`, text: "Export" }),
    ),
    result,
    hold(r, name),
  );
  title.focus();
}

/**
 * @param {any} r
 * @param {HTMLElement} result
 */
async function check(r, result) {
  const c = await call(`/v1/records/${r.conversation_id}/check`);
  if (c.intact) {
    result.replaceChildren(h("p", { class: "record-intact" }, icon("check"), `The record stands as it was written: ${c.entries} entries, each following from the one before, ${c.opened} texts compared, ${c.seals === 0 ? "not sealed yet" : `in ${c.seals} ${c.seals === 1 ? "seal" : "seals"}`}. Checked ${when(c.checked_at)}.`));
    return;
  }
  result.replaceChildren(h("p", { class: "problem" }, icon("warn"), " The record was changed. Please keep everything as it is and tell whoever runs the gateway."), h("ul", { class: "set-plain" }, ...c.violations.map((/** @type {any} */ v) => h("li", { text: `${v.invariant}${v.entry ? `, entry ${v.entry}` : ""}: ${v.detail}` }))));
}

/**
 * @param {any} r
 * @param {string} name
 */
function hold(r, name) {
  if (r.hold) return h("div", { class: "record-hold" }, h("p", {}, icon("lock"), ` Deletion is held since ${when(r.hold.placed_at)}: ${named(r.hold.reason)}.`), button("Lift the hold\u2026", () => lift(r.conversation_id, name)));
  let reason = "complaint";
  const place = async () => {
    await call(`/v1/records/${r.conversation_id}/hold`, { method: "POST", body: { reason } });
    say("Deletion is held.");
    await Promise.all([find(r.conversation_id), load()]);
  };
  return h("div", { class: "record-hold" }, field("Hold deletion because of", select(reasons, reason, (v) => (reason = v)), { hint: "An erasure that is asked for meanwhile waits until the hold ends." }), button("Hold deletion", (b) => busy(b, place)));
}

/**
 * @param {string} id
 * @param {string} name
 */
function lift(id, name) {
  ask(`Lift the hold on ${name}?`, "An erasure that was asked for meanwhile is carried out then, and cannot be taken back.", "Lift it", async () => {
    await call(`/v1/records/${id}/hold`, { method: "DELETE" });
    say("The hold has ended.");
    if (found.querySelector("h2")) await find(id);
    await load();
  });
}

/** @param {any} x */
function row(x) {
  const name = x.reference || "Conversation";
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, button(name, () => void find(x.conversation_id), { kind: "link", label: `Show ${name}` })),
    h("td", { text: named(x.reason) }),
    h("td", {}, h("time", { datetime: x.placed_at, text: when(x.placed_at) })),
    h("td", { text: x.placed_by ?? "At a terminal" }),
    h("td", { class: "set-does" }, button("Lift\u2026", () => lift(x.conversation_id, name), { label: `Lift the hold on ${name}` })),
  );
}

const load = latest(
  () => call("/v1/holds"),
  ({ holds }) => {
    body.replaceChildren(...holds.map(row));
    if (holds.length === 0) body.append(h("tr", {}, h("td", { colspan: 5, class: "hint", text: "No deletion is held." })));
  },
);

const form = h("form", { class: "record-find" }, field("Reference, or the id of the conversation", search), h("button", { type: "submit", class: "btn btn-brand", text: "Find" }));
form.addEventListener("submit", (e) => (e.preventDefault(), void find(search.value.trim())));
root.replaceChildren(
  form,
  found,
  h("h2", { text: "Holds in force" }),
  h(
    "div",
    { class: "set-scroll", tabindex: "0", role: "region", "aria-label": "Holds in force" },
    h("table", { class: "set-table" }, h("thead", {}, h("tr", {}, ...["Case", "Why", "Since", "By"].map((text) => h("th", { scope: "col", text })), h("td", {}, h("span", { class: "sr", text: "Actions" })))), body),
  ),
);
await load().catch(failed);
