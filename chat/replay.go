// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"fmt"
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
	disclosures map[string]bool
	messages    map[int]recordedMessage
	lastSeq     int
	open        map[int64]turnEntry
	ended       map[int64]bool
}

type recordedMessage struct {
	entry      int
	body       messageEntry
	commitment []byte
}

func newReplay(conversation string, report func(Violation)) *replay {
	return &replay{
		conversation: conversation, report: report,
		head: genesis(conversation), state: StateBot, owner: OwnerBot, epoch: 1,
		disclosures: map[string]bool{}, messages: map[int]recordedMessage{},
		open: map[int64]turnEntry{}, ended: map[int64]bool{},
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
	if err := r.take(e); err != nil {
		r.violate(InvariantChain, e.N, "a %s entry is not readable", e.Kind)
	}
}

func (r *replay) take(e entry) error {
	switch e.Kind {
	case entryDisclosure:
		body, err := unmarshal[disclosureEntry](e.Body)
		r.disclosures[body.ID] = body.Label != "" && body.Text != ""
		return err
	case entryConsent:
		body, err := unmarshal[consentEntry](e.Body)
		r.takeConsent(body)
		return err
	case entryState:
		body, err := unmarshal[stateEntry](e.Body)
		r.takeState(e.N, body)
		return err
	case entryMessage:
		body, err := unmarshal[messageEntry](e.Body)
		r.takeMessage(e, body)
		return err
	case entryTurnOpened, entryTurnEnded:
		body, err := unmarshal[turnEntry](e.Body)
		r.takeTurn(e, body)
		return err
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
	}
	r.state, r.owner, r.epoch = body.To, body.Owner, body.Epoch
}

func (r *replay) takeMessage(e entry, body messageEntry) {
	if body.Seq != r.lastSeq+1 {
		r.violate(InvariantSequence, e.N, "message %d follows message %d", body.Seq, r.lastSeq)
	}
	r.lastSeq = body.Seq
	r.messages[body.Seq] = recordedMessage{entry: e.N, body: body, commitment: e.Commitment}
	if body.Automated != (body.Author == AuthorBot || body.Author == AuthorSystem) {
		r.violate(InvariantDisclosure, e.N, "message %d hides whether it is automated", body.Seq)
	}
	if body.Author != AuthorBot {
		return
	}
	if !r.disclosures[body.Disclosure] {
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
	if r.state != c.State || r.owner != c.Owner || r.epoch != c.Epoch {
		r.violate(InvariantStates, r.n, "the record ends in %q, the conversation stands in %q", r.state, c.State)
	}
}
