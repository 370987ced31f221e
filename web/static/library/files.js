// SPDX-License-Identifier: MIT
// Files as they are chosen or dropped, folders with all that is in them.

/** @typedef {{file: File, name: string}} Named A file with its path below what was chosen. */

const known = /\.(md|markdown|mdx|html?|docx|te?xt|csv|tsv|jsonl|ndjson)$/i;
/** What is sent at once: enough that requests cost little, few enough that progress is seen. */
const packBytes = 4 << 20;
const packFiles = 20;
const most = 30 << 20;

/** @param {File} file @returns {Named} */
export function named(file) {
  const path = file.webkitRelativePath.split("/").slice(1).join("/");
  return { file, name: path || file.name };
}

/** Reads what was dropped. Of folders, only files of known kinds; hidden ones never. @param {DataTransfer|null} data @returns {Promise<Named[]>} */
export async function dropped(data) {
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? null);
  const folders = entries.filter((e) => e?.isDirectory);
  if (folders.length === 0) return [...(data?.files ?? [])].map(named);
  const out = /** @type {Named[]} */ ([]);
  for (const e of entries) if (e) await walk(e, "", out, e.isFile);
  return out;
}

/** @param {any} entry @param {string} path @param {Named[]} out @param {boolean} all */
async function walk(entry, path, out, all) {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    if (!all && !known.test(entry.name)) return;
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    out.push({ file, name: path + entry.name });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const list = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (list.length === 0) return;
    for (const e of list) await walk(e, entry.fullPath.split("/").length > 2 ? `${path}${entry.name}/` : "", out, false);
  }
}

/**
 * Files in packs that one request takes. A file that none takes is refused here.
 * @param {Named[]} files
 * @param {(name: string, why: string) => void} refuse
 */
export function* packs(files, refuse) {
  /** @type {Named[]} */ let pack = [];
  let bytes = 0;
  for (const f of files) {
    if (f.file.webkitRelativePath && (!known.test(f.name) || /(^|\/)\./.test(f.name))) continue; // of a folder: what is no article
    if (f.file.size > most) {
      refuse(f.name, "The file is larger than 30 MiB. Use the command `candor import` for it.");
      continue;
    }
    if (pack.length > 0 && (bytes + f.file.size > packBytes || pack.length >= packFiles)) {
      yield pack;
      pack = [];
      bytes = 0;
    }
    pack.push(f);
    bytes += f.file.size;
  }
  if (pack.length > 0) yield pack;
}
