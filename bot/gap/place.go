// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/postgres"
)

// place groups the questions and writes which gap each belongs to.
func (s *Service) place(ctx context.Context, list []sample) error {
	if len(list) == 0 {
		return nil
	}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		var failed error
		gaps, merged := regroup(loosen(list), func() (id int64) {
			err := tx.QueryRow(ctx, `INSERT INTO knowledge_gaps (last_asked_at) VALUES ('-infinity') RETURNING id`).Scan(&id)
			if failed == nil {
				failed = err
			}
			return id
		})
		if failed != nil {
			return failed
		}
		return writePlaces(ctx, tx, list, gaps, merged)
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("give questions their gaps: %w", err))
	}
	return nil
}

// loosen says which questions may find another gap: those of small gaps that
// nobody has worked with.
func loosen(list []sample) []placed {
	here := map[int64]int{}
	for _, q := range list {
		here[q.Gap]++
	}
	loose, all := map[int64]bool{0: false}, 0
	out := make([]placed, len(list))
	for i, q := range list {
		if _, decided := loose[q.Gap]; !decided {
			loose[q.Gap] = !q.Touched && q.Size <= looseUpTo && here[q.Gap] == q.Size && all+q.Size <= perRun
			if loose[q.Gap] {
				all += q.Size
			}
		}
		out[i] = placed{vector: q.vector, gap: q.Gap, loose: loose[q.Gap], fixed: q.Touched}
	}
	return out
}

// writePlaces writes what has changed. A question that was asked in vain after its
// gap was closed opens it again: it came back.
func writePlaces(ctx context.Context, tx pgx.Tx, list []sample, gaps []int64, merged map[int64]int64) error {
	var turns, to []int64
	var langs []string
	changed := map[int64]bool{}
	for i, q := range list {
		if gaps[i] != q.Gap {
			turns, to, langs = append(turns, q.Turn), append(to, gaps[i]), append(langs, q.lang)
			changed[gaps[i]] = true
		}
	}
	batch := &pgx.Batch{}
	for _, gone := range slices.Sorted(maps.Keys(merged)) {
		batch.Queue(`UPDATE knowledge_gap_questions SET gap_id = $2 WHERE gap_id = $1`, gone, merged[gone])
	}
	batch.Queue(`
		UPDATE knowledge_gap_questions q SET gap_id = p.gap_id, lang = p.lang
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS p (turn_id, gap_id, lang)
		WHERE q.turn_id = p.turn_id AND q.counts`, turns, to, langs)
	ids := slices.Sorted(maps.Keys(changed))
	batch.Queue(`
		UPDATE knowledge_gaps g SET state = 'open', came_back_at = now(), changed_at = now()
		WHERE id = ANY ($1) AND state = 'closed'
		  AND EXISTS (SELECT FROM knowledge_gap_questions q WHERE q.gap_id = g.id AND q.asked_at > g.closed_at)`, ids)
	for _, id := range ids {
		batch.Queue(`
			UPDATE knowledge_gaps g
			SET label_turn = $2, last_asked_at = greatest(last_asked_at, (SELECT max(asked_at) FROM knowledge_gap_questions q WHERE q.gap_id = $1))
			WHERE id = $1`, id, middle(list, gaps, id))
	}
	return tx.SendBatch(ctx, batch).Close()
}

// middle is the question that names a gap: the one most like all of its questions.
func middle(list []sample, gaps []int64, id int64) (turn int64) {
	whole := newGroup(false)
	for i, q := range list {
		if gaps[i] == id {
			add(whole.sum, q.vector)
			whole.n++
		}
	}
	most := float32(-2)
	for i, q := range list {
		if gaps[i] != id {
			continue
		}
		if s := alike(newGroup(false, q.vector), whole); s > most {
			most, turn = s, q.Turn
		}
	}
	return turn
}
