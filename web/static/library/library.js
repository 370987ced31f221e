// SPDX-License-Identifier: MIT
// The library: the list, the open article, and what stands beside it. The address names the article, so that a reload finds it.

import { call, Problem } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { Keys, offer } from "../desk/keys.js";
import { ArticleList } from "./list.js";
import { ArticleView } from "./article.js";
import { CorrectionsDialog } from "./corrections.js";
import { GapBoard } from "./gaps.js";
import { ImportDialog } from "./import.js";
import { QuestionsDialog } from "./questions.js";
import { Todo } from "./todo.js";

const root = /** @type {HTMLElement} */ (document.getElementById("library"));
const note = /** @type {HTMLElement} */ (document.getElementById("library-note"));

/** @type {[string, string][]} */
const help = [
  ["j k", "Next and previous in the list"],
  ["/", "Find an article"],
  ["n", "New article"],
  ["Ctrl S", "Save now"],
  ["Ctrl Enter", "Try the question"],
  ["Enter", "Open what is chosen in the list"],
  ["1 \u2026 7", "Preview, try it, versions, questions, consequences, details, languages"],
  ["p", "Publish"],
  ["Esc", "Leave the field, close a window"],
  ["?", "This help"],
];

/** @type {ReturnType<typeof setTimeout>|undefined} */
let fading;

/** @param {string} text */
function say(text) {
  note.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (note.textContent = ""), 8_000);
}

/** @returns {number|"new"|null} */
function fromAddress() {
  const found = /^#(?:article=(\d+)|(new))$/.exec(location.hash);
  return found ? (found[2] ? "new" : Number(found[1])) : null;
}

function build() {
  const go = (/** @type {number|"new"} */ to) => (location.hash = to === "new" ? "#new" : `#article=${to}`);
  const list = new ArticleList(go, say);
  const view = new ArticleView(say);
  const gaps = new GapBoard(say);
  const fresh = h("button", { type: "button", class: "btn btn-small btn-brand", on: { click: () => go("new") } }, "New article");
  list.el.prepend(h("div", { class: "articles-head" }, h("h2", { text: "Articles" }), fresh));
  const corrections = new CorrectionsDialog();
  const golden = new QuestionsDialog();
  const files = new ImportDialog(() => void list.refresh());
  list.el.append(
    h(
      "div",
      { class: "articles-tools" },
      h("a", { class: "btn btn-small btn-quiet", href: "/library/announcements", text: "Announcements" }),
      h("a", { class: "btn btn-small btn-quiet", href: "/library/sources", text: "Sources" }),
      h("a", { class: "btn btn-small btn-quiet", href: "#gaps", text: "Gaps" }),
      h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Golden questions", on: { click: () => golden.show() } }),
      h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Corrections", on: { click: () => void corrections.show() } }),
      h("button", { type: "button", class: "btn btn-small btn-quiet", text: "Import, export", on: { click: () => files.open() } }),
    ),
  );
  const none = h("div", { class: "nothing" }, icon("doc"), h("p", { text: "Choose an article on the left, or write a new one." }), h("p", { class: "hint" }, "Press ", h("kbd", { text: "?" }), " for the keyboard."));
  const back = h("button", { type: "button", class: "btn btn-small btn-quiet back", on: { click: () => (location.hash = "") } }, "All articles");
  view.bar.prepend(back);
  const keys = new Keys(
    { j: () => list.move(1), k: () => list.move(-1), "/": () => list.search.focus(), n: () => go("new"), 1: () => view.tabs.choose("preview"), 2: () => view.tabs.choose("try"), 3: () => view.tabs.choose("versions"), 4: () => view.tabs.choose("questions"), 5: () => view.tabs.choose("consequences"), 6: () => view.tabs.choose("details"), 7: () => view.tabs.choose("languages"), p: () => void view.publish() },
    help,
  );
  root.replaceChildren(list.el, none, view.el, gaps.el, keys.el);
  offer(keys);
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || view.el.hidden || document.querySelector("dialog[open]")) return;
    if (e.key === "s") void view.save();
    else if (e.key === "Enter") view.try();
    else return;
    e.preventDefault();
  });

  const show = async () => {
    const at = fromAddress();
    const board = /^#gap(?:s|=(\d+))$/.exec(location.hash);
    root.dataset.view = board ? "gaps" : at === null ? "list" : "article";
    gaps.el.hidden = !board;
    none.hidden = at !== null || board !== null;
    view.el.hidden = at === null;
    list.mark(typeof at === "number" ? at : null);
    if (board) void gaps.open(board[1] ? Number(board[1]) : null);
    if (at === null) return view.leave();
    if (typeof at === "number" && view.draft?.id === at) return;
    const focused = Boolean(document.activeElement?.closest(".articles"));
    await view.open(at === "new" ? null : at);
    if (focused || at === "new") view.editor.title.focus();
  };
  view.on("created", (/** @type {any} */ article) => {
    history.replaceState(null, "", `#article=${article.id}`);
    list.mark(article.id);
  });
  const refresh = () => void list.refresh().then(know);
  const know = async () => {
    const about = await call("/v1/library").catch(() => null);
    if (!about) return;
    list.know(about);
    view.know(about);
    todo.show(about.counts);
  };
  const todo = new Todo((shelf) => list.choose(shelf));
  list.scroller.before(todo.el);
  view.on("changed", refresh);
  view.on("discarded", (live) => {
    if (live) void view.open(fromAddress() === "new" ? null : /** @type {number|null} */ (fromAddress()));
    else location.hash = "";
    refresh();
  });
  addEventListener("hashchange", () => void show());
  addEventListener("beforeunload", (e) => view.unkept && e.preventDefault());
  refresh();
  void show();
}

document.querySelector("[data-sign-out]")?.addEventListener("click", async () => {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/signin?next=/library");
});

try {
  await call("/v1/session");
  build();
} catch (err) {
  if (err instanceof Problem && err.status === 401) location.assign("/signin?next=/library");
  else say("The library cannot be loaded at the moment. Please reload the page.");
}
