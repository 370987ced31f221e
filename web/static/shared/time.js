// SPDX-License-Identifier: MIT
// Times and spans in the reader's language.

/**
 * @param {string|number|Date} at
 * @param {string} locale
 */
export function clock(at, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/**
 * @param {string|number|Date} at
 * @param {string} locale
 */
export function dateAndTime(at, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/**
 * @param {string|number|Date} at
 * @param {string} locale
 */
export function shortDate(at, locale) {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/**
 * A date that the company promised, in its own time as its messages tell it; the zone is named where the reader's is another.
 * @param {string|number|Date} at
 * @param {string} locale
 * @param {string} zone IANA name; empty: the reader's
 */
export function promisedTime(at, locale, zone) {
  if (!zone) return dateAndTime(at, locale);
  const text = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(new Date(at));
  return zone === Intl.DateTimeFormat().resolvedOptions().timeZone ? text : `${text} (${zone.replaceAll("_", " ")})`;
}

/**
 * @param {string|number|Date} at
 * @param {string} locale
 */
export function longDate(at, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full" }).format(new Date(at));
}

/**
 * A day as a heading: today and yesterday by name.
 * @param {string|number|Date} at
 * @param {string} locale
 */
export function dayName(at, locale) {
  const midnight = (/** @type {Date} */ d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((midnight(new Date(at)) - midnight(new Date())) / 86_400_000);
  if (days === 0 || days === -1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  }
  return longDate(at, locale);
}

/**
 * Seconds as whole minutes, never less than one.
 * @param {number} seconds
 */
export function minutes(seconds) {
  return Math.max(1, Math.round(seconds / 60));
}

/**
 * How long something has been waiting: 0:42, 12:05, 3:07:00.
 * @param {string} since
 * @param {number} [now]
 */
export function waited(since, now = Date.now()) {
  const total = Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [hours, mins, secs] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${two(mins)}:${two(secs)}` : `${mins}:${two(secs)}`;
}

const weekdays = [1, 2, 3, 4, 5, 6, 7];

/**
 * Opening hours as lines: days with the same hours together.
 * @param {{day: number, opens: string, closes: string}[]} hours
 * @param {string} locale
 * @returns {{days: string, times: string}[]}
 */
export function hoursLines(hours, locale) {
  const day = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  const name = (/** @type {number} */ n) => day.format(new Date(Date.UTC(1970, 0, 4 + n)));
  const times = weekdays.map((n) => hours.filter((h) => h.day === n).map((h) => `${h.opens}\u2013${h.closes}`).join(", "));
  /** @type {{days: string, times: string}[]} */
  const lines = [];
  for (let i = 0; i < 7; ) {
    let j = i;
    while (j < 6 && times[j + 1] === times[i]) j++;
    if (times[i]) lines.push({ days: i === j ? name(i + 1) : `${name(i + 1)}\u2013${name(j + 1)}`, times: times[i] });
    i = j + 1;
  }
  return lines;
}
