// SPDX-License-Identifier: MIT
// The bench: what the bot would say, from the draft or from what is live, and why.

import { call } from "../shared/api.js";
import { add, h, icon, setServerHTML } from "../shared/dom.js";
import { detectors, heldBecause, outcomes, reasons, say, share } from "../desk/words.js";
import { audiences } from "./list.js";

/** @type {Record<string, string>} */
const whyNot = {
  cited: "The answer rests on this article.",
  outranked: "This article was found, but others fit the question better.",
  not_found: "Nothing in this article fits the question.",
  not_published: "This article is not published.",
  for_staff: "This article is for staff only: no customer is answered from it.",
  for_signed_in: "This article is for signed-in customers: nobody else is answered from it.",
  out_of_date: "This article is past its review or has expired.",
};

export class Bench {
  #asked = 0;
  /** @type {number|null} */ article = null;
  hasDraft = false;
  /** @type {() => Promise<boolean>} */ ready = async () => true;

  constructor() {
    this.question = h("textarea", { id: "bench-question", rows: "2", maxlength: "4000", dir: "auto", placeholder: "Ask as a customer would" });
    this.draft = h("input", { type: "radio", name: "bench-on", id: "bench-draft", checked: true });
    this.live = h("input", { type: "radio", name: "bench-on", id: "bench-live" });
    this.signedIn = h("input", { type: "checkbox", id: "bench-signed-in" });
    this.staff = h("input", { type: "checkbox", id: "bench-staff" });
    this.button = h("button", { type: "submit", class: "btn btn-brand" }, "Try it ", h("kbd", { text: "Ctrl Enter" }));
    this.out = h("div", { class: "bench-out", role: "status" });
    const form = h(
      "form",
      { class: "bench-form" },
      h("label", { for: "bench-question", text: "Question" }),
      this.question,
      h("fieldset", { class: "bench-on" }, h("legend", { class: "sr", text: "Answer from" }), h("span", { class: "option" }, this.draft, h("label", { for: "bench-draft", text: "With this draft" })), h("span", { class: "option" }, this.live, h("label", { for: "bench-live", text: "As it is live" })), h("span", { class: "option" }, this.signedIn, h("label", { for: "bench-signed-in", text: "As a signed-in customer" })), h("span", { class: "option" }, this.staff, h("label", { for: "bench-staff", text: "List what staff would find" }))),
      this.button,
    );
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.ask();
    });
    this.el = h("div", { class: "bench" }, form, this.out);
  }

  /** @param {any} article */
  about(article) {
    if (this.article !== (article?.id ?? null)) this.out.replaceChildren();
    this.article = article?.id ?? null;
    this.hasDraft = Boolean(article?.draft);
  }

  async ask() {
    const text = this.question.value.trim();
    if (!text) return this.question.focus();
    const asked = ++this.#asked;
    this.out.replaceChildren(h("p", { class: "hint", text: "Asking the bot." }));
    // What the bench answers from is what the editor sees.
    const withDraft = this.draft.checked;
    if (withDraft && !(await this.ready())) {
      this.out.replaceChildren(h("p", { class: "problem", text: "The draft is not saved yet, so it cannot be tried." }));
      return;
    }
    /** @type {any} */
    const body = { text };
    if (this.signedIn.checked) body.signed_in = true;
    if (this.staff.checked) body.audience = "staff";
    if (this.article) body.why_not = this.article;
    if (withDraft && this.article && this.hasDraft) body.draft_of = this.article;
    try {
      const said = await call("/v1/knowledge/try", { method: "POST", body, timeout: 90_000 });
      if (asked === this.#asked) this.#show(said, Boolean(body.draft_of), Boolean(body.signed_in));
    } catch (err) {
      if (asked === this.#asked) this.out.replaceChildren(h("p", { class: "problem", text: /** @type {Error} */ (err).message || "The server is out of reach." }));
    }
  }

  /** @param {any} said @param {boolean} draft @param {boolean} signedIn */
  #show(said, draft, signedIn) {
    const answer = h("div", { class: "prose bench-answer", dir: "auto" });
    if (said.html) setServerHTML(answer, said.html);
    const sure = said.confidence >= said.threshold;
    const why = said.reason ? `${say(reasons, said.reason)}${said.detector ? ` (${say(detectors, said.detector)})` : ""}` : "";
    this.out.replaceChildren(
      h("p", { class: "bench-verdict" }, h("span", { class: `tag ${said.outcome === "answer" ? "tag-bot" : "tag-person"}`, text: say(outcomes, said.outcome) }), h("span", { class: "tag", text: draft ? "With this draft" : "As it is live" }), h("span", { class: "tag", text: signedIn ? "Signed-in customer" : "Anonymous customer" })),
    );
    add(this.out, why && h("p", { text: why }), said.html && answer);
    if (said.citations.length) add(this.out, h("ul", { class: "bench-cited", "aria-label": "Rests on" }, ...cited(said.citations)));
    add(this.out, meter(said, sure), this.#whyNot(said.why_not), held(said.blocked), passages(said.passages, this.article));
  }

  /** @param {any} why */
  #whyNot(why) {
    if (!why) return null;
    const rank = why.rank ? ` It is number ${why.rank} among the articles found.` : "";
    return h("p", { class: "bench-why", data: { why: why.why } }, icon(why.why === "cited" ? "check" : "warn"), h("span", { text: (whyNot[why.why] ?? why.why) + (why.why === "cited" ? "" : rank) }));
  }
}

/** @param {any[]} citations */
function cited(citations) {
  const seen = new Map(citations.map((c) => [`${c.article_id}/${c.version}`, c]));
  return [...seen.values()].map((c) => h("li", {}, icon("doc"), h("a", { href: `#article=${c.article_id}`, text: c.title }), h("q", { dir: "auto", text: c.quote })));
}

/** @param {any} said @param {boolean} sure */
function meter(said, sure) {
  const label = `Confidence ${share(said.confidence)}; an answer needs ${share(said.threshold)}`;
  return h("div", { class: "bench-meter", data: { sure: String(sure) } }, h("p", { text: label }), h("meter", { min: "0", max: "1", low: String(said.threshold), value: String(said.confidence), "aria-label": label }));
}

/** @param {any[]} blocked */
function held(blocked) {
  if (!blocked.length) return null;
  return h("section", { class: "bench-held" }, h("h3", { text: "Held back" }), h("ul", { class: "plain" }, ...blocked.map((b) => h("li", {}, h("del", { dir: "auto", text: b.text }), h("span", { class: "hint", text: ` It ${heldBecause(b.by)}.` })))));
}

/** @param {any[]} list @param {number|null} own */
function passages(list, own) {
  if (!list.length) return h("p", { class: "hint", text: "No passage was found." });
  const rank = (/** @type {number} */ n) => (n > 0 ? `#${n}` : "none");
  const rows = list.map((p, i) =>
    h(
      "li",
      { class: p.article_id === own ? "passage passage-own" : "passage" },
      h("p", { class: "passage-title" }, h("span", { class: "tag", text: `${i + 1}` }), " ", h("a", { href: `#article=${p.article_id}`, text: p.title }), p.heading && p.heading !== p.title && ` \u203a ${p.heading}`, p.audience !== "everyone" && h("span", { class: "tag", text: audiences[p.audience] })),
      h("p", { class: "passage-text", dir: "auto", text: p.text }),
      h("dl", { class: "scores" }, ...[["Meaning", `${share(p.vector_score)} ${rank(p.vector_rank)}`], ["Words", `${p.text_score.toFixed(1)} ${rank(p.text_rank)}`], ["Covered", `${Math.round(p.coverage * 100)} %`], ["Fused", p.fused.toFixed(3)]].map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value })))),
    ),
  );
  return h("section", { class: "bench-passages" }, h("h3", { text: "Passages found" }), h("ol", { class: "plain" }, ...rows));
}
