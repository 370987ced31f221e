// SPDX-License-Identifier: MIT
// The widget's words. They come from the server in the customer's language; a copy is kept for the next page.

/**
 * @typedef {object} StringData
 * @property {string} locale
 * @property {"ltr"|"rtl"} dir
 * @property {string} org
 * @property {Record<string, string>} strings
 * @property {{id: string, label: string, text: string, locale: string}} disclosure
 * @property {string[]} locales
 * @property {import("./brand.js").Brand} [brand]
 */

export class Strings {
  /** @param {StringData} data */
  constructor(data) {
    this.locale = data.locale;
    this.dir = data.dir;
    this.brand = data.brand ?? {};
    this.org = this.brand.name || data.org;
    this.disclosure = data.disclosure;
    this.locales = data.locales;
    this.words = data.strings;
  }

  /**
   * The text of a key with its placeholders filled; empty where there is none, so that a missing word never shows a brace.
   * @param {string} key
   * @param {Record<string, string|number>} [args]
   */
  t(key, args = {}) {
    return (this.words[key] ?? "").replace(/\{([a-z_]+)\}/g, (_, name) => this.#isolated(String(args[name] ?? "")));
  }

  /**
   * A Latin reference or a number must not disturb the order of right-to-left text around it.
   * @param {string} value
   */
  #isolated(value) {
    return this.dir === "rtl" && value ? `\u2068${value}\u2069` : value;
  }

  /** @param {number} n */
  number(n) {
    return new Intl.NumberFormat(this.locale).format(n);
  }

  /**
   * A measured range of seconds as words: "2–7 minutes".
   * @param {{p10_s: number, p90_s: number}} wait
   */
  wait({ p10_s: low, p90_s: high }) {
    const hours = high >= 5400;
    const unit = hours ? 3600 : 60;
    const from = Math.max(1, Math.floor(low / unit));
    const to = Math.max(from, Math.ceil(high / unit));
    const format = new Intl.NumberFormat(this.locale, { style: "unit", unit: hours ? "hour" : "minute", unitDisplay: "long" });
    return from === to ? format.format(to) : format.formatRange(from, to);
  }

  /**
   * The name of a language in that language.
   * @param {string} locale
   */
  languageName(locale) {
    const name = new Intl.DisplayNames([locale], { type: "language" }).of(locale) ?? locale;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  }
}
