// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	retrieval "candor/bot/eval"
	detection "candor/bot/triage/eval"
)

// eval measures on a set of the user's own.
func eval(ctx context.Context, args []string, io streams) error {
	if len(args) == 0 {
		return usageError("say what to measure: retrieval or detection")
	}
	switch args[0] {
	case "retrieval":
		return evalRetrieval(ctx, args[1:], io)
	case "detection":
		return evalDetection(args[1:], io)
	}
	return usageError(fmt.Sprintf("there is no %q: use retrieval or detection", args[0]))
}

// evalRetrieval measures search and confidence in a scratch database on the
// server that DATABASE_URL names; it is dropped afterwards.
func evalRetrieval(ctx context.Context, args []string, io streams) error {
	set := flags("eval retrieval", io)
	kb := set.String("kb", "", "articles, JSON Lines {id, title, body, lang}")
	queries := set.String("queries", "", "questions, JSON Lines {query, relevant, lang}")
	rowsPath := set.String("rows", "", "write {query, ranked, confidence, decision} here")
	asJSON := set.Bool("json", false, "print the figures as JSON")
	if err := parse(set, args); err != nil {
		return err
	}
	if *kb == "" || *queries == "" {
		return usageError("--kb and --queries name the files of articles and questions")
	}
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	if err := c.needDatabase(); err != nil {
		return err
	}
	options := retrieval.Options{DatabaseURL: c.DatabaseURL}
	if model := c.embedding(); model != nil {
		defer model.Close()
		options.Embedder = model.Embedder()
	}
	if !*asJSON {
		options.Progress = countProgress(io.err, "questions")
	}
	report, rows, err := retrieval.Retrieval(ctx, *kb, *queries, options)
	if err != nil {
		return err
	}
	if err := writeRows(*rowsPath, func(w output) error { return retrieval.WriteRows(w, rows) }); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(io.out).Encode(report)
	}
	return report.Write(io.out)
}

// evalDetection measures how well triage finds requests for a person and complaints.
func evalDetection(args []string, io streams) (err error) {
	set := flags("eval detection", io)
	path := set.String("set", "", "JSON Lines {text, label}, label in complaint, human_request, neither")
	rowsPath := set.String("rows", "", "write {text, human_request:{hit,score}, complaint:{hit,score}} here")
	asJSON := set.Bool("json", false, "print the measures as JSON")
	if err := parse(set, args); err != nil {
		return err
	}
	if *path == "" {
		return usageError("--set names the file of labelled messages")
	}
	file, err := os.Open(*path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	examples, err := detection.Read(file)
	if err != nil {
		return fmt.Errorf("%s: %w", *path, err)
	}
	rows := detection.Run(examples)
	if err := writeRows(*rowsPath, func(w output) error { return detection.Write(w, rows) }); err != nil {
		return err
	}
	measures := detection.Measures(examples, rows)
	if *asJSON {
		return json.NewEncoder(io.out).Encode(measures)
	}
	for _, m := range measures {
		fmt.Fprintln(io.out, m)
	}
	return nil
}

type output = io.Writer

// writeRows writes a file, whole or with an error; no name, no file.
func writeRows(path string, write func(output) error) (err error) {
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return write(file)
}
