// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
)

// Nearest returns the chunks nearest to a question, through the graph or by a scan.
func (s *Service) Nearest(ctx context.Context, question string, exact bool) ([]int64, error) {
	q := Query{Text: question, Lang: "en"}
	a, err := s.readQuestion(ctx, q)
	if err != nil {
		return nil, err
	}
	m := a.builtin
	m.Indexed = !exact
	var ids []int64
	err = pgx.BeginFunc(ctx, s.read, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, boundsSQL, queryTimeout, breadth(m), onOff(exact)); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, nearestSQL(m, ForEveryone), pgvector.NewHalfVector(s.embedQuery(ctx, q, a).vector), nearest)
		var skip any
		var id int64
		_, err := pgx.ForEachRow(rows, []any{&id, &skip, &skip, &skip, &skip, &skip, &skip}, func() error {
			ids = append(ids, id)
			return nil
		})
		return err
	})
	return ids, err
}

// SearchSQL returns the statements of a search for a question with their arguments.
func (s *Service) SearchSQL(ctx context.Context, question string, audience Audience) (sql []string, args [][]any, err error) {
	q := Query{Text: question, Lang: "en", For: audience}
	a, err := s.readQuestion(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	vector := pgvector.NewHalfVector(s.embedQuery(ctx, q, a).vector)
	sql, args = []string{nearestSQL(a.builtin, audience)}, [][]any{{vector, nearest}}
	for _, t := range textQueries(a) {
		sql, args = append(sql, withTermsSQL(a.builtin, audience)), append(args, []any{vector, t.tsquery(), t.limit})
	}
	return sql, args, nil
}
