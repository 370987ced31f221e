// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres"
	"candor/prompts"
)

// What a customer may be kept from writing for.
var blockCategories = []string{"harassment", "threats", "spam"}

// How long a block may last.
const (
	agentBlock      = 24 * time.Hour
	supervisorBlock = 30 * 24 * time.Hour
)

// Block keeps a customer from writing.
type Block struct {
	Category string
	Until    time.Time
	By       chat.Agent // who may lift it; a supervisor may as well
}

// Block keeps the customer of a conversation who harasses staff from writing for
// a time, in all their conversations. They are told until when, and how else to
// reach the company; complaints and danger are received all the same.
func (s *Service) Block(ctx context.Context, conversationID int64, by Actor, category, note string, lasts time.Duration) (Block, error) {
	if !slices.Contains(blockCategories, category) {
		return Block{}, fault.Invalid("unknown_category", "%q is no such reason; choose one of %v.", category, blockCategories)
	}
	if err := chat.CheckText(note); err != nil {
		return Block{}, err
	}
	longest := agentBlock
	if by.Supervisor {
		longest = supervisorBlock
	}
	if lasts < time.Hour || lasts > longest {
		return Block{}, fault.Invalid("invalid_hours", "A block lasts one hour to %d hours.", int(longest.Hours()))
	}
	b := Block{Category: category, By: by.Agent}
	err := s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		known, err := s.blockTx(ctx, l)
		if err != nil {
			return err
		}
		if known != nil {
			return fault.Conflict("blocked_already", "This customer is blocked until %s.", known.Until.UTC().Format(time.RFC3339))
		}
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		b.Until = l.Now.Add(lasts).UTC()
		_, err = tx.Exec(ctx, `
			INSERT INTO blocks (customer_id, conversation_id, category, by_id, created_at, until)
			VALUES ($1, $2, $3, $4, $5, $6)`, l.CustomerID, l.ID, category, by.ID, l.Now, b.Until)
		if err != nil {
			return fmt.Errorf("block a customer: %w", err)
		}
		if l.State != chat.StateClosed {
			if _, err := l.PostSystem("blocked", s.blockNotice(l.Locale, b)); err != nil {
				return err
			}
		}
		return s.recordWork(l, workEntry{Action: "blocked", AgentID: &by.ID, Category: category, Until: &b.Until}, note)
	})
	return b, err
}

// Unblock lets the customer write again; an agent lifts their own blocks, a
// supervisor any.
func (s *Service) Unblock(ctx context.Context, conversationID int64, by Actor) error {
	return s.chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE blocks
			SET lifted_at = $3, lifted_by = $2
			WHERE id IN (`+blockedBy+`) AND (by_id = $2 OR $4)`, l.CustomerID, by.ID, l.Now, by.Supervisor)
		if err != nil {
			return fmt.Errorf("lift a block: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.Conflict("not_blocked", "This customer is not blocked, or was by a colleague: a supervisor lifts that.")
		}
		if l.State != chat.StateClosed {
			if err := s.say(l, "unblocked", prompts.BlockLifted, nil); err != nil {
				return err
			}
		}
		return s.recordWork(l, workEntry{Action: "unblocked", AgentID: &by.ID}, "")
	})
}

// blockedBy are the blocks in force for customer $1, for whom the company's shop
// knows by the same name, or for who has proved the same address. Whoever only
// gives an address keeps nobody else from writing.
const blockedBy = `
	SELECT b.id
	FROM blocks b
	WHERE b.lifted_at IS NULL AND b.until > now() AND b.customer_id IN (
		SELECT $1::bigint
		UNION ALL
		SELECT u.id FROM customers me JOIN customers u ON u.subject_index = me.subject_index WHERE me.id = $1::bigint
		UNION ALL
		SELECT u.id FROM customers me JOIN customers u ON u.email_index = me.email_index
		WHERE me.id = $1::bigint AND me.email_proved_at IS NOT NULL AND u.email_proved_at IS NOT NULL)`

// blockQuery is the one of them that lasts longest.
const blockQuery = `
	SELECT b.category, b.until, a.id, a.name
	FROM blocks b
	JOIN accounts a ON a.id = b.by_id
	WHERE b.id IN (` + blockedBy + `)
	ORDER BY b.until DESC
	LIMIT 1`

func (s *Service) blockTx(ctx context.Context, l *chat.Locked) (*Block, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return nil, err
	}
	var b Block
	err = tx.QueryRow(ctx, blockQuery, l.CustomerID).Scan(&b.Category, &b.Until, &b.By.ID, &b.By.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nobody is blocked: the usual case
	}
	if err != nil {
		return nil, fmt.Errorf("look for a block: %w", err)
	}
	return &b, nil
}

// Blocked gives the block in force for a conversation's customer, nil when there is none.
func (s *Service) Blocked(ctx context.Context, c chat.Conversation) (*Block, error) {
	var b Block
	err := s.db.QueryRow(ctx, blockQuery, c.CustomerID).Scan(&b.Category, &b.Until, &b.By.ID, &b.By.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nobody is blocked: the usual case
	}
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for a block: %w", err))
	}
	return &b, nil
}

// BlockedAlike gives until when somebody else is blocked who gave the address of a
// conversation's customer, where it is not proved that they are one: an agent is
// told, and decides. Nil when there is nobody.
func (s *Service) BlockedAlike(ctx context.Context, c chat.Conversation) (*time.Time, error) {
	var until *time.Time
	err := s.db.QueryRow(ctx, `
		SELECT max(b.until)
		FROM customers me
		JOIN customers u ON u.email_index = me.email_index AND u.id <> me.id
		JOIN blocks b ON b.customer_id = u.id AND b.lifted_at IS NULL AND b.until > now()
		WHERE me.id = $1 AND (me.email_proved_at IS NULL OR u.email_proved_at IS NULL)`, c.CustomerID).Scan(&until)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for a block of the same address: %w", err))
	}
	return until, nil
}

// RefuseBlockedTx refuses what a blocked customer writes, in their language.
func (s *Service) RefuseBlockedTx(ctx context.Context, l *chat.Locked) error {
	b, err := s.blockTx(ctx, l)
	if err != nil || b == nil {
		return err
	}
	return fault.Denied("customer_blocked", "%s", s.blockNotice(l.Locale, *b))
}

// BlockNotice is what the customer of a conversation would be told of a block
// that begins now.
func (s *Service) BlockNotice(c chat.Conversation, lasts time.Duration) string {
	return s.blockNotice(c.Locale, Block{Until: s.clock(time.Now()).Add(lasts)})
}

func (s *Service) blockNotice(lang string, b Block) string {
	locale, company := prompts.Locale(lang), s.chat.Company()
	text, err := prompts.Render(locale, prompts.BlockNotice, prompts.Args{
		"due": prompts.DateTime(locale, b.Until.In(company.Zone())), "alternatives": alternatives(locale, company),
	})
	if err != nil {
		return "You cannot write here at the moment."
	}
	return text
}
