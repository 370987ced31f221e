// SPDX-License-Identifier: MIT

// Package reference holds what the gateway is measured against: the smallest
// programs that do a part of its work. They run in a process of their own, as
// the gateway does. Nothing here is fit for use.
package reference

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Handler serves all references; db may be nil, and then there is no /turn.
func Handler(provider string, db *pgxpool.Pool) http.Handler {
	mux := http.NewServeMux()
	gin := Gin(provider)
	mux.Handle("/copy", gin)
	mux.Handle("/parse", gin)
	mux.HandleFunc("GET /idle", idle)
	if db != nil {
		mux.Handle("POST /turn", newTurns(provider, db))
	}
	return mux
}

// upstream is the model provider.
type upstream struct {
	url  string
	http *http.Client
}

func newUpstream(url string) upstream {
	return upstream{url: url + "/chat/completions", http: &http.Client{Transport: &http.Transport{
		MaxIdleConns: 1000, MaxIdleConnsPerHost: 1000, DisableCompression: true,
	}}}
}

func (u upstream) ask(ctx context.Context, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return u.http.Do(request)
}

// idle is an open stream as net/http alone keeps it.
func idle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		if _, err := fmt.Fprint(w, ": \n\n"); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-beat.C:
		case <-r.Context().Done():
			return
		}
	}
}
