// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"candor/internal/fault"
	"candor/internal/text"
	"candor/knowledge/embed"
	"candor/knowledge/rank"
	"candor/postgres"
)

// Bounds of a search: what a customer types decides none of them.
const (
	maxQuery        = 4000 // characters
	defaultLimit    = 8
	maxLimit        = 50
	defaultPerPage  = 3
	searchTimeout   = 3 * time.Second
	providerTimeout = 2 * time.Second
	searchTries     = 16 // publications in a row that a search is overtaken by
)

// Query is a question to the library.
type Query struct {
	Text       string
	Lang       string    // of Text; "" to tell from Text
	Limit      int       // passages; 8 if 0, at most 50
	PerArticle int       // passages of one article; 3 if 0
	Draft      int64     // an article whose draft is searched as if it were live; 0 for none
	Drafts     *DraftSet // drafts of many articles that are searched as if they were live; nil for none
	For        Audience  // who is told: what is for them is searched; "" for an anonymous customer
}

// Passage is a chunk that may answer, with what speaks for it.
type Passage struct {
	ChunkID     int64 // 0 of a draft
	ArticleID   int64
	Version     int
	ExternalID  string
	Audience    Audience
	Title       string
	Heading     string // path of the headings it stands under
	URL         string
	Lang        string
	Text        string // Markdown, as a reader sees it
	Start, End  int    // bytes of the version's source
	VectorScore float64
	TextScore   float64 // BM25
	TextNorm    float64 // TextScore as a share of the best possible
	Coverage    float64 // share of the question's words found, weighed by rarity
	Fused       float64
	VectorRank  int
	TextRank    int
}

// Features are what a confidence is told from.
type Features = rank.Features

// Result is what a search found, best first.
type Result struct {
	Passages []Passage
	Features Features
	Model    string // that made the vectors
	Fallback bool   // the built-in model stood in for the provider's
	Lang     string // that the question was taken to be in; "" if unsure
	Withheld bool   // an announcement stands in for the article that fits best
}

// Search finds the passages that may answer a question, in the live index and nowhere else, among the
// articles that whoever is told may read.
func (s *Service) Search(ctx context.Context, q Query) (Result, error) {
	q, err := q.clean()
	if err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, searchTimeout+providerTimeout)
	defer cancel()
	found, err := s.search(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", postgres.Away(err))
	}
	return found, nil
}

func (q Query) clean() (Query, error) {
	q.Text = strings.ReplaceAll(strings.ToValidUTF8(q.Text, " "), "\x00", " ")
	if strings.TrimSpace(q.Text) == "" {
		return q, fault.Invalid("query_empty", "There is nothing to search for.")
	}
	if utf8.RuneCountInString(q.Text) > maxQuery {
		q.Text = string([]rune(q.Text)[:maxQuery])
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	if q.PerArticle <= 0 {
		q.PerArticle = defaultPerPage
	}
	// What the customer wrote tells better than the page's locale, where it tells at all.
	if lang := text.DetectLang(q.Text); lang != "" {
		q.Lang = lang
	}
	return q, nil
}

// Warm reads a small index into memory, so that the first search need not.
func (s *Service) Warm(ctx context.Context) error {
	_, err := s.readIndex(ctx, &asked{reader: ForSignedIn})
	return postgres.Away(err)
}

func (s *Service) search(ctx context.Context, q Query) (Result, error) {
	if q.Draft != 0 {
		var err error
		if q.Drafts, err = s.draftOf(ctx, q.Draft, q.For); err != nil {
			return Result{}, err
		}
	}
	asked, err := s.readQuestion(ctx, q)
	if err != nil || asked.stats.Chunks == 0 && q.Drafts == nil {
		return Result{Lang: q.Lang, Model: asked.builtin.Name}, err
	}
	v := s.embedQuery(ctx, q, asked)
	// A publication between the two reads can take a candidate away; then look again, in the database itself.
	for try := 1; ; try++ {
		found, complete, err := s.weigh(ctx, q, asked, v)
		if postgres.IsUndefinedTable(err) && !v.model.Builtin {
			v = s.builtinVector(q, asked) // the model was retired while its vector of the question was made
			continue
		}
		if err != nil || complete || try >= searchTries {
			return found, err
		}
		asked.held = nil
	}
}

// weigh collects the candidates, ranks them and reads the best; complete tells whether all were still there.
func (s *Service) weigh(ctx context.Context, q Query, a asked, v queryVector) (found Result, complete bool, err error) {
	candidates, err := s.candidates(ctx, a, v)
	if err != nil {
		return Result{}, false, err
	}
	if q.Drafts != nil {
		if candidates, err = q.Drafts.replace(ctx, s, candidates, v, q.For); err != nil {
			return Result{}, false, err
		}
	}
	rank.Rank(candidates, a.questions, a.stats, v.shares())
	found = Result{
		Features: rank.Describe(candidates, a.questions, a.stats),
		Model:    v.model.Name, Fallback: v.fallback, Lang: q.Lang,
	}
	picked := pick(candidates, q)
	found.Passages, err = s.passages(ctx, picked, q)
	if err == nil && len(found.Passages) > 0 {
		best := found.Passages[0]
		found.Features.Look(q.Text, q.Lang, best.Text, best.Title, best.Lang)
	}
	return found, len(found.Passages) == len(picked), err
}

// pick takes the best candidates, at most so many of one article. A passage that shares nothing with
// the question is none.
func pick(candidates []rank.Candidate, q Query) []rank.Candidate {
	var out []rank.Candidate
	of, shown := map[int64]int{}, map[int64]bool{}
	for _, c := range candidates {
		if len(out) == q.Limit {
			break
		}
		if shown[c.Shown()] {
			continue
		}
		if of[c.ArticleID] < q.PerArticle && (c.Text > 0 || c.Cosine > 0) {
			of[c.ArticleID]++
			shown[c.Shown()] = true
			out = append(out, c)
		}
	}
	return out
}

// queryVector is the question's vector, and by which model.
type queryVector struct {
	model    model
	vector   []float32
	fallback bool
}

func (v queryVector) shares() rank.Shares {
	if v.model.Builtin {
		return rank.Lexical
	}
	return rank.Semantic
}

// embedQuery embeds the question with the provider's model if that is complete and answers, else with
// the built-in one, which always does.
func (s *Service) embedQuery(ctx context.Context, q Query, a asked) queryVector {
	builtin := s.builtinVector(q, a)
	if a.provider == nil || a.provider.State != "ready" {
		return builtin
	}
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	vectors, err := s.embedAll(ctx, *a.provider, []string{q.Text})
	if err != nil {
		s.log.WarnContext(ctx, "the provider does not embed; searching with the built-in model", "model", a.provider.Name, "error", err)
		return builtin
	}
	return queryVector{model: *a.provider, vector: vectors[0]}
}

func (s *Service) builtinVector(q Query, a asked) queryVector {
	return queryVector{model: a.builtin, fallback: s.provider != nil, vector: embed.Vector(embed.Part{Text: q.Text, Lang: q.Lang, Weight: 1})}
}
