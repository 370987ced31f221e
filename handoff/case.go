// SPDX-License-Identifier: MIT

package handoff

import (
	"crypto/rand"
	"time"
)

// Reason is why a person is in charge.
type Reason string

// The reasons of a handoff.
const (
	ReasonCustomerRequest Reason = "customer_request"
	ReasonLowConfidence   Reason = "low_confidence"
	ReasonNoKnowledge     Reason = "no_knowledge"
	ReasonComplaint       Reason = "complaint"
	ReasonSensitiveTopic  Reason = "sensitive_topic"
	ReasonSafety          Reason = "safety"
	ReasonLoop            Reason = "loop"
	ReasonGuardrail       Reason = "guardrail"
	ReasonProviderError   Reason = "provider_error"
	ReasonTurnLimit       Reason = "turn_limit"
	ReasonRule            Reason = "rule"
	ReasonAgentTakeover   Reason = "agent_takeover"
)

// The priorities of a case; a higher one is served first.
const (
	PriorityLow    = -1
	PriorityNormal = 0
	PriorityHigh   = 1
	PriorityUrgent = 2
)

// priority is what a reason is worth: somebody's safety before all, complaints
// and sensitive matters before the rest.
func (r Reason) priority() int {
	switch r {
	case ReasonSafety:
		return PriorityUrgent
	case ReasonComplaint, ReasonSensitiveTopic:
		return PriorityHigh
	default:
		return PriorityNormal
	}
}

// State is where a case stands.
type State string

// The states of a case.
const (
	StateWaiting   State = "waiting"
	StateClaimed   State = "claimed"
	StateResolved  State = "resolved"
	StateWithdrawn State = "withdrawn"
)

// Evidence is what a decision for a person rests on. Nothing in it is personal:
// the words themselves stand in the message.
type Evidence struct {
	MessageSeq int     `json:"message_id,omitempty"`
	Detector   string  `json:"detector"`
	Score      float64 `json:"score"`
	Threshold  float64 `json:"threshold"`
	Rule       string  `json:"rule,omitempty"`
}

// Case is a conversation that a person was promised.
type Case struct {
	ID             int64
	Reference      string
	ConversationID int64
	State          State
	Reason         Reason
	Evidence       []Evidence
	Priority       int
	Language       string
	EnqueuedAt     time.Time
	AgentID        *int64
	ClaimedAt      *time.Time
	AnsweredAt     *time.Time // first word of the agent
	ResolvedAt     *time.Time
	Outcome        *string
	DueAt          *time.Time // promised by, when nobody was there
	Team           string     // id of the team; "" is the first one
	ServeBy        time.Time  // rank in the team's queue, kept by the database
	PausedAt       *time.Time // since when the agent waits for the customer
	ReplyByEmailAt *time.Time // since when the customer wants the answer by e-mail
	SnoozedUntil   *time.Time // the agent looks again then
	EscalatedAt    *time.Time // a supervisor was asked in
	CauseID        *int64     // of several customers; nil for none
	MergedInto     *int64     // the case that goes on with it
}

const caseColumns = `k.id, k.reference, k.conversation_id, k.state, k.reason, k.evidence, k.priority, k.language,
	k.enqueued_at, k.agent_id, k.claimed_at, k.answered_at, k.resolved_at, k.outcome, k.due_at,
	k.team, k.serve_by, k.paused_at, k.reply_by_email_at,
	k.snoozed_until, k.escalated_at, k.cause_id, k.merged_into`

// Complaint is what a complaint adds to its case.
type Complaint struct {
	State      string
	MessageSeq int // the message whose words are the issue
	ReceivedAt time.Time
	DueAt      time.Time
}

// referenceAlphabet leaves out what is misread aloud or spells words: 28
// letters and digits, so eight of them are 3.8e11 references.
const referenceAlphabet = "23456789BCDFGHJKLMNPQRSTVWXZ"

// newReference makes a reference that a person can read out, like "K7QX-2M9D".
func newReference() string {
	var raw [64]byte
	out := make([]byte, 0, 9)
	for {
		rand.Read(raw[:])
		for _, b := range raw {
			// Bytes past the last whole multiple would favour the first letters.
			if int(b) >= 256-256%len(referenceAlphabet) {
				continue
			}
			if len(out) == 4 {
				out = append(out, '-')
			}
			out = append(out, referenceAlphabet[int(b)%len(referenceAlphabet)])
			if len(out) == 9 {
				return string(out)
			}
		}
	}
}
