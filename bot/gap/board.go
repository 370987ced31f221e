// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/postgres"
)

// Days is how far back the board counts.
const Days = 28

// Gap is a gap as the board shows it. Counts are of the last [Days] days.
type Gap struct {
	ID           int64
	State        State
	ArticleID    *int64
	Title        string // of the article
	Reason       *string
	CreatedAt    time.Time
	LastAskedAt  time.Time
	ClosedAt     *time.Time
	CameBackAt   *time.Time
	Volume       int
	Week         int // of the last seven days
	WeekBefore   int
	AgentSeconds float64
	Impact       float64
	Golden       int // questions of it that are golden

	Label    utterance
	Examples []utterance // others of its questions, in other words
	Langs    []Count
	Reasons  []Count
	Daily    []int // by day, the last one is today
}

// Count is how often something was there.
type Count struct {
	Name string
	N    int
}

// Filter says which gaps to list.
type Filter struct {
	State     State // "": all but the dismissed
	Reason    Reason
	Lang      string
	Least     int // questions in the last days
	ArticleID int64
	Offset    int
	Limit     int
}

// impact is what orders the board: how often it was asked, and what it cost
// agents; an hour of nobody's counts as none, a question alone as one.
const impact = `coalesce(q.volume, 0) * (1 + coalesce(q.seconds, 0) / 60)`

const gapColumns = `g.id, CASE WHEN g.state = 'drafted' AND g.article_id IS NULL THEN 'open' ELSE g.state END AS state,
	g.article_id, coalesce(v.title, ''), g.reason, g.created_at, g.last_asked_at, g.closed_at, g.came_back_at,
	coalesce(q.volume, 0), coalesce(q.week, 0), coalesce(q.before, 0), coalesce(q.seconds, 0), ` + impact + `,
	(SELECT count(*) FROM knowledge_questions k WHERE k.gap_id = g.id)`

const gapTables = `
	FROM knowledge_gaps g
	LEFT JOIN (
		SELECT gap_id, count(*)::int AS volume, count(*) FILTER (WHERE asked_at > now() - interval '7 days')::int AS week,
			count(*) FILTER (WHERE asked_at <= now() - interval '7 days' AND asked_at > now() - interval '14 days')::int AS before,
			sum(agent_seconds) AS seconds
		FROM knowledge_gap_questions
		WHERE counts AND gap_id IS NOT NULL AND asked_at > now() - make_interval(days => $1)
			AND ($2 = '' OR reason = $2) AND ($3 = '' OR lang = $3)
		GROUP BY gap_id) q ON q.gap_id = g.id
	LEFT JOIN LATERAL (
		SELECT title FROM knowledge_versions v WHERE v.article_id = g.article_id
		ORDER BY (state = 'published') DESC, version DESC LIMIT 1) v ON true`

// List gives gaps by impact, and whether there are more.
func (s *Service) List(ctx context.Context, f Filter) (list []Gap, more bool, err error) {
	rows, err := s.DB.Query(ctx, `SELECT `+gapColumns+gapTables+`
		WHERE CASE WHEN $4 = '' THEN g.state <> 'dismissed' OR $6 > 0 ELSE g.state = $4 END
			AND coalesce(q.volume, 0) >= $5 AND ($6 = 0 OR g.article_id = $6)
		ORDER BY `+impact+` DESC, g.last_asked_at DESC, g.id
		OFFSET $7 LIMIT $8`, Days, f.Reason, f.Lang, f.State, f.Least, f.ArticleID, f.Offset, f.Limit+1)
	if err != nil {
		return nil, false, postgres.Away(fmt.Errorf("list gaps: %w", err))
	}
	list, err = pgx.CollectRows(rows, scanGap)
	if err != nil {
		return nil, false, postgres.Away(fmt.Errorf("list gaps: %w", err))
	}
	if more = len(list) > f.Limit; more {
		list = list[:f.Limit]
	}
	return list, more, s.describe(ctx, list)
}

func scanGap(row pgx.CollectableRow) (g Gap, err error) {
	return g, row.Scan(&g.ID, &g.State, &g.ArticleID, &g.Title, &g.Reason, &g.CreatedAt, &g.LastAskedAt, &g.ClosedAt, &g.CameBackAt,
		&g.Volume, &g.Week, &g.WeekBefore, &g.AgentSeconds, &g.Impact, &g.Golden)
}

// Get gives one gap.
func (s *Service) Get(ctx context.Context, id int64) (Gap, error) {
	rows, err := s.DB.Query(ctx, `SELECT `+gapColumns+gapTables+` WHERE g.id = $4`, Days, "", "", id)
	if err != nil {
		return Gap{}, postgres.Away(fmt.Errorf("read a gap: %w", err))
	}
	list, err := pgx.CollectRows(rows, scanGap)
	if err != nil {
		return Gap{}, postgres.Away(fmt.Errorf("read a gap: %w", err))
	}
	if len(list) == 0 {
		return Gap{}, errNotFound(id)
	}
	return list[0], s.describe(ctx, list)
}

// Totals counts the gaps of each state.
func (s *Service) Totals(ctx context.Context) (map[State]int, error) {
	rows, err := s.DB.Query(ctx, `
		SELECT state, count(*) FROM knowledge_gaps g
		WHERE EXISTS (SELECT FROM knowledge_gap_questions q WHERE q.gap_id = g.id) OR article_id IS NOT NULL
		GROUP BY state`)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("count gaps: %w", err))
	}
	totals := map[State]int{}
	for _, state := range States() {
		totals[state] = 0
	}
	var state State
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		totals[state] = n
		return nil
	})
	return totals, postgres.Away(err)
}

// examples is how many questions of a gap the board shows.
const examples = 3

// describe fills in what gaps are about: their name, examples, languages, reasons
// and days.
func (s *Service) describe(ctx context.Context, list []Gap) error {
	at, ids := map[int64]*Gap{}, make([]int64, len(list))
	for i := range list {
		g := &list[i]
		at[g.ID], ids[i] = g, g.ID
		g.Daily, g.Examples, g.Langs, g.Reasons = make([]int, Days), []utterance{}, []Count{}, []Count{}
	}
	if err := s.tally(ctx, at, ids); err != nil {
		return err
	}
	rows, err := s.DB.Query(ctx, `
		SELECT g.id, q.conversation_id, q.from_seq, q.to_seq
		FROM knowledge_gaps g,
		LATERAL (
			SELECT * FROM knowledge_gap_questions q WHERE q.gap_id = g.id
			ORDER BY (q.turn_id = g.label_turn) DESC, q.asked_at DESC, q.turn_id DESC LIMIT $2) q
		WHERE g.id = ANY ($1)
		ORDER BY g.id, (q.turn_id = g.label_turn) DESC, q.asked_at DESC`, ids, 2*examples)
	if err != nil {
		return postgres.Away(fmt.Errorf("read the questions of gaps: %w", err))
	}
	var of []int64
	var spans []chat.Span
	var id int64
	span := chat.Span{Author: chat.AuthorCustomer}
	if _, err := pgx.ForEachRow(rows, []any{&id, &span.ConversationID, &span.From, &span.To}, func() error {
		of, spans = append(of, id), append(spans, span)
		return nil
	}); err != nil {
		return postgres.Away(fmt.Errorf("read the questions of gaps: %w", err))
	}
	excerpts, err := s.Chat.Excerpts(ctx, spans)
	if err != nil {
		return err
	}
	for i, e := range excerpts {
		if asked := words(e); asked != "" {
			at[of[i]].show(utterance{asked, language(asked, e.Locale)})
		}
	}
	return nil
}

// show adds a question to what the board shows of the gap: the first is its name.
func (g *Gap) show(u utterance) {
	if g.Label.Text == "" {
		g.Label = u
		return
	}
	if u.Text == g.Label.Text || len(g.Examples) == examples {
		return
	}
	for _, e := range g.Examples {
		if e.Text == u.Text {
			return
		}
	}
	g.Examples = append(g.Examples, u)
}

func (s *Service) tally(ctx context.Context, at map[int64]*Gap, ids []int64) error {
	rows, err := s.DB.Query(ctx, `
		SELECT gap_id, CASE WHEN GROUPING(lang) = 0 THEN 'lang' WHEN GROUPING(reason) = 0 THEN 'reason' ELSE 'day' END,
			coalesce(lang, reason, day::text), count(*)::int
		FROM (
			SELECT gap_id, lang, reason, $3 - 1 - floor(extract(epoch FROM now() - asked_at) / 86400)::int AS day
			FROM knowledge_gap_questions
			WHERE gap_id = ANY ($1) AND asked_at > now() - make_interval(days => $2)) q
		GROUP BY GROUPING SETS ((gap_id, lang), (gap_id, reason), (gap_id, day))
		ORDER BY gap_id, count(*) DESC, 3`, ids, Days, Days)
	if err != nil {
		return postgres.Away(fmt.Errorf("count the questions of gaps: %w", err))
	}
	var id int64
	var kind, name string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &name, &n}, func() error {
		g := at[id]
		switch kind {
		case "lang":
			g.Langs = append(g.Langs, Count{name, n})
		case "reason":
			g.Reasons = append(g.Reasons, Count{name, n})
		default:
			day, err := strconv.Atoi(name)
			if err == nil && day >= 0 && day < Days {
				g.Daily[day] = n
			}
			return err
		}
		return nil
	})
	if err != nil {
		return postgres.Away(fmt.Errorf("count the questions of gaps: %w", err))
	}
	return nil
}
