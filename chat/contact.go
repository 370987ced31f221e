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
	if _, err := tx.Exec(ctx, "UPDATE customers SET profile = $2, email_index = $3 WHERE id = $1", l.CustomerID, sealed, index); err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	return nil
}
