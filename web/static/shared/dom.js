// SPDX-License-Identifier: MIT
// Elements without a framework. Text goes in as text; the one way in for HTML is setServerHTML.

/** @typedef {Node|string|number|null|undefined|false} Child */

/**
 * Makes an element. Keys of props: `class`, `text`, `on` (listeners), `data` (data-…); any other key is an attribute
 * (true: present, false or null: absent).
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") el.className = value;
    else if (key === "text") el.textContent = value;
    else if (key === "data") Object.assign(el.dataset, value);
    else if (key === "on") for (const [name, fn] of Object.entries(value)) el.addEventListener(name, /** @type {any} */ (fn));
    else el.setAttribute(key, value === true ? "" : String(value));
  }
  add(el, ...children);
  return el;
}

/**
 * Appends children, leaving out what is empty.
 * @param {Element|DocumentFragment} parent
 * @param {...Child} children
 */
export function add(parent, ...children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/** @type {Record<string, string>} Outlines on a 24 by 24 grid. */
const icons = {
  chat: "M4 5.5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8.5L7 20.5v-4H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1Z",
  close: "M6 6l12 12M18 6 6 18",
  down: "M6 9.5l6 6 6-6",
  send: "M4.5 12h13M12 5.5l6.5 6.5-6.5 6.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
  bot: "M12 3.5a8.5 8.5 0 1 0 8.5 8.5M12 8a4 4 0 1 0 4 4",
  queue: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  doc: "M6.5 3.5h7l4 4v13h-11v-17ZM13.5 3.5v4h4M9 12h6M9 15.5h6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  copy: "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
  more: "M12 5.500v.01M12 12v.01M12 18.500v.01",
  warn: "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.2",
  up: "M7 21V10.5l4-7c1.6 0 2.4 1 2.1 2.5L12.500 9.500h6c1.200 0 2 1 1.700 2.200l-1.500 7.300c-.2 1-1 1.700-2 1.700H7ZM7 10.500H3.500V21H7",
  thumbdown: "M7 3v10.500l4 7c1.600 0 2.400-1 2.100-2.500l-.6-3.500h6c1.200 0 2-1 1.700-2.200l-1.500-7.300c-.2-1-1-1.700-2-1.700H7ZM7 13.500H3.500V3H7",
  letter: "M3.500 6h17v12.500h-17zM3.500 6.500 12 13l8.500-6.500",
  lock: "M6.500 10.500h11v9h-11zM8.500 10.500V8a3.500 3.500 0 0 1 7 0v2.500",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15l1.500-2ZM10 21h4",
  link: "M10 6H5.500v12.500H18V14M13.500 4.500h6v6M19 5l-8.500 8.500",
  star: "M12 3.5l2.600 5.400 5.900.8-4.300 4.100 1.100 5.900-5.300-2.900-5.300 2.900 1.100-5.900-4.300-4.100 5.900-.8L12 3.500Z",
  plus: "M12 5v14M5 12h14",
  retry: "M5 12a7 7 0 1 0 2.200-5.100M5 4.500V8.500h4",
};

/**
 * A decorative icon; what it means stands beside it as text.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const attributes = { class: "icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": name === "more" ? "3" : "1.8", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", icons[name] ?? icons.chat);
  path.setAttribute("stroke-linecap", "round");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}

const allowed = new Set(
  "A ABBR B BLOCKQUOTE BR CODE DD DEL DIV DL DT EM H1 H2 H3 H4 H5 H6 HR I KBD LI MARK OL P PRE S SPAN STRONG SUB SUP TABLE TBODY TD TFOOT TH THEAD TR U UL".split(" "),
);

/** A page of the company may allow no policy of ours; its browser then decides. */
function createPolicy() {
  try {
    return /** @type {any} */ (globalThis).trustedTypes?.createPolicy("candor", { createHTML: (/** @type {string} */ s) => s });
  } catch {
    return undefined;
  }
}

/** @type {{createHTML(s: string): any}|undefined} */
const policy = createPolicy();

/**
 * Puts HTML that the server has rendered and sanitised into el. The server's work is not trusted blindly: elements outside a short
 * list lose their tag, attributes go except where a link leads, and links open in another tab.
 * @param {Element} el
 * @param {string} html
 */
export function setServerHTML(el, html) {
  const template = document.createElement("template");
  try {
    template.innerHTML = policy ? policy.createHTML(html) : html;
  } catch {
    el.textContent = html.replace(/<[^>]*>/g, " ");
    return;
  }
  for (const node of [...template.content.querySelectorAll("*")]) clean(node);
  el.replaceChildren(template.content);
}

/** @param {Element} node */
function clean(node) {
  if (!allowed.has(node.tagName)) {
    if (["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "OBJECT", "SVG", "MATH"].includes(node.tagName.toUpperCase())) node.remove();
    else node.replaceWith(...node.childNodes);
    return;
  }
  const href = node.tagName === "A" ? node.getAttribute("href") : null;
  const start = node.tagName === "OL" ? node.getAttribute("start") : null;
  for (const { name } of [...node.attributes]) node.removeAttribute(name);
  if (start && /^\d{1,6}$/.test(start)) node.setAttribute("start", start);
  if (href && /^(https?:|mailto:|\/(?!\/))/i.test(href)) {
    node.setAttribute("href", href);
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer nofollow");
  }
}

/**
 * Markdown of one sentence as plain text, for the moment before the whole message arrives rendered.
 * @param {string} text
 */
export function plainSentence(text) {
  return text
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replace(/(\*\*|__|`)(.+?)\1/g, "$2")
    .replace(/^\s{0,3}(#{1,6}|>)\s+/gm, "")
    .replace(/^(\s*)[-*+]\s+/gm, "$1\u2022 ")
    .replace(/\\([\\`*_{}[\]()#+\-.!|])/g, "$1");
}
