// SPDX-License-Identifier: MIT
// What the desk hears from the server; see api/openapi.yaml.

/**
 * @typedef {import("../widget/types.js").Message} Message
 * @typedef {{id: string, name: string, email: string, role: string}} Staff
 * @typedef {object} CaseSummary
 * @property {string} id
 * @property {string} reference
 * @property {string} conversation_id
 * @property {string} reason
 * @property {string} priority
 * @property {string} language
 * @property {string} waiting_since
 * @property {string} [due_at]
 * @property {string} [snoozed_until]
 * @property {boolean} [escalated]
 * @property {import("./clocks.js").Clock} [clock]
 * @property {boolean} [reply_by_email]
 * @property {{id: string, title: string}} [cause]
 * @property {number} last_customer_seq
 * @property {boolean} unanswered
 * @property {number} [position]
 * @property {boolean} complaint
 * @property {string} preview
 * @property {string} state
 * @property {{id: string, name: string}} [assignee]
 * @typedef {{id: string, state: string, locale: string, last_seq: number, last_message_at: string, preview: string, turn_open: boolean}} Live
 * @typedef {{kind: "case"|"conversation", id: string}} Selection
 * @typedef {any} DeskRecord A DeskRecord of api/openapi.yaml.
 */

export {};
