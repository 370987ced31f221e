// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
)

// Hold keeps a conversation from being erased.
type Hold struct {
	Reason   string
	PlacedAt time.Time
	PlacedBy *int64 // none: the operator, at a terminal
}

// HoldReasons are why deletion may be held.
func HoldReasons() []string {
	return []string{"complaint", "dispute", "litigation", "regulator", "audit", "other"}
}

const entryHold = "hold"

type holdEntry struct {
	Action  string `json:"action"` // placed or released
	Reason  string `json:"reason,omitempty"`
	AgentID *int64 `json:"agent_id,omitempty"`
}

// HoldOn gives the hold on a conversation, nil when there is none.
func (s *Service) HoldOn(ctx context.Context, conversationID int64) (*Hold, error) {
	var h Hold
	err := s.db.QueryRow(ctx, "SELECT reason, placed_at, placed_by FROM holds WHERE conversation_id = $1 AND released_at IS NULL", conversationID).
		Scan(&h.Reason, &h.PlacedAt, &h.PlacedBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no hold is what most conversations have
	}
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("look for a hold: %w", err))
	}
	return &h, nil
}

// PlaceHold holds the deletion of a conversation; a second hold changes nothing.
// The customer's row settles who is first, a hold or an erasure: what is being
// erased cannot be held any more.
func (s *Service) PlaceHold(ctx context.Context, conversationID int64, reason string, by Agent) error {
	if !slices.Contains(HoldReasons(), reason) {
		return fault.Invalid("unknown_reason", "Choose why deletion is held: %s.", strings.Join(HoldReasons(), ", "))
	}
	return s.Lock(ctx, conversationID, func(l *Locked) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		var asked, held bool
		err = tx.QueryRow(ctx, `
			SELECT erase_requested_at IS NOT NULL, `+heldSQL+`
			FROM customers u
			WHERE u.id = $1
			FOR UPDATE`, l.CustomerID).Scan(&asked, &held)
		if err != nil {
			return fmt.Errorf("hold a customer: %w", err)
		}
		if asked && !held {
			return fault.Conflict("erasing", "This conversation is being erased, or was: nothing is left to hold.")
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO holds (conversation_id, reason, placed_by)
			VALUES ($1, $2, $3)
			ON CONFLICT (conversation_id) WHERE released_at IS NULL DO NOTHING`, l.ID, reason, by.ref())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := l.Record(entryHold, holdEntry{Action: "placed", Reason: reason, AgentID: by.ref()}, nil); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by.ID, Action: "hold.placed", Subject: "conversation/" + l.PublicID, Detail: map[string]string{"reason": reason}})
	})
}

// ReleaseHold ends a hold. An erasure that was asked for meanwhile is carried out
// by the next sweep.
func (s *Service) ReleaseHold(ctx context.Context, conversationID int64, by Agent) error {
	return s.Lock(ctx, conversationID, func(l *Locked) error {
		tx, err := l.Tx(ctx)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE holds SET released_at = now(), released_by = $2 WHERE conversation_id = $1 AND released_at IS NULL", l.ID, by.ref())
		if err != nil {
			return fmt.Errorf("end a hold: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("not_held", "The deletion of this conversation is not held.")
		}
		if err := l.Record(entryHold, holdEntry{Action: "released", AgentID: by.ref()}, nil); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{By: by.ID, Action: "hold.released", Subject: "conversation/" + l.PublicID})
	})
}

// heldSQL says of a customer u whether one of their conversations is held.
const heldSQL = `EXISTS (
	SELECT FROM holds h
	JOIN conversations c ON c.id = h.conversation_id
	WHERE c.customer_id = u.id AND h.released_at IS NULL)`

// refuseHeld says that an erasure, which is asked for by now, has to wait.
func (s *Service) refuseHeld(ctx context.Context, customerID int64) error {
	var held bool
	if err := s.db.QueryRow(ctx, "SELECT "+heldSQL+" FROM customers u WHERE u.id = $1", customerID).Scan(&held); err != nil {
		return postgres.Away(fmt.Errorf("look for holds: %w", err))
	}
	if held {
		return fault.Conflict("erasure_held", "Deletion is held. The erasure is noted, and is carried out as soon as the hold ends.")
	}
	return nil
}

// ref is the account of an agent, nil for the operator.
func (a Agent) ref() *int64 {
	if a.ID == 0 {
		return nil
	}
	return &a.ID
}
