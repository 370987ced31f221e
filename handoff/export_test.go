// SPDX-License-Identifier: MIT

package handoff

// PositionQuery is what counts a place, for the test of its plan.
const PositionQuery = positionQuery

// CountsQuery counts an inbox, and Views choose its lists, for the test of their plans.
const CountsQuery = countsQuery

var Views = views

// Forget makes the next look at a queue a new one.
func (s *Service) Forget() {
	s.forecasts.mu.Lock()
	defer s.forecasts.mu.Unlock()
	s.forecasts.team = nil
}
