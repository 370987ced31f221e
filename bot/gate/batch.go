// SPDX-License-Identifier: MIT

package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"candor/bot"
	"candor/knowledge"
)

// BatchReport is a check of all drafts of an import together.
type BatchReport struct {
	knowledge.ImportCheck
	Results []Result // the changes first: worse, better, changed, same
}

// Batch is an import before the gate: its drafts, prepared once.
type Batch struct {
	ImportID int64
	Refs     []knowledge.DraftRef
	Set      *knowledge.DraftSet
}

// Batch prepares the drafts of an import that wait to be published.
func (s *Service) Batch(ctx context.Context, importID int64) (Batch, error) {
	b := Batch{ImportID: importID}
	var err error
	if b.Refs, err = s.Knowledge.ImportDrafts(ctx, importID); err != nil || len(b.Refs) == 0 {
		return b, err
	}
	b.Set, err = s.Knowledge.Drafts(ctx, b.Refs)
	return b, err
}

// CheckImport asks all golden questions, in the library as it is and with all drafts of the import in their places,
// and records what came of it. progress may be nil.
func (s *Service) CheckImport(ctx context.Context, b Batch, by *int64, progress func(done, all int)) (BatchReport, error) {
	start, err := s.Knowledge.Now(ctx)
	if err != nil {
		return BatchReport{}, err
	}
	questions, err := s.Knowledge.Questions(ctx, 0)
	if err != nil {
		return BatchReport{}, err
	}
	results, err := s.ask(ctx, bot.Rehearsal{Drafts: b.Set}, questions, progress)
	if err != nil {
		return BatchReport{}, err
	}
	slices.SortStableFunc(results, func(a, b Result) int { return slices.Index(order, a.Change) - slices.Index(order, b.Change) })
	c := knowledge.ImportCheck{ImportID: b.ImportID, AuthorID: by, CreatedAt: start}
	for _, r := range results {
		if r.Change == Worse {
			c.Worse++
		}
	}
	if c.Results, err = json.Marshal(results); err != nil {
		return BatchReport{}, fmt.Errorf("record a check of an import: %w", err)
	}
	c, err = s.Knowledge.SaveImportCheck(ctx, c, b.Refs)
	return BatchReport{c, results}, err
}

// PublishImport takes the drafts of an import through the gate. Where answers get worse nothing goes live without a
// reason: the import is held, and the drafts wait. It gives the state the import is in now.
func (s *Service) PublishImport(ctx context.Context, importID int64, by *int64, reason string, progress func(done, all int)) (string, error) {
	b, err := s.Batch(ctx, importID)
	if err != nil || len(b.Refs) == 0 {
		return knowledge.ImportDone, err
	}
	check, err := s.Knowledge.ImportCheck(ctx, importID, b.Refs)
	if err != nil {
		return "", err
	}
	if check == nil {
		report, err := s.CheckImport(ctx, b, by, progress)
		if err != nil {
			return "", err
		}
		check = &report.ImportCheck
	}
	if check.Worse > 0 && check.AcknowledgedAt == nil {
		if reason == "" {
			return knowledge.ImportHeld, nil
		}
		if err := s.Knowledge.AcknowledgeImportCheck(ctx, check.ID, by, reason); err != nil {
			return "", err
		}
	}
	_, err = s.Knowledge.PublishDrafts(ctx, importID, knowledge.Publication{By: by, SecondEyes: s.secondEyes()}, b.Refs, b.Set)
	return knowledge.ImportDone, err
}

// Worse gives the golden questions that the last check of an import found answered worse.
func (s *Service) Worse(ctx context.Context, importID int64) ([]string, error) {
	check, err := s.Knowledge.ImportCheck(ctx, importID, nil)
	if err != nil || check == nil {
		return nil, err
	}
	var results []Result
	if err := json.Unmarshal(check.Results, &results); err != nil {
		return nil, fmt.Errorf("read a check of an import: %w", err)
	}
	var worse []string
	for _, r := range results {
		if r.Change == Worse {
			worse = append(worse, r.Text)
		}
	}
	return worse, nil
}

// SyncWorker reads sources, and takes those through the gate whose changes are to go live.
type SyncWorker struct {
	river.WorkerDefaults[knowledge.SyncArgs]
	Gate *Service
}

// Timeout is longer than a reading may take, so that the reading says itself that it took too long.
func (w *SyncWorker) Timeout(*river.Job[knowledge.SyncArgs]) time.Duration {
	return knowledge.SyncTimeout + time.Minute
}

// Work carries one import out.
func (w *SyncWorker) Work(ctx context.Context, job *river.Job[knowledge.SyncArgs]) error {
	return w.Gate.Sync(ctx, job.Args.ImportID)
}

// Sync reads a source and, where that is its mode, publishes what changed.
func (s *Service) Sync(ctx context.Context, importID int64) error {
	return s.Knowledge.Sync(ctx, importID, func(ctx context.Context, im knowledge.Import, lease *knowledge.Lease) (string, error) {
		if s.secondEyes() {
			return knowledge.ImportHeld, nil // a colleague publishes it
		}
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		state, err := s.PublishImport(ctx, im.ID, nil, "", func(done, all int) {
			if err := lease.Tell(ctx, done, all); err != nil {
				cancel(err)
			}
		})
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return state, err
	})
}
