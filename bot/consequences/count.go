// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"candor/chat"
	"candor/postgres"
)

const (
	// addEvery is how often the changes are added up: a report reads those since.
	addEvery = time.Minute
	// addedAtOnce is how many changes one transaction adds up.
	addedAtOnce = 20_000
	// addLock lets one gateway at a time add up; two would do no harm, but wait for each other.
	addLock = 7_223_094
)

// InvariantCounted is that the figures are those of the record.
const InvariantCounted = "figures"

// AddUpArgs is the job that adds up what was counted.
type AddUpArgs struct{}

// Kind names it.
func (AddUpArgs) Kind() string { return "add_up_answers" }

// AddUpWorker runs it.
type AddUpWorker struct {
	river.WorkerDefaults[AddUpArgs]
	Consequences *Service
}

var _ river.Worker[AddUpArgs] = (*AddUpWorker)(nil)

// Work adds up once.
func (w *AddUpWorker) Work(ctx context.Context, _ *river.Job[AddUpArgs]) error {
	return w.Consequences.AddUp(ctx)
}

// AddUpPeriodically is the schedule of the job.
func AddUpPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(addEvery), func() (river.JobArgs, *river.InsertOpts) {
		return AddUpArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: addEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// AddUp replaces the changes by their sums. A reader sees either, and who answers
// meanwhile is not in the way: every row that is taken away is added in the same statement.
func (s *Service) AddUp(ctx context.Context) error {
	for {
		taken := 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			var ours bool
			if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", addLock).Scan(&ours); err != nil || !ours {
				return err
			}
			return tx.QueryRow(ctx, `
				WITH taken AS (
					DELETE FROM answer_changes
					WHERE ctid = ANY (ARRAY (SELECT ctid FROM answer_changes LIMIT $1))
					RETURNING *),
				added AS (
					INSERT INTO answer_counts AS c (article_id, day, version, answers, helped, not_helpful, handed_off, rated, rating_sum)
					SELECT article_id, day, version, sum(answers), sum(helped), sum(not_helpful), sum(handed_off), sum(rated), sum(rating_sum)
					FROM taken
					GROUP BY article_id, day, version
					ON CONFLICT (article_id, day, version) DO UPDATE
					SET answers = c.answers + excluded.answers, helped = c.helped + excluded.helped,
						not_helpful = c.not_helpful + excluded.not_helpful, handed_off = c.handed_off + excluded.handed_off,
						rated = c.rated + excluded.rated, rating_sum = c.rating_sum + excluded.rating_sum)
				SELECT count(*) FROM taken`, addedAtOnce).Scan(&taken)
		})
		if err != nil {
			return postgres.Away(fmt.Errorf("add up answers: %w", err))
		}
		if taken < addedAtOnce {
			return nil
		}
	}
}

// Miscount is a day of a version whose figures are not those of the record.
type Miscount struct {
	ArticleID int64
	Day       time.Time
	Version   int
	Missing   Figures // from what was counted; below zero: counted too often
	Ratings   Ratings
}

// miscountQuery derives the figures from the record alone, and compares.
const miscountQuery = `
	WITH said AS (
		SELECT l.conversation_id, (l.body->>'seq')::int AS seq, l.created_at, v.article_id, v.version
		FROM log l
		CROSS JOIN LATERAL (
			SELECT DISTINCT (e->>'article')::bigint AS article_id, (e->>'version')::int AS version
			FROM json_array_elements(l.body->'versions') e) v
		WHERE l.kind = 'message' AND l.body->>'author' = 'bot'),
	ordered AS (
		SELECT *, row_number() OVER (PARTITION BY conversation_id, article_id, version ORDER BY seq DESC) AS n
		FROM said),
	judged AS (
		SELECT DISTINCT ON (conversation_id, (body->>'seq')::int)
			conversation_id, (body->>'seq')::int AS seq, (body->>'helpful')::boolean AS helpful
		FROM log
		WHERE kind = 'feedback'
		ORDER BY conversation_id, (body->>'seq')::int, n DESC),
	handed AS (
		SELECT conversation_id, max(created_at) AS at
		FROM log
		WHERE kind = 'handoff' OR kind = 'case' AND body->>'action' = 'reopened'
		GROUP BY conversation_id),
	rated AS (
		SELECT conversation_id, (body->>'assistant')::int AS assistant
		FROM log
		WHERE kind = 'rating' AND body->>'assistant' IS NOT NULL),
	recorded AS (
		SELECT o.article_id, (o.created_at AT TIME ZONE 'UTC')::date AS day, o.version, count(*) AS answers,
			count(*) FILTER (WHERE j.helpful) AS helped, count(*) FILTER (WHERE NOT j.helpful) AS not_helpful,
			count(*) FILTER (WHERE h.at >= o.created_at) AS handed_off, count(r.assistant) AS rated, coalesce(sum(r.assistant), 0) AS rating_sum
		FROM ordered o
		LEFT JOIN judged j ON j.conversation_id = o.conversation_id AND j.seq = o.seq
		LEFT JOIN handed h ON h.conversation_id = o.conversation_id
		LEFT JOIN rated r ON r.conversation_id = o.conversation_id AND o.n = 1
		GROUP BY 1, 2, 3),
	counted AS (
		SELECT article_id, day, version, -answers AS answers, -helped AS helped, -not_helpful AS not_helpful, -handed_off AS handed_off,
			-rated AS rated, -rating_sum AS rating_sum
		FROM (SELECT * FROM answer_counts UNION ALL SELECT * FROM answer_changes) c)
	SELECT article_id, day, version, sum(answers)::bigint AS answers, sum(helped)::bigint AS helped, sum(not_helpful)::bigint AS not_helpful,
		sum(handed_off)::bigint AS handed_off, sum(rated)::bigint AS rated, sum(rating_sum)::bigint AS rating_sum
	FROM (SELECT * FROM recorded UNION ALL SELECT * FROM counted) both_sides
	GROUP BY 1, 2, 3
	HAVING sum(answers) <> 0 OR sum(helped) <> 0 OR sum(not_helpful) <> 0 OR sum(handed_off) <> 0 OR sum(rated) <> 0 OR sum(rating_sum) <> 0`

// Miscounts compares the figures of all articles with the record, in one snapshot.
func (s *Service) Miscounts(ctx context.Context) ([]Miscount, error) {
	var list []Miscount
	err := s.unhurried(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, miscountQuery+" ORDER BY 1, 2, 3")
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Miscount, error) {
			var m Miscount
			return m, row.Scan(&m.ArticleID, &m.Day, &m.Version, &m.Missing.Answers, &m.Missing.Helped, &m.Missing.NotHelpful,
				&m.Missing.HandedOff, &m.Ratings.Count, &m.Ratings.Sum)
		})
		return err
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("compare figures: %w", err))
	}
	return list, nil
}

// Check reports what [Service.Miscounts] finds as violations.
func (s *Service) Check(ctx context.Context, report func(chat.Violation)) error {
	list, err := s.Miscounts(ctx)
	for _, m := range list {
		report(chat.Violation{Invariant: InvariantCounted, Detail: fmt.Sprintf(
			"article %d, version %d, %s: the record has %+d answers, %+d helpful, %+d not helpful, %+d handed off, %+d ratings (%+d in all) against what was counted",
			m.ArticleID, m.Version, m.Day.Format(time.DateOnly), m.Missing.Answers, m.Missing.Helped, m.Missing.NotHelpful, m.Missing.HandedOff,
			m.Ratings.Count, m.Ratings.Sum)})
	}
	return err
}

// Recount adds what is missing from the figures by the record. It may be done at
// any time: what is counted meanwhile is in neither.
func (s *Service) Recount(ctx context.Context) (mended int64, err error) {
	err = s.unhurried(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO answer_changes (article_id, day, version, answers, helped, not_helpful, handed_off, rated, rating_sum)`+miscountQuery)
		mended = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("count again: %w", err))
	}
	return mended, nil
}

// unhurried is a transaction that may read a record of years.
func (s *Service) unhurried(ctx context.Context, fn func(pgx.Tx) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		return fn(tx)
	})
}
