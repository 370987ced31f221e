// SPDX-License-Identifier: MIT

package consequences

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"candor/chat"
	"candor/knowledge"
	"candor/mail"
)

// Config is what a Service needs.
type Config struct {
	DB        *pgxpool.Pool
	Chat      *chat.Service
	Knowledge *knowledge.Service
	Mail      *mail.Service // nil: no letters
	URL       string        // where customers find us, for the links in letters
	Logger    *slog.Logger
}

// Service reads what became of answers and sends corrections.
type Service struct {
	db        *pgxpool.Pool
	chat      *chat.Service
	knowledge *knowledge.Service
	mail      *mail.Service
	url       string
	log       *slog.Logger
	jobs      *river.Client[pgx.Tx] // inserts only
	lease     time.Duration
}

// New makes a Service on a migrated database.
func New(c Config) *Service {
	s := &Service{
		db: c.DB, chat: c.Chat, knowledge: c.Knowledge, mail: c.Mail, url: c.URL, log: cmp.Or(c.Logger, slog.Default()), lease: leaseFor,
	}
	jobs, err := river.NewClient(riverpgxv5.New(c.DB), &river.Config{Logger: s.log})
	if err != nil {
		panic(fmt.Sprintf("consequences: a client that only inserts jobs needs no configuration: %v", err))
	}
	s.jobs = jobs
	if s.mail != nil {
		s.mail.Handle(letterCorrection, mail.Handler{Compose: s.composeLetter, Ended: s.letterEnded})
	}
	return s
}
