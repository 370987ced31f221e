// SPDX-License-Identifier: MIT
// What the larger windows of the desk share: a frame with a title and a cross, a place for what went wrong, and trying things.

import { Problem } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";

let count = 0;

export class Frame {
  /**
   * @param {string} title
   * @param {{wide?: boolean}} [options]
   */
  constructor(title, { wide = true } = {}) {
    const id = `window-${++count}`;
    this.title = h("h2", { id, tabindex: "-1", dir: "auto", text: title });
    this.body = h("div", { class: "window-body" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.said = h("p", { class: "hint", role: "status" });
    const cross = h("button", { type: "button", class: "btn btn-icon btn-quiet", "aria-label": "Close", on: { click: () => this.close() } }, icon("close"));
    this.el = h("dialog", { class: `dialog ${wide ? "dialog-wide" : ""}`, "aria-labelledby": id }, h("header", {}, this.title, cross), this.said, this.body, this.problem);
  }

  /** Opens it empty, with a word that something is on its way. */
  open(waiting = "Looking.") {
    this.problem.textContent = "";
    this.said.textContent = waiting;
    this.body.replaceChildren();
    if (!this.el.open) this.el.showModal();
  }

  close() {
    this.el.close();
  }

  /** @param {...(Node|null)} children */
  show(...children) {
    this.said.textContent = "";
    this.body.replaceChildren(...children.filter((c) => c !== null));
  }

  /**
   * Does something on the server; what goes wrong is said here.
   * @template T
   * @param {() => Promise<T>} action
   * @param {HTMLButtonElement} [button] Cannot be pressed meanwhile.
   * @returns {Promise<T|true|null>} null when it failed, true for an answer without a body
   */
  async tries(action, button) {
    this.problem.textContent = "";
    if (button) button.disabled = true;
    try {
      return (await action()) ?? true;
    } catch (err) {
      this.fails(err);
      return null;
    } finally {
      if (button) button.disabled = false;
    }
  }

  /** @param {unknown} err */
  fails(err) {
    if (err instanceof Problem && err.status === 401) return location.assign(`/signin?next=${encodeURIComponent(location.pathname + location.hash)}`);
    this.said.textContent = "";
    this.problem.textContent = (err instanceof Error && err.message) || "The server cannot be reached. Please try again.";
  }
}

/**
 * @param {string} text
 * @param {(button: HTMLButtonElement) => unknown} press
 * @param {{kind?: string, label?: string, sign?: string}} [options]
 */
export function button(text, press, { kind = "btn-small", label, sign } = {}) {
  const el = h("button", { type: "button", class: `btn ${kind}`, "aria-label": label }, sign ? icon(sign) : null, text);
  el.addEventListener("click", () => press(el));
  return el;
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  control.id ||= `field-${++count}`;
  if (hint) control.setAttribute("aria-describedby", `${control.id}-h`);
  return h("div", { class: "field" }, h("label", { for: control.id, text: label }), control, hint ? h("p", { class: "hint", id: `${control.id}-h`, text: hint }) : null);
}

/**
 * Works through a list one after the other, with a bar that shows how far it is.
 * @template T
 * @param {Frame} frame
 * @param {T[]} list
 * @param {string} words
 * @param {(item: T) => Promise<void>} work
 */
export async function inTurn(frame, list, words, work) {
  const bar = h("progress", { max: list.length, value: 0, "aria-label": words });
  const text = h("p", { class: "hint", role: "status", text: `${words}: 0 of ${list.length}` });
  frame.show(h("div", { class: "going" }, bar, text));
  for (const [i, item] of list.entries()) {
    await work(item);
    bar.value = i + 1;
    text.textContent = `${words}: ${i + 1} of ${list.length}`;
  }
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function plural(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}
