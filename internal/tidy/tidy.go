// SPDX-License-Identifier: MIT

// Package tidy is the hourly background job that deletes what has run out,
// wherever it lies. One process does it at a time; a step that fails does not
// keep the others from their work, and the job is tried again.
package tidy

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
)

const every = time.Hour

// Step deletes what there is to delete of one kind.
type Step func(context.Context) error

// Args is the job.
type Args struct{}

// Kind names it.
func (Args) Kind() string { return "tidy" }

// Worker takes all steps.
type Worker struct {
	river.WorkerDefaults[Args]
	Steps []Step
}

// Work takes them once.
func (w *Worker) Work(ctx context.Context, _ *river.Job[Args]) error {
	var failed []error
	for _, step := range w.Steps {
		failed = append(failed, step(ctx))
	}
	return errors.Join(failed...)
}

// Periodically is the schedule: at a start too, as gateways may be replaced more
// often than once an hour.
func Periodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(every),
		func() (river.JobArgs, *river.InsertOpts) {
			return Args{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: every}}
		}, &river.PeriodicJobOpts{RunOnStart: true})
}
