// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"candor/chat"
	"candor/internal/seal"
	"candor/postgres"
)

// migrate brings both databases to the newest schema.
func migrate(ctx context.Context, args []string, io streams) error {
	if err := parse(flags("migrate", io), args); err != nil {
		return err
	}
	c, err := readConfig()
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	if err := postgres.MigrateKeystore(ctx, c.KeystoreURL); err != nil {
		return err
	}
	fmt.Fprintln(io.out, "Database and keystore are up to date.")
	return nil
}

func keygen(_ context.Context, _ []string, io streams) error {
	key, err := seal.NewMasterKey()
	if err != nil {
		return err
	}
	fmt.Fprintln(io.out, key)
	return nil
}

// check derives the promises anew from the record.
func check(ctx context.Context, args []string, io streams) error {
	set := flags("check", io)
	asJSON := set.Bool("json", false, "print one JSON object a line")
	recount := set.Bool("recount", false, "mend figures of articles that are not those of the record, then check")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := openApp(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if *recount {
		if _, err := a.consequences.Recount(ctx); err != nil {
			return err
		}
	}
	found := 0
	encoder := json.NewEncoder(io.out)
	report := func(v chat.Violation) {
		found++
		if *asJSON {
			_ = encoder.Encode(v) // a broken pipe ends the program anyway
			return
		}
		if v.Conversation == "" {
			fmt.Fprintf(io.out, "%s: %s\n", v.Invariant, v.Detail)
			return
		}
		fmt.Fprintf(io.out, "%s: conversation %s, entry %d: %s\n", v.Invariant, v.Conversation, v.Entry, v.Detail)
	}
	done, err := a.chat.Check(ctx, report)
	if err != nil {
		return err
	}
	if err := a.consequences.Check(ctx, report); err != nil {
		return err
	}
	if *asJSON {
		_ = encoder.Encode(map[string]any{"checked": done, "violations": found})
	} else {
		fmt.Fprintf(io.out, "%d conversations (%d erased), %d entries, %d texts opened, %d seals: %d violations\n",
			done.Conversations, done.Erased, done.Entries, done.Opened, done.Seals, found)
	}
	if found > 0 {
		return errReported
	}
	return nil
}

func show(io streams, asJSON bool, v any, words string) error {
	if asJSON {
		return json.NewEncoder(io.out).Encode(v)
	}
	fmt.Fprintln(io.out, words)
	return nil
}

// healthTimeout is how long a gateway may take to say that it is ready.
const healthTimeout = 3 * time.Second

// healthcheck is for containers, whose image has no other client.
func healthcheck(ctx context.Context, _ []string, _ streams) error {
	c, err := readConfig()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("CANDOR_LISTEN is %q: it needs a port", c.Listen)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: healthTimeout}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", response.Status)
	}
	return nil
}
