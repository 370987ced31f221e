// SPDX-License-Identifier: MIT

package eval

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"candor/bot/confidence"
	"candor/knowledge"
)

// Labelled is a question of which the articles that answer it are known. None answers one that is out
// of scope.
type Labelled struct {
	Query    string   `json:"query"`
	Relevant []string `json:"relevant"`
	Lang     string   `json:"lang"`
	Kind     string   `json:"kind"`
	Split    string   `json:"split"`
}

// Row is what the bot made of a question.
type Row struct {
	Query      string              `json:"query"`
	Ranked     []string            `json:"ranked"` // ids of articles, best first
	Confidence float64             `json:"confidence"`
	Decision   confidence.Decision `json:"decision"`

	Labelled Labelled           `json:"-"`
	Features knowledge.Features `json:"-"`
}

// Options of an evaluation.
type Options struct {
	DatabaseURL string             // of a server on which a database may be made
	Embedder    knowledge.Embedder // the provider's; nil for the built-in one alone
	Progress    func(done, total int)
}

// rankedArticles is how many articles a row lists.
const rankedArticles = 20

// Retrieval imports the articles of kb, asks the questions and measures. Both files are JSON Lines.
func Retrieval(ctx context.Context, kb, queries string, o Options) (Report, []Row, error) {
	questions, err := readQuestions(queries)
	if err != nil {
		return Report{}, nil, err
	}
	var rows []Row
	err = inScratch(ctx, o.DatabaseURL, func(pool *pgxpool.Pool) error {
		s := knowledge.New(knowledge.Config{DB: pool, Embedder: o.Embedder})
		if err := load(ctx, s, kb); err != nil {
			return err
		}
		rows, err = ask(ctx, s, questions, o.Progress)
		return err
	})
	if err != nil {
		return Report{}, nil, fmt.Errorf("evaluate retrieval: %w", err)
	}
	return measure(rows), rows, nil
}

func readQuestions(path string) ([]Labelled, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out []Labelled
	lines := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var q Labelled
			if err := json.Unmarshal(line, &q); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
			}
			out = append(out, q)
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// load imports the articles; a figure without all of them would mean nothing.
func load(ctx context.Context, s *knowledge.Service, kb string) error {
	f, err := os.Open(kb)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	report, err := s.ImportReader(ctx, filepath.Base(kb), f, knowledge.ImportOptions{})
	if err != nil {
		return err
	}
	for _, it := range report.Items {
		if it.Status == knowledge.ImportFailed {
			return fmt.Errorf("%s, line %d: %s", kb, it.Line, it.Error)
		}
	}
	// Brings the provider's vectors in where they did not come at once.
	return s.Maintain(ctx)
}

func ask(ctx context.Context, s *knowledge.Service, questions []Labelled, progress func(done, total int)) ([]Row, error) {
	rows := make([]Row, len(questions))
	var mu sync.Mutex // progress is told in order, by one at a time
	done := 0
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, q := range questions {
		g.Go(func() error {
			row, err := askOne(ctx, s, q)
			rows[i] = row
			mu.Lock()
			defer mu.Unlock()
			done++
			if progress != nil {
				progress(done, len(questions))
			}
			return err
		})
	}
	return rows, g.Wait()
}

func askOne(ctx context.Context, s *knowledge.Service, q Labelled) (Row, error) {
	found, err := s.Search(ctx, knowledge.Query{Text: q.Query, Lang: q.Lang, Limit: rankedArticles, PerArticle: 1})
	if err != nil {
		return Row{}, fmt.Errorf("%q: %w", q.Query, err)
	}
	row := Row{Query: q.Query, Ranked: []string{}, Confidence: confidence.Score(found.Features), Labelled: q, Features: found.Features}
	row.Decision = confidence.Decide(row.Confidence)
	for _, p := range found.Passages {
		row.Ranked = append(row.Ranked, p.ExternalID)
	}
	return row, nil
}

// WriteRows writes rows as JSON Lines.
func WriteRows(w io.Writer, rows []Row) error {
	out := json.NewEncoder(w)
	for _, r := range rows {
		if err := out.Encode(r); err != nil {
			return fmt.Errorf("write the rows: %w", err)
		}
	}
	return nil
}

// Samples turns rows into what a confidence is fitted on. Each language counts alike, so that the one
// with the most questions does not decide alone.
func Samples(rows []Row) []confidence.Sample {
	of := map[string]float64{}
	for _, r := range rows {
		of[r.Labelled.Lang]++
	}
	out := make([]confidence.Sample, len(rows))
	for i, r := range rows {
		out[i] = confidence.Sample{
			Features: r.Features, Right: r.place() == 1,
			Weight: float64(len(rows)) / float64(len(of)) / of[r.Labelled.Lang],
		}
	}
	return out
}
