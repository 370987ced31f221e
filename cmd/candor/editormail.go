// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"

	"candor/knowledge"
	"candor/mail"
	"candor/prompts"
	"candor/staff"
)

const mailKeptBack = "kept_back"

type keptBackMail struct {
	Article int64  `json:"article_id"`
	Why     string `json:"why"`
}

// keptBackWords say why a scheduled draft did not go live.
var keptBackWords = map[string]string{
	knowledge.WhyWorse:      "With it, golden questions would be answered worse.",
	knowledge.WhyUnapproved: "No colleague has approved it.",
	knowledge.WhyFailed:     "It could not be published as it is.",
}

// newEditorMail tells owners of articles by mail what was kept back; nil where no mail server is set.
func newEditorMail(letters *mail.Service, people *staff.Service, publicURL string) func(context.Context, int64, int64, string) error {
	if !letters.Enabled() {
		return nil
	}
	letters.Handle(mailKeptBack, mail.Handler{Compose: func(ctx context.Context, o mail.Outgoing) (*mail.Letter, error) {
		var about keptBackMail
		if err := json.Unmarshal(o.Data, &about); err != nil || o.Account == nil {
			return nil, fmt.Errorf("read a letter to an editor: %w", err)
		}
		m, err := people.Member(ctx, *o.Account)
		if err != nil || m.DisabledAt != nil {
			return nil, err // nobody to tell
		}
		return &mail.Letter{
			To: m.Email, Locale: prompts.English, Subject: "A scheduled article was kept back",
			Link: fmt.Sprintf("%s/library#article=%d", publicURL, about.Article), Label: "Open the article",
			Lines: []string{"A draft was due to go live, and did not.", keptBackWords[about.Why], "Customers are still answered from what was live before."},
		}, nil
	}})
	return func(ctx context.Context, owner, article int64, why string) error {
		return letters.Queue(ctx, mail.Queued{Kind: mailKeptBack, Account: owner, Data: keptBackMail{article, why}, Once: fmt.Sprintf("%s/%d", mailKeptBack, article)})
	}
}
