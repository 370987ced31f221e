// SPDX-License-Identifier: MIT

package mail

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

const cleanEvery = time.Hour

// CleanArgs is the background job that empties the outbox of what ended long ago.
type CleanArgs struct{}

// Kind names the job.
func (CleanArgs) Kind() string { return "clean_mails" }

// CleanWorker does it; see [Service.Clean].
type CleanWorker struct {
	river.WorkerDefaults[CleanArgs]
	Mail *Service
}

// Work deletes what there is to delete.
func (w *CleanWorker) Work(ctx context.Context, _ *river.Job[CleanArgs]) error {
	return w.Mail.Clean(ctx)
}

// CleanPeriodically is the schedule of the job.
func CleanPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(cleanEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return CleanArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: cleanEvery}}
		}, nil)
}
