// SPDX-License-Identifier: MIT
// What stands above the conversation: when people are there and how soon they answer, and questions to begin with.

import { add, h, icon } from "../shared/dom.js";
import { dateAndTime, hoursLines } from "../shared/time.js";

export class Intro {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./strings.js").Strings} words
   * @param {import("./client.js").Client} client
   * @param {string[]} suggestions
   * @param {(text: string) => void} ask
   */
  constructor(session, words, client, suggestions, ask) {
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
    client.service().then((s) => this.#show(s)).catch(() => {});
  }

  dispose() {
    for (const stop of this.stops) stop();
  }

  /** @param {import("./types.js").Service} service */
  #show(service) {
    const { words } = this;
    const now = service.open_now
      ? words.t("team_open")
      : service.next_open_at
        ? words.t("team_back", { time: dateAndTime(service.next_open_at, words.locale) })
        : words.t("team_closed");
    const wait = words.wait({ p10_s: service.targets.person_first_reply_s, p90_s: service.targets.person_first_reply_s });
    const lines = hoursLines(service.hours, words.locale).map((l) => `${l.days} ${l.times}`).join(" \u00b7 ");
    const head = h("p", { class: `team ${service.open_now ? "is-open" : ""}` }, icon("person"), h("span", { text: now }));
    const detail = h("p", { class: "team-hours", dir: "auto", text: `${lines} (${service.timezone.replaceAll("_", " ")})` });
    this.hours.replaceChildren(head, detail, h("p", { class: "team-target", text: words.t("first_reply_target", { wait }) }));
  }
}
