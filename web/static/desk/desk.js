// SPDX-License-Identifier: MIT
// The desk: puts the views together and keeps the open conversation in the address, so that a reload and a link find it again.

import { call, Problem } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { Announced } from "./announced.js";
import { ArticleDialog } from "./article.js";
import { CaseBar } from "./casebar.js";
import { CauseDialog } from "./cause.js";
import { CausesDialog, LinkDialog } from "./causes.js";
import { GoldenDialog } from "./golden.js";
import { IntakeDialog } from "./intake.js";
import { Keys, offer } from "./keys.js";
import { Lists } from "./lists.js";
import { DeskModel } from "./model.js";
import { PacketView } from "./packet.js";
import { Composer } from "./composer.js";
import { MacroDialog } from "./macro.js";
import { Mentions } from "./mentions.js";
import { MergeDialog } from "./merge.js";
import { Notify } from "./notify.js";
import { Picker } from "./pick.js";
import { Presence } from "./presence.js";
import { RepliesDialog } from "./replies.js";
import { Toasts } from "./toasts.js";
import { Transcript } from "./transcript.js";

const root = /** @type {HTMLElement} */ (document.getElementById("desk"));
const note = /** @type {HTMLElement} */ (document.getElementById("desk-note"));

/** @returns {import("./model.js").Selection|null} */
function fromAddress() {
  const found = /^#(case|conversation)=([\w-]+)$/.exec(location.hash);
  return found ? { kind: /** @type {"case"|"conversation"} */ (found[1]), id: found[2] } : null;
}

/** @param {import("./model.js").Staff} me */
function build(me) {
  const model = new DeskModel(me);
  const article = new ArticleDialog();
  /** @type {(article: number, version: number, text: string) => void} */
  const openArticle = (id, version, text) => void article.open(id, version, text);
  const lists = new Lists(model);
  const bar = new CaseBar(model);
  const transcript = new Transcript(model, openArticle);
  const golden = new GoldenDialog();
  if (model.me.role === "supervisor") transcript.onGolden = (conversation, seq) => void golden.ask(conversation, seq);
  const packet = new PacketView(model, (seq) => transcript.goTo(seq), openArticle);
  const composer = new Composer(model);
  const picker = new Picker(model, (text) => composer.reply.insert(text), openArticle);
  const macro = new MacroDialog(model, (text) => composer.reply.insert(text));
  const replies = new RepliesDialog(model);
  picker.onMacro = (reply, places) => void macro.use(reply, places);
  picker.onManage = () => void replies.list();
  composer.reply.onTool = (name) => void (name === "Suggest" ? picker.suggested() : picker.saved());
  const toasts = new Toasts();
  const notify = new Notify(model, toasts);
  const mentions = new Mentions(model);
  const cause = new CauseDialog(model);
  const openCause = (/** @type {string} */ id) => void cause.cause(id);
  const causes = new CausesDialog(openCause);
  const link = new LinkDialog(model, openCause);
  const merge = new MergeDialog(model);
  link.onDone = merge.onDone = () => lists.marks.clear();
  // The button that opened the window is gone with the choice: the list goes on.
  link.el.addEventListener("close", () => document.activeElement === document.body && lists.rows.focus());
  lists.marks.onLink = (cases) => void link.link(cases);
  lists.marks.onMerge = (one, other) => void merge.compare(one.id, other.id);
  bar.onCause = openCause;
  bar.onLink = (c) => void link.link([c]);
  bar.onMerge = (c, others) => merge.choose(c, others);
  const causesButton = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-haspopup": "dialog", on: { click: () => void causes.list() } }, icon("link"), h("span", { class: "bar-word", text: "Causes" }));
  const intake = new IntakeDialog(model);
  const intakeButton = h("button", { type: "button", class: "btn btn-small btn-quiet", "aria-haspopup": "dialog", title: "For somebody who phoned, wrote or came by", on: { click: () => intake.take() } }, icon("plus"), h("span", { class: "bar-word", text: "New case" }));
  const none = h("div", { class: "nothing" }, h("p", { text: "Choose a conversation on the left." }), h("p", { class: "hint" }, "Press ", h("kbd", { text: "?" }), " for the keyboard."));
  const open = h("section", { class: "case", "aria-label": "Open conversation", hidden: true }, bar.el, packet.el, transcript.el, composer.el);
  const keys = new Keys({
    j: () => lists.move(1),
    k: () => lists.move(-1),
    "/": () => lists.search.focus(),
    o: () => intake.take(),
    1: () => lists.show("waiting"),
    2: () => lists.show("mine"),
    3: () => lists.show("snoozed"),
    4: () => lists.show("open"),
    5: () => lists.show("resolved"),
    6: () => lists.show("live"),
    r: () => composer.write("reply"),
    n: () => composer.write("note"),
    ...Object.fromEntries(["t", "w", "u", "e"].map((key) => [key, () => bar.press(key)])),
    x: () => lists.markFocused(false) || bar.press("x"),
    X: () => lists.markFocused(true),
    c: () => (lists.focusedCase?.position ? void model.claim(lists.focusedCase.id) : bar.press("c")),
  });
  root.replaceChildren(lists.el, none, open, bar.dialog.el, bar.transfer.el, bar.snooze.el, bar.escalate.el, picker.el, bar.block.el, macro.el, replies.el, cause.el, causes.el, link.el, merge.el, intake.el, golden.el, article.el, keys.el, notify.dialog, mentions.dialog, toasts.el);
  document.querySelector(".bar-tools")?.prepend(new Presence(model).el, intakeButton, causesButton, mentions.button, notify.button);
  const announced = new Announced();
  root.before(announced.el);
  void announced.start();
  offer(keys);

  model.on("selected", (/** @type {import("./model.js").Selection|null} */ s) => {
    open.hidden = !s;
    none.hidden = Boolean(s);
    root.dataset.view = s ? "case" : "lists";
    const hash = s ? `#${s.kind}=${s.id}` : "";
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
  });
  // Who opens a case from the list goes on in the case; what is read again later moves nobody.
  let opened = false;
  model.on("selected", (s) => (opened = Boolean(s) && Boolean(document.activeElement?.closest(".lists"))));
  model.on("record", (record) => {
    if (!record) return;
    if (opened && document.activeElement?.closest(".lists")) bar.title.focus({ preventScroll: true });
    opened = false;
  });
  model.on("undoable", (/** @type {{id: string, text: string}} */ { id, text }) => toasts.show(text, { actions: [{ label: "Undo", run: () => void model.undo(id) }], for: 60_000 }));
  model.on("told", (/** @type {any} */ { text, ...rest }) => toasts.show(text, rest));
  model.on("problem", (/** @type {string} */ text) => say(text));
  model.on("link", (/** @type {string} */ link) => linked(link));
  model.start();
  addEventListener("hashchange", () => void model.select(fromAddress()));
  if (fromAddress()) void model.select(fromAddress());
}

/** @type {ReturnType<typeof setTimeout>|undefined} */
let fading;

/** @param {string} text */
function say(text) {
  note.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (note.textContent = ""), 8_000);
}

/** @type {ReturnType<typeof setTimeout>|undefined} */
let away;

/**
 * A loss that lasts is said over everything, also where the bar does not show.
 * @param {string} link
 */
function banner(link) {
  if (link === "lost" || link === "offline") {
    away ??= setTimeout(() => {
      clearTimeout(fading);
      note.dataset.away = "";
      note.textContent = "No connection to the server. What you see may be old. What you write is kept here; please send it once the connection is back.";
    }, 3_000);
  } else if (link === "open") {
    clearTimeout(away);
    away = undefined;
    if ("away" in note.dataset) note.textContent = "";
    delete note.dataset.away;
  }
}

/** @param {string} link */
function linked(link) {
  banner(link);
  const el = /** @type {HTMLElement} */ (document.getElementById("desk-link"));
  const text = { open: "Live", offline: "Offline", lost: "Reconnecting" }[link];
  if (!text) return;
  el.replaceChildren(h("span", { class: "bar-word", text }));
  el.dataset.link = link;
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/signin");
});

try {
  const { staff } = await call("/v1/session");
  build(staff);
} catch (err) {
  if (err instanceof Problem && err.status === 401) location.assign(`/signin?next=${encodeURIComponent("/desk" + location.hash)}`);
  else say("The desk cannot be loaded at the moment. Please reload the page.");
}
