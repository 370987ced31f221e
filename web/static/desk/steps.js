// SPDX-License-Identifier: MIT
// Steps with the open case that are taken more seldom than answering it.

import { call } from "../shared/api.js";

/** @typedef {import("./model.js").DeskModel} DeskModel */

/**
 * It is the customer's turn.
 * @param {DeskModel} model
 * @param {string} id
 */
export const wait = (model, id) => model.act(() => call(`/v1/cases/${id}/wait`, { method: "POST" }));

/**
 * @param {DeskModel} model
 * @param {string} id
 * @param {string} until
 */
export const snooze = (model, id, until) => model.act(() => call(`/v1/cases/${id}/snooze`, { method: "POST", body: { until } }));

/**
 * @param {DeskModel} model
 * @param {string} id
 */
export const wake = (model, id) => model.act(() => call(`/v1/cases/${id}/snooze`, { method: "DELETE" }));

/**
 * @param {DeskModel} model
 * @param {string} id
 * @param {string} note
 */
export const escalate = (model, id, note) => model.act(() => call(`/v1/cases/${id}/escalate`, { method: "POST", body: { note } }));

/**
 * Asks the customer whether the bot may go on.
 * @param {DeskModel} model
 * @param {string} id
 */
export const proposeReturn = (model, id) => model.act(() => call(`/v1/cases/${id}/return-to-bot`, { method: "POST" }));
