// SPDX-License-Identifier: MIT
// Shapes of the interface (api/openapi.yaml) as the scripts use them. Nothing runs here.

/**
 * @typedef {"bot"|"queued"|"awaiting_hours"|"human"|"waiting_customer"|"resolved"|"closed"} State
 * @typedef {object} Conversation
 * @property {string} id
 * @property {State} state
 * @property {"bot"|"queue"|"agent"} owner
 * @property {number} epoch
 * @property {string} locale
 * @property {string} [reference]
 * @property {string} created_at
 * @property {number} last_seq
 * @property {Place} [queue]
 * @property {string} [promised_by]
 * @property {{name: string}} [agent]
 * @property {boolean} assistant_while_waiting
 * @property {boolean} [reply_by_email]
 * @property {boolean} [return_asked]
 * @property {{person: boolean, assistant: boolean}} [rating] Whom the customer is asked about.
 *
 * @typedef {{position: number, wait?: {p10_s: number, p90_s: number}, nobody?: boolean}} Place
 * @typedef {{id: string, label: string, text: string, locale: string, before_seq?: number}} Disclosure
 * @typedef {{article_id: number, version: number, title: string, heading?: string, quote: string, url?: string}} Citation
 *
 * @typedef {object} Message
 * @property {number} seq
 * @property {{type: "customer"|"bot"|"agent"|"system", name?: string}} author
 * @property {boolean} automated
 * @property {{id: string, label: string}} [disclosure]
 * @property {string} [event]
 * @property {string} text
 * @property {string} html
 * @property {boolean} [partial]
 * @property {Citation[]} citations
 * @property {{id: string, name: string, media_type: string, size: number}[]} [attachments]
 * @property {number[]} [corrects] Of a correction: the messages it takes back.
 * @property {string} [turn]
 * @property {string} [client_message_id]
 * @property {{helpful: boolean}} [feedback]
 * @property {string} created_at
 *
 * @typedef {{person?: number, assistant?: number, comment?: string, declined?: boolean}} Rating
 *
 * @typedef {object} Draft An answer on its way.
 * @property {string} turn
 * @property {{id: string, label: string}|undefined} disclosure
 * @property {string[]} sentences
 * @property {boolean} ended
 *
 * @typedef {object} Service
 * @property {string} organisation
 * @property {string} timezone
 * @property {{day: number, opens: string, closes: string}[]} hours
 * @property {boolean} open_now
 * @property {string} [next_open_at]
 * @property {string} [closed_today]
 * @property {{waiting: number, wait?: {p10_s: number, p90_s: number}, nobody: boolean}} [expected]
 * @property {{kind: string, value: string}[]} channels
 * @property {{person_first_reply_s: number, complaint_ack_s: number, complaint_decision_days: number}} targets
 */

export {};
