// SPDX-License-Identifier: MIT

package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge/rank"
)

// How many candidates a search weighs.
const (
	nearest       = 100    // by their vectors
	rareChunks    = 600    // that hold one of the rare words
	commonChunks  = 200    // that hold all of the words
	commonShare   = 0.05   // of all chunks; a word in more of them finds nothing by itself
	alwaysCommon  = 100    // chunks; below that no word is common
	queryTimeout  = "2500" // milliseconds, per statement
	maxQueryTerms = 32     // in one text query
)

// breadth is how wide the walk through a model's graph is. What a language model makes lies in
// clusters that a narrow walk finds; the built-in vectors are nearly as far from each other as any.
func breadth(m model) string {
	if m.Builtin {
		return "400"
	}
	return "120"
}

// boundsSQL sets the bounds of a search until the end of the transaction.
const boundsSQL = `
	SELECT set_config('statement_timeout', $1, true), set_config('hnsw.ef_search', $2, true),
	       set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('jit', 'off', true), set_config('enable_seqscan', $3, true)`

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off" // else the planner takes the graph of a small index for dearer than a scan
}

// step is a statement of a search, by what comes back from it.
type step int

const (
	setting step = iota
	near         // candidates by their vectors
	worded       // candidates by their terms
)

// candidates collects the chunks that are worth weighing: those near the question, those with its
// rare words and those with all of its words. It is one round trip, and each part of it is bounded.
func (s *Service) candidates(ctx context.Context, a asked, v queryVector) ([]rank.Candidate, error) {
	if a.held != nil && v.model.Builtin {
		return a.held.candidates(a, v.vector), nil
	}
	batch, steps := collection(a, v)
	results := s.read.SendBatch(ctx, batch)
	defer results.Close() //nolint:errcheck // the error of the query that failed is the one that matters
	seen := map[int64]bool{}
	var out []rank.Candidate
	for _, step := range steps {
		if step == setting {
			if _, err := results.Exec(); err != nil {
				return nil, fmt.Errorf("set the bounds of the search: %w", err)
			}
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return nil, fmt.Errorf("collect candidates: %w", err)
		}
		if out, err = collect(rows, out, seen, step == near); err != nil {
			return nil, fmt.Errorf("collect candidates: %w", err)
		}
	}
	return out, results.Close()
}

// collection are the statements that collect candidates. All of a batch are one transaction, so that its
// settings end with it; those of several indexes see one moment, so that an article that changes hands
// is in one of them.
func collection(a asked, v queryVector) (*pgx.Batch, []step) {
	batch, steps := &pgx.Batch{}, []step{}
	queue := func(s step, sql string, args ...any) {
		batch.Queue(sql, args...)
		steps = append(steps, s)
	}
	closed := a.reader.closed()
	if len(closed) > 0 {
		queue(setting, `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`)
	}
	queue(setting, boundsSQL, queryTimeout, breadth(v.model), onOff(!v.model.Indexed))
	vector := pgvector.NewHalfVector(v.vector)
	queue(near, nearestSQL(v.model, ForEveryone), vector, nearest)
	if len(closed) > 0 {
		queue(setting, `SELECT set_config('enable_seqscan', 'on', true)`)
	}
	for _, audience := range closed {
		queue(near, nearestSQL(v.model, audience), vector, nearest)
	}
	// Else the planner, sure to find enough of common words soon, reads the table until it has.
	queue(setting, `SELECT set_config('enable_seqscan', 'off', true)`)
	for _, audience := range a.reader.reads() {
		for _, t := range textQueries(a) {
			queue(worded, withTermsSQL(v.model, audience), vector, t.tsquery(), t.limit)
		}
	}
	if len(closed) > 0 {
		queue(setting, `COMMIT`)
	}
	return batch, steps
}

func collect(rows pgx.Rows, out []rank.Candidate, seen map[int64]bool, near bool) ([]rank.Candidate, error) {
	var c rank.Candidate
	var bag []byte
	var cosine *float64
	_, err := pgx.ForEachRow(rows, []any{&c.ChunkID, &c.StandsFor, &c.ArticleID, &c.Lang, &c.Length, &c.ArticleLength, &bag, &cosine}, func() error {
		if seen[c.ChunkID] {
			return nil
		}
		seen[c.ChunkID] = true
		n := c
		n.Near, n.Bag = near, slices.Clone(bag)
		c.StandsFor = nil // scanned into anew
		if cosine != nil && !math.IsNaN(*cosine) {
			n.Cosine = *cosine
		}
		out = append(out, n)
		return nil
	})
	return out, err
}

// closedVectors is the table of the closed chunks' vectors, of all models.
const closedVectors = "knowledge_closed_vectors"

// chunksOf and vectorsOf say where the chunks of an audience and their vectors are: everyone's in tables
// of their own, so that no filter stands beside the graph.
func chunksOf(audience Audience) string {
	if audience == ForEveryone {
		return "knowledge_chunks"
	}
	return "(SELECT * FROM " + closedChunks + " WHERE audience = '" + string(audience) + "')"
}

func vectorsOf(m model, audience Audience) string {
	if audience == ForEveryone {
		return vectorTable(m.ID)
	}
	return "(SELECT * FROM " + closedVectors + " WHERE model_id = " + strconv.Itoa(m.ID) + " AND audience = '" + string(audience) + "')"
}

// nearestSQL finds the nearest vectors: through the graph, or by a scan where there is none yet or never
// is one. The addition keeps the planner from using a graph that is being built.
func nearestSQL(m model, audience Audience) string {
	order := "embedding <=> $1"
	if !m.Indexed || audience != ForEveryone {
		order = "(embedding <=> $1) + 0"
	}
	return `
		SELECT c.id, c.stands_for, c.article_id, c.lang, c.length, c.article_length, c.bag, 1 - n.distance
		FROM (
			SELECT chunk_id, embedding <=> $1 AS distance FROM ` + vectorsOf(m, audience) + ` v
			WHERE usable_until > now() ORDER BY ` + order + ` LIMIT $2
		) n
		JOIN ` + chunksOf(audience) + ` c ON c.id = n.chunk_id`
}

// withTermsSQL finds chunks by their terms and tells how near each is.
func withTermsSQL(m model, audience Audience) string {
	return `
		SELECT c.id, c.stands_for, c.article_id, c.lang, c.length, c.article_length, c.bag, 1 - (v.embedding <=> $1)
		FROM (
			SELECT id, stands_for, article_id, lang, length, article_length, bag FROM ` + chunksOf(audience) + ` c
			WHERE terms @@ $2::text::tsquery AND usable_until > now() LIMIT $3
		) c
		LEFT JOIN ` + vectorsOf(m, audience) + ` v ON v.chunk_id = c.id`
}

// textQuery asks for chunks that have one of some terms, or all of them, and for how many.
type textQuery struct {
	terms []string
	all   bool
	limit int
}

// counted is a term of the question with the number of chunks that have it.
type counted struct {
	term string
	in   int
	stop bool
}

// textQueries says which chunks to fetch by their terms. The words that stand in few chunks come
// first, as many as together fetch a bounded number: of those no chunk is missed. Chunks that have all
// the words are worth a look even where each is common. What is left, a question of common words of
// which no chunk has all, takes the rarest of them.
func textQueries(a asked) []textQuery {
	var out []textQuery
	known := a.known()
	common := max(alwaysCommon, int(commonShare*float64(a.stats.Chunks)))
	var rare []string
	sum := 0
	for _, t := range known {
		if t.stop || t.in > common || sum+t.in > rareChunks && len(rare) > 0 || len(rare) == maxQueryTerms {
			continue
		}
		sum += t.in
		rare = append(rare, t.term)
	}
	if len(rare) > 0 {
		out = append(out, textQuery{rare, false, rareChunks})
	}
	for _, q := range a.questions {
		if all := a.wordsOf(q); len(all) > 1 || len(rare) == 0 && len(all) == 1 {
			out = append(out, textQuery{all, true, commonChunks})
		}
	}
	if len(rare) == 0 && len(known) > 0 {
		out = append(out, textQuery{[]string{known[0].term}, false, commonChunks})
	}
	return out
}

// known lists the terms that some chunk has, the rarest first.
func (a *asked) known() []counted {
	at := map[string]int{}
	var out []counted
	for _, q := range a.questions {
		for _, u := range q.Units {
			term := u.Term
			if u.Instead != "" {
				term = u.Instead
			}
			in := a.stats.In[term]
			if i, ok := at[term]; ok {
				out[i].stop = out[i].stop && u.Stop
			} else if in > 0 {
				at[term] = len(out)
				out = append(out, counted{term, in, u.Stop})
			}
		}
	}
	slices.SortFunc(out, func(x, y counted) int { return cmp.Or(cmp.Compare(x.in, y.in), cmp.Compare(x.term, y.term)) })
	return out
}

// wordsOf lists the words of a question that the index knows; stop words if there are no others.
func (a *asked) wordsOf(q rank.Question) []string {
	var words, stops []string
	for _, u := range q.Units {
		term := u.Term
		if u.Instead != "" {
			term = u.Instead
		}
		switch {
		case u.Concept || a.stats.In[term] == 0:
		case u.Stop:
			stops = append(stops, term)
		default:
			words = append(words, term)
		}
	}
	if len(words) == 0 {
		words = stops
	}
	return words[:min(len(words), maxQueryTerms)]
}

// tsquery writes the terms as PostgreSQL reads them, quoted so that nothing in them is an operator.
func (q textQuery) tsquery() string {
	quoted := make([]string, len(q.terms))
	for i, t := range q.terms {
		quoted[i] = "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(t) + "'"
	}
	if q.all {
		return strings.Join(quoted, " & ")
	}
	return strings.Join(quoted, " | ")
}
