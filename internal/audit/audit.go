// SPDX-License-Identifier: MIT

// Package audit writes down who changed what of the settings, the staff and the
// holds on deletion, in the transaction of the change. Rows are never changed or
// deleted; nothing personal of a customer is in them. Safe for concurrent use.
package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Entry is one change.
type Entry struct {
	By      int64  // the account that made it; 0: the operator, at a terminal
	Action  string // what was done, as "staff.disabled"
	Subject string // to what, by number: "account/3"
	Detail  any    // what else there is to say, without personal data; nil: nothing
}

// Write adds an entry to the transaction.
func Write(ctx context.Context, tx pgx.Tx, e Entry) error {
	var by *int64
	if e.By != 0 {
		by = &e.By
	}
	detail := e.Detail
	if detail == nil {
		detail = struct{}{}
	}
	if _, err := tx.Exec(ctx, "INSERT INTO audit (account_id, action, subject, detail) VALUES ($1, $2, $3, $4)", by, e.Action, e.Subject, detail); err != nil {
		return fmt.Errorf("write the audit: %w", err)
	}
	return nil
}
