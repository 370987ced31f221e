// SPDX-License-Identifier: MIT
// The settings as they are being changed: read once, saved with the version they are of, so that nobody writes over what somebody
// else has just changed. A page shows its part of them and keeps the rest as it is.

import { call, Problem } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { ask, button, busy, failed, mark, mayChange, root, say, toFirst, when } from "./form.js";

export class Draft {
  /** @param {any} saved What the server says is in force. */
  constructor(saved) {
    this.dirty = false;
    this.take(saved);
    addEventListener("beforeunload", (e) => this.dirty && e.preventDefault());
  }

  static async load() {
    return new Draft(await call("/v1/company"));
  }

  /** @param {any} saved */
  take(saved) {
    this.version = saved.version;
    this.by = saved.changed_by;
    this.at = saved.changed_at;
    this.company = saved.company;
    this.dirty = false;
  }

  /** @param {string} path @param {string} method @param {unknown} [body] */
  async #send(path, method, body) {
    try {
      this.take(await call(path, { method, body, headers: { "If-Match": `"${this.version}"` } }));
      mark([]);
      return true;
    } catch (err) {
      if (!(err instanceof Problem) || !err.errors.length) throw err;
      const rest = mark(err.errors);
      say(rest.length ? rest.map((f) => f.message).join(" ") : "Nothing was saved yet: please look at what is marked.", "bad");
      toFirst();
      return false;
    }
  }

  save() {
    return this.#send("/v1/company", "PUT", this.company);
  }

  /** @param {string} version */
  restore(version) {
    return this.#send(`/v1/company/versions/${version}/restore`, "POST");
  }
}

/**
 * The line at the end of a page that saves, and the history below it.
 * @param {Draft} draft
 * @param {() => void} redraw Shows what was restored.
 */
export function saving(draft, redraw) {
  const state = h("span", { class: "hint", "aria-live": "polite" });
  const tell = () => {
    state.textContent = draft.dirty ? "Not saved yet." : draft.at ? `Version ${draft.version}, saved ${when(draft.at)} by ${draft.by}.` : "Nothing was saved yet.";
  };
  tell();
  const save = button("Save", (b) =>
    busy(b, async () => {
      if (!(await draft.save())) return;
      say(`Saved as version ${draft.version}. It is in force on every gateway within seconds.`);
      redraw();
    }), { kind: "btn-brand" });
  const el = h("div", { class: "set-save" }, mayChange ? save : null, state);
  return { el, tell };
}

/**
 * What was in force when, with a button to put it in force again.
 * @param {Draft} draft
 * @param {() => void} redraw
 */
export function history(draft, redraw) {
  const list = h("ol", { class: "set-history" });
  const el = h("details", { class: "set-more" }, h("summary", { text: "Earlier versions" }), list);
  el.addEventListener("toggle", () => el.open && void show());
  async function show() {
    try {
      const { versions } = await call("/v1/company/versions?limit=50");
      list.replaceChildren(
        ...versions.map((/** @type {any} */ v, /** @type {number} */ i) =>
          h(
            "li",
            {},
            h("strong", { text: `Version ${v.version}` }),
            ` ${when(v.changed_at)} by ${v.changed_by} `,
            h("span", { class: "hint", text: changes(v.company, versions[i + 1]?.company) }),
            i > 0 && mayChange ? button("Put in force again", () => again(v), { label: `Put version ${v.version} in force again` }) : null,
          ),
        ),
      );
    } catch (err) {
      failed(err);
    }
  }
  /** @param {any} v */
  const again = (v) =>
    ask(`Put version ${v.version} in force again?`, "It is saved as a new version; the one in force now stays in the history.", "Put in force", async () => {
      if (!(await draft.restore(v.version))) return;
      say(`Version ${v.version} is in force again, as version ${draft.version}.`);
      redraw();
    });
  return el;
}

/**
 * Which parts differ from the version before.
 * @param {any} now
 * @param {any} before
 */
function changes(now, before) {
  if (!before) return "";
  const keys = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((k) => JSON.stringify(now[k]) !== JSON.stringify(before[k]));
  return keys.length ? `changed: ${keys.map((k) => k.replaceAll("_", " ")).join(", ")}` : "nothing changed";
}

/**
 * Switches everything off for those who may only look.
 */
export function lock() {
  if (mayChange) return;
  for (const el of root.querySelectorAll("input, select, textarea, button")) {
    if (!el.closest(".set-look")) el.setAttribute("disabled", "");
  }
}
