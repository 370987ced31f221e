// SPDX-License-Identifier: MIT

package consequences_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"candor/bot/consequences"
	"candor/chat"
	"candor/internal/fault"
	"candor/knowledge"
	"candor/prompts"
)

func TestMark_tells_everybody_once_and_moves_nobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	agent := b.Account(t, "agent@example.com", "Agent 1", "agent")
	steps := map[string][]chat.State{
		"with the bot": nil, "in the queue": {chat.StateQueued}, "with a person": {chat.StateHuman},
		"finished": {chat.StateHuman, chat.StateResolved}, "closed": {chat.StateClosed},
	}
	all := map[string]chat.Conversation{}
	for name, states := range steps {
		c := b.told(t, "en", chat.Profile{}, 1)
		for _, state := range states {
			b.lock(t, c.ID, func(l *chat.Locked) error {
				if state == chat.StateHuman {
					return l.Move(t.Context(), state, &agent)
				}
				return l.Move(t.Context(), state, nil)
			})
		}
		all[name] = b.now(t, c)
	}
	german := b.told(t, "de", chat.Profile{}, 1)
	spanish := b.told(t, "es", chat.Profile{}, 1)
	right := b.told(t, "en", chat.Profile{}, 2)
	var closedAt time.Time
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT closed_at FROM conversations WHERE id = $1", all["closed"].ID).Scan(&closedAt))

	p, err := b.svc.Preview(t.Context(), b.marking())
	require.NoError(t, err)
	require.Equal(t, []int{7, 5, 2, 2, 0, 2}, []int{p.Conversations, p.Open, p.Finished, p.WithPerson, p.Reachable, p.Cites})
	require.False(t, p.Live)
	require.Contains(t, p.Languages[0].Example, "“Returns” was wrong")
	require.Empty(t, b.corrections(t, german), "a preview sends nothing")

	x := b.mark(t)
	require.Equal(t, 7, x.Waiting())
	b.correct(t)
	b.correct(t)
	for name, before := range all {
		found := b.corrections(t, before)
		require.Len(t, found, 1, name)
		m, now := found[0], b.now(t, before)
		require.Equal(t, chat.AuthorSystem, m.Author)
		require.True(t, m.Automated)
		require.Contains(t, m.Text, "You can return goods within **14 days**.")
		require.Equal(t, []int{2}, m.Corrects)
		require.Equal(t, []chat.Citation{{ArticleID: b.article, Version: 2, Title: "Returns", Quote: "Returns can be made within 14 days."}}, m.Citations)
		require.Equal(t, []any{before.State, before.Owner, before.AgentID, before.Epoch, before.SettledSeq}, []any{now.State, now.Owner, now.AgentID, now.Epoch, now.SettledSeq}, name)
	}
	var stillAt time.Time
	require.NoError(t, b.DB.QueryRow(t.Context(), "SELECT closed_at FROM conversations WHERE id = $1", all["closed"].ID).Scan(&stillAt))
	require.Equal(t, closedAt, stillAt)
	require.Contains(t, b.corrections(t, german)[0].Text, "Sie können innerhalb von 14 Tagen zurückgeben.")
	require.Contains(t, b.corrections(t, spanish)[0].Text, "Corrección: ")
	require.Contains(t, b.corrections(t, spanish)[0].Text, "You can return goods", "there is no Spanish text")
	require.Empty(t, b.corrections(t, right))
	require.Equal(t, consequences.Delivery{Conversations: 7, Posted: 7}, b.delivery(t, x.ID))
	require.Empty(t, b.Violations(t))

	_, err = b.svc.Mark(t.Context(), b.marking(), b.editor)
	require.True(t, fault.Is(err, "already_wrong"), "%v", err)
}

func TestMark_takes_the_live_version_out_for_good(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.marking()
	m.Version = 2
	p, err := b.svc.Preview(t.Context(), m)
	require.NoError(t, err)
	require.True(t, p.Live)
	x, err := b.svc.Mark(t.Context(), m, b.editor)
	require.NoError(t, err)
	require.True(t, x.WasLive)
	require.Nil(t, x.Cites)
	found, err := b.library.Search(t.Context(), knowledge.Query{Text: "returns days"})
	require.NoError(t, err)
	require.Empty(t, found.Passages)

	_, err = b.library.Restore(t.Context(), b.article, 2, 0, nil, false)
	require.True(t, fault.Is(err, "version_is_wrong"), "%v", err)
	a, err := b.library.Restore(t.Context(), b.article, 2, 0, nil, true)
	require.NoError(t, err)
	_, err = b.library.PublishDraft(t.Context(), b.article, a.Draft.Revision)
	require.True(t, fault.Is(err, "text_was_wrong"), "%v", err)
	_, err = b.DB.Exec(t.Context(), "UPDATE knowledge_versions SET state = 'published' WHERE version = 2")
	require.ErrorContains(t, err, "wrong_is_not_live", "the database refuses it too")
}

func TestMark_refuses_what_is_not_fit_to_be_sent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for code, change := range map[string]func(*consequences.Marking){
		"reason_missing":     func(m *consequences.Marking) { m.Reason = " " },
		"personal_data":      func(m *consequences.Marking) { m.Reason = "asked by a.customer@example.com" },
		"correction_missing": func(m *consequences.Marking) { m.Texts = nil },
		"message_empty":      func(m *consequences.Marking) { m.Texts[prompts.French] = "" },
		"unknown_language":   func(m *consequences.Marking) { m.Texts["tlh"] = "Qapla" },
		"version_not_found":  func(m *consequences.Marking) { m.Version = 9 },
	} {
		m := b.marking()
		change(&m)
		_, err := b.svc.Mark(t.Context(), m, b.editor)
		require.True(t, fault.Is(err, code), "%s: %v", code, err)
	}
}

func TestMark_cites_nothing_that_is_for_staff(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"for staff when it is marked": false, "for staff before it is told": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := b.told(t, "en", chat.Profile{}, 1)
			forStaff := func() {
				_, err := b.library.SetDetails(t.Context(), b.article, knowledge.Details{Audience: knowledge.ForStaff})
				require.NoError(t, err)
			}
			if !late {
				forStaff()
				p, err := b.svc.Preview(t.Context(), b.marking())
				require.NoError(t, err)
				require.Zero(t, p.Cites)
			}
			b.mark(t)
			if late {
				forStaff()
			}
			b.correct(t)
			list := b.corrections(t, c)
			require.Len(t, list, 1)
			require.Empty(t, list[0].Citations)
			require.Empty(t, b.Violations(t))
		})
	}
}

func TestMark_cites_what_is_for_signed_in_customers_to_them_alone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger, known := b.told(t, "en", chat.Profile{}, 1), b.told(t, "en", chat.Profile{Subject: "shop-7"}, 1)
	_, err := b.library.SetDetails(t.Context(), b.article, knowledge.Details{Audience: knowledge.ForSignedIn})
	require.NoError(t, err)
	b.mark(t)
	b.correct(t)
	for c, n := range map[*chat.Conversation]int{&stranger: 0, &known: 1} {
		list := b.corrections(t, *c)
		require.Len(t, list, 1)
		require.Len(t, list[0].Citations, n)
	}
	require.Empty(t, b.Violations(t))
}

func TestMark_is_written_to_the_audit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.told(t, "en", chat.Profile{}, 1)
	b.mark(t)
	rows, err := b.DB.Query(t.Context(), "SELECT action || ' ' || subject || ' ' || (detail->>'conversations') FROM audit WHERE account_id = $1", b.editor.ID)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Contains(t, list[0], "version.marked_wrong article/")
	require.True(t, strings.HasSuffix(list[0], " 1"))
}
