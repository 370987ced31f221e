// SPDX-License-Identifier: MIT
// The decision record of a turn: what the bot found, wrote, held back, and why it ended as it did.

import { add, h, icon, plainSentence } from "../shared/dom.js";
import { heldBecause, outcomes, reasons, say, share } from "./words.js";

/**
 * @param {any} turn A TurnRecord.
 * @param {(article: number, version: number, text: string) => void} openArticle
 */
export function turnBlock(turn, openArticle) {
  const held = turn.sentences.filter((/** @type {any} */ s) => !s.shown);
  const el = h("section", { class: `turn turn-${turn.outcome ?? "open"}`, "aria-label": `Decision of turn ${turn.id}` });
  add(el, ...held.map(heldBack));
  const summary = h("summary", {}, icon("bot"), h("strong", { text: say(outcomes, turn.outcome) || "Open" }));
  if (turn.reason) add(summary, h("span", { text: say(reasons, turn.reason) }));
  if (turn.confidence !== undefined && turn.threshold !== undefined) add(summary, confidence(turn));
  const details = h("details", {}, summary, h("div", { class: "turn-body" }));
  // Filled when it is opened: a long conversation has many.
  details.addEventListener("toggle", () => details.open && fill(/** @type {HTMLElement} */ (details.querySelector(".turn-body")), turn, openArticle), { once: true });
  add(el, details);
  return el;
}

/** @param {any} sentence */
function heldBack(sentence) {
  const found = sentence.why && sentence.why !== sentence.text ? [" Found: ", h("q", { dir: "auto", text: sentence.why })] : [];
  return h(
    "div",
    { class: "held" },
    h("p", { class: "held-title" }, icon("warn"), h("strong", { text: "Held back. The customer did not see this." })),
    h("p", { dir: "auto" }, h("del", { text: plainSentence(sentence.text) })),
    h("p", { class: "held-why" }, `It ${heldBecause(sentence.blocked_by)}.`, ...found),
  );
}

/** @param {any} turn */
function confidence(turn) {
  const enough = turn.confidence >= turn.threshold;
  const bar = h("span", { class: `bar-outer ${enough ? "is-enough" : ""}`, "aria-hidden": "true" }, h("span", { class: "bar-inner" }), h("span", { class: "bar-mark" }));
  /** @type {HTMLElement} */ (bar.children[0]).style.inlineSize = `${turn.confidence * 100}%`;
  /** @type {HTMLElement} */ (bar.children[1]).style.insetInlineStart = `${turn.threshold * 100}%`;
  return h("span", { class: "confidence" }, bar, `${share(turn.confidence)} ${enough ? "\u2265" : "<"} ${share(turn.threshold)}`, h("span", { class: "sr", text: " confidence against threshold" }));
}

/**
 * @param {HTMLElement} body
 * @param {any} turn
 * @param {(article: number, version: number, text: string) => void} openArticle
 */
function fill(body, turn, openArticle) {
  if (turn.explanation) add(body, h("p", { text: turn.explanation }));
  add(body, facts(turn), sentences(turn), passages(turn, openArticle));
}

/** @param {any} turn */
function facts(turn) {
  const list = h("dl", { class: "turn-facts" });
  /**
   * @param {string} name
   * @param {string|number|undefined} value
   */
  const fact = (name, value) => value !== undefined && value !== "" && add(list, h("div", {}, h("dt", { text: name }), h("dd", { text: value })));
  fact("Searched for", turn.query);
  fact("Answered by", turn.model);
  fact("Prompt", turn.prompt?.slice(0, 12));
  fact("Search", turn.timings?.retrieve_ms !== undefined ? `${turn.timings.retrieve_ms} ms` : undefined);
  fact("First sentence", turn.timings?.first_delta_ms !== undefined ? `${turn.timings.first_delta_ms} ms` : undefined);
  fact("Whole turn", turn.timings?.total_ms !== undefined ? `${turn.timings.total_ms} ms` : undefined);
  fact("Tokens", turn.usage ? `${turn.usage.prompt_tokens ?? 0} in, ${turn.usage.completion_tokens ?? 0} out` : undefined);
  fact("Epoch", turn.epoch);
  return list;
}

/** @param {any} turn */
function sentences(turn) {
  if (turn.sentences.length === 0) return null;
  const list = h("ol", { class: "turn-sentences" });
  for (const s of turn.sentences) {
    const support = s.support === undefined ? "" : ` ${share(s.support)}`;
    const verdict = s.shown ? h("span", { class: "tag tag-good", text: `shown${support}` }) : h("span", { class: "tag tag-bad", text: heldBecause(s.blocked_by) });
    add(list, h("li", { dir: "auto" }, h(s.shown ? "span" : "del", { text: plainSentence(s.text) }), " ", verdict));
  }
  return h("div", {}, h("h4", { text: "Sentences" }), list);
}

/**
 * @param {any} turn
 * @param {(article: number, version: number, text: string) => void} openArticle
 */
function passages(turn, openArticle) {
  if (turn.passages.length === 0) return h("p", { text: "No passage was found." });
  const head = h("tr", {}, ...["Passage", "Meaning", "Words", "Coverage", "Rank"].map((text) => h("th", { scope: "col", text })));
  const rows = turn.passages.map((/** @type {any} */ p) => {
    const open = h("button", { type: "button", class: "link", on: { click: () => openArticle(p.article_id, p.version, p.text ?? "") } }, `${p.title}, v${p.version}`);
    const where = h("th", { scope: "row" }, open, p.heading ? h("span", { class: "passage-heading", text: p.heading }) : null, p.cited ? h("span", { class: "tag tag-good", text: "cited" }) : null);
    const score = (/** @type {number|undefined} */ n) => h("td", { text: n === undefined ? "\u2013" : share(n) });
    const rank = [p.vector_rank, p.text_rank].map((r) => r || "\u2013").join(" / ");
    return h("tr", {}, where, score(p.vector_score), score(p.text_norm ?? p.text_score), score(p.coverage), h("td", { text: rank }));
  });
  const table = h("table", { class: "passages" }, h("caption", { text: "Passages that were found" }), h("thead", {}, head), h("tbody", {}, ...rows));
  return h("div", { class: "table-scroll", tabindex: "0" }, table);
}
