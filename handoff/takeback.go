// SPDX-License-Identifier: MIT

package handoff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
	"candor/prompts"
)

// The causes for which a case is taken back from its agent.
const (
	causeSilent   = "silent"
	causeLost     = "connection_lost"
	causeLeft     = "signed_out"
	causeDisabled = "account_disabled"
)

// Why a case went back to the queue though its agent has not given it away.
const (
	causeAbsent = "absent"   // the customer wrote, and the agent was not here
	causeTold   = "told_all" // it was taken up for a reply to many alone
)

// heldQuery tells of each case that is on an agent's hands why it should not be
// any longer, or nothing. $1 Pace.Lost, $2 Pace.Left, $3 how long somebody may be
// silent, $4 one case, or 0 for all.
//
// Only who was at the desk when they got the case can have left it: programs that
// work through the API have no desk. A case that an agent took from the bot is
// theirs without a word to the customer, until the customer writes or a colleague
// gets it. What was put aside is looked at anew from when it came up again.
const heldQuery = `
	WITH held AS (
		SELECT k.id, k.agent_id, a.name, k.claimed_at, k.reason,
			a.disabled_at IS NOT NULL OR a.role NOT IN ('agent', 'supervisor') AS disabled,
			p.last_seen IS NULL AND p.since >= k.claimed_at AS signed_out,
			p.last_seen >= k.claimed_at - interval '1 minute' AS was_here,
			greatest(coalesce(p.last_seen, p.since), k.claimed_at, work.woken) AS seen,
			EXISTS (
				SELECT FROM messages m
				WHERE m.conversation_id = k.conversation_id AND m.author = 'agent' AND m.agent_id = k.agent_id
					AND m.created_at >= k.claimed_at) AS answered,
			greatest(k.claimed_at, k.typing_until - interval '6 seconds', work.woken, work.done,
				CASE WHEN k.reason = 'agent_takeover' THEN asked.at END) AS active,
			k.reason <> 'agent_takeover' OR work.passed OR asked.at IS NOT NULL AS owed
		FROM cases k
		JOIN conversations c ON c.id = k.conversation_id
		JOIN accounts a ON a.id = k.agent_id
		LEFT JOIN presence p ON p.account_id = k.agent_id
		CROSS JOIN LATERAL (
			SELECT max(e.created_at) FILTER (WHERE e.body->>'agent_id' = k.agent_id::text
					AND e.body->>'action' NOT IN ('claimed', 'assigned', 'taken_over')) AS done,
				max(e.created_at) FILTER (WHERE e.body->>'action' = 'woken' AND e.created_at >= k.claimed_at) AS woken,
				coalesce(bool_or(e.body->>'action' = 'transferred' AND e.body->>'to_agent_id' = k.agent_id::text), false) AS passed
			FROM log e
			WHERE e.conversation_id = k.conversation_id AND e.kind = 'case') work
		CROSS JOIN LATERAL (
			SELECT min(m.created_at) AS at
			FROM messages m
			WHERE m.conversation_id = k.conversation_id AND m.author = 'customer' AND m.created_at >= k.claimed_at) asked
		WHERE k.state = 'claimed' AND c.state = 'human' AND ($4 = 0 OR k.id = $4)
			AND (k.snoozed_until IS NULL OR k.snoozed_until < now() OR a.disabled_at IS NOT NULL OR a.role NOT IN ('agent', 'supervisor'))),
	judged AS (
		SELECT held.*, CASE
			WHEN disabled THEN '` + causeDisabled + `'
			WHEN signed_out AND (NOT answered OR seen < now() - $2::interval) THEN '` + causeLeft + `'
			WHEN was_here AND seen < now() - (CASE WHEN answered THEN $2::interval ELSE $1::interval END) THEN '` + causeLost + `'
			WHEN NOT answered AND owed AND active < now() - $3::interval THEN '` + causeSilent + `'
			END AS cause
		FROM held)
	SELECT id, agent_id, name, cause,
		cause = '` + causeSilent + `' AND NOT EXISTS (
			SELECT FROM held other
			WHERE other.agent_id = judged.agent_id AND other.id <> judged.id
				AND (other.answered OR other.active > other.claimed_at) AND greatest(other.active, other.claimed_at) > judged.claimed_at)
		AND NOT EXISTS (
			SELECT FROM work_spells w
			WHERE w.agent_id = judged.agent_id AND w.case_id <> judged.id AND w.ended_at > judged.claimed_at)
	FROM judged
	WHERE cause IS NOT NULL
	ORDER BY id`

// neglected is a case to be taken back.
type neglected struct {
	CaseID int64
	Agent  chat.Agent
	Cause  string
	Absent bool // silent with everything they had: they are not at the desk
}

// TakeBack returns cases to the queue, at their old place, whose agents signed
// out, lost their connection or do nothing with them, and tells how many. A
// customer to whom the agent has spoken already waits longer for them than one to
// whom nobody has.
func (s *Service) TakeBack(ctx context.Context) (int, error) {
	list, err := s.neglected(ctx, s.db, 0)
	if err != nil {
		return 0, err
	}
	var failed error
	taken := 0
	for _, n := range list {
		err := s.takeBack(ctx, n)
		if err == nil {
			taken++
		}
		if !errors.Is(err, errKept) {
			failed = errors.Join(failed, err)
		}
	}
	return taken, failed
}

func (s *Service) neglected(ctx context.Context, db querier, caseID int64) ([]neglected, error) {
	rows, err := db.Query(ctx, heldQuery, s.pace.Lost, s.pace.Left, cmp.Or(s.pace.Silent, s.chat.Company().SilentAfter()), caseID)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for silent agents: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (neglected, error) {
		var n neglected
		return n, row.Scan(&n.CaseID, &n.Agent.ID, &n.Agent.Name, &n.Cause, &n.Absent)
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for silent agents: %w", err))
	}
	return list, nil
}

// errKept says that the agent did something before the case was taken from them.
var errKept = errors.New("the agent keeps the case")

func (s *Service) takeBack(ctx context.Context, found neglected) error {
	_, err := s.change(ctx, found.CaseID, func(l *chat.Locked, k *Case) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		list, err := s.neglected(ctx, tx, k.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Agent.ID != found.Agent.ID {
			return errKept
		}
		n := list[0]
		if err := s.putBackTx(ctx, l, k, n.Agent, n.Cause); err != nil || n.Cause != causeSilent {
			return err
		}
		if found.Absent {
			if err := leaveDesk(ctx, tx, n.Agent, l.Now); err != nil {
				return err
			}
		}
		return s.ladderTx(ctx, l, k)
	})
	return err
}

// putBackTx puts a case back where it was in the queue and tells the customer.
func (s *Service) putBackTx(ctx context.Context, l *chat.Locked, k *Case, agent chat.Agent, cause string) error {
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
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "taken_back", AgentID: &agent.ID, Cause: cause}, nil)
}

// leaveDesk notes that an agent who reacts to nothing is away.
func leaveDesk(ctx context.Context, tx pgx.Tx, agent chat.Agent, now time.Time) error {
	if _, err := tx.Exec(ctx, "UPDATE presence SET status = 'away', since = $2 WHERE account_id = $1 AND status <> 'away'", agent.ID, now); err != nil {
		return fmt.Errorf("note an absence: %w", err)
	}
	return nil
}

// maxSilences is how many agents of a team may be silent before the next team is asked.
const maxSilences = 2

// ladderTx moves a case up the ladder after the second silence. Somebody else is
// asked after the first one already: see suits.
func (s *Service) ladderTx(ctx context.Context, l *chat.Locked, k *Case) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var silences int
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM log e
		WHERE conversation_id = $1 AND kind = 'case' AND body->>'cause' = $2 AND n > coalesce((
			SELECT max(n)
			FROM log
			WHERE conversation_id = $1 AND kind = 'case' AND body->>'action' IN ('moved_up', 'transferred', 'reopened')), 0)`,
		l.ID, causeSilent).Scan(&silences)
	if err != nil {
		return fmt.Errorf("count silences: %w", err)
	}
	company := s.chat.Company()
	team, known := company.Team(k.Team)
	if !known || silences < maxSilences || team.EscalatesTo == "" {
		return nil
	}
	up, known := company.Team(team.EscalatesTo)
	if !known {
		return nil
	}
	k.Team = up.ID
	if _, err := tx.Exec(ctx, "UPDATE cases SET team = $2, updated_at = now() WHERE id = $1", k.ID, k.Team); err != nil {
		return fmt.Errorf("move a case up: %w", err)
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "moved_up", Team: k.Team}, nil)
}
