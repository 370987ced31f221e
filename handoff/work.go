// SPDX-License-Identifier: MIT

package handoff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/chat"
	"candor/internal/fault"
	"candor/mail"
	"candor/postgres"
	"candor/prompts"
)

// Config is what a Service needs.
type Config struct {
	DB   *pgxpool.Pool
	Chat *chat.Service
	Hub  *chat.Hub // wakes Run; a tool that does not run it needs none
	// Pace is how long agents are waited for; the zero Pace is the usual one.
	Pace   Pace
	Logger *slog.Logger // nil: slog.Default
	// Clock is the clock that opening hours and promised dates are kept by, made
	// from the database's; nil: that one itself. Tests turn it.
	Clock func(time.Time) time.Time
	Mail  *mail.Service // nil: customers are not written to
	URL   string        // how people reach the gateway, for links
}

// Service moves conversations between the bot, the queue and agents. Safe for
// concurrent use.
type Service struct {
	db        *pgxpool.Pool
	chat      *chat.Service
	hub       *chat.Hub
	pace      Pace
	log       *slog.Logger
	clock     func(time.Time) time.Time
	mail      *mail.Service
	url       string
	measured  measurement
	forecasts forecasts
	crowds    crowds
}

// New makes a Service.
func New(c Config) *Service {
	if c.Clock == nil {
		c.Clock = func(now time.Time) time.Time { return now }
	}
	s := &Service{
		db: c.DB, chat: c.Chat, hub: c.Hub, pace: c.Pace.withDefaults(), log: cmp.Or(c.Logger, slog.Default()), clock: c.Clock,
		mail: c.Mail, url: c.URL,
	}
	s.handleLetters()
	return s
}

// Outcomes are how a case may be resolved.
var outcomes = []string{"solved", "information_given", "passed_on", "not_solved", "no_reply"}

type caseEntry struct {
	Reference string     `json:"reference"`
	Action    string     `json:"action"` // claimed, assigned, released, taken_back, moved_up, clock_warned, clock_breached, resolved, reopened, withdrawn, taken_over
	AgentID   *int64     `json:"agent_id,omitempty"`
	Outcome   string     `json:"outcome,omitempty"`
	Cause     string     `json:"cause,omitempty"` // of taking it back: silent, signed_out, connection_lost, account_disabled; of releasing it: absent, told_all
	Team      string     `json:"team,omitempty"`  // that it was moved up to
	Clock     string     `json:"clock,omitempty"`
	Round     int        `json:"round,omitempty"`  // which clock of its kind
	DueAt     *time.Time `json:"due_at,omitempty"` // of the clock
}

type caseNote struct {
	Note string `json:"note"`
}

// Claim gives a waiting case to the agent; of many who ask at once one gets it.
func (s *Service) Claim(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if k.State == StateClaimed && k.AgentID != nil && *k.AgentID == agent.ID {
			return nil // a second click
		}
		return s.claimTx(ctx, l, k, agent)
	})
}

func (s *Service) claimTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent) error {
	if k.State != StateWaiting {
		return errTaken(*k)
	}
	if err := s.assignTx(ctx, l, k, agent); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "claimed", AgentID: &agent.ID}, nil)
}

// TakeOver puts the agent in charge of a conversation that the bot or nobody
// has, at once: whatever the bot was saying ends.
func (s *Service) TakeOver(ctx context.Context, conversationID int64, agent chat.Agent) (Case, error) {
	var k Case
	err := s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		open, err := openCase(ctx, l)
		if err != nil {
			return err
		}
		switch {
		case open == nil && l.State == chat.StateResolved:
			// The same matter goes on under the same reference.
			tx, err := l.Tx(ctx)
			if err != nil {
				return err
			}
			if k, err = readCase(ctx, tx, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", l.ID); err != nil {
				return err
			}
			if err := s.assignTx(ctx, l, &k, agent); err != nil {
				return err
			}
		case open == nil:
			request := Request{Reason: ReasonAgentTakeover, Evidence: []Evidence{{MessageSeq: l.LastSeq, Detector: "agent"}}}
			if k, err = s.insertTx(ctx, l, request, StateClaimed, &agent); err != nil {
				return err
			}
			if err := l.Record(chat.EntryHandoff, handoffEntry{Reference: k.Reference, Reason: k.Reason, Evidence: k.Evidence, Priority: k.Priority, Team: k.Team}, nil); err != nil {
				return err
			}
			if err := s.joinTx(ctx, l, agent); err != nil {
				return err
			}
		case open.State == StateClaimed && *open.AgentID == agent.ID:
			k = *open
			return nil // a second click
		case open.State == StateClaimed:
			return errTaken(*open)
		default:
			k = *open
			if err := s.assignTx(ctx, l, &k, agent); err != nil {
				return err
			}
		}
		return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "taken_over", AgentID: &agent.ID}, nil)
	})
	return k, err
}

// assignTx makes the agent the one who has the case, and says so to the customer.
func (s *Service) assignTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE cases
		SET state = 'claimed', agent_id = $2, claimed_at = now(), resolved_at = NULL, outcome = NULL, updated_at = now(),
			escalated_at = CASE WHEN state = 'waiting' THEN escalated_at END
		WHERE id = $1 AND state IN ('waiting', 'resolved')`, k.ID, agent.ID)
	if err != nil {
		return fmt.Errorf("claim a case: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errTaken(*k)
	}
	k.State, k.AgentID, k.ClaimedAt = StateClaimed, &agent.ID, &l.Now
	return s.joinTx(ctx, l, agent)
}

func (s *Service) joinTx(ctx context.Context, l *chat.Locked, agent chat.Agent) error {
	if err := l.Move(ctx, chat.StateHuman, &agent); err != nil {
		return err
	}
	return s.say(l, "agent_joined", prompts.AgentJoined, prompts.Args{"agent": agent.Name})
}

// Release puts the case back where it was in the queue: it has waited since then.
func (s *Service) Release(ctx context.Context, caseID int64, agent chat.Agent) (Case, error) {
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		return s.undoable(ctx, l, k, undoReleased, agent, func() error { return s.releaseTx(ctx, l, k, agent, "") })
	})
}

// releaseTx puts a case back; cause says why where the agent has not given it away.
func (s *Service) releaseTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, cause string) error {
	if err := waitAgainTx(ctx, l, k); err != nil {
		return err
	}
	if err := s.requeueTx(ctx, l, k); err != nil {
		return err
	}
	if err := s.say(l, "agent_left", prompts.AgentLeft, prompts.Args{"agent": agent.Name, "ref": k.Reference}); err != nil {
		return err
	}
	if err := s.closingTx(ctx, l, *k); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "released", AgentID: &agent.ID, Cause: cause}, nil)
}

// waitAgainTx takes the agent off a case.
func waitAgainTx(ctx context.Context, l *chat.Locked, k *Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'waiting', agent_id = NULL, claimed_at = NULL, snoozed_until = NULL, updated_at = now()
		WHERE id = $1`, k.ID)
	if err != nil {
		return fmt.Errorf("put a case back: %w", err)
	}
	k.State, k.AgentID, k.ClaimedAt, k.SnoozedUntil, k.PausedAt = StateWaiting, nil, nil, nil, nil
	return nil
}

// Reply adds what the agent wrote to the conversation.
func (s *Service) Reply(ctx context.Context, caseID int64, agent chat.Agent, text, clientMessageID string) (m chat.Message, err error) {
	_, err = s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		m, err = s.replyTx(ctx, l, k, agent, text, clientMessageID)
		return err
	})
	return m, err
}

func (s *Service) replyTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, text, clientMessageID string) (chat.Message, error) {
	if known, err := l.FindPosted(ctx, chat.AuthorAgent, clientMessageID, text); err != nil {
		return chat.Message{}, err
	} else if known != nil {
		return *known, nil // a second click: the customer may have answered meanwhile
	}
	if l.State == chat.StateWaitingCustomer {
		if err := s.pauseTx(ctx, l, k, false); err != nil {
			return chat.Message{}, err
		}
		if err := l.Move(ctx, chat.StateHuman, &agent); err != nil {
			return chat.Message{}, err
		}
	}
	m, err := l.PostAgent(ctx, agent, text, clientMessageID)
	if err != nil {
		return m, err
	}
	l.Settle()
	l.TouchDesk()
	if err := errors.Join(s.wordTx(ctx, l, *k), s.TellTx(ctx, l)); err != nil {
		return m, err
	}
	return m, s.firstWordTx(ctx, l, k)
}

// Resolve ends the agent's work on a case with an outcome; the customer's next
// word reopens it under the same reference. The note is for colleagues.
func (s *Service) Resolve(ctx context.Context, caseID int64, agent chat.Agent, outcome, note string) (Case, error) {
	if err := checkOutcome(outcome); err != nil {
		return Case{}, err
	}
	return s.change(ctx, caseID, func(l *chat.Locked, k *Case) error {
		if err := mine(*k, agent); err != nil {
			return err
		}
		return s.undoable(ctx, l, k, undoResolved, agent, func() error { return s.resolveTx(ctx, l, k, agent, outcome, note) })
	})
}

func checkOutcome(outcome string) error {
	if !slices.Contains(outcomes, outcome) {
		return fault.Invalid("unknown_outcome", "%q is not an outcome; choose one of %v.", outcome, outcomes)
	}
	return nil
}

func (s *Service) resolveTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, outcome, note string) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET state = 'resolved', outcome = $2, resolved_at = now(), snoozed_until = NULL, updated_at = now()
		WHERE id = $1`, k.ID, outcome)
	if err != nil {
		return fmt.Errorf("resolve a case: %w", err)
	}
	k.State, k.Outcome, k.ResolvedAt, k.SnoozedUntil = StateResolved, &outcome, &l.Now, nil
	if err := l.Move(ctx, chat.StateResolved, nil); err != nil {
		return err
	}
	if err := s.say(l, "resolved", prompts.CaseResolved, prompts.Args{"ref": k.Reference}); err != nil {
		return err
	}
	if err := s.resolvedNewsTx(ctx, l); err != nil {
		return err
	}
	var private any
	if note != "" {
		private = caseNote{Note: note}
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "resolved", AgentID: &agent.ID, Outcome: outcome}, private)
}

// change runs fn with the case's conversation locked and the case read under
// that lock, and gives the case as fn left it.
func (s *Service) change(ctx context.Context, caseID int64, fn func(*chat.Locked, *Case) error) (Case, error) {
	k, err := s.Case(ctx, caseID)
	if err != nil {
		return Case{}, err
	}
	err = s.chat.Lock(ctx, k.ConversationID, func(l *chat.Locked) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		if k, err = readCase(ctx, tx, "k.id = $1", caseID); err != nil {
			return err
		}
		return fn(l, &k)
	})
	return k, err
}

// Case gives a case by its id.
func (s *Service) Case(ctx context.Context, id int64) (Case, error) {
	return readCase(ctx, s.db, "k.id = $1", id)
}

// Latest gives the newest case of a conversation; a fault when it never had one.
func (s *Service) Latest(ctx context.Context, conversationID int64) (Case, error) {
	return readCase(ctx, s.db, "k.conversation_id = $1 ORDER BY k.id DESC LIMIT 1", conversationID)
}

// Complaint gives what a complaint adds to a case, nil when it is none.
func (s *Service) Complaint(ctx context.Context, caseID int64) (*Complaint, error) {
	rows, err := s.db.Query(ctx, "SELECT state, message_seq, received_at, due_at FROM complaints WHERE case_id = $1", caseID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read a complaint: %w", err))
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Complaint])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // not a complaint: not an error
	}
	return c, postgres.Away(err)
}

func readCase(ctx context.Context, db querier, where string, arg any) (Case, error) {
	rows, err := db.Query(ctx, "SELECT "+caseColumns+" FROM cases k WHERE "+where, arg)
	if err != nil {
		return Case{}, postgres.Away(fmt.Errorf("read a case: %w", err))
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Case])
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, fault.NotFound("case_not_found", "There is no such case.")
	}
	if err != nil {
		return Case{}, postgres.Away(fmt.Errorf("read a case: %w", err))
	}
	return k, nil
}

// say posts a notice of the wording.
func (s *Service) say(l *chat.Locked, event string, key prompts.Key, args prompts.Args) error {
	text, err := s.chat.Wording().Render(prompts.Locale(l.Locale), key, args)
	if err != nil {
		return err
	}
	_, err = l.PostSystem(event, text)
	return err
}

func mine(k Case, agent chat.Agent) error {
	if k.State != StateClaimed || k.AgentID == nil || *k.AgentID != agent.ID {
		return fault.Conflict("not_your_case", "Case %s is not yours; claim it first.", k.Reference)
	}
	return nil
}

func errTaken(k Case) error {
	if k.State == StateClaimed {
		return fault.Conflict("already_claimed", "Case %s has been taken by a colleague.", k.Reference)
	}
	return fault.Conflict("case_not_waiting", "Case %s is not waiting any more.", k.Reference)
}
