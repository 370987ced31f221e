// SPDX-License-Identifier: MIT
// Marking a version wrong: what is right, who is concerned, and telling them while one looks on.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { Dialog } from "./dialog.js";
import { liveElsewhere } from "./languages.js";

/** @type {[string, string][]} */
const languages = [
  ["en", "English"],
  ["de", "German"],
  ["es", "Spanish"],
  ["fr", "French"],
  ["pt", "Portuguese"],
  ["zh", "Chinese"],
  ["ja", "Japanese"],
  ["ar", "Arabic"],
];
const named = (/** @type {string} */ locale) => languages.find(([l]) => l === locale)?.[1] ?? locale;
const lookEvery = 700;

/** @param {number} n */
const conversations = (n) => `${n} ${n === 1 ? "conversation" : "conversations"}`;

/**
 * How far a correction has come, in words.
 * @param {any} d
 */
export function delivery(d) {
  const facts = [
    [d.posted, "posted", "tag-good"],
    [d.waiting, "still to be told", "tag-warn"],
    [d.shown, "shown to the customer", "tag-bot"],
    [d.mailed, "mailed", "tag-good"],
    [d.mail_waiting, "mails on their way", ""],
    [d.mail_failed, "mails failed", "tag-bad"],
    [d.failed, "failed", "tag-bad"],
    [d.erased, "erased before", ""],
  ];
  return h("ul", { class: "plain told-tags", "aria-label": "Delivery" }, ...facts.filter(([n], i) => n > 0 || i === 0).map(([n, text, kind]) => h("li", { class: `tag ${kind}`, text: `${n} ${text}` })));
}

export class WrongDialog extends Dialog {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #run = 0;

  constructor() {
    super("Mark as wrong");
    this.problem = h("p", { class: "problem", role: "alert" });
    this.reason = h("textarea", { id: "wrong-reason", rows: "2", maxlength: "500", required: true });
    this.texts = h("div", { class: "wrong-texts" });
    this.another = h("select", { id: "wrong-another", on: { change: () => this.#add(this.another.value, true) } });
    this.next = h("button", { type: "submit", class: "btn btn-brand", text: "See who is concerned" });
    this.form = h(
      "form",
      { class: "dialog-content" },
      h("p", { text: "Everybody who was told something from this version gets a correction in their conversation, and by mail where they agreed to be written to. No answer rests on this version any more. This cannot be taken back." }),
      h("div", { class: "field" }, h("label", { for: "wrong-reason", text: "Why it is wrong" }), this.reason, h("p", { class: "hint", text: "For the record. Customers do not see it." })),
      this.texts,
      h("div", { class: "field" }, h("label", { for: "wrong-another", text: "Another language" }), this.another),
      this.problem,
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Cancel", on: { click: () => this.el.close() } }), this.next),
    );
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#preview();
    });
    this.el.addEventListener("close", () => {
      this.#run++;
      clearTimeout(this.#timer);
    });
    /** @type {() => void} */ this.done = () => {};
  }

  /** @param {number} article @param {{version: number, lang?: string}} version @param {() => void} done Called once it is marked. */
  show(article, version, done) {
    this.article = article;
    this.version = version.version;
    this.done = done;
    this.title.textContent = `Mark version ${version.version} as wrong`;
    this.reason.value = "";
    this.texts.replaceChildren();
    const own = (version.lang ?? "").split("-")[0];
    this.#add(languages.some(([l]) => l === own) ? own : "en", false);
    this.#step(this.form);
    this.problem.textContent = "";
    this.open();
  }

  /** @param {...Element} content */
  #step(...content) {
    this.body.replaceChildren(...content);
  }

  /** @param {string} locale @param {boolean} focus */
  #add(locale, focus) {
    if (!locale) return;
    const id = `wrong-text-${locale}`;
    const text = h("textarea", { id, rows: "4", maxlength: "4000", dir: "auto", lang: locale, data: { locale } });
    this.texts.append(h("div", { class: "field" }, h("label", { for: id, text: `What is right, in ${named(locale)}` }), text, h("p", { class: "hint", text: "Markdown. The message says what was wrong and on which day, and asks for pardon." })));
    const left = languages.filter(([l]) => !this.texts.querySelector(`[data-locale="${l}"]`));
    this.another.replaceChildren(h("option", { value: "", text: "Add a text in\u2026" }), ...left.map(([value, name]) => h("option", { value, text: name })));
    if (focus) text.focus();
  }

  #body() {
    /** @type {Record<string, string>} */
    const texts = {};
    for (const field of /** @type {NodeListOf<HTMLTextAreaElement>} */ (this.texts.querySelectorAll("textarea"))) {
      if (field.value.trim()) texts[field.dataset.locale ?? ""] = field.value.trim();
    }
    return { reason: this.reason.value.trim(), texts };
  }

  get #address() {
    return `/v1/articles/${this.article}/versions/${this.version}/wrong`;
  }

  async #preview() {
    const body = this.#body();
    this.problem.textContent = "";
    if (!body.reason) return this.#lacks("Please say why the version is wrong.", this.reason);
    if (!Object.keys(body.texts).length) return this.#lacks("Please write what is right.", this.texts.querySelector("textarea"));
    this.next.disabled = true;
    try {
      const [concerned, others] = await Promise.all([call(this.#address, { method: "POST", body }), liveElsewhere(this.article)]);
      this.#concerned(concerned, body, others);
    } catch (err) {
      this.problem.textContent = said(err);
    }
    this.next.disabled = false;
  }

  /** @param {string} text @param {HTMLElement|null} field */
  #lacks(text, field) {
    this.problem.textContent = text;
    field?.focus();
  }

  /** @param {any} p @param {any} body @param {{id: number, name: string}[]} others Languages that it is live in too. */
  #concerned(p, body, others) {
    const facts = [
      `${p.open} open${p.with_person ? `, ${p.with_person} of them with a person or in the queue` : ""}`,
      `${p.finished} resolved or closed; they stay so`,
      `${p.reachable} also by mail`,
    ];
    if (p.erased) facts.push(`${p.erased} more were erased: nobody can be told`);
    const problem = h("p", { class: "problem", role: "alert" });
    const go = h("button", { type: "button", class: "btn btn-danger", text: p.conversations ? `Mark wrong and correct ${conversations(p.conversations)}` : "Mark wrong" });
    go.addEventListener("click", () => void this.#confirm(body, go, problem));
    const heading = h("h3", { tabindex: "-1", text: p.conversations ? `${conversations(p.conversations)} ${p.conversations === 1 ? "gets" : "get"} a correction` : "Nobody was told anything from this version" });
    const live = p.live ? "This version is live. It is taken out of every answer at once; until another is published the bot does not answer from this article." : p.cites ? `Version ${p.cites} is live; the correction cites it.` : "The article is not live, so the correction cites nothing.";
    const content = h("div", { class: "dialog-content" });
    add(
      content,
      heading,
      h("p", { class: p.live ? "wrong-live" : "hint" }, icon(p.live ? "warn" : "doc"), live),
      others.length > 0 && h("p", { class: "wrong-live" }, icon("warn"), h("span", {}, "It is live in other languages too, and they are not marked: look whether they are wrong as well. ", ...others.flatMap((o) => [h("a", { href: `#article=${o.id}`, target: "_blank", text: o.name }), " "]))),
      p.conversations > 0 && h("ul", { class: "wrong-facts" }, ...facts.map((text) => h("li", { text }))),
      ...p.languages.map((/** @type {any} */ l) => example(l)),
      problem,
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn", text: "Back", on: { click: () => (this.#step(this.form), this.reason.focus()) } }), go),
    );
    this.#step(content);
    heading.focus();
  }

  /** @param {any} body @param {HTMLButtonElement} go @param {HTMLElement} problem */
  async #confirm(body, go, problem) {
    go.disabled = true;
    problem.textContent = "";
    try {
      const correction = await call(this.#address, { method: "POST", body: { ...body, confirm: true } });
      this.done();
      this.#progress(correction);
    } catch (err) {
      problem.textContent = said(err);
      go.disabled = false;
    }
  }

  /** @param {any} correction */
  #progress(correction) {
    const run = ++this.#run;
    const all = correction.delivery.conversations;
    const bar = h("progress", { max: String(Math.max(1, all)), "aria-label": "Conversations corrected" });
    const status = h("p", { role: "status" });
    const figures = h("div", {});
    const close = h("button", { type: "button", class: "btn", text: "Close", on: { click: () => this.el.close() } });
    this.#step(h("div", { class: "dialog-content" }, status, bar, figures, h("p", { class: "hint", text: "You may close this window: the work goes on. How it went stands under Consequences." }), h("div", { class: "dialog-actions" }, close)));
    close.focus();
    const show = (/** @type {any} */ c) => {
      const d = c.delivery;
      const over = d.waiting === 0;
      bar.value = d.conversations ? d.conversations - d.waiting : 1;
      const text = over ? `Version ${c.version} is marked wrong. ${conversations(d.posted)} ${d.posted === 1 ? "has" : "have"} the correction.` : `Version ${c.version} is marked wrong. The customers are being told.`;
      if (status.textContent !== text) status.textContent = text;
      figures.replaceChildren(delivery(d));
      if (over && d.mail_waiting === 0) return this.done();
      this.#timer = setTimeout(look, lookEvery);
    };
    const look = async () => {
      const c = await call(`/v1/corrections/${correction.id}`).catch(() => null);
      if (run !== this.#run) return;
      if (c) show(c);
      else this.#timer = setTimeout(look, 3 * lookEvery);
    };
    show(correction);
  }
}

/** @param {any} l */
function example(l) {
  const message = h("div", { class: "prose wrong-example", dir: "auto", lang: l.locale });
  setServerHTML(message, l.html);
  const count = l.conversations ? `, ${conversations(l.conversations)}` : "";
  return h("section", {}, h("h4", { text: `${named(l.locale)}${count}` }), l.own ? null : h("p", { class: "wrong-live" }, icon("warn"), "There is no text in this language: they get the other one."), message);
}

/** @param {unknown} err */
const said = (err) => /** @type {Error} */ (err).message || "The server is out of reach. Look at the article before you try again: it may have happened.";
