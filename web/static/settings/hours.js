// SPDX-License-Identifier: MIT
// Opening hours as a week, and holidays. Both change the lists they are given in place.

import { h } from "../shared/dom.js";
import { button, field, fresh, input, remove } from "./form.js";

/** @typedef {{day: number, from: string, to: string}} Opening */
/** @typedef {{date: string, name: string, from?: string, to?: string}} Holiday */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const order = [1, 2, 3, 4, 5, 6, 0];

/** @param {string} text */
function minutes(text) {
  const [hour, minute] = text.split(":").map(Number);
  return hour * 60 + minute || 0;
}

/**
 * A field for a time; the end of the day is shown as 00:00 and kept as 24:00.
 * @param {string} value
 * @param {string} label
 * @param {boolean} end
 * @param {(value: string) => void} change
 */
function time(value, label, end, change) {
  return input(end && value === "24:00" ? "00:00" : value, (v) => change(end && v === "00:00" ? "24:00" : v), { type: "time", "aria-label": label, required: true });
}

/**
 * @param {Opening[]} hours
 * @param {string} name Of the list in the settings.
 * @param {() => void} changed
 */
export function week(hours, name, changed) {
  const rows = h("div", { class: "week" });
  const el = h("div", { class: "set-field" }, rows);
  const error = h("span", { class: "set-error", id: fresh() });
  el.id = error.id.replace(/$/, "g");
  error.id = `${el.id}-e`;
  el.dataset.field = name;
  const draw = () => {
    rows.replaceChildren(...order.map((day) => row(hours, day, changed, draw)));
  };
  draw();
  const copy = button("Monday's hours for Tuesday to Friday", () => {
    const monday = hours.filter((o) => o.day === 1);
    const rest = hours.filter((o) => o.day < 1 || o.day > 5);
    hours.splice(0, hours.length, ...rest, ...[1, 2, 3, 4, 5].flatMap((day) => monday.map((o) => ({ ...o, day }))));
    draw();
    changed();
  });
  el.append(error, h("p", { class: "set-actions" }, copy));
  return el;
}

/**
 * One weekday: its spans as fields, and as a bar across 24 hours.
 * @param {Opening[]} hours
 * @param {number} day
 * @param {() => void} changed
 * @param {() => void} draw
 */
function row(hours, day, changed, draw) {
  const spans = hours.filter((o) => o.day === day).sort((a, b) => a.from.localeCompare(b.from));
  const bar = h("div", { class: "week-bar", "aria-hidden": "true" });
  const paint = () =>
    bar.replaceChildren(
      ...spans.map((o) => {
        const part = h("span", { class: "week-open" });
        part.style.insetInlineStart = `${minutes(o.from) / 14.4}%`;
        part.style.inlineSize = `${Math.max(0, minutes(o.to) - minutes(o.from)) / 14.4}%`;
        return part;
      }),
    );
  paint();
  const fields = spans.map((o, i) => {
    const which = `${days[day]}${spans.length > 1 ? `, span ${i + 1}` : ""}`;
    const set = (/** @type {"from"|"to"} */ key) => (/** @type {string} */ v) => {
      o[key] = v;
      paint();
      changed();
    };
    return h(
      "span",
      { class: "week-span" },
      time(o.from, `${which}: open from`, false, set("from")),
      h("span", { text: "to" }),
      time(o.to, `${which}: until`, true, set("to")),
      remove(`Remove ${which}`, () => {
        hours.splice(hours.indexOf(o), 1);
        draw();
        changed();
      }),
    );
  });
  const last = spans.at(-1);
  const plus = button(
    "Add",
    () => {
      hours.push(last && last.to < "22:00" ? { day, from: last.to, to: "22:00" } : { day, from: "09:00", to: "18:00" });
      draw();
      changed();
    },
    { kind: "btn-small btn-quiet", label: `Add hours on ${days[day]}` },
  );
  return h("div", { class: "week-row", role: "group", "aria-label": days[day] }, h("span", { class: "week-day", text: days[day] }), bar, h("span", { class: "week-spans" }, ...(fields.length ? fields : [h("span", { class: "hint", text: "Closed" })]), plus));
}

/**
 * @param {Holiday[]} list
 * @param {string} name
 * @param {() => void} changed
 */
export function holidays(list, name, changed) {
  const rows = h("div", { class: "set-rows" });
  const draw = () => {
    rows.replaceChildren(
      ...list.map((day, i) => {
        const at = `${name}.${i}`;
        const label = day.name || `holiday ${i + 1}`;
        return h(
          "div",
          { class: "set-row", role: "group", "aria-label": label },
          field("Date", input(day.date, (v) => ((day.date = v), changed()), { type: "date" }), { field: at }),
          field("Name", input(day.name, (v) => ((day.name = v), changed()), { maxlength: 80 }), { field: `${at}.name` }),
          field("Open from", input(day.from ?? "", (v) => (set(day, "from", v), changed()), { type: "time" })),
          field("until", input(day.to ?? "", (v) => (set(day, "to", v), changed()), { type: "time" })),
          remove(`Remove ${label}`, () => {
            list.splice(i, 1);
            draw();
            changed();
          }),
        );
      }),
    );
  };
  draw();
  const plus = button("Add a holiday", () => {
    list.push({ date: "", name: "" });
    draw();
    changed();
    /** @type {HTMLElement|null} */ (rows.lastElementChild?.querySelector("input"))?.focus();
  });
  return h("div", { class: "set-list" }, h("p", { class: "hint", text: "A holiday replaces the hours of its day. Without times nobody is there; customers are told its name." }), rows, h("p", { class: "set-actions" }, plus));
}

/**
 * @param {Holiday} day
 * @param {"from"|"to"} key
 * @param {string} value
 */
function set(day, key, value) {
  if (value) day[key] = value;
  else delete day[key];
}
