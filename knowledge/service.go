// SPDX-License-Identifier: MIT

package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"candor/knowledge/crawl"
	"candor/knowledge/embed"
)

// Embedder turns texts into vectors, one each, in order. The provider's and the built-in one are behind it.
type Embedder interface {
	Model() string
	Dimensions() int // 0 while it is not known
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

var _ Embedder = embed.Embedder{}

// Config is what a Service needs.
type Config struct {
	DB       *pgxpool.Pool // the primary
	Read     *pgxpool.Pool // a replica for search; nil: DB
	Embedder Embedder      // the provider's; nil: the built-in one alone
	Logger   *slog.Logger  // nil: slog.Default()
	// GraphFrom is from how many chunks on vectors are searched through an HNSW graph, which the background
	// work builds, instead of by a scan; those for some alone are always scanned. A scan of fewer takes about as long as a walk that misses as
	// little, and misses nothing; those of the built-in model are scanned in this process, which then
	// holds the index in some 3 kB a chunk. 0: 20,000.
	GraphFrom int
	Web       *crawl.Client // reads pages and sites; nil: one that reads public addresses alone
}

const defaultGraphFrom = 20_000

// Service is the library and its index.
type Service struct {
	db        *pgxpool.Pool
	read      *pgxpool.Pool
	provider  Embedder
	graphAt   int
	held      held
	announced announcedCache
	jobs      *river.Client[pgx.Tx] // inserts only
	web       *crawl.Client
	log       *slog.Logger
}

// New makes a Service on a migrated database.
func New(c Config) *Service {
	s := &Service{db: c.DB, read: c.Read, provider: c.Embedder, log: c.Logger, graphAt: cmp.Or(c.GraphFrom, defaultGraphFrom), web: c.Web}
	if s.web == nil {
		s.web = crawl.New(crawl.Config{})
	}
	if s.read == nil {
		s.read = c.DB
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	jobs, err := river.NewClient(riverpgxv5.New(c.DB), &river.Config{Logger: s.log})
	if err != nil {
		panic(fmt.Sprintf("knowledge: a client that only inserts jobs needs no configuration: %v", err))
	}
	s.jobs = jobs
	return s
}
