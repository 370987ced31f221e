// SPDX-License-Identifier: MIT
// What stands above the conversation: when people are there and how soon they answer, and questions to begin with.

import { add, h, icon } from "../shared/dom.js";
import { hoursLines, promisedTime } from "../shared/time.js";

/** How often it is asked anew whether people are there, until there is a conversation. */
const refreshEvery = 60_000;

export class Intro {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   * @param {import("./client.js").Client} client
   * @param {string[]} suggestions
   * @param {(text: string) => void} ask
   */
  constructor(session, words, client, suggestions, ask) {
    this.session = session;
    this.words = words;
    this.hours = h("div", { class: "hours" });
    this.suggestions = h("ul", { class: "suggestions", "aria-label": words.t("suggestions") });
    for (const text of suggestions) {
      add(this.suggestions, h("li", {}, h("button", { type: "button", class: "suggestion", dir: "auto", text, on: { click: () => ask(text) } })));
    }
    this.el = h("div", {}, this.hours, suggestions.length > 0 && this.suggestions);
    const show = () => (this.suggestions.hidden = session.messages.size + session.outbox.items.length > 0);
    this.stops = [session.on("message", show), session.on("outbox", show), session.on("cleared", show)];
    show();
    const load = () => client.service().then((s) => this.#show(s)).catch(() => {});
    void load();
    const timer = setInterval(() => {
      if (!session.conversation && document.visibilityState === "visible") void load();
    }, refreshEvery);
    this.stops.push(() => clearInterval(timer));
  }

  dispose() {
    for (const stop of this.stops) stop();
  }

  /** @param {import("./types.js").Service} service */
  #show(service) {
    const { words, session } = this;
    if (session.timezone !== service.timezone) {
      session.timezone = service.timezone;
      session.emit("conversation", session.conversation);
    }
    const nobody = service.expected?.nobody ?? false;
    const now = service.open_now
      ? words.t(nobody ? "nobody_here" : "team_open")
      : service.next_open_at
        ? words.t("team_back", { time: promisedTime(service.next_open_at, words.locale, service.timezone) })
        : words.t("team_closed");
    const wait = words.wait({ p10_s: service.targets.person_first_reply_s, p90_s: service.targets.person_first_reply_s });
    const lines = hoursLines(service.hours, words.locale).map((l) => `${l.days} ${l.times}`).join(" \u00b7 ");
    const head = h("p", { class: `team ${service.open_now && !nobody ? "is-open" : ""}` }, icon("person"), h("span", { text: now }));
    const detail = h("p", { class: "team-hours", dir: "auto", text: `${lines} (${service.timezone.replaceAll("_", " ")})` });
    const expected = service.expected?.wait ? words.t("wait_now", { wait: words.wait(service.expected.wait) }) : words.t("first_reply_target", { wait });
    const closed = service.closed_today ? h("p", { class: "team-closed", text: words.t("closed_today", { holiday: service.closed_today }) }) : "";
    this.hours.replaceChildren(head, closed, detail, nobody ? "" : h("p", { class: "team-target", text: expected }));
  }
}
