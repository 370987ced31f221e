// SPDX-License-Identifier: MIT

package llmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Message is one message of a chat request. Content given as parts is joined.
type Message struct {
	Role    string
	Content string
}

// Request is what a client asked, parsed, and the bytes it was parsed from.
type Request struct {
	N            int         // counts the requests of a server from 1
	Path         string      // the path as sent, so that base URLs can be checked
	Query        string      // the raw query
	Header       http.Header // the headers as received
	Body         []byte      // every byte of the body, prompts included
	Model        string
	Messages     []Message
	Input        []string // the texts of an embeddings request
	Stream       bool
	IncludeUsage bool
	MaxTokens    int
	Temperature  float64
	Dimensions   int
}

// System joins the messages of the system and developer roles.
func (r Request) System() string {
	var parts []string
	for _, m := range r.Messages {
		if m.Role == "system" || m.Role == "developer" {
			parts = append(parts, m.Content)
		}
	}
	return strings.Join(parts, "\n")
}

// User is the content of the last message of the user role.
func (r Request) User() string {
	for _, m := range slices.Backward(r.Messages) {
		if m.Role == "user" {
			return m.Content
		}
	}
	return ""
}

// Prompt joins the contents of all messages: what an injected text could reach.
func (r Request) Prompt() string {
	parts := make([]string, len(r.Messages))
	for i, m := range r.Messages {
		parts[i] = m.Content
	}
	return strings.Join(parts, "\n")
}

// wireRequest is the union of the fields of the endpoints served here.
type wireRequest struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Input               json.RawMessage `json:"input"`
	Stream              bool            `json:"stream"`
	MaxTokens           int             `json:"max_tokens"`
	MaxCompletionTokens int             `json:"max_completion_tokens"`
	Temperature         float64         `json:"temperature"`
	Dimensions          int             `json:"dimensions"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// parse fills r from its body.
func (r *Request) parse() error {
	var w wireRequest
	if err := json.Unmarshal(r.Body, &w); err != nil {
		return fmt.Errorf("parse request: %w", err)
	}
	r.Model, r.Stream, r.IncludeUsage = w.Model, w.Stream, w.StreamOptions.IncludeUsage
	r.MaxTokens = max(w.MaxTokens, w.MaxCompletionTokens)
	r.Temperature, r.Dimensions = w.Temperature, w.Dimensions
	for _, m := range w.Messages {
		r.Messages = append(r.Messages, Message{Role: m.Role, Content: content(m.Content)})
	}
	r.Input = input(w.Input)
	return nil
}

// content reads a message's content: a string, or a list of parts with texts.
func content(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, "\n")
}

// input reads the input of an embeddings request: a string or a list of them.
func input(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return []string{s}
	}
	return nil
}
