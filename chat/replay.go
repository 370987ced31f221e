// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"fmt"
	"time"
)

// replay walks one conversation's record and holds every entry against the
// promises, knowing nothing but the entries before it.
type replay struct {
	conversation string
	report       func(Violation)

	head        []byte
	n           int
	state       State
	owner       Owner
	epoch       int
	assist      bool // consent to answer while waiting, in this epoch
	returned    bool // consent to return to the bot, in this epoch
	agentID     *int64
	disclosures map[string]disclosureEntry
	messages    map[int]recordedMessage
	lastSeq     int
	open        map[int64]turnEntry
	ended       map[int64]bool
	waiting     []int // messages of the customer that need a turn, also those settled since
	settled     int
	byCode      int // a message of the customer that code was to answer and has not yet
	redacted    map[int]redactionEntry
	blanked     []int // entries whose sealed part is gone
	corrected   map[int64]bool
	explained   map[int]bool // corrections that the record explains
	erased      bool
}

type recordedMessage struct {
	entry      int
	body       messageEntry
	commitment []byte
	createdAt  time.Time
}

func newReplay(conversation string, report func(Violation)) *replay {
	return &replay{
		conversation: conversation, report: report,
		head: genesis(conversation), state: StateBot, owner: OwnerBot, epoch: 1,
		disclosures: map[string]disclosureEntry{}, messages: map[int]recordedMessage{},
		open: map[int64]turnEntry{}, ended: map[int64]bool{}, redacted: map[int]redactionEntry{},
		corrected: map[int64]bool{}, explained: map[int]bool{},
	}
}

func (r *replay) violate(invariant string, entry int, format string, args ...any) {
	r.report(Violation{Invariant: invariant, Conversation: r.conversation, Entry: entry, Detail: fmt.Sprintf(format, args...)})
}

// step checks that the entry follows and takes in what it says.
func (r *replay) step(e entry) {
	r.n++
	if e.N != r.n {
		r.violate(InvariantChain, e.N, "entry %d is missing", r.n)
		r.n = e.N
	} else if !bytes.Equal(e.Hash, chain(r.head, e)) {
		r.violate(InvariantChain, e.N, "the entry was changed: its hash does not follow")
	}
	r.head = e.Hash
	if e.Sealed == nil && len(e.Commitment) > 0 && e.Kind != EntryMessage {
		r.blanked = append(r.blanked, e.N)
	}
	if err := r.take(e); err != nil {
		r.violate(InvariantChain, e.N, "a %s entry is not readable", e.Kind)
	}
}

func (r *replay) take(e entry) error {
	switch e.Kind {
	case entryDisclosure:
		body, err := unmarshal[disclosureEntry](e.Body)
		r.disclosures[body.ID] = body
		return err
	case entryConsent:
		body, err := unmarshal[consentEntry](e.Body)
		r.takeConsent(body)
		return err
	case EntryState:
		body, err := unmarshal[stateEntry](e.Body)
		r.takeState(e.N, body)
		return err
	case EntryMessage:
		body, err := unmarshal[messageEntry](e.Body)
		r.takeMessage(e, body)
		return err
	case entryTurnOpened, entryTurnEnded:
		body, err := unmarshal[turnEntry](e.Body)
		r.takeTurn(e, body)
		return err
	case entrySettled:
		body, err := unmarshal[settledEntry](e.Body)
		r.takeSettled(e.N, body)
		return err
	case entryRedaction:
		body, err := unmarshal[redactionEntry](e.Body)
		r.redacted[body.Seq] = body
		return err
	case entryCorrection:
		body, err := unmarshal[correctionEntry](e.Body)
		r.takeCorrection(e.N, body)
		return err
	case entryErased:
		r.erased = true
	}
	return nil
}

func (r *replay) takeConsent(body consentEntry) {
	switch {
	case body.Epoch != r.epoch:
	case body.Purpose == PurposeAssistWhileWaiting:
		r.assist = body.Given
	case body.Purpose == PurposeReturnToBot:
		r.returned = body.Given
	}
}

func (r *replay) takeState(n int, body stateEntry) {
	if body.From != r.state || !CanMove(body.From, body.To) {
		r.violate(InvariantStates, n, "from %q to %q is not a step of the machine", body.From, body.To)
	}
	if body.To == StateBot && r.owner == OwnerAgent && !r.returned {
		r.violate(InvariantFencing, n, "the bot came back after a person without the customer's consent")
	}
	if body.Owner != r.owner && body.Epoch <= r.epoch {
		r.violate(InvariantFencing, n, "the owner changed and the epoch did not")
	}
	if (body.Epoch != r.epoch || body.To == StateClosed) && len(r.open) > 0 {
		r.violate(InvariantTurns, n, "the owner changed, or the conversation was closed, while a turn was open")
	}
	if body.Epoch != r.epoch {
		r.assist, r.returned = false, false
		r.settled, r.byCode = r.lastSeq, 0 // somebody else has the word and what was open
	}
	r.state, r.owner, r.epoch, r.agentID = body.To, body.Owner, body.Epoch, body.AgentID
}

// takeSettled allows what nobody answered to be settled only while people do the
// answering.
func (r *replay) takeSettled(n int, body settledEntry) {
	for _, seq := range r.waiting {
		if r.owner == OwnerBot && seq > r.settled && seq <= body.Seq {
			r.violate(InvariantTurns, n, "message %d was settled though nothing answered it", seq)
		}
	}
	r.settled = body.Seq
}

func (r *replay) takeMessage(e entry, body messageEntry) {
	if body.Seq != r.lastSeq+1 {
		r.violate(InvariantSequence, e.N, "message %d follows message %d", body.Seq, r.lastSeq)
	}
	r.lastSeq = body.Seq
	r.messages[body.Seq] = recordedMessage{entry: e.N, body: body, commitment: e.Commitment, createdAt: e.CreatedAt}
	if body.Automated != (body.Author == AuthorBot || body.Author == AuthorSystem) {
		r.violate(InvariantDisclosure, e.N, "message %d hides whether it is automated", body.Seq)
	}
	switch body.Author {
	case AuthorCustomer:
		r.takeCustomer(e.N, body)
	case AuthorAgent:
		r.settled = max(r.settled, body.Seq)
	case AuthorBot:
		r.byCode = 0
		r.takeBot(e, body)
	}
}

// takeCustomer notes what is owed for the message. What code is to answer it
// answers at once.
func (r *replay) takeCustomer(n int, body messageEntry) {
	r.endByCode(n)
	switch {
	case body.NeedsTurn:
		r.waiting = append(r.waiting, body.Seq)
	case r.state == StateBot:
		r.byCode = body.Seq
	}
}

func (r *replay) endByCode(n int) {
	if r.byCode != 0 {
		r.violate(InvariantTurns, n, "message %d was to be answered by code and was not", r.byCode)
	}
	r.byCode = 0
}

func (r *replay) takeBot(e entry, body messageEntry) {
	if d := r.disclosures[body.Disclosure]; d.Label == "" || d.Text == "" {
		r.violate(InvariantDisclosure, e.N, "message %d of the bot stands under no notice", body.Seq)
	}
	if r.owner == OwnerAgent || r.owner == OwnerQueue && !r.assist {
		r.violate(InvariantFencing, e.N, "message %d of the bot was written while the owner was %q", body.Seq, r.owner)
	}
	if body.Turn != 0 {
		if turn, open := r.open[body.Turn]; !open || turn.Epoch != r.epoch {
			r.violate(InvariantFencing, e.N, "message %d belongs to a turn that was not the open one", body.Seq)
		}
	}
}

func (r *replay) takeTurn(e entry, body turnEntry) {
	if e.Kind == entryTurnOpened {
		if len(r.open) > 0 {
			r.violate(InvariantTurns, e.N, "turn %d was opened while another was open", body.Turn)
		}
		r.open[body.Turn] = body
		return
	}
	if _, open := r.open[body.Turn]; !open || r.ended[body.Turn] {
		r.violate(InvariantTurns, e.N, "turn %d ended without being open", body.Turn)
	}
	if body.Outcome != OutcomeSuperseded {
		r.settled = max(r.settled, r.open[body.Turn].ToSeq)
	}
	delete(r.open, body.Turn)
	r.ended[body.Turn] = true
}

// finish holds the end of the record against the conversation as it stands.
func (r *replay) finish(c checkedConversation) {
	if !bytes.Equal(r.head, c.Head) || r.n != c.LastEntry {
		r.violate(InvariantChain, r.n, "the record ends at entry %d, the conversation at %d", r.n, c.LastEntry)
	}
	if r.lastSeq != c.LastSeq {
		r.violate(InvariantSequence, 0, "the last message is %d, the conversation says %d", r.lastSeq, c.LastSeq)
	}
	if r.state != c.State || r.owner != c.Owner || r.epoch != c.Epoch || !equal(r.agentID, c.AgentID) {
		r.violate(InvariantStates, r.n, "the record ends in %q, the conversation stands in %q", r.state, c.State)
	}
	r.finishCorrections()
	r.finishDebts(c)
}

// finishDebts looks for a customer who has neither an answer nor a turn nor a person.
func (r *replay) finishDebts(c checkedConversation) {
	r.endByCode(r.n)
	if r.settled != c.SettledSeq {
		r.violate(InvariantTurns, r.n, "by the record nothing waits up to message %d, by the conversation up to %d", r.settled, c.SettledSeq)
	}
	for _, seq := range r.waiting {
		if r.state == StateBot && seq > r.settled && len(r.open) == 0 {
			r.violate(InvariantTurns, r.messages[seq].entry, "message %d of the customer has neither an answer nor a turn nor a person", seq)
		}
	}
}
