// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"candor/chat"
)

// outcomeErased is how the case of somebody who was erased ends. No agent chooses it.
const outcomeErased = "erased"

// Erase erases a customer: open cases and turns end, the conversations are
// closed, and the key of what was said in them is destroyed. The record of what
// happened stands. by is nil when it is nobody of the staff.
func (s *Service) Erase(ctx context.Context, customerID int64, by *chat.Agent) error {
	return s.chat.Erase(ctx, customerID, by, s.endTx)
}

// EndErased ends what is open in a conversation whose key was found destroyed.
func (s *Service) EndErased(ctx context.Context, conversationID int64) error {
	return s.chat.EndErased(ctx, conversationID, s.endTx)
}

// endTx closes the case of a conversation without a word to anybody: there is
// nobody left to tell, and nothing left to say it in. What kept the customer from
// writing goes with them; the record has that it was.
func (s *Service) endTx(ctx context.Context, l *chat.Locked) error {
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM blocks WHERE customer_id = $1", l.CustomerID); err != nil {
		return fmt.Errorf("remove the blocks of an erased customer: %w", err)
	}
	k, err := openCase(ctx, l)
	if err != nil || k == nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE cases SET state = 'withdrawn', outcome = $2, resolved_at = now(), updated_at = now() WHERE id = $1", k.ID, outcomeErased)
	if err != nil {
		return fmt.Errorf("close the case of an erased customer: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE complaints SET state = 'closed', updated_at = now() WHERE case_id = $1", k.ID); err != nil {
		return fmt.Errorf("close the complaint of an erased customer: %w", err)
	}
	l.TouchDesk()
	return l.Record(chat.EntryCase, caseEntry{Reference: k.Reference, Action: "withdrawn", Outcome: outcomeErased}, nil)
}

const (
	// eraseEvery is how soon an erasure that was asked for in the database, or was
	// interrupted, is carried out.
	eraseEvery = time.Minute
	// eraseBatch bounds one run; the rest is done by the next.
	eraseBatch = 100
)

// FinishErasures carries out the erasures that are asked for and not finished.
// One that fails does not keep the others.
func (s *Service) FinishErasures(ctx context.Context) error {
	customers, err := s.chat.ToErase(ctx, eraseBatch)
	if err != nil {
		return err
	}
	var failed error
	for _, id := range customers {
		failed = errors.Join(failed, s.Erase(ctx, id, nil))
	}
	return failed
}

// EraseArgs is the background job that carries erasures out; see [Service.FinishErasures].
type EraseArgs struct{}

// Kind names the job.
func (EraseArgs) Kind() string { return "finish_erasures" }

// EraseWorker does it.
type EraseWorker struct {
	river.WorkerDefaults[EraseArgs]
	Handoff *Service
}

// Work carries out what there is.
func (w *EraseWorker) Work(ctx context.Context, _ *river.Job[EraseArgs]) error {
	return w.Handoff.FinishErasures(ctx)
}

// ErasePeriodically is the schedule of the job.
func ErasePeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(eraseEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return EraseArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: eraseEvery}}
		}, nil)
}
