// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const builtinModel = "candor-lexical-1"

// judge says what is wrong with the turns of a switch, given by their ends. away counts, by gateway, how
// often its log says that the provider did not embed: as many turns may have been searched with the
// built-in model in its stead.
func judge(turns []turn, away map[string]int) error {
	var errs []error
	flipped := map[string]time.Time{} // by gateway, the end of its first turn with its own model
	for _, u := range turns {
		if err := u.judge(); err != nil {
			errs = append(errs, err)
		}
		if at := flipped[u.gateway]; u.model == ownModel(u.gateway) && at.IsZero() {
			flipped[u.gateway] = u.ended
		}
	}
	back := map[string]int{}
	for _, u := range turns {
		at := flipped[u.gateway]
		if u.model != ownModel(u.gateway) && (u.gateway == "before" || !at.IsZero() && u.began.After(at)) {
			back[u.gateway]++
		}
	}
	for gateway, n := range back {
		if n > away[gateway] {
			errs = append(errs, fmt.Errorf("%s: went back to the built-in model %d times, and the provider was away %d times", gateway, n, away[gateway]))
		}
	}
	return errors.Join(errs...)
}

func ownModel(gateway string) string {
	if gateway == "before" {
		return "first"
	}
	return "second"
}

// judge says what is wrong with one turn.
func (u turn) judge() error {
	switch {
	case !u.found:
		return fmt.Errorf("%s: %s is not found with %s", u.gateway, u.article, u.model)
	case u.model == "second" && u.vectorScore == 0 && !u.late():
		return fmt.Errorf("%s: %s has no vector of %s", u.gateway, u.article, u.model)
	case u.outcome != "answer" || u.citations == 0:
		return fmt.Errorf("%s: ended in %s with %d citations", u.gateway, u.outcome, u.citations)
	case u.model != ownModel(u.gateway) && u.model != builtinModel:
		return fmt.Errorf("%s: searched with %s", u.gateway, u.model)
	}
	return nil
}

// late tells whether the article was published meanwhile: its words find it before its vector is there.
func (u turn) late() bool { return u.article == "late-before" || u.article == "late-after" }

// judgeLate holds questions to what was published meanwhile, asked when all was caught up with.
func judgeLate(turns []turn, ids []string) error {
	models := map[string]bool{}
	for _, u := range turns {
		if !slices.Contains(ids, u.id) {
			continue
		}
		models[u.model] = true
		if u.vectorScore == 0 || u.model != ownModel(u.gateway) {
			return fmt.Errorf("%s: %s has vector score %.2f by %s", u.gateway, u.article, u.vectorScore, u.model)
		}
	}
	if len(models) != 2 {
		return fmt.Errorf("asked with %v", models)
	}
	return nil
}

// report says how many turns were searched with which model.
func (r *rollout) report(t *testing.T, turns []turn, flipped time.Time, away map[string]int) {
	t.Helper()
	n := map[string]int{}
	slowest := time.Duration(0)
	for _, u := range turns {
		n[u.gateway+" "+u.model]++
		slowest = max(slowest, u.ended.Sub(u.began))
	}
	t.Logf("%d turns in %v, slowest %v, flip after %v: %v, provider away %v", len(turns), turns[len(turns)-1].ended.Sub(turns[0].began), slowest, flipped.Sub(turns[0].began), n, away)
}

// away counts how often a gateway's log says that the provider did not embed a question.
func (p *process) away() int {
	return strings.Count(p.output.String(), "the provider does not embed; searching")
}
