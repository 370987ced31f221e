// SPDX-License-Identifier: MIT

package handoff

import "time"

// PositionQuery is what counts a place, for the test of its plan.
const PositionQuery = positionQuery

// CountsQuery counts an inbox, and Views choose its lists, for the test of their plans.
const CountsQuery = countsQuery

var Views = views

// WallQueries are what a wallboard reads of the last hours, for the test of their plans.
var WallQueries = map[string]struct {
	SQL  string
	Args []any
}{
	"the hours":         {wallHoursQuery, []any{wallHours}},
	"the first answers": {wallFirstQuery, []any{wallHours, 180.0}},
	"the waits":         {wallWaitsQuery, []any{wallWaitDays}},
	"the report":        {waitReportQuery, []any{time.Now().AddDate(0, 0, -30), time.Now(), "UTC"}},
}

// Forget makes the next look at a queue a new one.
func (s *Service) Forget() {
	s.forecasts.mu.Lock()
	defer s.forecasts.mu.Unlock()
	s.forecasts.team = nil
}
