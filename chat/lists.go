// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// TextRef names one message of one conversation.
type TextRef struct {
	ConversationID int64
	PublicID       string
	KeyID          string
	Seq            int
}

// Texts opens many messages of many conversations at once, for lists. What was
// erased, redacted or never there is empty.
func (s *Service) Texts(ctx context.Context, refs []TextRef) ([]string, error) {
	texts := make([]string, len(refs))
	ids, seqs, keys := make([]int64, len(refs)), make([]int, len(refs)), make([]string, len(refs))
	for i, ref := range refs {
		ids[i], seqs[i], keys[i] = ref.ConversationID, ref.Seq, ref.KeyID
	}
	if err := s.keys.Fetch(ctx, keys); err != nil {
		return nil, postgres.Away(err)
	}
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1, m.sealed
		FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS r (id, seq, i)
		JOIN messages m ON m.conversation_id = r.id AND m.seq = r.seq
		WHERE m.sealed IS NOT NULL`, ids, seqs)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read texts: %w", err))
	}
	var i int
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&i, &sealed}, func() error {
		key, err := s.key(ctx, refs[i].KeyID)
		if fault.Is(err, codeErased) {
			return nil
		}
		if err != nil {
			return err
		}
		m, err := messageRow{Seq: refs[i].Seq, Sealed: sealed}.open(refs[i].PublicID, key)
		texts[i] = m.Text
		return err
	})
	return texts, postgres.Away(err)
}

// Profiles opens who the customers of many conversations say they are, at once;
// nil for who was erased.
func (s *Service) Profiles(ctx context.Context, conversations []int64) ([]*Profile, error) {
	rows, err := s.db.Query(ctx, `
		SELECT r.i - 1 AS i, u.key_id, u.profile
		FROM unnest($1::bigint[]) WITH ORDINALITY AS r (id, i)
		JOIN conversations c ON c.id = r.id
		JOIN customers u ON u.id = c.customer_id`, conversations)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read profiles: %w", err))
	}
	type sealedProfile struct {
		I       int
		KeyID   string
		Profile []byte
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sealedProfile])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read profiles: %w", err))
	}
	keys := make([]string, len(list))
	for i, row := range list {
		keys[i] = row.KeyID
	}
	if err := s.keys.Fetch(ctx, keys); err != nil {
		return nil, postgres.Away(err)
	}
	profiles := make([]*Profile, len(conversations))
	for _, row := range list {
		p, err := s.openProfile(ctx, row.KeyID, row.Profile)
		if fault.Is(err, codeErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		profiles[row.I] = &p
	}
	return profiles, nil
}

// LiveConversation is a conversation that the bot is having.
type LiveConversation struct {
	Conversation
	Preview  string // the customer's last words, shortened
	TurnOpen bool   // the bot is writing just now
}

const (
	liveFor      = 30 * time.Minute
	previewRunes = 120
)

// Live gives the conversations the bot has had a word in lately, newest first.
func (s *Service) Live(ctx context.Context, limit int) ([]LiveConversation, error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+conversationColumns+`,
			coalesce((
				SELECT max(seq)
				FROM messages m
				WHERE m.conversation_id = c.id AND m.author = 'customer'), 0),
			EXISTS (SELECT FROM turns t WHERE t.conversation_id = c.id AND t.ended_at IS NULL)
		FROM conversations c
		JOIN customers u ON u.id = c.customer_id
		WHERE c.state = 'bot' AND c.last_seq > 0 AND c.updated_at > now() - $2::interval
		ORDER BY c.updated_at DESC
		LIMIT $1`, limit, liveFor)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read live conversations: %w", err))
	}
	var refs []TextRef
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (LiveConversation, error) {
		var l LiveConversation
		var seq int
		c := &l.Conversation
		err := row.Scan(&c.ID, &c.PublicID, &c.CustomerID, &c.KeyID, &c.Locale, &c.State, &c.Owner, &c.AgentID,
			&c.Epoch, &c.LastSeq, &c.SettledSeq, &c.LastEntry, &c.Head, &c.CreatedAt, &c.UpdatedAt, &c.SignedIn, &seq, &l.TurnOpen)
		refs = append(refs, TextRef{ConversationID: c.ID, PublicID: c.PublicID, KeyID: c.KeyID, Seq: seq})
		return l, err
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read live conversations: %w", err))
	}
	texts, err := s.Texts(ctx, refs)
	for i := range list {
		if runes := []rune(texts[i]); len(runes) > previewRunes {
			texts[i] = string(runes[:previewRunes]) + "…"
		}
		list[i].Preview = texts[i]
	}
	return list, err
}
