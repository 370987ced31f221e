// SPDX-License-Identifier: MIT
// Files and folders into the library, dropped or chosen, with how far it is and what became of each; and the whole library out of it.

import { call } from "../shared/api.js";
import { h, icon } from "../shared/dom.js";
import { Dialog } from "./dialog.js";
import { dropped, named, packs } from "./files.js";
import { ImportGate } from "./importgate.js";

/** @type {Record<string, [string, string]>} */
const words = { created: ["New", "tag-good"], updated: ["Changed", "tag-bot"], unchanged: ["As it was", ""], failed: ["Refused", "tag-bad"] };
const order = ["failed", "created", "updated", "unchanged"];

export class ImportDialog extends Dialog {
  #stopped = false;
  #busy = false;

  /** @param {() => void} changed */
  constructor(changed) {
    super("Import and export");
    this.changed = changed;
    this.files = h("input", { type: "file", id: "import-files", multiple: true, accept: ".md,.markdown,.mdx,.html,.htm,.docx,.txt,.csv,.tsv,.jsonl,.ndjson", on: { change: () => void this.#send([...(this.files.files ?? [])].map(named)) } });
    this.folder = h("input", { type: "file", id: "import-folder", webkitdirectory: true, on: { change: () => void this.#send([...(this.folder.files ?? [])].map(named)) } });
    this.publish = h("input", { type: "checkbox", id: "import-publish" });
    this.zone = h("div", { class: "drop" }, icon("doc"), h("label", { for: "import-files", text: "Drop files or folders here, or choose files" }), this.files, h("label", { for: "import-folder", text: "or a folder" }), this.folder, h("p", { class: "hint", text: "Markdown, MDX, HTML, Word, text, CSV, JSON Lines" }));
    for (const kind of ["dragenter", "dragover"]) this.zone.addEventListener(kind, (e) => this.#over(e, true));
    for (const kind of ["dragleave", "drop"]) this.zone.addEventListener(kind, (e) => this.#over(e, false));
    this.zone.addEventListener("drop", async (e) => this.#send(await dropped(/** @type {DragEvent} */ (e).dataTransfer)));
    this.status = h("p", { role: "status" });
    this.bar = h("progress", { max: "1", value: "0", hidden: true, "aria-label": "Files imported" });
    this.stop = h("button", { type: "button", class: "btn btn-small", text: "Stop", hidden: true, on: { click: () => (this.#stopped = true) } });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.kept = h("p", { hidden: true });
    this.gate = new ImportGate(() => this.changed());
    this.report = h("ul", { class: "plain import-report", "aria-label": "What became of each file" });
    this.body.append(
      this.zone,
      h("p", { class: "option" }, this.publish, h("label", { for: "import-publish", text: "Publish through the gate at once; otherwise everything is a draft" })),
      this.status,
      this.bar,
      this.stop,
      this.problem,
      this.gate.el,
      this.kept,
      this.report,
      h("p", { class: "version-actions" }, h("a", { class: "btn", href: "/v1/knowledge/export", download: "articles.zip", text: "Export what is published" }), h("a", { class: "btn btn-quiet", href: "/v1/knowledge/export?drafts=true", download: "articles.zip", text: "With drafts" })),
    );
  }

  /** @param {Event} e @param {boolean} over */
  #over(e, over) {
    e.preventDefault();
    this.zone.classList.toggle("is-over", over);
  }

  /** @param {import("./files.js").Named[]} files */
  async #send(files) {
    if (files.length === 0 || this.#busy) return;
    this.#busy = this.report.inert = true; // an article must not be opened while it is published
    this.#stopped = false;
    this.problem.textContent = "";
    this.kept.hidden = true;
    this.report.replaceChildren();
    this.gate.clear();
    const total = { created: 0, updated: 0, unchanged: 0, failed: 0 };
    this.bar.max = files.length;
    this.bar.value = 0;
    this.bar.hidden = this.stop.hidden = false;
    try {
      const { id } = await call("/v1/imports", { method: "POST", body: { name: files.length === 1 ? files[0].name.slice(0, 200) : `${files.length} files` } });
      this.kept.replaceChildren("The report is kept: ", h("a", { href: `/v1/imports/${id}/report`, download: "", text: "download it as CSV" }));
      this.kept.hidden = false;
      let done = 0;
      for (const pack of packs(files, (name, why) => this.#refused(total, name, why))) {
        if (this.#stopped) break;
        this.status.textContent = `${done} of ${files.length} files. Now: ${pack[0].name}`;
        this.#show(total, await send(id, pack));
        done += pack.length;
        this.bar.value = done;
      }
      this.status.textContent = `${total.created} new, ${total.updated} changed, ${total.unchanged} as they were, ${total.failed} refused.${this.#stopped ? " Stopped; what had arrived is in the library as drafts." : ""}`;
      if (this.publish.checked && !this.#stopped) await this.gate.publish(id);
    } catch (err) {
      this.status.textContent = "";
      this.problem.textContent = err instanceof TypeError ? "The connection was lost, or a file has changed since it was chosen. Files that had arrived are in the library as drafts; importing them again changes nothing." : /** @type {Error} */ (err).message || "The server is out of reach.";
    }
    this.bar.hidden = this.stop.hidden = true;
    this.files.value = this.folder.value = "";
    this.#busy = this.report.inert = false;
    this.changed();
  }

  /** @param {any} total @param {string} name @param {string} why */
  #refused(total, name, why) {
    this.#show(total, { created: 0, updated: 0, unchanged: 0, failed: 1, files: [{ name, status: "failed", error: why }] });
  }

  /** @param {any} total @param {any} report */
  #show(total, report) {
    for (const kind of order) total[kind] += report[kind];
    for (const f of report.files) {
      if (this.report.children.length >= 500 && f.status !== "failed") continue;
      const [word, kind] = words[f.status] ?? [f.status, ""];
      const name = f.line ? `${f.name}, line ${f.line}` : f.name;
      const row = h("li", { data: { rank: String(order.indexOf(f.status)) } }, h("span", { class: `tag ${kind}`, text: word }), f.article_id ? h("a", { href: `#article=${f.article_id}`, text: name, on: { click: () => this.el.close() } }) : h("span", { text: name }), f.error && h("span", { class: "import-error", text: f.error }), ...(f.notes ?? []).map((/** @type {string} */ text) => h("span", { class: "hint", text })));
      const after = [...this.report.children].find((other) => Number(/** @type {HTMLElement} */ (other).dataset.rank) > order.indexOf(f.status));
      this.report.insertBefore(row, after ?? null);
    }
  }
}

/** @param {string} id @param {import("./files.js").Named[]} pack */
async function send(id, pack) {
  const form = new FormData();
  for (const { file, name } of pack) form.append("files", file, name);
  const response = await fetch(`/v1/imports/${id}/files`, { method: "POST", body: form, headers: { Accept: "application/json" }, credentials: "same-origin" });
  const data = await response.json().catch(() => null);
  if (!response.ok) throw new Error(data?.detail || "The import failed.");
  return data;
}
