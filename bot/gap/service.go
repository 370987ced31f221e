// SPDX-License-Identifier: MIT

package gap

import (
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"candor/chat"
	"candor/internal/fault"
	"candor/knowledge"
)

// Config is what a Service needs.
type Config struct {
	DB        *pgxpool.Pool
	Chat      *chat.Service
	Knowledge *knowledge.Service
	Logger    *slog.Logger // nil: slog.Default
}

// Service finds gaps and shows them.
type Service struct {
	Config
}

// New makes a Service.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{Config: c}
}

// State is where a gap stands.
type State string

// The states of a gap.
const (
	Open      State = "open"
	Drafted   State = "drafted"   // an article is being written
	Closed    State = "closed"    // the gate has shown that the article answers it
	Dismissed State = "dismissed" // somebody said why no article will
)

// States lists them all.
func States() []State { return []State{Open, Drafted, Closed, Dismissed} }

// Reason is why a question counts as asked in vain.
type Reason string

// The reasons.
const (
	NoKnowledge   Reason = "no_knowledge"   // nothing was found
	LowConfidence Reason = "low_confidence" // what was found was not good enough
	Clarified     Reason = "clarified"      // a question back, and then a person
	Declined      Reason = "declined"       // a friendly no, and then a person
	NotHelpful    Reason = "not_helpful"    // the customer said so of the answer
)

// Reasons lists them all.
func Reasons() []Reason { return []Reason{NoKnowledge, LowConfidence, Clarified, Declined, NotHelpful} }

// reach is how far back the first sweep looks.
const reach = 8 * 7 * 24 * time.Hour

func errNotFound(id int64) error { return fault.NotFound("gap_not_found", "There is no gap %d.", id) }

// samples is how many questions of a gap new ones are compared with.
const samples = 20
