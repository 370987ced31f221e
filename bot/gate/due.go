// SPDX-License-Identifier: MIT

package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"candor/internal/fault"
	"candor/knowledge"
)

// Schedule has the draft of that revision publish itself. What gets worse by it needs a reason now; it
// is asked again when the time has come.
func (s *Service) Schedule(ctx context.Context, articleID, revision, by int64, at time.Time, reason string) (knowledge.Article, error) {
	check, err := s.checked(ctx, articleID, revision, by)
	if err != nil {
		return knowledge.Article{}, err
	}
	worse, err := worseOf(check)
	if err != nil {
		return knowledge.Article{}, err
	}
	if len(worse) > 0 && reason == "" {
		return knowledge.Article{}, getsWorse(check)
	}
	return s.Knowledge.Schedule(ctx, articleID, revision, knowledge.Plan{By: by, At: at, Accepted: worse, Reason: reason})
}

// worseOf are the golden questions that a check found answered worse.
func worseOf(c knowledge.Check) ([]int64, error) {
	var results []Result
	if err := json.Unmarshal(c.Results, &results); err != nil {
		return nil, fmt.Errorf("read a check: %w", err)
	}
	worse := []int64{}
	for _, r := range results {
		if r.Change == Worse {
			worse = append(worse, r.QuestionID)
		}
	}
	return worse, nil
}

// PublishDue publishes the drafts whose time has come, by the database's clock, and tells how many. One
// that answers worse than was accepted, or that nobody approved where somebody has to, is kept back.
// Several gateways may do it at once.
func (s *Service) PublishDue(ctx context.Context) (int, error) {
	for n := 0; ; {
		due, ok, err := s.Knowledge.ClaimDue(ctx)
		if err != nil || !ok {
			return n, err
		}
		why, err := s.publishDue(ctx, due)
		if err != nil {
			return n, err // the claim runs out, and it is tried again
		}
		if why == "" {
			n++
			continue
		}
		if err := s.keepBack(ctx, due, why); err != nil {
			return n, err
		}
	}
}

// publishDue publishes one, or says why not.
func (s *Service) publishDue(ctx context.Context, d knowledge.Due) (why string, err error) {
	report, _, err := s.askAll(ctx, d.ArticleID, d.Revision, &d.ScheduledBy, nil)
	if err != nil {
		return failed(err)
	}
	worse, err := worseOf(report.Check)
	if err != nil {
		return "", err
	}
	for _, question := range worse {
		if !slices.Contains(d.Accepted, question) {
			return knowledge.WhyWorse, nil
		}
	}
	if len(worse) > 0 {
		if err := s.Knowledge.AcknowledgeCheck(ctx, report.ID, d.ScheduledBy, d.Reason); err != nil {
			return failed(err)
		}
	}
	_, err = s.Knowledge.Publish(ctx, d.ArticleID, d.Revision, knowledge.Publication{By: &d.ScheduledBy, SecondEyes: s.secondEyes(), Scheduled: true})
	if fault.Is(err, "approval_missing") {
		return knowledge.WhyUnapproved, nil
	}
	if fault.Is(err, "not_scheduled") {
		return "", nil // somebody took it off, or published it, meanwhile
	}
	return failed(err)
}

// failed tells what will not be better for being tried again.
func failed(err error) (why string, _ error) {
	if f, is := fault.Of(err); is && f.Kind != fault.KindUnavailable {
		return knowledge.WhyFailed, nil
	}
	return "", err
}

func (s *Service) keepBack(ctx context.Context, d knowledge.Due, why string) error {
	kept, err := s.Knowledge.KeepBack(ctx, d, why)
	if err != nil || !kept || s.Tell == nil || d.OwnerID == nil {
		return err
	}
	if err := s.Tell(ctx, *d.OwnerID, d.ArticleID, why); err != nil {
		// The library shows it all the same.
		s.Bot.Logger.WarnContext(ctx, "an owner could not be told that a draft was kept back", "article_id", d.ArticleID, "error", err)
	}
	return nil
}

// DueArgs is the background job that publishes what is scheduled.
type DueArgs struct{}

// Kind names the job.
func (DueArgs) Kind() string { return "publish_due" }

// InsertOpts lets one such job wait at a time.
func (DueArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

const (
	dueEvery   = 15 * time.Second
	dueTimeout = 10 * time.Minute
)

// PublishDuePeriodically is the schedule of that job, for River's configuration.
func PublishDuePeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(dueEvery), func() (river.JobArgs, *river.InsertOpts) {
		return DueArgs{}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

// DueWorker does it.
type DueWorker struct {
	river.WorkerDefaults[DueArgs]
	Gate *Service
}

var _ river.Worker[DueArgs] = (*DueWorker)(nil)

// Timeout bounds it: each draft asks the golden questions.
func (w *DueWorker) Timeout(*river.Job[DueArgs]) time.Duration { return dueTimeout }

// Work publishes what is due.
func (w *DueWorker) Work(ctx context.Context, _ *river.Job[DueArgs]) error {
	_, err := w.Gate.PublishDue(ctx)
	return err
}
