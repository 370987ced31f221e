// SPDX-License-Identifier: MIT
// What a company puts on its pages: <script src="https://…/widget.js" data-locale="en" defer></script>
// Loads the <candor-chat> element and adds one to the page unless the page has its own.
// data-locale: language; data-theme: light or dark (else the system's); data-open: start open; data-identity-token: what the
// company's own shop says of the customer; data-manual: add no element.
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const base = new URL(".", script.src);
  import(new URL("__ASSETS__/widget/element.js", base).href).then(({ CandorChat }) => {
    CandorChat.base = base.href;
    if (!customElements.get("candor-chat")) customElements.define("candor-chat", CandorChat);
    if ("manual" in script.dataset || document.querySelector("candor-chat")) return;
    const chat = document.createElement("candor-chat");
    for (const name of ["locale", "theme", "open"]) {
      const value = script.dataset[name];
      if (value !== undefined) chat.setAttribute(name, value);
    }
    if (script.dataset.identityToken) chat.setAttribute("identity-token", script.dataset.identityToken);
    document.body.append(chat);
  });
})();
