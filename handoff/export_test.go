// SPDX-License-Identifier: MIT

package handoff

// PositionQuery is what counts a place, for the test of its plan.
const PositionQuery = positionQuery
