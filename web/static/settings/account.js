// SPDX-License-Identifier: MIT
// One's own account: password, sessions, tokens.

import { call, Problem } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { ask, busy, button, dialog, failed, field, mark, root, say, shown, when } from "./form.js";

const { staff: me } = await call("/v1/session").catch((err) => {
  failed(err);
  return { staff: null };
});

function passwordForm() {
  /** @param {string} name @param {string} complete */
  const secret = (name, complete) => h("input", { type: "password", name, autocomplete: complete, required: true, maxlength: 200 });
  const current = secret("current", "current-password");
  const next = secret("password", "new-password");
  next.minLength = 10;
  const form = h(
    "form",
    { class: "set-narrow" },
    field("The password you have now", current, { field: "current" }),
    field("New password", next, { field: "password", hint: "At least 10 characters." }),
    h("button", { class: "btn btn-brand", type: "submit", text: "Change the password" }),
  );
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void busy(/** @type {HTMLButtonElement} */ (form.querySelector("button")), async () => {
      try {
        await call("/v1/session/password", { method: "PUT", body: { current: current.value, password: next.value } });
        form.reset();
        mark([]);
        say("Changed. Everywhere else you are signed out.");
        await list();
      } catch (err) {
        if (!(err instanceof Problem) || mark(err.errors).length || !err.errors.length) throw err;
      }
    });
  });
  return form;
}

const sessions = h("ul", { class: "set-plain" });
const tokens = h("ul", { class: "set-plain" });

async function list() {
  const all = await call(`/v1/staff/${me.id}/credentials`);
  const end = (/** @type {any} */ one, /** @type {string} */ what) =>
    button("End", () => ask(`End ${what}?`, "It stops working at once.", "End", async () => (await call(`/v1/staff/${me.id}/credentials/${one.id}`, { method: "DELETE" }), await list())), { label: `End ${what}` });
  sessions.replaceChildren(
    ...all.sessions.map((/** @type {any} */ s) => h("li", {}, `Since ${when(s.created_at)}, used ${when(s.used_at ?? s.created_at)} `, s.current ? h("span", { class: "tag tag-good", text: "this one" }) : end(s, `the session of ${when(s.created_at)}`))),
  );
  tokens.replaceChildren(
    ...(all.tokens.length ? all.tokens.map((/** @type {any} */ t) => h("li", {}, h("strong", { text: t.name || "Without a name" }), ` made ${when(t.created_at)}, used ${when(t.used_at)} `, end(t, `the token ${t.name}`))) : [h("li", { class: "hint", text: "No tokens." })]),
  );
}

function newToken() {
  dialog("A new token", (close) => {
    const name = h("input", { type: "text", maxlength: 80, required: true });
    const form = h("form", {}, field("What it is for", name), h("div", { class: "dialog-actions" }, h("button", { class: "btn btn-brand", type: "submit", text: "Make the token" })));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      void busy(/** @type {HTMLButtonElement} */ (form.querySelector("button")), async () => {
        const made = await call(`/v1/staff/${me.id}/tokens`, { method: "POST", body: { name: name.value } });
        close();
        shown("Your token", "It is shown this once. It may do what you may do: keep it secret.", made.token);
        await list();
      });
    });
    return [form];
  });
}

/** @param {string} title @param {...Node} children */
const section = (title, ...children) => h("section", { class: "set-section", "aria-label": title }, h("h2", { text: title }), ...children);

if (me) {
  root.replaceChildren(
    section("Password", passwordForm()),
    section("Where you are signed in", sessions),
    section("API tokens", h("p", { class: "hint", text: "For programs of your own." }), tokens, h("p", { class: "set-actions" }, button("Make a token", newToken))),
  );
  await list().catch(failed);
}
