// SPDX-License-Identifier: MIT

package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
	"candor/staff"
)

type announcement struct {
	ID        int64
	Version   int
	State     string
	ExpiresAt time.Time `json:"expires_at"`
	Texts     []struct{ Lang, Title, Text, HTML string }
}

const (
	outage      = "The mobile network in Switzerland is down since 8:00. We are working on it."
	outageAsked = "Why do I have no network in Switzerland?"
)

// announces publishes an announcement about the network in Switzerland.
func (m member) announces(t *testing.T, more map[string]any) announcement {
	t.Helper()
	body := map[string]any{
		"texts": []map[string]any{{"lang": "en", "text": outage}, {"lang": "de", "text": "Das Mobilnetz in der Schweiz ist seit 8:00 Uhr gestört."}},
		"about": []string{"I have no network in Switzerland", "Warum habe ich in der Schweiz kein Netz?"},
	}
	maps.Copy(body, more)
	r := m.call(t, http.MethodPost, "/v1/announcements", body)
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	var a announcement
	r.into(t, &a)
	return a
}

// lastBot is the newest message of the bot.
func (r turnResult) lastBot(t *testing.T) message {
	t.Helper()
	for _, m := range slices.Backward(r.Messages) {
		if m.Author.Type == "bot" {
			return m
		}
	}
	require.Fail(t, "the bot said nothing")
	return message{}
}

func (w *world) expire(t *testing.T, a announcement) {
	t.Helper()
	_, err := w.DB.Exec(t.Context(), `UPDATE knowledge_articles SET expires_at = now() WHERE id = $1`, a.ID)
	require.NoError(t, err)
}

func TestAnnouncement_is_said_first(t *testing.T) {
	t.Parallel()
	testAnnouncement(t, setup(t))
}

func TestAnnouncement_is_said_first_with_a_model(t *testing.T) {
	t.Parallel()
	testAnnouncement(t, setupModel(t, llmtest.Honest()))
}

func testAnnouncement(t *testing.T, w *world) {
	editor := w.member(t, "Editor One", staff.RoleEditor)
	require.Equal(t, "queued", w.customer(t).says(t, outageAsked).Conversation.State, "nothing is announced yet")

	a := editor.announces(t, map[string]any{"about": []string{"I have no network in Switzerland", question}})
	require.Equal(t, "live", a.State)
	c := w.customer(t)
	said := c.says(t, question).lastBot(t)
	require.Less(t, strings.Index(said.Text, "is down since 8:00"), strings.Index(said.Text, "2 EUR a day"), said.Text)
	require.Contains(t, said.Text, "is down since 8:00")
	require.Equal(t, a.ID, said.Citations[0].ArticleID)
	require.Equal(t, 1, said.Citations[0].Version)
	require.Contains(t, outage, said.Citations[0].Quote)
	require.Greater(t, len(said.Citations), 1, "and the ordinary answer has its own source")

	alone := w.customer(t)
	said = alone.says(t, outageAsked).lastBot(t)
	require.Contains(t, said.Text, "is down since 8:00")
	source := w.call(t, http.MethodGet, alone.path(fmt.Sprintf("/sources/%d/1", a.ID)), nil, bearer(alone.token))
	require.Equal(t, http.StatusOK, source.status)
	require.Contains(t, string(source.body), "down since 8:00")

	other := w.customer(t).says(t, "When is my bill due?").lastBot(t)
	require.NotContains(t, other.Text, "8:00")
	require.Contains(t, other.Text, "14 days")

	w.expire(t, a)
	said = w.customer(t).says(t, question).lastBot(t)
	require.NotContains(t, said.Text, "8:00", "over")
	require.Contains(t, said.Text, "2 EUR a day")
	require.Equal(t, []string{"question", "question"}, w.recorded(t, a.ID), "the record says why")
	require.Empty(t, w.Violations(t))
}

// recorded is how announcements were found to be meant, by the decision records.
func (w *world) recorded(t *testing.T, id int64) (how []string) {
	t.Helper()
	rows, err := w.DB.Query(t.Context(), `SELECT body FROM log WHERE kind = 'decision' ORDER BY created_at`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var data []byte
		require.NoError(t, rows.Scan(&data))
		var record struct {
			Announcements []struct {
				ID      int64
				Version int
				How     string
			}
		}
		require.NoError(t, json.Unmarshal(data, &record))
		for _, n := range record.Announcements {
			require.Equal(t, id, n.ID)
			require.Equal(t, 1, n.Version)
			how = append(how, n.How)
		}
	}
	return how
}

func TestAnnouncement_needs_no_provider(t *testing.T) {
	t.Parallel()
	w := setupModel(t, llmtest.Vanisher())
	w.member(t, "Editor One", staff.RoleEditor).announces(t, nil)
	result := w.customer(t).says(t, outageAsked)
	require.Contains(t, result.lastBot(t).Text, "is down since 8:00")
	require.Equal(t, "bot", result.Conversation.State)
}

func TestAnnouncement_stands_in_for_an_article(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	a := editor.announces(t, map[string]any{
		"texts": []map[string]any{{"lang": "en", "text": "Prices abroad change today. We tell you here as soon as they are certain."}}, "about": []string{},
		"overrides": []int64{editor.articleID(t, roaming)},
	})
	said := w.customer(t).says(t, question).lastBot(t)
	require.Contains(t, said.Text, "Prices abroad change today")
	require.NotContains(t, said.Text, "2 EUR", "the article is not used meanwhile")
	require.Equal(t, []string{"article"}, w.recorded(t, a.ID))

	r := editor.call(t, http.MethodPost, fmt.Sprintf("/v1/announcements/%d/end", a.ID), nil)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	require.Contains(t, w.customer(t).says(t, question).lastBot(t).Text, "2 EUR a day")
	require.Equal(t, "announcement_over", editor.call(t, http.MethodPost, fmt.Sprintf("/v1/announcements/%d/end", a.ID), nil).code(t))
}

func TestAnnouncement_in_the_language_of_the_customer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.member(t, "Editor One", staff.RoleEditor).announces(t, nil)
	said := w.customer(t).says(t, "Warum habe ich in der Schweiz kein Netz?").lastBot(t)
	require.Contains(t, said.Text, "Bitte beachten Sie diese aktuelle Mitteilung:")
	require.Contains(t, said.Text, "Das Mobilnetz in der Schweiz")
	said = w.customer(t).says(t, "¿Por qué no tengo network en Switzerland?").lastBot(t)
	require.Contains(t, said.Text, "todavía no está disponible en su idioma")
	require.Contains(t, said.Text, "is down since 8:00")
}

func TestAnnouncement_is_versioned_and_audited(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	a := editor.announces(t, nil)
	require.Equal(t, "The mobile network in Switzerland is down since 8:00", a.Texts[0].Title)
	require.WithinDuration(t, time.Now().Add(12*time.Hour), a.ExpiresAt, 12*time.Hour+time.Minute, "the end of the day")
	path := fmt.Sprintf("/v1/announcements/%d", a.ID)
	change := func(version int) reply {
		return editor.call(t, http.MethodPut, path, map[string]any{
			"texts": []map[string]any{{"lang": "en", "text": "The network in Switzerland is back."}}, "expected_version": version,
			"about": []string{"I have no network in Switzerland"}, "expires_at": time.Now().Add(time.Hour),
		})
	}
	require.Equal(t, http.StatusOK, change(1).status)
	require.Equal(t, "announcement_changed", change(1).code(t))
	said := w.customer(t).says(t, outageAsked).lastBot(t)
	require.Contains(t, said.Text, "is back")
	require.Equal(t, 2, said.Citations[0].Version)

	var got struct{ Versions []announcement }
	editor.call(t, http.MethodGet, path, nil).into(t, &got)
	require.Len(t, got.Versions, 2)
	require.Equal(t, "ended", got.Versions[1].State)
	var audited []string
	rows, err := w.DB.Query(t.Context(), `SELECT action FROM audit WHERE subject = $1 ORDER BY id`, fmt.Sprintf("announcement/%d", a.ID))
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var action string
		require.NoError(t, rows.Scan(&action))
		audited = append(audited, action)
	}
	require.Equal(t, []string{"announcement.published", "announcement.changed"}, audited)

	var list struct {
		Articles []struct{ ID int64 }
	}
	editor.call(t, http.MethodGet, "/v1/articles", nil).into(t, &list)
	for _, article := range list.Articles {
		require.NotEqual(t, a.ID, article.ID, "it is no article of the list")
	}
	require.Equal(t, http.StatusNotFound, editor.call(t, http.MethodPut, fmt.Sprintf("/v1/articles/%d/draft", a.ID), map[string]any{"title": "x", "body": "y", "lang": "en"}).status)
	agent := w.member(t, "Agent One", staff.RoleAgent)
	require.Equal(t, http.StatusForbidden, agent.call(t, http.MethodPost, "/v1/announcements", map[string]any{"texts": []any{}}).status)
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodGet, "/v1/announcements", nil).status)
}

func TestAnnouncement_is_refused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	text := []map[string]any{{"lang": "en", "text": outage}}
	for code, body := range map[string]map[string]any{
		"text_missing":         {"texts": []map[string]any{}},
		"text_too_long":        {"texts": []map[string]any{{"lang": "en", "text": strings.Repeat("a", 2001)}}},
		"lang_invalid":         {"texts": []map[string]any{{"lang": "", "text": "a"}}},
		"lang_twice":           {"texts": append(text, text...)},
		"expired":              {"texts": text, "expires_at": time.Now().Add(-time.Minute)},
		"expires_before_start": {"texts": text, "starts_at": time.Now().Add(2 * time.Hour), "expires_at": time.Now().Add(time.Hour)},
		"expires_too_late":     {"texts": text, "expires_at": time.Now().Add(400 * 24 * time.Hour)},
		"article_not_found":    {"texts": text, "overrides": []int64{1 << 40}},
	} {
		require.Equal(t, code, editor.call(t, http.MethodPost, "/v1/announcements", body).code(t), code)
	}
	var n int
	require.NoError(t, w.DB.QueryRow(t.Context(), `SELECT count(*) FROM knowledge_articles WHERE kind = 'announcement'`).Scan(&n))
	require.Zero(t, n)
}

func TestAnnouncement_for_everybody_is_shown_while_it_lasts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	current := func(locale string) []announcement {
		var list struct{ Announcements []announcement }
		w.call(t, http.MethodGet, "/v1/announcements/current?locale="+locale, nil).into(t, &list)
		return list.Announcements
	}
	editor.announces(t, nil)
	require.Empty(t, current("de"), "for those who ask")
	a := editor.announces(t, map[string]any{"everybody": true})
	later := editor.announces(t, map[string]any{"everybody": true, "starts_at": time.Now().Add(time.Hour), "expires_at": time.Now().Add(2 * time.Hour)})
	require.Equal(t, "scheduled", later.State)
	require.Len(t, current("de"), 1)
	require.Equal(t, a.ID, current("de")[0].ID)
	w.expire(t, a)
	require.Empty(t, current("de"))
}

func TestAnnouncement_preview_tells_who_would_get_it(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	preview := func(question string) bool {
		r := editor.call(t, http.MethodPost, "/v1/announcements/preview", map[string]any{"texts": []map[string]any{{"lang": "en", "text": outage}}, "question": question})
		require.Equal(t, http.StatusOK, r.status, "%s", r.body)
		var got struct{ Try struct{ Matches bool } }
		r.into(t, &got)
		return got.Try.Matches
	}
	require.True(t, preview("Is the network in Switzerland down?"))
	require.False(t, preview("When is my bill due?"))
	require.False(t, preview(question), "an article answers this better")
}

func TestAnnouncement_is_about_what_an_article_answers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	text := []map[string]any{{"lang": "en", "text": "Roaming in Switzerland is free of charge until Sunday because of the outage there."}}
	publish := func(body map[string]any) {
		body["texts"] = text
		require.Equal(t, http.StatusCreated, editor.call(t, http.MethodPost, "/v1/announcements", body).status)
	}
	publish(map[string]any{"articles": []int64{}})
	require.NotContains(t, w.customer(t).says(t, question).lastBot(t).Text, "until Sunday", "nothing says that it is about this")
	publish(map[string]any{})
	said := w.customer(t).says(t, question).lastBot(t).Text
	require.Contains(t, said, "until Sunday")
	require.Less(t, strings.Index(said, "until Sunday"), strings.Index(said, "2 EUR a day"))
	require.NotContains(t, w.customer(t).says(t, "When is my bill due?").lastBot(t).Text, "until Sunday")
}

func TestAnnouncement_keeps_agents_from_sending_what_it_stands_in_for(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor, agent := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Agent One", staff.RoleAgent)
	c := w.customer(t)
	c.says(t, question)
	path := "/v1/cases/" + c.claimed(t, agent) + "/suggestions"
	require.Contains(t, string(agent.call(t, http.MethodGet, path, nil).body), "2 EUR a day", "else this shows nothing")
	a := editor.announces(t, map[string]any{"overrides": []int64{editor.articleID(t, roaming)}})
	require.NotContains(t, string(agent.call(t, http.MethodGet, path, nil).body), "2 EUR a day")
	w.expire(t, a)
	require.Contains(t, string(agent.call(t, http.MethodGet, path, nil).body), "2 EUR a day")
}
