// SPDX-License-Identifier: MIT

package handoff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

// ableAgents are those of a team who are at the desk and take cases: id, name,
// languages, capacity, load and when they got their last one. A subquery of its
// parameters: $1 Pace.Present, $2 the usual capacity, $3 the team or "", $4 the
// first team (whose members may name none), $5 the skill that the team asks for,
// $6 how long a language is waited for that nobody of them speaks.
const ableAgents = `
		SELECT a.id, a.name, p.since, p.assigned_at, coalesce(m.languages, '{}') AS languages,
			coalesce(m.capacity, $2) AS capacity, ` + loadQuery + ` AS load, now() - $6::interval AS patience
		FROM presence p
		JOIN accounts a ON a.id = p.account_id
		LEFT JOIN members m ON m.account_id = a.id
		WHERE p.status = 'available' AND p.last_seen > now() - $1::interval
			AND a.disabled_at IS NULL AND a.role IN ('agent', 'supervisor')
			AND ($3::text = '' OR coalesce(nullif(m.team, ''), $4::text) = $3::text)
			AND ($5::text = '' OR $5::text = ANY(coalesce(m.skills, '{}')))`

// freeAgents are those of them who have a hand free, as f.
const freeAgents = "SELECT * FROM (" + ableAgents + ") able WHERE load < capacity"

// suits is whether the free agent f fits the case k: they speak its language, or
// nobody at the desk does and it has waited long enough for one who would; and they
// have not given it away, or been silent with it, since they last said that they
// are available. What went back without being given away names its cause.
const suits = `
	(f.languages = '{}' OR k.language = ANY(f.languages) OR coalesce(k.ready_at, k.enqueued_at) < f.patience AND NOT EXISTS (
		SELECT FROM (` + ableAgents + `) speaks WHERE speaks.languages = '{}' OR k.language = ANY(speaks.languages)))
	AND NOT EXISTS (
		SELECT FROM log e
		WHERE e.conversation_id = k.conversation_id AND e.kind = 'case' AND e.created_at >= greatest(k.enqueued_at, f.since)
			AND e.body->>'agent_id' = f.id::text
			AND (e.body->>'action' IN ('released', 'transferred') AND e.body->>'cause' IS NULL OR e.body->>'cause' = '` + causeSilent + `'))`

// nextQuery finds the first case of a queue, $7, that somebody is free for, and
// holds its conversation. What another gateway is just giving to somebody is skipped.
const nextQuery = `
	WITH free AS MATERIALIZED (` + freeAgents + `)
	SELECT k.id, k.conversation_id
	FROM cases k
	JOIN conversations c ON c.id = k.conversation_id
	WHERE k.state = 'waiting' AND k.team = $7 AND c.state = 'queued'
		AND EXISTS (SELECT FROM free f WHERE` + suits + `)
	ORDER BY k.priority < 2, k.serve_by, k.enqueued_at, k.id
	LIMIT 1
	FOR UPDATE OF c SKIP LOCKED`

// agentQuery chooses among those who are free for case $7: who spoke with this
// customer last, then who has least to do unless they take turns ($8), then who
// has waited longest for a case. It holds their presence, so that nobody else gives them one meanwhile.
const agentQuery = `
	SELECT f.id, f.name
	FROM (` + freeAgents + `) f
	JOIN presence held ON held.account_id = f.id
	JOIN cases k ON k.id = $7
	LEFT JOIN LATERAL (
		SELECT m.agent_id
		FROM messages m
		JOIN conversations talk ON talk.id = m.conversation_id
		WHERE m.author = 'agent' AND talk.customer_id IN (
			SELECT c.customer_id
			FROM conversations c
			WHERE c.id = k.conversation_id
			UNION ALL
			SELECT same.id
			FROM conversations c
			JOIN customers u ON u.id = c.customer_id
			JOIN customers same ON same.email_index = u.email_index
			WHERE c.id = k.conversation_id)
		ORDER BY m.created_at DESC, m.seq DESC
		LIMIT 1) last ON true
	WHERE` + suits + `
	ORDER BY f.id IS DISTINCT FROM last.agent_id, CASE WHEN NOT $8::boolean THEN f.load END, f.assigned_at NULLS FIRST, f.id
	LIMIT 1
	FOR UPDATE OF held`

// stillFree is asked once the presence is held: what others gave this agent
// before that has been committed by now, and this statement sees it.
const stillFree = `SELECT EXISTS (SELECT FROM (` + freeAgents + `) f WHERE f.id = $7)`

// Assign gives cases that wait to agents who are free for them, in the order of
// the queue, until there are no more such pairs. Many gateways may do it at once:
// no case goes to two agents, and nobody gets more than their capacity. It tells
// how many were given.
func (s *Service) Assign(ctx context.Context) (int, error) {
	if !s.chat.Company().Assigns() {
		return 0, nil
	}
	queues, err := s.queues(ctx)
	if err != nil {
		return 0, err
	}
	given := 0
	for _, queue := range queues {
		for misses := 0; misses < maxMisses; {
			more, err := s.assignNext(ctx, queue)
			switch {
			case errors.Is(err, errNobody):
				misses++
				continue
			case err != nil:
				return given, err
			case !more:
				misses = maxMisses
			default:
				given, misses = given+1, 0
			}
		}
	}
	return given, nil
}

// maxMisses is how often in a row another gateway may be quicker before its own
// signal is waited for.
const maxMisses = 3

// queues names the teams whose customers wait, when anybody is available.
func (s *Service) queues(ctx context.Context) ([]string, error) {
	rows, err := s.db.Query(ctx, `
		SELECT DISTINCT team
		FROM cases
		WHERE state = 'waiting' AND EXISTS (SELECT FROM presence WHERE status = 'available' AND last_seen > now() - $1::interval)`,
		s.pace.Present)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for queues: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for queues: %w", err))
	}
	return list, nil
}

// errNobody ends a transaction in which the agent who seemed free was not.
var errNobody = errors.New("nobody is free any more")

// assignNext gives the first case of a queue that somebody is free for to them.
func (s *Service) assignNext(ctx context.Context, queue string) (bool, error) {
	args, err := s.able(ctx, queue)
	if err != nil {
		return false, err
	}
	var id int64
	return s.chat.LockNext(ctx, func(tx pgx.Tx) (conversation int64, err error) {
		err = tx.QueryRow(ctx, nextQuery, append(slices.Clip(args), queue)...).Scan(&id, &conversation)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find a case to give: %w", err)
		}
		return conversation, nil
	}, func(l *chat.Locked) error {
		return s.giveTx(ctx, l, id, args)
	})
}

// able are the parameters of ableAgents for the team of a queue; what it asks of
// them it asks of those who serve it in its place.
func (s *Service) able(ctx context.Context, queue string) ([]any, error) {
	company := s.chat.Company()
	first, _ := company.Team("")
	team, err := s.servedBy(ctx, s.db, queue)
	if err != nil {
		return nil, err
	}
	if own, known := company.Team(queue); known {
		team.Skill = own.Skill
	}
	return []any{s.pace.Present, defaultCapacity, team.ID, first.ID, team.Skill, cmp.Or(s.pace.Silent, company.SilentAfter())}, nil
}

// servedBy is the team whose agents serve a queue: its own, or where nobody is in
// it, the next up the ladder who has somebody, and at last the first one. Cases of
// a team that is gone from the settings are the first one's.
func (s *Service) servedBy(ctx context.Context, db querier, queue string) (chat.Team, error) {
	company := s.chat.Company()
	first, _ := company.Team("")
	team, known := company.Team(queue)
	if !known || len(company.Teams) == 0 {
		return first, nil
	}
	rows, err := db.Query(ctx, `
		SELECT DISTINCT coalesce(nullif(m.team, ''), $1)
		FROM accounts a
		LEFT JOIN members m ON m.account_id = a.id
		WHERE a.disabled_at IS NULL AND a.role IN ('agent', 'supervisor') AND coalesce(m.capacity, 1) > 0`, first.ID)
	if err != nil {
		return team, postgres.Away(fmt.Errorf("look for members of teams: %w", err))
	}
	staffed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return team, postgres.Away(fmt.Errorf("look for members of teams: %w", err))
	}
	for range company.Teams { // no ladder is longer
		if slices.Contains(staffed, team.ID) {
			return team, nil
		}
		if team, known = company.Team(team.EscalatesTo); !known {
			break
		}
	}
	return first, nil
}

// giveTx gives a case to the best of those who are free for it.
func (s *Service) giveTx(ctx context.Context, l *chat.Locked, caseID int64, args []any) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	k, err := readCase(ctx, tx, "k.id = $1", caseID)
	if err != nil {
		return err
	}
	if k.State != StateWaiting || l.State != chat.StateQueued {
		return errNobody // it went while it was being found
	}
	var agent chat.Agent
	err = tx.QueryRow(ctx, agentQuery, append(slices.Clip(args), caseID, s.chat.Company().TakesTurns())...).Scan(&agent.ID, &agent.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return errNobody
	}
	if err != nil {
		return fmt.Errorf("choose an agent: %w", err)
	}
	var free bool
	if err := tx.QueryRow(ctx, stillFree, append(slices.Clip(args), agent.ID)...).Scan(&free); err != nil {
		return fmt.Errorf("look whether an agent is free: %w", err)
	}
	if !free {
		return errNobody
	}
	// The clock, not the beginning of the transaction: two in a row have an order.
	if _, err := tx.Exec(ctx, "UPDATE presence SET assigned_at = clock_timestamp() WHERE account_id = $1", agent.ID); err != nil {
		return fmt.Errorf("note an assignment: %w", err)
	}
	if err := s.assignTx(ctx, l, &k, agent); err != nil {
		return err
	}
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "assigned", AgentID: &agent.ID}, nil)
}
