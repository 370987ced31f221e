// SPDX-License-Identifier: MIT

package confidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"candor/knowledge/rank"
)

// Calibration is a model with the thresholds that its confidences are compared with. The zero value is
// the one that comes with the program.
type Calibration struct {
	model   *Model
	answer  float64
	clarify float64
	name    string
}

// New makes a calibration of a fitted model.
func New(m Model, answer, clarify float64) Calibration {
	c := Calibration{model: &m, answer: answer, clarify: clarify}
	raw, _ := c.MarshalJSON() // numbers alone
	sum := sha256.Sum256(raw)
	c.name = hex.EncodeToString(sum[:6])
	return c
}

// Name tells one calibration from another in records.
func (c Calibration) Name() string {
	if c.model == nil {
		return "built-in"
	}
	return c.name
}

// Answer is the confidence from which an answer is given.
func (c Calibration) Answer() float64 {
	if c.model == nil {
		return AnswerThreshold
	}
	return c.answer
}

// Clarify is the confidence from which a question back is worth it.
func (c Calibration) Clarify() float64 {
	if c.model == nil {
		return ClarifyThreshold
	}
	return c.clarify
}

// Score returns the probability that the best article answers.
func (c Calibration) Score(f rank.Features) float64 {
	if c.model == nil {
		return Score(f)
	}
	return c.model.Score(f)
}

// Decide compares a confidence with the thresholds.
func (c Calibration) Decide(p float64) Decision {
	switch {
	case p >= c.Answer():
		return Answer
	case p >= c.Clarify():
		return Clarify
	}
	return Handoff
}

// stored is how a calibration is kept in a file. Weights go by name: a program that has other inputs
// refuses the file instead of misreading it.
type stored struct {
	Answer  float64            `json:"answer_threshold"`
	Clarify float64            `json:"clarify_threshold"`
	Weights map[string]float64 `json:"weights"`
}

// MarshalJSON writes it for a file.
func (c Calibration) MarshalJSON() ([]byte, error) {
	m := Default()
	if c.model != nil {
		m = *c.model
	}
	s := stored{Answer: c.Answer(), Clarify: c.Clarify(), Weights: map[string]float64{}}
	for i, name := range Names() {
		s.Weights[name] = m.Weights[i]
	}
	return json.Marshal(s)
}

// Parse reads what MarshalJSON wrote.
func Parse(raw []byte) (Calibration, error) {
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return Calibration{}, fmt.Errorf("this is not what `candor calibrate` writes: %w", err)
	}
	if !(0 < s.Clarify && s.Clarify <= s.Answer && s.Answer < 1) {
		return Calibration{}, fmt.Errorf("the thresholds %g and %g must lie between 0 and 1, that of a question back not above", s.Answer, s.Clarify)
	}
	if len(s.Weights) != size {
		return Calibration{}, fmt.Errorf("it has %d weights, this program's model has %d: run `candor calibrate` again", len(s.Weights), size)
	}
	var m Model
	for i, name := range Names() {
		w, ok := s.Weights[name]
		if !ok || math.IsNaN(w) || math.IsInf(w, 0) {
			return Calibration{}, fmt.Errorf("the weight %q is missing: run `candor calibrate` again", name)
		}
		m.Weights[i] = w
	}
	return New(m, s.Answer, s.Clarify), nil
}
