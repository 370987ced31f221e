// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// slowSite is a site of many pages, at some of which a reader is kept waiting the first time.
type slowSite struct {
	*httptest.Server
	mu      sync.Mutex
	asked   map[string]int // how often each page was asked for
	reached chan string    // a page at which a reader waits
	waits   map[string]bool
}

func newSlowSite(t *testing.T, pages int, waits ...string) *slowSite {
	t.Helper()
	s := &slowSite{asked: map[string]int{}, reached: make(chan string, len(waits)), waits: map[string]bool{}}
	for _, path := range waits {
		s.waits[path] = true
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked[r.URL.Path]++
		wait := s.waits[r.URL.Path]
		delete(s.waits, r.URL.Path)
		s.mu.Unlock()
		if wait {
			s.reached <- r.URL.Path
			<-r.Context().Done() // the reader is dead
			return
		}
		var n int
		switch _, err := fmt.Sscanf(r.URL.Path, "/help/%d", &n); {
		case r.URL.Path == "/help/":
			fmt.Fprint(w, `<html lang="en"><main><h1>Help</h1><p>Everything there is:</p><ul>`)
			for n := range pages {
				fmt.Fprintf(w, `<li><a href="%d">Lamp %d</a></li>`, n, n)
			}
			fmt.Fprint(w, `</ul></main></html>`)
		case err == nil && n < pages:
			fmt.Fprintf(w, `<html lang="en"><main><h1>Lamp %d</h1><p>The cord of lamp %d is %d centimetres long.</p></main></html>`, n, n, 100+n)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

type syncState struct {
	ID, State                                                       string
	Found, Done, Created, Updated, Unchanged, Failed, Interruptions int
	Interrupted                                                     bool
}

// becomes polls an import until it is as wanted.
func (c *client) becomes(ctx context.Context, t *testing.T, id, token string, wanted func(syncState) bool) (im syncState) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		im = syncState{}
		require.NoError(t, c.insist(ctx, http.MethodGet, "/v1/imports/"+id, token, nil, &im))
		if wanted(im) {
			return im
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the import stays %+v", im)
		case <-tick.C:
		}
	}
}

// TestCrash_kill_in_a_sync kills the gateway twice while it reads a site. Each time the next one goes on by itself:
// every page becomes one article, what was read is not read again, and the import says that it was interrupted.
func TestCrash_kill_in_a_sync(t *testing.T) {
	t.Parallel()
	const pages = 12
	help := newSlowSite(t, pages, "/help/3", "/help/8")
	s := newSite(t, "CANDOR_LIBRARY_ALLOW_PRIVATE=127.0.0.1/32")
	var token string
	s.inside(t, func(ctx context.Context, a *app) {
		account, err := a.staff.Add(ctx, "editor@example.com", "Editor 1", staff.RoleEditor, "")
		require.NoError(t, err)
		token, err = a.staff.IssueToken(ctx, account.ID, "test")
		require.NoError(t, err)
	})
	gateway := s.start(t)
	c := newClient(func() string { return gateway.url })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var source, im syncState
	require.NoError(t, c.try(ctx, http.MethodPost, "/v1/sources", token, map[string]any{"url": help.URL + "/help/", "kind": "site", "schedule": "never", "mode": "drafts"}, &source))
	require.NoError(t, c.try(ctx, http.MethodPost, "/v1/sources/"+source.ID+"/sync", token, nil, &im))

	for n, at := range []int{3, 8} {
		select {
		case path := <-help.reached:
			require.Equal(t, fmt.Sprintf("/help/%d", at), path)
		case <-ctx.Done():
			t.Fatalf("the gateway does not come to page %d:\n%s", at, gateway.output)
		}
		gateway.kill()
		s.inside(t, func(ctx context.Context, a *app) {
			require.Equal(t, at+1, s.halves(ctx, t, a, im.ID), "what was read before is whole, the page in hand is not there")
			s.passesTime(ctx, t, a)
		})
		if n == 0 { // nobody goes on while there is no gateway, and the page must not say that it is read
			s.inside(t, func(ctx context.Context, a *app) {
				now, err := a.knowledge.Sources(ctx, 0)
				require.NoError(t, err)
				require.True(t, now[0].Last.Interrupted)
				require.Nil(t, now[0].Last.EndedAt)
			})
		}
		gateway = s.start(t)
	}
	done := c.becomes(ctx, t, im.ID, token, func(im syncState) bool { return im.State == "done" })
	require.Equal(t, syncState{ID: im.ID, State: "done", Found: pages + 1, Done: pages + 1, Created: pages + 1, Interruptions: 2}, done)
	s.inside(t, func(ctx context.Context, a *app) { require.Equal(t, pages+1, s.halves(ctx, t, a, im.ID)) })
	help.mu.Lock()
	defer help.mu.Unlock()
	for path, times := range help.asked {
		want := 1
		if path == "/help/3" || path == "/help/8" {
			want = 2 // it was in hand when the gateway died
		}
		if strings.HasPrefix(path, "/help/") {
			require.Equal(t, want, times, path)
		}
	}
}

// halves counts the pages of an import and finds none that is half there: each has its one article with its one
// version and its one line in the report.
func (s *site) halves(ctx context.Context, t *testing.T, a *app, id string) (pages int) {
	t.Helper()
	var articles, versions, lines, told int
	require.NoError(t, a.db.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM knowledge_pages WHERE import_id = $1::bigint AND article_id IS NOT NULL),
		       (SELECT count(*) FROM knowledge_articles WHERE external_id LIKE 'http://127.0.0.1%'),
		       (SELECT count(*) FROM knowledge_versions v JOIN knowledge_articles a ON a.id = v.article_id WHERE a.external_id LIKE 'http://127.0.0.1%'),
		       (SELECT count(*) FROM knowledge_import_items WHERE import_id = $1::bigint),
		       (SELECT done FROM knowledge_imports WHERE id = $1::bigint)`, id).Scan(&pages, &articles, &versions, &lines, &told))
	require.Equal(t, []int{pages, pages, pages, pages}, []int{articles, versions, lines, told})
	return pages
}

// passesTime lets the minutes pass after which the dead gateway's hold on the import and on the schedule is over.
func (s *site) passesTime(ctx context.Context, t *testing.T, a *app) {
	t.Helper()
	for _, sql := range []string{
		`UPDATE knowledge_imports SET lease_until = lease_until - interval '10 minutes' WHERE ended_at IS NULL`,
		`DELETE FROM river_leader`,
		`DELETE FROM river_job WHERE kind = 'knowledge_sync_due'`,
	} {
		_, err := a.db.Exec(ctx, sql)
		require.NoError(t, err)
	}
}
