// SPDX-License-Identifier: MIT
// Light or dark as chosen before, set before the page is painted; else the system's. A button with data-theme-toggle changes it.
(() => {
  const root = document.documentElement;
  const key = "candor:theme";
  const read = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const apply = (/** @type {string|null} */ theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    for (const chat of document.querySelectorAll("candor-chat")) {
      if (root.dataset.theme) chat.setAttribute("theme", root.dataset.theme);
    }
  };
  apply(read());
  addEventListener("storage", (e) => e.key === key && apply(e.newValue));
  addEventListener("candor:ready", () => apply(read()));
  addEventListener("click", (e) => {
    if (!(/** @type {Element} */ (e.target).closest?.("[data-theme-toggle]"))) return;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    try {
      localStorage.setItem(key, next);
    } catch {
      // Then it holds for this page.
    }
    apply(next);
  });
})();
