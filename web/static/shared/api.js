// SPDX-License-Identifier: MIT
// JSON over HTTP with problem+json errors.

/** An answer that is not a success, or no answer at all (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail A sentence that a person can act on.
   * @param {number} [retryAfter] Seconds.
   * @param {{field: string, message: string}[]} [errors] What is wrong, field by field.
   */
  constructor(status, code, detail, retryAfter = 0, errors = []) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.errors = errors;
  }

  /** Whether the same request may succeed later. */
  get transient() {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} CallOptions
 * @property {string} [method]
 * @property {unknown} [body] Sent as JSON.
 * @property {Record<string, string>} [headers]
 * @property {number} [timeout] Milliseconds.
 * @property {RequestCache} [cache]
 */

/**
 * @param {string} url
 * @param {CallOptions} [options]
 * @returns {Promise<any>} the decoded answer, or null where there is none
 */
export async function call(url, { method = "GET", body, headers = {}, timeout = 30_000, cache = "no-store" } = {}) {
  /** @type {Record<string, string>} */
  const all = { Accept: "application/json", ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache,
      credentials: "same-origin",
      signal: AbortSignal.timeout(timeout),
    });
  } catch {
    throw new Problem(0, "unreachable", "");
  }
  const data = await response.json().catch(() => null);
  if (response.ok) return data;
  throw new Problem(response.status, data?.code ?? "unknown", data?.detail ?? "", Number(response.headers.get("Retry-After") ?? 0), data?.errors ?? []);
}
