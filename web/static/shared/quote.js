// SPDX-License-Identifier: MIT
// Marks a quotation in rendered text. The quotation comes from the source (Markdown), the rendering from the server: they differ in
// spacing and marks of punctuation, never in letters and digits, so those are what is compared.

/** @typedef {{node: Text, offset: number, length: number}} Place */

/**
 * Wraps each quotation found under root in <mark>.
 * @param {Element} root
 * @param {string[]} quotes
 * @returns {HTMLElement|null} the first mark
 */
export function markQuotes(root, quotes) {
  const { letters, places } = index(root);
  /** @type {Set<number>} */
  const hits = new Set();
  for (const quote of quotes) {
    const wanted = fold(quote);
    if (!wanted) continue;
    const at = letters.indexOf(wanted);
    if (at >= 0) for (let i = at; i < at + wanted.length; i++) hits.add(i);
  }
  return wrap(runs(hits, places));
}

/** @param {string} s */
function fold(s) {
  return [...s.replace(/\]\([^)\s]*\)/g, "]")].map(foldOne).join("");
}

/** @param {string} character */
function foldOne(character) {
  return /[\p{L}\p{N}]/u.test(character) ? character.toLowerCase().slice(0, character.length) : "";
}

/**
 * The letters and digits under root, and where each unit of them stands.
 * @param {Element} root
 */
function index(root) {
  let letters = "";
  /** @type {Place[]} */
  const places = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let offset = 0;
    for (const character of /** @type {Text} */ (node).data) {
      const folded = foldOne(character);
      for (let i = 0; i < folded.length; i++) places.push({ node: /** @type {Text} */ (node), offset, length: character.length });
      letters += folded;
      offset += character.length;
    }
  }
  return { letters, places };
}

/**
 * Neighbouring hits in one text node become one range.
 * @param {Set<number>} hits
 * @param {Place[]} places
 */
function runs(hits, places) {
  /** @type {{node: Text, start: number, end: number, last: number}[]} */
  const out = [];
  for (const i of [...hits].sort((a, b) => a - b)) {
    const place = places[i];
    const run = out.at(-1);
    const goesOn = run !== undefined && run.last === i - 1;
    if (goesOn && run.node === place.node) {
      run.end = place.offset + place.length;
      run.last = i;
      continue;
    }
    // Into the next piece of text: what stands between the letters belongs to the quotation.
    if (goesOn) run.end = run.node.data.length;
    out.push({ node: place.node, start: goesOn ? 0 : place.offset, end: place.offset + place.length, last: i });
  }
  return out;
}

/** @param {{node: Text, start: number, end: number}[]} ranges */
function wrap(ranges) {
  /** @type {HTMLElement|null} */
  let first = null;
  for (const { node, start, end } of ranges.reverse()) {
    const mark = document.createElement("mark");
    // A full stop or bracket right behind belongs to the words.
    const tail = /^[.!?。！？؟)\]%"'”’]+/u.exec(node.data.slice(end))?.[0].length ?? 0;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end + tail);
    range.surroundContents(mark);
    first = mark;
  }
  return first;
}
