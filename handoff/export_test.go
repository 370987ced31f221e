// SPDX-License-Identifier: MIT

package handoff

// PositionQuery is what counts a place, for the test of its plan.
const PositionQuery = positionQuery

// CountsQuery counts an inbox, and Views choose its lists, for the test of their plans.
const CountsQuery = countsQuery

var Views = views
