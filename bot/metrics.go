// SPDX-License-Identifier: MIT

package bot

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var turnsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "candor_turns_total",
	Help: "Turns of the bot that ended, by outcome and by the reason of a handoff.",
}, []string{"outcome", "reason"})

func countTurn(d decision) {
	turnsTotal.WithLabelValues(string(d.outcome), string(d.reason)).Inc()
}
