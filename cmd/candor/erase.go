// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"

	"candor/internal/fault"
)

// erase destroys what customers wrote and who they are. The record of what
// happened stands.
func erase(ctx context.Context, args []string, io streams) error {
	set := flags("erase", io)
	conversation := set.String("conversation", "", "a conversation of the customer, by its id")
	email := set.String("email", "", "the address that the customer gave")
	if err := parse(set, args); err != nil {
		return err
	}
	if (*conversation == "") == (*email == "") {
		return usageError("say whom: --conversation ID or --email ADDRESS")
	}
	a, err := openApp(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	customers, err := a.customers(ctx, *conversation, *email)
	if err != nil {
		return err
	}
	var failed error
	erased := 0
	for _, id := range customers {
		if err := a.handoff.Erase(ctx, id, nil); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		erased++
	}
	fmt.Fprintf(io.out, "Erased: %d of %d.\n", erased, len(customers))
	return failed
}

func (a *app) customers(ctx context.Context, conversation, email string) ([]int64, error) {
	if conversation != "" {
		c, err := a.chat.Find(ctx, conversation)
		return []int64{c.CustomerID}, err
	}
	list, err := a.chat.CustomersByEmail(ctx, email)
	if err == nil && len(list) == 0 {
		return nil, fault.NotFound("customer_not_found", "Nobody gave this address, or they were erased already.")
	}
	return list, err
}
