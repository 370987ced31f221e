// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"candor/cmd/candor-load/reference"
	"candor/postgres"
)

// The references run in a process of their own: this program, under another command.
const (
	referenceCommand     = "reference"
	referenceReady       = "reference answers"
	referenceConnections = "8"
)

// runReference serves the references until it is told to stop.
func runReference(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 {
		return usageError("reference ADDRESS PROVIDER is for bench to start")
	}
	db, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(ctx, reference.Schema); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", args[0])
	if err != nil {
		return err
	}
	server := &http.Server{Handler: reference.Handler(args[1], db), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintln(out, referenceReady)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// relayed is what came of one stream of the provider, direct or through a reference.
type relayed struct {
	First, End time.Duration
	Complete   bool
	token      string
}

// ask sends a body and reads the stream that comes back. The first event with
// content counts as the first delta, the mark is what must end the stream.
func ask(ctx context.Context, c *http.Client, url string, body []byte, mark string) (relayed, error) {
	var r relayed
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	request.Header.Set("Content-Type", "application/json")
	start := time.Now()
	response, err := c.Do(request)
	if err != nil {
		return r, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // it failed already
		return r, fmt.Errorf("%s: %s: %s", url, response.Status, raw)
	}
	r.token = response.Header.Get("X-Token")
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if r.First == 0 && holdsContent(line) {
			r.First = time.Since(start)
		}
		r.Complete = r.Complete || strings.Contains(line, mark)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, err
		}
	}
	r.End = time.Since(start)
	if !r.Complete {
		return r, errIncomplete
	}
	return r, nil
}

// holdsContent: does a line carry a token? The provider's first event has an empty one.
func holdsContent(line string) bool {
	return strings.Contains(line, `"content":"`) && !strings.Contains(line, `"content":""`) ||
		strings.HasPrefix(line, "event: message.delta")
}
