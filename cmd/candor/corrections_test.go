// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/bot/consequences"
	"candor/chat"
	"candor/knowledge"
	"candor/prompts"
	"candor/staff"
)

// mislead tells n customers something from the first version of an article.
func (s *site) mislead(t *testing.T, n int) (article int64) {
	t.Helper()
	s.inside(t, func(ctx context.Context, a *app) {
		made, err := a.knowledge.CreateArticle(ctx, "", knowledge.Content{Title: "Returns", Lang: "en", Source: "Returns can be made within 30 days."}, nil)
		require.NoError(t, err)
		_, err = a.knowledge.PublishDraft(ctx, made.ID, made.Draft.Revision)
		require.NoError(t, err)
		article = made.ID
		for range n {
			created, err := a.chat.Create(ctx, "en", chat.Profile{})
			require.NoError(t, err)
			require.NoError(t, a.chat.Lock(ctx, created.Conversation.ID, func(l *chat.Locked) error {
				if _, err := l.PostCustomer(ctx, chat.CustomerMessage{Text: "May I send it back?", NoTurn: true}); err != nil {
					return err
				}
				_, err := l.PostBot(ctx, created.Disclosure, chat.BotMessage{Text: "You have 30 days.", Citations: []chat.Citation{{ArticleID: article, Version: 1, Title: "Returns", Quote: "30 days"}}})
				return err
			}))
		}
	})
	return article
}

// startCorrection marks it wrong; a gateway that runs does the work.
func (s *site) startCorrection(t *testing.T, article int64) {
	t.Helper()
	s.inside(t, func(ctx context.Context, a *app) {
		editor, err := a.staff.Add(ctx, "editor@example.com", "Editor", staff.RoleEditor, "")
		require.NoError(t, err)
		_, err = a.consequences.Mark(ctx, consequences.Marking{
			ArticleID: article, Version: 1, Reason: "It is 14 days.", Texts: map[prompts.Locale]string{prompts.English: "You have 14 days."},
		}, chat.Agent{ID: editor.ID, Name: "Editor"})
		require.NoError(t, err)
	})
}

// awaitTold waits until so many have been told, and gives how many.
func (s *site) awaitTold(t *testing.T, wanted int) (told int) {
	t.Helper()
	s.inside(t, func(ctx context.Context, a *app) {
		require.Eventually(t, func() bool {
			err := a.db.QueryRow(ctx, "SELECT count(*) FROM corrected WHERE state = 'posted'").Scan(&told)
			return err == nil && told >= wanted
		}, patience, 5*time.Millisecond)
	})
	return told
}

// toldOnce holds what was noted against the messages themselves.
func (s *site) toldOnce(t *testing.T, customers int) {
	t.Helper()
	s.inside(t, func(ctx context.Context, a *app) {
		var messages, conversations int
		require.NoError(t, a.db.QueryRow(ctx, "SELECT count(*), count(DISTINCT conversation_id) FROM messages WHERE event = 'correction'").Scan(&messages, &conversations))
		require.Equal(t, []int{customers, customers}, []int{messages, conversations})
	})
}
