// SPDX-License-Identifier: MIT
// What agents are told of while they look elsewhere: on the page, in its title, by the browser and by a sound, as they choose. Words and
// names of customers stay out of what the browser shows unless that is chosen too.

import { h, icon } from "../shared/dom.js";

/** @typedef {import("./model.js").CaseSummary} CaseSummary */
/** @typedef {{browser: boolean, sound: boolean, words: boolean}} Choices */

const stored = "candor:notify";
const waitingEvery = 30_000;

export class Notify {
  /** @type {Map<string, number>|null} Own cases and the customer's newest message in each, as told last. */ #mine = null;
  #waiting = -1;
  #told = 0;
  #mentions = -1;
  /** @type {AudioContext|null} */ #audio = null;

  /**
   * @param {import("./model.js").DeskModel} model
   * @param {import("./toasts.js").Toasts} toasts
   */
  constructor(model, toasts) {
    this.model = model;
    this.toasts = toasts;
    this.choices = read();
    this.button = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-haspopup": "dialog", on: { click: () => this.dialog.showModal() } }, icon("bell"), h("span", { class: "bar-word", text: "Notifications" }));
    this.problem = h("p", { class: "problem", role: "alert" });
    this.dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "notify-title" },
      h("header", {}, h("h2", { id: "notify-title", text: "Notifications" }), h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.dialog.close() } }, icon("close"))),
      h("p", { class: "hint", text: "You are told of cases that are given to you, of what customers write in your cases, and of colleagues who name you." }),
      this.#choice("browser", "From the browser", "Also while you look at another window. Your browser asks once."),
      this.#choice("words", "With the customer\u2019s words", "Otherwise only the reference is shown outside of this page."),
      this.#choice("sound", "With a sound", "One short tone."),
      this.problem,
    );
    model.on("inbox", () => this.#inbox());
    model.on("lists", () => this.#title());
    model.on("seen", () => this.#title());
    model.on("mentions", (/** @type {number} */ n) => this.#named(n));
  }

  /**
   * @param {keyof Choices} name
   * @param {string} title
   * @param {string} explanation
   */
  #choice(name, title, explanation) {
    const input = h("input", { type: "checkbox", name, checked: this.choices[name] });
    input.addEventListener("change", async () => {
      this.problem.textContent = "";
      if (name === "browser" && input.checked && !(await this.#allowed())) input.checked = false;
      this.choices[name] = input.checked;
      save(this.choices);
      if (name === "sound" && input.checked) this.#sound();
    });
    return h("label", { class: "choice" }, input, h("span", {}, h("strong", { text: title }), h("span", { text: explanation })));
  }

  async #allowed() {
    if (!("Notification" in globalThis)) {
      this.problem.textContent = "This browser has no notifications.";
      return false;
    }
    if ((await Notification.requestPermission()) === "granted") return true;
    this.problem.textContent = "The browser does not allow it. Its settings for this site can change that.";
    return false;
  }

  #inbox() {
    const { mine, me, seen, selected, counts } = this.model;
    const known = this.#mine;
    this.#mine = new Map(mine.map((c) => [c.id, c.last_customer_seq]));
    if (known) {
      for (const c of mine) {
        const open = selected?.kind === "case" && selected.id === c.id && document.visibilityState === "visible" && document.hasFocus();
        const before = known.get(c.id);
        if (before === undefined && !this.model.taken.has(c.id)) this.#tell(`${c.reference} was given to you.`, c, false);
        else if (before !== undefined && c.last_customer_seq > before && seen.unread(c, me.id)) this.#tell(`The customer of ${c.reference} has written.`, c, open);
      }
    }
    // Who has time is told that somebody waits, if they look elsewhere.
    if (this.#waiting >= 0 && counts.waiting > this.#waiting && document.visibilityState === "hidden" && Date.now() - this.#told > waitingEvery) {
      this.#told = Date.now();
      this.#outside(counts.waiting === 1 ? "One case waits." : `${counts.waiting} cases wait.`, "waiting", () => {});
    }
    this.#waiting = counts.waiting;
    this.#title();
  }

  /** @param {number} unseen */
  #named(unseen) {
    if (this.#mentions >= 0 && unseen > this.#mentions) {
      this.toasts.show("A colleague has named you in a note.");
      this.#outside("A colleague has named you in a note.", "mention", () => {});
      this.#sound();
    }
    this.#mentions = unseen;
  }

  /**
   * @param {string} text
   * @param {CaseSummary} c
   * @param {boolean} open It is open already: no need to say what is seen.
   */
  #tell(text, c, open) {
    const go = () => void this.model.select({ kind: "case", id: c.id });
    if (!open) this.toasts.show(text, { actions: [{ label: "Open", run: go }] });
    if (!open) this.#sound();
    this.#outside(text, `case-${c.id}`, go, c.preview);
  }

  /**
   * @param {string} text
   * @param {string} tag
   * @param {() => void} go
   * @param {string} [words] Of the customer.
   */
  #outside(text, tag, go, words) {
    if (!this.choices.browser || document.visibilityState === "visible" || globalThis.Notification?.permission !== "granted") return;
    const n = new Notification(text, { tag, body: this.choices.words ? words : undefined, silent: true });
    n.addEventListener("click", () => (globalThis.focus(), go(), n.close()));
  }

  #sound() {
    if (!this.choices.sound) return;
    this.#audio ??= new AudioContext();
    const { currentTime: now, destination } = this.#audio;
    const gain = new GainNode(this.#audio, { gain: 0 });
    const tone = new OscillatorNode(this.#audio, { frequency: 660 });
    gain.gain.linearRampToValueAtTime(0.12, now + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, now + 0.35);
    tone.frequency.setValueAtTime(880, now + 0.12);
    tone.connect(gain).connect(destination);
    tone.start(now);
    tone.stop(now + 0.4);
  }

  /** What waits for this agent, then who waits for anybody. */
  #title() {
    const { mine, me, seen, counts } = this.model;
    const unread = mine.filter((c) => seen.unread(c, me.id)).length;
    const parts = [unread ? `(${unread}) Desk` : "Desk", counts.waiting ? `${counts.waiting} waiting` : ""];
    const text = parts.filter(Boolean).join(" \u00b7 ");
    if (document.title !== text) document.title = text;
  }
}

/** @returns {Choices} */
function read() {
  const none = { browser: false, sound: false, words: false };
  try {
    const kept = JSON.parse(localStorage.getItem(stored) ?? "{}");
    return { browser: kept.browser === true, sound: kept.sound === true, words: kept.words === true };
  } catch {
    return none;
  }
}

/** @param {Choices} choices */
function save(choices) {
  try {
    localStorage.setItem(stored, JSON.stringify(choices));
  } catch {
    // Then it holds for this page.
  }
}
