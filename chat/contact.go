// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"encoding/json"
	"fmt"
)

// SetEmail keeps an address where the customer wants to be answered, sealed in
// the profile and found by its blind index; "" removes the one that is there.
// Nothing of it is in the record but that it was done.
func (l *Locked) SetEmail(ctx context.Context, email string) error {
	if l.erased != nil {
		return l.erased
	}
	if err := checkClean("address", email); err != nil {
		return err
	}
	tx, err := l.Tx(ctx)
	if err != nil {
		return err
	}
	var sealed []byte
	if err := tx.QueryRow(ctx, "SELECT profile FROM customers WHERE id = $1 FOR UPDATE", l.CustomerID).Scan(&sealed); err != nil {
		return fmt.Errorf("read a profile: %w", err)
	}
	plain, _, err := l.key.Open(profilePlace(l.KeyID), sealed)
	if err != nil {
		return err
	}
	var p Profile
	if err := json.Unmarshal(plain, &p); err != nil {
		return fmt.Errorf("read a profile: %w", err)
	}
	p.Email = email
	sealed, index, err := l.svc.sealProfile(ctx, l.KeyID, p)
	if err != nil {
		return err
	}
	// Another address is not proved by what proved the one before, nor by links
	// that were mailed to that.
	_, err = tx.Exec(ctx, `
		WITH void AS (
			UPDATE conversation_access a
			SET proves = false
			FROM customers u, conversations c
			WHERE u.id = $1 AND c.customer_id = u.id AND a.conversation_id = c.id AND a.proves AND u.email_index IS DISTINCT FROM $3)
		UPDATE customers
		SET profile = $2, email_index = $3, email_proved_at = CASE WHEN email_index = $3 THEN email_proved_at END
		WHERE id = $1`, l.CustomerID, sealed, index)
	if err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	return nil
}
