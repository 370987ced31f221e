// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/knowledge/rank"
)

// asked is a question with what the index knows of its words.
type asked struct {
	questions map[string]rank.Question // by base language of articles
	stats     rank.Stats
	builtin   model
	provider  *model
	reader    Audience  // who is told
	held      *held     // the index in memory; nil: it is too large for that
	now       time.Time // the database's
}

// maxLanguages is for how many languages of articles a question is read.
const maxLanguages = 12

// readQuestion reads the statistics that a question needs: the size of the index by language, in how many
// chunks each of its terms stands, and the models.
func (s *Service) readQuestion(ctx context.Context, q Query) (asked, error) {
	a := asked{reader: q.For}
	langs, err := s.readIndex(ctx, &a)
	if err != nil {
		return a, err
	}
	if q.Drafts != nil {
		langs = append(langs, q.Drafts.langs...)
	}
	a.read(q, langs)
	if err := s.count(ctx, &a); err != nil {
		return a, err
	}
	if q.Drafts != nil {
		q.Drafts.count(&a)
	}
	return a, s.correct(ctx, &a)
}

// read reads the question for each language of articles.
func (a *asked) read(q Query, langs []string) {
	a.questions = map[string]rank.Question{}
	for _, lang := range langs {
		read := rank.Read(q.Text, q.Lang, lang)
		if _, done := a.questions[read.Lang]; !done && len(a.questions) < maxLanguages {
			a.questions[read.Lang] = read
		}
	}
}

const totalsSQL = `
	SELECT lang, sum(articles)::int, sum(chunks)::int, sum(length)::int, sum(article_length)::int
	FROM knowledge_totals WHERE audience = ANY ($1) GROUP BY lang HAVING sum(chunks) > 0 ORDER BY sum(chunks) DESC, lang`

// readIndex reads the models and the size of the live index, as far as the reader may read it, and
// returns its languages, the largest first.
func (s *Service) readIndex(ctx context.Context, a *asked) (langs []string, err error) {
	asked := time.Now()
	var at mark
	batch := &pgx.Batch{}
	batch.Queue(modelsSQL).Query(func(rows pgx.Rows) error {
		models, err := pgx.CollectRows(rows, pgx.RowToStructByName[model])
		a.builtin, a.provider = s.writable(models)
		return err
	})
	batch.Queue(totalsSQL, a.reader.reads()).Query(func(rows pgx.Rows) error {
		var lang string
		var articles, chunks, length, articleLength int
		_, err := pgx.ForEachRow(rows, []any{&lang, &articles, &chunks, &length, &articleLength}, func() error {
			langs = append(langs, lang)
			a.stats.Articles += articles
			a.stats.Chunks += chunks
			a.stats.Length += length
			a.stats.ArticleLength += articleLength
			return nil
		})
		return err
	})
	batch.Queue(markSQL).QueryRow(at.scan)
	if err := s.read.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read the size of the index: %w", err)
	}
	a.now = at.now
	if at.state == "" || a.builtin.Indexed || a.stats.Chunks >= s.graphAt {
		return langs, nil
	}
	a.held = &s.held
	return langs, s.held.follow(ctx, s, a.builtin, at, asked, a.reader.reads())
}

// count reads in how many chunks each term of the question stands.
func (s *Service) count(ctx context.Context, a *asked) error {
	in, err := s.countTerms(ctx, a, a.terms())
	a.stats.In = in
	return err
}

func (s *Service) countTerms(ctx context.Context, a *asked, terms []string) (map[string]int, error) {
	if a.held != nil {
		return a.held.count(terms, a.reader), nil
	}
	rows, _ := s.read.Query(ctx, `
		SELECT term, sum(chunks)::int FROM knowledge_terms
		WHERE audience = ANY ($1) AND term = ANY ($2) GROUP BY term HAVING sum(chunks) > 0`, a.reader.reads(), terms)
	in := map[string]int{}
	var term string
	var n int
	_, err := pgx.ForEachRow(rows, []any{&term, &n}, func() error {
		in[term] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the counts of the question's terms: %w", err)
	}
	return in, nil
}

// terms are all that the question is searched by, in any language.
func (a *asked) terms() []string {
	var out []string
	for _, q := range a.questions {
		for _, u := range q.Units {
			out = append(out, u.Term)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// maxCorrected bounds how many words of a question are looked up in other spellings.
const maxCorrected = 6

// correct looks for the index's spelling of words that it does not know. Only words that share their
// first two letters are compared, so that an index range answers.
func (s *Service) correct(ctx context.Context, a *asked) error {
	var words, prefixes []string
	for _, q := range a.questions {
		for _, u := range q.Units {
			if a.stats.In[u.Term] == 0 && rank.Correctable(u) && len(words) < maxCorrected && !slices.Contains(words, u.Term) {
				words = append(words, u.Term)
				prefixes = append(prefixes, rank.Prefix(u.Term))
			}
		}
	}
	if len(words) == 0 {
		return nil
	}
	rows, _ := s.read.Query(ctx, `
		SELECT DISTINCT t.term
		FROM unnest($1::text[], $2::text[]) AS w (word, prefix), unnest($3::text[]) AS a (audience),
		LATERAL (
			SELECT term FROM knowledge_terms
			WHERE audience = a.audience AND term COLLATE "C" >= w.prefix AND term COLLATE "C" < w.prefix || chr(1114111)
			  AND char_length(term) BETWEEN char_length(w.word) - 2 AND char_length(w.word) + 2
			LIMIT 2000
		) t`, words, prefixes, a.reader.reads())
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for other spellings: %w", err)
	}
	return s.useSpellings(ctx, a, words, known)
}

func (s *Service) useSpellings(ctx context.Context, a *asked, words, known []string) error {
	instead := map[string]string{}
	for _, w := range words {
		if near := rank.Nearest(w, known); near != "" {
			instead[w] = near
		}
	}
	if len(instead) == 0 {
		return nil
	}
	var spellings []string
	for lang, q := range a.questions {
		for i, u := range q.Units {
			if near := instead[u.Term]; near != "" && !strings.HasPrefix(near, "~") {
				q.Units[i].Instead = near
				spellings = append(spellings, near)
			}
		}
		a.questions[lang] = q
	}
	in, err := s.countTerms(ctx, a, spellings)
	maps.Copy(a.stats.In, in)
	return err
}
