// SPDX-License-Identifier: MIT

package api_test

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"candor/staff"
)

// silent shows that nothing that a customer can read tells of an article.
func (c customer) silent(t *testing.T, article int64, why string) {
	t.Helper()
	for _, path := range []string{"/messages?limit=200", "", fmt.Sprintf("/sources/%d/1", article)} {
		r := c.w.call(t, http.MethodGet, c.path(path), nil, bearer(c.token))
		require.NotContains(t, string(r.body), roaming, why)
		require.NotContains(t, string(r.body), "2 EUR a day", why)
	}
	require.Equal(t, http.StatusNotFound, c.w.call(t, http.MethodGet, c.path(fmt.Sprintf("/sources/%d/1", article)), nil, bearer(c.token)).status, why)
}

func TestAudience_only_who_is_signed_in_is_answered_from_what_is_for_them(t *testing.T) {
	t.Parallel()
	w, sign := shop(t)
	editor, agent := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Agent One", staff.RoleAgent)
	id := editor.articleID(t, roaming)
	early := w.customer(t)
	require.True(t, early.says(t, question).has("2 EUR a day"), "else this shows nothing")
	require.Equal(t, "signed_in", editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "signed_in"}).Audience)

	// Nobody vouches for a stranger, nor for one with a token that somebody else has signed.
	_, theirs, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	fake, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"sub": "shop-7", "aud": "https://chat.example", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(theirs)
	require.NoError(t, err)
	_, r := w.opens(t, map[string]any{"identity_token": fake})
	require.Equal(t, "identity_refused", r.code(t))
	stranger, _ := w.opens(t, map[string]any{"name": "Canary Name", "email": "canary@example.com"})
	known, r := w.opens(t, map[string]any{"identity_token": sign(nil)})
	require.Equal(t, http.StatusCreated, r.status)

	stranger.says(t, question)
	stranger.silent(t, id, "to a stranger it does not exist")
	said := known.says(t, question)
	require.True(t, said.has("2 EUR a day"))
	require.Equal(t, http.StatusOK, w.call(t, http.MethodGet, known.path(fmt.Sprintf("/sources/%d/1", id)), nil, bearer(known.token)).status)
	// Both kinds answer who is signed in; what is for everyone answers the stranger, too.
	require.True(t, known.says(t, "When is my bill due?").has("14 days"))
	other, _ := w.opens(t, map[string]any{"email": "canary@example.com"})
	require.True(t, other.says(t, "When is my bill due?").has("14 days"))

	// Who was told it before keeps what they were told, and no more of it.
	var source struct {
		HTML string
		Live bool
		URL  string
	}
	w.call(t, http.MethodGet, early.path(fmt.Sprintf("/sources/%d/1", id)), nil, bearer(early.token)).into(t, &source)
	require.Contains(t, source.HTML, "2 EUR a day")
	require.NotContains(t, source.HTML, "<h1", "not the article")
	require.False(t, source.Live)
	early.says(t, "And what does roaming in Switzerland cost for a week?")
	require.NotContains(t, fmt.Sprint(early.transcript(t).Messages[2:]), "2 EUR a day")

	// The desk finds it for both, and says for whom it is.
	suggested := func(c customer) string {
		c.says(t, question)
		return string(agent.call(t, http.MethodGet, "/v1/cases/"+c.claimed(t, agent)+"/suggestions", nil).body)
	}
	require.Contains(t, suggested(known), `"audience":"signed_in"}`)
	require.Contains(t, suggested(other), `"audience":"signed_in","barred":true`)

	// A new version stays as closed, and what is for staff alone is closed to everybody.
	editor.edits(t, http.MethodPost, id, "/draft/publish", map[string]any{"expected_rev": editor.draft(t, id, roaming, dearer)})
	again, _ := w.opens(t, map[string]any{"identity_token": sign(nil)})
	require.True(t, again.says(t, question).has("7 EUR a day"))
	require.False(t, w.customer(t).says(t, question).has("7 EUR a day"))
	editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "staff"})
	again, _ = w.opens(t, map[string]any{"identity_token": sign(nil)})
	require.False(t, again.says(t, question).has("7 EUR a day"))
	require.Empty(t, w.Violations(t))
}

func TestAudience_on_the_bench_and_at_the_gate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	ask := func(signedIn bool, expects string) {
		t.Helper()
		body := map[string]any{"text": question, "expects": expects, "signed_in": signedIn}
		if expects == "article" {
			body["article_id"] = id
		}
		r := editor.call(t, http.MethodPost, "/v1/questions", body)
		require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	}
	ask(true, "article")
	ask(false, "handoff")
	editor.edits(t, http.MethodPut, id, "/details", map[string]any{"audience": "signed_in"})

	require.NotContains(t, editor.try(t, map[string]any{"text": question}).Text, "2 EUR a day")
	require.Equal(t, "for_signed_in", editor.try(t, map[string]any{"text": question, "why_not": id}).WhyNot.Why)
	said := editor.try(t, map[string]any{"text": question, "why_not": id, "signed_in": true})
	require.Contains(t, said.Text, "2 EUR a day")
	require.Equal(t, "cited", said.WhyNot.Why)
	rev := editor.draft(t, id, roaming, dearer)
	require.Contains(t, editor.try(t, map[string]any{"text": question, "draft_of": id, "signed_in": true}).Text, "7 EUR a day")
	require.NotContains(t, editor.try(t, map[string]any{"text": question, "draft_of": id}).Text, "7 EUR a day")

	var report struct {
		Worse     int
		Questions []struct {
			SignedIn bool `json:"signed_in"`
			Live     struct {
				Right bool
				Text  string
			}
			Draft struct {
				Right bool
				Text  string
			}
		}
	}
	editor.call(t, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/check", id), map[string]any{"expected_rev": rev}).into(t, &report)
	require.Zero(t, report.Worse)
	require.Len(t, report.Questions, 2)
	for _, q := range report.Questions {
		if q.SignedIn {
			require.True(t, q.Live.Right && q.Draft.Right, "%+v", q)
			require.Contains(t, q.Draft.Text, "7 EUR a day")
		} else {
			require.NotContains(t, q.Live.Text+q.Draft.Text, "EUR a day")
		}
	}
	list := editor.call(t, http.MethodGet, "/v1/articles?audience=signed_in", nil)
	require.Contains(t, string(list.body), roaming)
	require.NotContains(t, string(editor.call(t, http.MethodGet, "/v1/articles?audience=everyone", nil).body), roaming)
}
