// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	retrieval "candor/bot/eval"
	"candor/llm"
)

// calibrate fits the confidence on labelled questions, asked of the live library
// or of articles in a scratch database.
func calibrate(ctx context.Context, args []string, io streams) error {
	set := flags("calibrate", io)
	queries := set.String("queries", "", "questions, JSON Lines {query, relevant, lang, split}")
	kb := set.String("kb", "", "articles to ask, JSON Lines {id, title, body, lang}; empty: the live library")
	out := set.String("out", "", "write the calibration here, for CANDOR_CONFIDENCE_FILE")
	var o retrieval.CalibrateOptions
	set.Float64Var(&o.Target, "target", 0.1, "share of the answers that may be wrong")
	set.Float64Var(&o.ClarifyTarget, "clarify-target", 0.25, "the same, from which on a question back is not worth it")
	asJSON := set.Bool("json", false, "print the figures as JSON")
	if err := parse(set, args); err != nil {
		return err
	}
	if *queries == "" {
		return usageError("--queries names the file of labelled questions")
	}
	if o.Target <= 0 || o.Target >= 1 || o.ClarifyTarget <= 0 || o.ClarifyTarget >= 1 {
		return usageError("the targets are shares between 0 and 1")
	}
	progress := countProgress(io.err, "questions")
	if *asJSON {
		progress = nil
	}
	rows, err := labelled(ctx, *kb, *queries, progress)
	if err != nil {
		return err
	}
	fitted, err := retrieval.Calibrate(rows, o)
	if err != nil {
		return err
	}
	if err := writeRows(*out, func(w output) error { return json.NewEncoder(w).Encode(fitted.Calibration) }); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(io.out).Encode(fitted)
	}
	if err := fitted.Write(io.out); err != nil {
		return err
	}
	return sayHow(io.out, *out)
}

// sayHow tells what to do with the result.
func sayHow(w io.Writer, path string) error {
	words := "\nNothing was kept: --out confidence.json writes it down."
	if path != "" {
		words = fmt.Sprintf("\nGateways use it from their next start with CANDOR_CONFIDENCE_FILE=%s", path)
	}
	_, err := fmt.Fprintln(w, words)
	return err
}

// labelled asks the questions.
func labelled(ctx context.Context, kb, queries string, progress func(done, all int)) ([]retrieval.Row, error) {
	if kb == "" {
		a, err := openApp(ctx)
		if err != nil {
			return nil, err
		}
		defer a.close()
		return retrieval.Ask(ctx, a.knowledge, queries, progress)
	}
	c, err := readEnvironment()
	if err != nil {
		return nil, err
	}
	if err := c.needDatabase(); err != nil {
		return nil, err
	}
	options := retrieval.Options{DatabaseURL: c.DatabaseURL, Progress: progress}
	if model := c.embedding(); model != nil {
		defer model.Close()
		options.Embedder = model.Embedder()
	}
	return retrieval.AskScratch(ctx, kb, queries, options)
}

// embedding is the provider's, for measuring; nil if none is configured.
func (c config) embedding() *llm.Client {
	if !c.hasProvider() || c.EmbeddingModel == "" {
		return nil
	}
	return llm.New(llm.Config{BaseURL: c.OpenAIBaseURL, APIKey: c.OpenAIKey, EmbeddingModel: c.EmbeddingModel, Dimensions: c.EmbeddingDimensions})
}
