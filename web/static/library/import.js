// SPDX-License-Identifier: MIT
// Files into the library, dropped or chosen, with what became of each; and the whole library out of it.

import { h, icon } from "../shared/dom.js";
import { Dialog } from "./dialog.js";

/** @type {Record<string, [string, string]>} */
const words = { created: ["New", "tag-good"], updated: ["Changed", "tag-bot"], unchanged: ["As it was", ""], failed: ["Refused", "tag-bad"] };
const most = 32 << 20;

export class ImportDialog extends Dialog {
  /** @param {() => void} changed */
  constructor(changed) {
    super("Import and export");
    this.changed = changed;
    this.files = h("input", { type: "file", id: "import-files", multiple: true, accept: ".md,.mdx,.html,.htm,.docx,.txt,.csv,.jsonl,.ndjson", on: { change: () => void this.#send([...(this.files.files ?? [])]) } });
    this.publish = h("input", { type: "checkbox", id: "import-publish" });
    this.zone = h("div", { class: "drop" }, icon("doc"), h("label", { for: "import-files", text: "Drop files here, or choose them" }), this.files, h("p", { class: "hint", text: "Markdown, MDX, HTML, Word, text, CSV, JSON Lines; up to 32 MiB at once" }));
    for (const kind of ["dragenter", "dragover"]) this.zone.addEventListener(kind, (e) => this.#over(e, true));
    for (const kind of ["dragleave", "drop"]) this.zone.addEventListener(kind, (e) => this.#over(e, false));
    this.zone.addEventListener("drop", (e) => void this.#send([...(/** @type {DragEvent} */ (e).dataTransfer?.files ?? [])]));
    this.status = h("p", { role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.report = h("ul", { class: "plain import-report", "aria-label": "What became of each file" });
    this.body.append(
      this.zone,
      h("p", { class: "option" }, this.publish, h("label", { for: "import-publish", text: "Publish at once, past the gate; otherwise everything is a draft" })),
      this.status,
      this.problem,
      this.report,
      h("p", { class: "version-actions" }, h("a", { class: "btn", href: "/v1/knowledge/export", download: "articles.zip", text: "Export what is published" }), h("a", { class: "btn btn-quiet", href: "/v1/knowledge/export?drafts=true", download: "articles.zip", text: "With drafts" })),
    );
  }

  /** @param {Event} e @param {boolean} over */
  #over(e, over) {
    e.preventDefault();
    this.zone.classList.toggle("is-over", over);
  }

  /** @param {File[]} files */
  async #send(files) {
    if (files.length === 0) return;
    this.problem.textContent = "";
    this.report.replaceChildren();
    if (files.reduce((sum, f) => sum + f.size, 0) > most) {
      this.problem.textContent = "These are more than 32 MiB. Take fewer at once, or use the command `candor import`.";
      return;
    }
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    this.status.textContent = `Importing ${files.length} ${files.length === 1 ? "file" : "files"}.`;
    try {
      const response = await fetch(`/v1/knowledge/import?publish=${this.publish.checked}`, { method: "POST", body: form, headers: { Accept: "application/json" }, credentials: "same-origin" });
      const data = await response.json().catch(() => null);
      if (!response.ok) throw new Error(data?.detail || "The import failed.");
      this.#show(data);
    } catch (err) {
      this.status.textContent = "";
      this.problem.textContent = err instanceof TypeError ? "The connection was lost, or a file has changed since it was chosen. Files that had arrived may be in the library; importing them again changes nothing." : /** @type {Error} */ (err).message;
    }
    this.files.value = "";
    this.changed();
  }

  /** @param {any} report */
  #show(report) {
    this.status.textContent = `${report.created} new, ${report.updated} changed, ${report.unchanged} as they were, ${report.failed} refused.`;
    const order = ["failed", "created", "updated", "unchanged"];
    const files = [...report.files].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
    this.report.replaceChildren(
      ...files.slice(0, 500).map((f) => {
        const [word, kind] = words[f.status] ?? [f.status, ""];
        const name = f.line ? `${f.name}, line ${f.line}` : f.name;
        return h("li", {}, h("span", { class: `tag ${kind}`, text: word }), f.article_id ? h("a", { href: `#article=${f.article_id}`, text: name, on: { click: () => this.el.close() } }) : h("span", { text: name }), f.error && h("span", { class: "import-error", text: f.error }));
      }),
    );
  }
}
