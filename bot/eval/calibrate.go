// SPDX-License-Identifier: MIT

package eval

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"candor/bot/confidence"
	"candor/knowledge"
)

// Calibrated is a confidence fitted on labelled questions.
type Calibrated struct {
	Questions   int                    `json:"questions"` // that it was fitted on
	Curve       []confidence.Point     `json:"curve"`     // of questions that the fit had not seen
	Target      float64                `json:"target"`    // share of wrong answers that was asked for
	Answer      confidence.Point       `json:"answer"`    // what the threshold leads to
	Clarify     confidence.Point       `json:"clarify"`
	Before      Judged                 `json:"before"` // the program's own, on the questions that were not seen
	After       Judged                 `json:"after"`
	Calibration confidence.Calibration `json:"calibration"`
}

// Judged is how a calibration does on questions.
type Judged struct {
	Questions int     `json:"questions"`
	Answered  float64 `json:"answered"` // share of the questions that get an answer
	Wrong     float64 `json:"wrong"`    // share of the answers that are wrong
	Brier     float64 `json:"brier"`
}

// CalibrateOptions say what to aim for.
type CalibrateOptions struct {
	Target        float64 // share of wrong answers
	ClarifyTarget float64 // share of wrong articles from which on a question back is not worth it
}

// Ask asks the questions of a file of the library that is there.
func Ask(ctx context.Context, s *knowledge.Service, queries string, progress func(done, total int)) ([]Row, error) {
	questions, err := readQuestions(queries)
	if err != nil {
		return nil, err
	}
	return ask(ctx, s, questions, progress)
}

// AskScratch asks them of the articles of kb in a scratch database.
func AskScratch(ctx context.Context, kb, queries string, o Options) (rows []Row, err error) {
	err = inScratch(ctx, o.DatabaseURL, func(pool *pgxpool.Pool) error {
		s := knowledge.New(knowledge.Config{DB: pool, Embedder: o.Embedder})
		if err := load(ctx, s, kb); err != nil {
			return err
		}
		rows, err = Ask(ctx, s, queries, o.Progress)
		return err
	})
	return rows, err
}

// folds is in how many parts the questions are cut: each is scored by a fit on the others.
const folds = 5

// Calibrate fits a confidence. Questions of the split "test" are kept from the fit and judged at the end;
// if there are none, what the fit has not seen of the others is.
func Calibrate(rows []Row, o CalibrateOptions) (Calibrated, error) {
	fit := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Labelled.Split == "test" })
	test := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Labelled.Split != "test" })
	if len(fit) == 0 {
		fit, test = test, nil
	}
	c := Calibrated{Questions: len(fit), Target: o.Target}
	samples := Samples(fit)
	unseen, err := crossFit(samples)
	if err != nil {
		return c, err
	}
	full := confidence.CurveOf(unseen)
	c.Curve = thin(full)
	var ok bool
	if c.Answer, ok = confidence.ThresholdFor(full, o.Target); !ok {
		return c, fmt.Errorf("no threshold leaves at most %.0f %% of the answers wrong: write the articles that are missing, or allow more with --target", 100*o.Target)
	}
	if c.Clarify, ok = confidence.ThresholdFor(full, max(o.Target, o.ClarifyTarget)); !ok || c.Clarify.Threshold > c.Answer.Threshold {
		c.Clarify = c.Answer
	}
	model, err := confidence.Fit(samples)
	if err != nil {
		return c, err
	}
	c.Calibration = confidence.New(model, c.Answer.Threshold, c.Clarify.Threshold)
	if len(test) == 0 {
		c.Before = judge(samples, confidence.Calibration{}.Score, confidence.AnswerThreshold)
		c.After = judged(unseen, c.Answer.Threshold)
		return c, nil
	}
	held := Samples(test)
	c.Before = judge(held, confidence.Calibration{}.Score, confidence.AnswerThreshold)
	c.After = judge(held, model.Score, c.Answer.Threshold)
	return c, nil
}

// crossFit scores each sample by a model that has not seen it.
func crossFit(samples []confidence.Sample) ([]confidence.Scored, error) {
	out := make([]confidence.Scored, len(samples))
	for fold := range folds {
		var others []confidence.Sample
		for i, s := range samples {
			if i%folds != fold {
				others = append(others, s)
			}
		}
		model, err := confidence.Fit(others)
		if err != nil {
			return nil, err
		}
		for i := fold; i < len(samples); i += folds {
			out[i] = confidence.Scored{Sample: samples[i], Confidence: model.Score(samples[i].Features)}
		}
	}
	return out, nil
}

func judge(samples []confidence.Sample, score func(knowledge.Features) float64, threshold float64) Judged {
	list := make([]confidence.Scored, len(samples))
	for i, s := range samples {
		list[i] = confidence.Scored{Sample: s, Confidence: score(s.Features)}
	}
	return judged(list, threshold)
}

func judged(list []confidence.Scored, threshold float64) Judged {
	j := Judged{Questions: len(list)}
	total, wrong := 0.0, 0.0
	for _, s := range list {
		truth := 0.0
		if s.Right {
			truth = 1
		}
		total += s.Weight
		j.Brier += s.Weight * (s.Confidence - truth) * (s.Confidence - truth)
		if s.Confidence >= threshold {
			j.Answered += s.Weight
			wrong += s.Weight * (1 - truth)
		}
	}
	if j.Answered > 0 {
		j.Wrong = wrong / j.Answered
	}
	j.Answered, j.Brier = j.Answered/max(total, 1e-9), j.Brier/max(total, 1e-9)
	return j
}

// thin keeps a point for each twentieth of the questions.
func thin(curve []confidence.Point) (out []confidence.Point) {
	next := 0.0
	for i, p := range curve {
		if p.Answered >= next || i == len(curve)-1 {
			out = append(out, p)
			next = p.Answered + 0.05
		}
	}
	return out
}

// Write prints the curve and what to do with it.
func (c Calibrated) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "fitted on %d questions; the curve is of questions that the fit had not seen\n\n", c.Questions)
	fmt.Fprintf(&b, "%9s %9s %6s\n", "threshold", "answered", "wrong")
	for _, p := range c.Curve {
		fmt.Fprintf(&b, "%9.2f %8.0f%% %5.1f%%\n", p.Threshold, 100*p.Answered, 100*p.Wrong)
	}
	fmt.Fprintf(&b, "\nanswer from %.3f: %.0f %% of the questions are answered, %.1f %% of the answers are wrong (target %.0f %%)\n",
		c.Answer.Threshold, 100*c.Answer.Answered, 100*c.Answer.Wrong, 100*c.Target)
	fmt.Fprintf(&b, "ask back from %.3f; below, a person is called\n", c.Clarify.Threshold)
	for _, line := range []struct {
		name string
		Judged
	}{{"as it comes", c.Before}, {"calibrated", c.After}} {
		fmt.Fprintf(&b, "%-12s %4.0f %% answered, %4.1f %% of them wrong, mean squared error %.3f (%d questions)\n",
			line.name, 100*line.Answered, 100*line.Wrong, line.Brier, line.Questions)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
