// SPDX-License-Identifier: MIT

package bot

import (
	"time"

	"candor/chat"
	"candor/handoff"
	"candor/llm"
	"candor/prompts"
)

// Record is the decision record of a turn: what was found, who wrote, what was
// shown and held back, and why it ended as it did. It holds nothing personal;
// what does is in Private.
type Record struct {
	Turn       int64            `json:"turn"`
	Epoch      int              `json:"epoch"`
	FromSeq    int              `json:"from_seq"`
	ToSeq      int              `json:"to_seq"`
	Attempt    int              `json:"attempt"`
	Outcome    chat.Outcome     `json:"outcome"`
	Reason     handoff.Reason   `json:"reason,omitempty"`
	Answerer   string           `json:"answerer,omitempty"` // the model, or "built-in"
	Degraded   bool             `json:"degraded,omitempty"` // the provider was away
	Prompt     string           `json:"prompt,omitempty"`   // hash of the templates
	Embedding  string           `json:"embedding,omitempty"`
	Confidence float64          `json:"confidence"`
	Threshold  float64          `json:"threshold"`
	Calibrated string           `json:"calibration"` // which one the confidence is by
	Features   any              `json:"features,omitempty"`
	Notices    []RecordNotice   `json:"announcements,omitempty"`
	Passages   []RecordPassage  `json:"passages"`
	Sentences  []RecordSentence `json:"sentences"`
	Usage      *usage           `json:"usage,omitempty"`
	Timings    timings          `json:"timings"`
}

// RecordPassage is a passage that was found, with both scores.
type RecordPassage struct {
	ChunkID     int64   `json:"chunk_id"`
	ArticleID   int64   `json:"article_id"`
	Version     int     `json:"version"`
	ExternalID  string  `json:"external_id,omitempty"`
	Title       string  `json:"title"`
	Heading     string  `json:"heading,omitempty"`
	Text        string  `json:"text"` // how it begins
	VectorScore float64 `json:"vector_score"`
	TextScore   float64 `json:"text_score"`
	TextNorm    float64 `json:"text_norm"`
	Coverage    float64 `json:"coverage"`
	Fused       float64 `json:"fused"`
	VectorRank  int     `json:"vector_rank"`
	TextRank    int     `json:"text_rank"`
}

// RecordNotice is an announcement that was said first, and why.
type RecordNotice struct {
	ID        int64   `json:"id"`
	Version   int     `json:"version"`
	How       string  `json:"how"`
	Score     float64 `json:"score"`
	Threshold float64 `json:"threshold"`
}

// RecordSentence is a sentence that was written, shown or not; its words are in
// Private, at the same index.
type RecordSentence struct {
	Shown     bool    `json:"shown"`
	BlockedBy string  `json:"blocked_by,omitempty"`
	Support   float64 `json:"support"`
	Chunks    []int64 `json:"chunks,omitempty"`
}

// Private is the sealed part of a decision record.
type Private struct {
	Query     string   `json:"query"`
	Sentences []string `json:"sentences"`
	Evidence  []string `json:"evidence"` // what a guard found, by sentence
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
}

func usageOf(u llm.Usage) usage { return usage{u.PromptTokens, u.CompletionTokens} }

// timings are milliseconds since the turn began.
type timings struct {
	RetrieveMS   int64 `json:"retrieve_ms"`
	FirstDeltaMS int64 `json:"first_delta_ms,omitempty"`
	TotalMS      int64 `json:"total_ms"`

	start time.Time
}

func startTimings() timings { return timings{start: time.Now()} }

func (t *timings) retrieved() { t.RetrieveMS = time.Since(t.start).Milliseconds() }

func (t *timings) sentence() {
	if t.FirstDeltaMS == 0 {
		t.FirstDeltaMS = max(1, time.Since(t.start).Milliseconds())
	}
}

func (t *turn) record(d decision) Record {
	t.timings.TotalMS = time.Since(t.timings.start).Milliseconds()
	r := Record{
		Turn: t.ID, Epoch: t.Epoch, FromSeq: t.FromSeq, ToSeq: t.ToSeq, Attempt: t.Attempt,
		Outcome: d.outcome, Reason: d.reason, Answerer: t.answerer, Degraded: t.degraded,
		Embedding: t.found.Model, Confidence: t.confidence, Calibrated: t.calibration, Threshold: t.threshold,
		Features: t.found.Features, Passages: []RecordPassage{}, Sentences: []RecordSentence{}, Timings: t.timings,
	}
	if t.answerer != "" && t.answerer != builtin {
		r.Prompt, r.Usage = prompts.Version(), &t.usage
	}
	for _, p := range t.found.Passages {
		r.Passages = append(r.Passages, RecordPassage{
			ChunkID: p.ChunkID, ArticleID: p.ArticleID, Version: p.Version, ExternalID: p.ExternalID, Title: p.Title, Heading: p.Heading, Text: begin(p.Text),
			VectorScore: p.VectorScore, TextScore: p.TextScore, TextNorm: p.TextNorm, Coverage: p.Coverage, Fused: p.Fused,
			VectorRank: p.VectorRank, TextRank: p.TextRank,
		})
	}
	for _, n := range t.notices {
		r.Notices = append(r.Notices, RecordNotice{n.ID, n.Version, n.How, n.Score, n.Threshold})
	}
	for _, c := range t.sentences {
		r.Sentences = append(r.Sentences, RecordSentence{Shown: !c.Blocked(), BlockedBy: c.Kind, Support: c.Support, Chunks: c.Chunks})
	}
	return r
}

func (t *turn) private() Private {
	p := Private{Query: t.question.Query, Sentences: []string{}, Evidence: []string{}}
	for _, c := range t.sentences {
		p.Sentences = append(p.Sentences, c.Text)
		p.Evidence = append(p.Evidence, c.Evidence)
	}
	return p
}

// excerptRunes is how much of a passage a record repeats; the whole stands in
// the version that it names.
const excerptRunes = 240

func begin(s string) string {
	if runes := []rune(s); len(runes) > excerptRunes {
		return string(runes[:excerptRunes]) + "…"
	}
	return s
}
