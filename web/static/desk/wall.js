// SPDX-License-Identifier: MIT
// The wallboard: how the queue stands and how the last hours went, to be read from across a room.

import { call, Problem } from "../shared/api.js";
import { add, h, icon } from "../shared/dom.js";
import { waited } from "../shared/time.js";
import { bars, ring } from "./chart.js";

const every = 5_000;
const fewWaits = 20;
const root = /** @type {HTMLElement} */ (document.getElementById("wall"));
const link = /** @type {HTMLElement} */ (document.getElementById("wall-link"));
let told = "";
let skew = 0;

async function refresh() {
  try {
    const wall = await call("/v1/reports/wall");
    skew = Date.now() - new Date(wall.now).getTime();
    linked("Live", "open");
    const { now: _, ...figures } = wall;
    const now = JSON.stringify(figures);
    if (now !== told) render(wall);
    told = now;
  } catch (err) {
    if (err instanceof Problem && err.status === 401) return location.assign("/signin?next=/desk/wall");
    linked(err instanceof Problem && err.status === 403 ? err.message : "Not reached; the figures stand still", "lost");
  }
  tick();
}

/**
 * @param {string} text
 * @param {string} state
 */
function linked(text, state) {
  if (link.textContent !== text) link.textContent = text;
  link.dataset.link = state;
}

/** @param {any} wall */
function render(wall) {
  const sum = (/** @type {string} */ key) => wall.teams.reduce((/** @type {number} */ n, /** @type {any} */ t) => n + t[key], 0);
  const oldest = wall.teams.map((/** @type {any} */ t) => t.oldest_waiting_since).filter(Boolean).sort()[0];
  const present = wall.agents.filter((/** @type {any} */ a) => a.online && a.status === "available");
  const late = sum("late");
  const tiles = h("section", { class: "tiles", "aria-label": "Now" });
  add(
    tiles,
    tile("Waiting", sum("waiting"), "", sum("waiting") > 0 && present.length === 0 ? "Nobody is available" : ""),
    tile("Longest wait", h("span", { class: "timer", data: { since: oldest ?? "" }, text: oldest ? "" : "\u2013" }), slow(oldest, wall.first_response.target_s)),
    tile("Promised", sum("promised"), late > 0 ? "bad" : "", late > 0 ? `${late} past the date` : ""),
    tile("With agents", sum("claimed"), "", sum("waiting_for_customer") > 0 ? `${sum("waiting_for_customer")} wait for the customer` : ""),
    tile("Agents available", present.length, present.length === 0 ? "bad" : "", `of ${wall.agents.length}`),
    asTold(wall.waits),
  );
  const labels = wall.hours.map((/** @type {any} */ x) => new Date(x.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }));
  const values = (/** @type {string} */ key) => wall.hours.map((/** @type {any} */ x) => x[key]);
  const chart = bars("The last twelve hours", labels, [
    { name: "Opened", values: values("opened") },
    { name: "First answer", values: values("answered") },
    { name: "Resolved", values: values("resolved") },
  ]);
  root.replaceChildren(tiles, h("section", { class: "wall-half", "aria-label": "Hours" }, chart), first(wall.first_response), teams(wall.teams), agents(wall.agents));
}

/**
 * @param {string} name
 * @param {string|number|Node} value
 * @param {string} [tone]
 * @param {string} [more]
 */
function tile(name, value, tone = "", more = "") {
  return h("div", { class: `tile ${tone ? `tile-${tone}` : ""}` }, h("h2", { text: name }), h("p", { class: "tile-value" }, typeof value === "object" ? value : String(value)), h("p", { class: "tile-more" }, tone === "bad" && more ? icon("warn") : null, more));
}

/**
 * How honest the waits were that customers were told. Of a few, nothing is said.
 * @param {{told: number, inside: number}} w
 */
function asTold(w) {
  const share = Math.round((100 * w.inside) / w.told);
  const bad = w.told >= fewWaits && share < 80;
  const more = w.told === 0 ? "Nobody was told a wait in seven days" : `${bad ? "below 80 %, of" : "of"} ${w.told} in seven days`;
  return tile("Waits as told", w.told === 0 ? "\u2013" : `${share} %`, bad ? "bad" : "", more);
}

/**
 * @param {string|undefined} since
 * @param {number} target
 */
function slow(since, target) {
  return since && target > 0 && Date.now() - skew - new Date(since).getTime() > target * 1000 ? "bad" : "";
}

/** @param {any} f */
function first(f) {
  const span = (/** @type {number} */ s) => (s < 90 ? `${s} s` : s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`);
  const facts = f.answered > 0 ? h("dl", { class: "wall-facts" }, fact("Half within", span(f.p50_s)), fact("Nine of ten within", span(f.p90_s)), fact("Answered", f.answered)) : h("p", { class: "hint", text: "Nothing was answered in the last twelve hours." });
  return h("section", { class: "wall-panel", "aria-label": "First answer" }, h("h2", { text: `First answer within ${span(f.target_s)}` }), h("div", { class: "wall-first" }, ring(f.within_target, f.answered, "of first answers in time"), facts));
}

/**
 * @param {string} name
 * @param {string|number} value
 */
function fact(name, value) {
  return h("div", {}, h("dt", { text: name }), h("dd", { text: value }));
}

/** @param {any[]} list */
function teams(list) {
  if (list.length < 2) return "";
  const rows = list.map((t) => h("tr", {}, h("th", { scope: "row", text: t.name || t.id || "All" }), h("td", { text: t.waiting }), h("td", {}, h("span", { class: "timer", data: { since: t.oldest_waiting_since ?? "" }, text: "\u2013" })), h("td", { text: t.claimed })));
  const head = h("tr", {}, ...["Team", "Waiting", "Longest", "With agents"].map((text) => h("th", { scope: "col", text })));
  return h("section", { class: "wall-panel", "aria-label": "Teams" }, h("h2", { text: "Teams" }), h("table", { class: "wall-table" }, h("thead", {}, head), h("tbody", {}, ...rows)));
}

/** @type {Record<string, string>} */
const statuses = { available: "Available", busy: "Busy", away: "Away" };
const order = ["available", "busy", "away", "gone"];

/** @param {any[]} list */
function agents(list) {
  const status = (/** @type {any} */ a) => (a.online ? a.status : "gone");
  const sorted = [...list].sort((a, b) => order.indexOf(status(a)) - order.indexOf(status(b)) || a.name.localeCompare(b.name));
  const items = sorted.map((a) => {
    const meter = h("span", { class: "load", "aria-hidden": "true" }, ...Array.from({ length: Math.max(a.capacity, a.load) }, (_, i) => h("span", { class: i < a.load ? (i < a.capacity ? "is-full" : "is-over") : "" })));
    return h("li", { data: { status: status(a) } }, h("span", { class: "agent-name" }, h("strong", { text: a.name }), h("span", { class: "agent-status", text: a.online ? statuses[a.status] : "Not here" })), meter, h("span", { class: "agent-load", text: `${a.load} of ${a.capacity}` }));
  });
  return h("section", { class: "wall-panel wall-agents", "aria-label": "Agents" }, h("h2", { text: "Agents and their cases" }), h("ul", { class: "agents" }, ...items));
}

function tick() {
  const now = Date.now() - skew;
  /** @type {HTMLElement} */ (document.getElementById("clock")).textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".timer"))) if (el.dataset.since) el.textContent = waited(el.dataset.since, now);
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".tile-value"))) el.style.setProperty("--chars", String(Math.max(3, el.textContent?.length ?? 0)));
}

void refresh();
setInterval(() => document.visibilityState === "visible" && void refresh(), every);
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void refresh());
