// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/knowledge"
	"candor/knowledge/crawl"
	"candor/postgres/pgtest"
)

// site is a web site on the loopback network whose pages a test changes.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]string // by path; "" is gone
	asked map[string]int    // bodies that were given
	hook  func(path string)
}

func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{pages: pages, asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	page, has := s.pages[r.URL.Path]
	hook := s.hook
	s.mu.Unlock()
	if hook != nil {
		hook(r.URL.Path)
	}
	if !has || page == "" {
		http.NotFound(w, r)
		return
	}
	page = strings.ReplaceAll(page, "BASE", s.URL)
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(page)))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.mu.Lock()
	s.asked[r.URL.Path]++
	s.mu.Unlock()
	_, _ = w.Write([]byte(page))
}

func (s *site) set(path, page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page
}

func (s *site) on(hook func(path string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// given is how many bodies were sent since it was asked before, robots.txt and the sitemap aside.
func (s *site) given() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, asked := range s.asked {
		if path != "/robots.txt" && path != "/sitemap.xml" {
			n += asked
		}
	}
	s.asked = map[string]int{}
	return n
}

func html(title, text string) string {
	return `<!doctype html><html lang="en"><head><title>` + title + ` | Larkwire</title></head><body><nav><a href="/help/">Help</a></nav><main><h1>` + title + `</h1><p>` + text + `</p></main></body></html>`
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// newReader is a library that may read the loopback network.
func newReader(t *testing.T) library {
	t.Helper()
	db := pgtest.DB(t)
	return library{knowledge.New(knowledge.Config{DB: db, Web: crawl.New(crawl.Config{Allow: loopback, Pause: -1, Timeout: 5 * time.Second})}), db, t}
}

func (l library) source(url string) knowledge.Source {
	l.t.Helper()
	c, err := l.AddSource(l.t.Context(), knowledge.Source{URL: url, Kind: knowledge.SourceSite, Schedule: knowledge.ScheduleDaily, Mode: knowledge.ModeDrafts})
	require.NoError(l.t, err)
	return c
}

// sync reads a source once, as the background job does.
func (l library) sync(c knowledge.Source) knowledge.Import {
	l.t.Helper()
	im, err := l.StartSync(l.t.Context(), c.ID, nil)
	require.NoError(l.t, err)
	require.NoError(l.t, l.Sync(l.t.Context(), im.ID, nil))
	im, err = l.Import(l.t.Context(), im.ID)
	require.NoError(l.t, err)
	require.NotNil(l.t, im.EndedAt)
	return im
}

func (l library) pages(c knowledge.Source) map[string]knowledge.Page {
	l.t.Helper()
	list, err := l.Pages(l.t.Context(), c.ID, "", 0)
	require.NoError(l.t, err)
	out := map[string]knowledge.Page{}
	for _, p := range list {
		out[strings.TrimPrefix(p.URL, c.URL[:strings.Index(c.URL[8:], "/")+8])] = p
	}
	return out
}

// counts are created, updated, unchanged, conflicts, gone, failed.
func counts(im knowledge.Import) [6]int {
	return [6]int{im.Created, im.Updated, im.Unchanged, im.Conflicts, im.Gone, im.Failed}
}

func TestSync_of_a_site_takes_over_what_changes_and_nothing_else(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{
		"/robots.txt":  "User-agent: *\nDisallow: /help/staff/\nSitemap: BASE/sitemap.xml\n",
		"/sitemap.xml": `<urlset><url><loc>BASE/help/roaming</loc></url><url><loc>BASE/help/bills</loc></url><url><loc>BASE/help/staff/x</loc></url><url><loc>BASE/shop</loc></url><url><loc>https://elsewhere.example/help/</loc></url></urlset>`,
		"/help/":       html("Help", "Everything about your line."), "/help/roaming": html("Roaming", `Roaming costs 2 EUR. See <a href="bills">bills</a>.`),
		"/help/bills": html("Bills", "The bill comes on the fifth."), "/help/staff/x": html("Secret", "Not for programs."), "/shop": html("Shop", "Buy."),
	})
	c := l.source(s.URL + "/help/")
	im := l.sync(c)
	require.Equal(t, knowledge.ImportDone, im.State, "%+v", im)
	require.Equal(t, [6]int{3, 0, 0, 0, 0, 1}, counts(im))
	require.Equal(t, 3, s.given())
	pages := l.pages(c)
	require.Equal(t, "robots_refused", pages["/help/staff/x"].Code)
	a, err := l.Article(t.Context(), *pages["/help/roaming"].ArticleID)
	require.NoError(t, err)
	require.Nil(t, a.Live, "it is a draft")
	require.Equal(t, "Roaming", a.Draft.Title)
	require.Equal(t, s.URL+"/help/roaming", a.Draft.URL)
	require.Contains(t, a.Draft.Source, "[bills]("+s.URL+"/help/bills)")
	require.NotContains(t, a.Draft.Source, "Larkwire")

	im = l.sync(c)
	require.Equal(t, [6]int{0, 0, 3, 0, 0, 1}, counts(im))
	require.Zero(t, s.given(), "what is as it was costs a conditional request")
	again, err := l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a.Draft.Revision, again.Draft.Revision)

	s.set("/help/roaming", html("Roaming", "Roaming costs 3 EUR."))
	s.set("/help/bills", strings.Replace(html("Bills", "The bill comes on the fifth."), "<nav>", "<nav>New menu", 1))
	im = l.sync(c)
	require.Equal(t, [6]int{0, 1, 2, 0, 0, 1}, counts(im), "a new menu is no new text")
	again, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Contains(t, again.Draft.Source, "3 EUR")
}

func TestSync_never_overwrites_an_editor(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", "One.")})
	c := l.source(s.URL + "/help/")
	l.sync(c)
	page := l.pages(c)["/help/"]
	a, err := l.Article(t.Context(), *page.ArticleID)
	require.NoError(t, err)
	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	s.set("/help/", html("Help", "Two."))
	require.Equal(t, [6]int{0, 1, 0, 0, 0, 0}, counts(l.sync(c)), "a published article that nobody edited gets a draft")

	var editor int64
	require.NoError(t, l.db.QueryRow(t.Context(), `INSERT INTO accounts (email, name, role) VALUES ('e@shop.example', 'Editor', 'editor') RETURNING id`).Scan(&editor))
	a, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	a, err = l.SaveDraft(t.Context(), a.ID, a.Draft.Revision, content("Help", "The editor's words."), &editor)
	require.NoError(t, err)
	require.Equal(t, [6]int{0, 0, 1, 0, 0, 0}, counts(l.sync(c)), "the page is as it was")
	s.set("/help/", html("Help", "Three."))
	for range 2 { // it stays a conflict
		l.sync(c)
		page = l.pages(c)["/help/"]
		require.Equal(t, knowledge.PageConflict, page.State)
		require.Contains(t, page.Incoming.Source, "Three.")
		now, err := l.Article(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, "The editor's words.", now.Draft.Source)
	}

	_, err = l.ResolvePage(t.Context(), c.ID, page.ID, false, 0, editor)
	require.NoError(t, err)
	l.sync(c)
	require.Equal(t, knowledge.PageOK, l.pages(c)["/help/"].State, "what was chosen is not asked again")
	s.set("/help/", html("Help", "Four."))
	require.Equal(t, [6]int{0, 0, 0, 1, 0, 0}, counts(l.sync(c)))
	_, err = l.ResolvePage(t.Context(), c.ID, page.ID, true, 999, editor)
	require.True(t, fault.Is(err, "draft_changed"), "%v", err)
	_, err = l.ResolvePage(t.Context(), c.ID, page.ID, true, a.Draft.Revision, editor)
	require.NoError(t, err)
	now, err := l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Contains(t, now.Draft.Source, "Four.")
	_, err = l.ResolvePage(t.Context(), c.ID, page.ID, true, now.Draft.Revision, editor)
	require.True(t, fault.Is(err, "no_conflict"))
}

func TestSync_conflict_ends_though_its_article_is_thrown_away(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", "One.")})
	c := l.source(s.URL + "/help/")
	l.sync(c)
	editor := l.editor("e@shop.example", "editor")
	// clash has the page and its article say different things, and throws the article away.
	clash := func(words string) knowledge.Page {
		page := l.pages(c)["/help/"]
		a, err := l.Article(t.Context(), *page.ArticleID)
		require.NoError(t, err)
		a, err = l.SaveDraft(t.Context(), a.ID, a.Draft.Revision, content("Help", "The editor's words about "+words), &editor)
		require.NoError(t, err)
		s.set("/help/", html("Help", words))
		l.sync(c)
		require.Equal(t, knowledge.PageConflict, l.pages(c)["/help/"].State)
		require.NoError(t, l.DiscardDraft(t.Context(), a.ID, a.Draft.Revision))
		return l.pages(c)["/help/"]
	}
	page, err := l.ResolvePage(t.Context(), c.ID, clash("Two.").ID, true, 0, editor)
	require.NoError(t, err)
	require.Equal(t, knowledge.PageOK, page.State)
	a, err := l.Article(t.Context(), *page.ArticleID)
	require.NoError(t, err)
	require.Contains(t, a.Draft.Source, "Two.", "it is an article again")

	page, err = l.ResolvePage(t.Context(), c.ID, clash("Three.").ID, false, 0, editor)
	require.NoError(t, err)
	require.Nil(t, page.ArticleID)
	l.sync(c)
	require.Equal(t, knowledge.PageOK, l.pages(c)["/help/"].State, "what was thrown away stays so until the page says something new")
}

func TestSync_marks_what_is_gone_the_second_time(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", `See <a href="/help/a">a</a>.`), "/help/a": html("A", "Alpha.")})
	c := l.source(s.URL + "/help/")
	require.Equal(t, [6]int{2, 0, 0, 0, 0, 0}, counts(l.sync(c)), "without a sitemap links are followed")
	s.set("/help/a", "")
	require.Equal(t, [6]int{0, 0, 1, 0, 0, 1}, counts(l.sync(c)))
	require.Equal(t, knowledge.PageFailed, l.pages(c)["/help/a"].State)
	require.Equal(t, [6]int{0, 0, 1, 0, 1, 0}, counts(l.sync(c)))
	page := l.pages(c)["/help/a"]
	require.Equal(t, knowledge.PageGone, page.State)
	a, err := l.Article(t.Context(), *page.ArticleID)
	require.NoError(t, err)
	require.NotNil(t, a.Draft, "an editor decides")
	s.set("/help/a", html("A", "Alpha."))
	l.sync(c)
	require.Equal(t, knowledge.PageOK, l.pages(c)["/help/a"].State)
}

// A process that dies in the middle: the next one goes on, and nothing is written twice.
func TestSync_goes_on_where_a_dead_process_stopped(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	pages := map[string]string{}
	var index strings.Builder
	for n := range 6 {
		fmt.Fprintf(&index, `<a href="/help/%d">%d</a> `, n, n)
		pages[fmt.Sprintf("/help/%d", n)] = html(fmt.Sprintf("Page %d", n), fmt.Sprintf("Text of page %d.", n))
	}
	pages["/help/"] = html("Help", index.String())
	s := newSite(t, pages)
	c := l.source(s.URL + "/help/")
	im, err := l.StartSync(t.Context(), c.ID, nil)
	require.NoError(t, err)
	ctx, kill := context.WithCancel(t.Context())
	s.on(func(path string) {
		if path == "/help/3" {
			kill()
		}
	})
	require.ErrorIs(t, l.Sync(ctx, im.ID, nil), context.Canceled)
	im, err = l.Import(t.Context(), im.ID)
	require.NoError(t, err)
	require.Nil(t, im.EndedAt)
	require.Equal(t, 4, im.Created)
	require.Len(t, l.pages(c), im.Created)

	s.on(nil)
	s.given()
	_, err = l.StartSync(t.Context(), c.ID, nil)
	require.True(t, fault.Is(err, "sync_running"), "%v", err)
	require.NoError(t, l.Sync(t.Context(), im.ID, nil))
	im, err = l.Import(t.Context(), im.ID)
	require.NoError(t, err)
	require.Equal(t, knowledge.ImportDone, im.State)
	require.Equal(t, [6]int{7, 0, 0, 0, 0, 0}, counts(im))
	require.Equal(t, 3, s.given(), "what was read is not read again")
	var articles, drafts int
	require.NoError(t, l.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM knowledge_articles), (SELECT count(*) FROM knowledge_versions)`).Scan(&articles, &drafts))
	require.Equal(t, []int{7, 7}, []int{articles, drafts})
}

func TestSync_is_one_at_a_time_and_can_be_cancelled(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", `<a href="/help/a">a</a> <a href="/help/b">b</a>`), "/help/a": html("A", "Alpha."), "/help/b": html("B", "Beta.")})
	c := l.source(s.URL + "/help/")
	im, err := l.StartSync(t.Context(), c.ID, nil)
	require.NoError(t, err)
	s.on(func(path string) {
		if path != "/help/a" {
			return
		}
		second := l.Sync(t.Context(), im.ID, nil) // another gateway: it finds the import taken
		_, third := l.CancelImport(t.Context(), im.ID)
		if second != nil || third != nil {
			panic(fmt.Sprint(second, third))
		}
	})
	require.NoError(t, l.Sync(t.Context(), im.ID, nil))
	im, err = l.Import(t.Context(), im.ID)
	require.NoError(t, err)
	require.Equal(t, knowledge.ImportCancelled, im.State)
	require.Equal(t, 1, im.Created, "what was being read is left out")
	require.Len(t, l.pages(c), 1)
}

func TestSync_due_begins_what_the_schedule_asks_for(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", "One.")})
	c := l.source(s.URL + "/help/")
	require.NoError(t, l.SyncDue(t.Context()))
	list, err := l.Imports(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, list, "not before its time")
	_, err = l.db.Exec(t.Context(), `UPDATE knowledge_sources SET next_at = now()`)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, l.SyncDue(t.Context()))
	}
	list, err = l.Imports(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, list, 1)
	c, err = l.Source(t.Context(), c.ID)
	require.NoError(t, err)
	require.True(t, c.NextAt.After(time.Now().Add(23*time.Hour)))
	var jobs int
	require.NoError(t, l.db.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'knowledge_sync'`).Scan(&jobs))
	require.Equal(t, 1, jobs)
}

func TestSync_knows_copies(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	canonical := strings.Replace(html("A", "Alpha again."), "<head>", `<head><link rel="canonical" href="/help/a">`, 1)
	s := newSite(t, map[string]string{
		"/help/":  html("Help", `<a href="/help/a">a</a> <a href="/help/print">print</a> <a href="/help/copy">copy</a>`),
		"/help/a": html("A", "Alpha."), "/help/print": canonical, "/help/copy": html("A", "Alpha."),
	})
	c := l.source(s.URL + "/help/")
	require.Equal(t, [6]int{2, 0, 2, 0, 0, 0}, counts(l.sync(c)))
	for _, path := range []string{"/help/print", "/help/copy"} {
		require.Equal(t, knowledge.PageDuplicate, l.pages(c)[path].State, path)
	}
}

func TestSync_of_a_site_that_is_down_says_so_and_harms_nothing(t *testing.T) {
	t.Parallel()
	l := newReader(t)
	s := newSite(t, map[string]string{"/help/": html("Help", "One.")})
	c := l.source(s.URL + "/help/")
	l.sync(c)
	s.Close()
	im := l.sync(c)
	require.Equal(t, knowledge.ImportBroken, im.State)
	require.Equal(t, "page_unreachable", *im.Code)
	require.Equal(t, knowledge.PageChanged, l.pages(c)["/help/"].State, "as it stood")

	private := l.source("http://10.0.0.1/help")
	im = l.sync(private)
	require.Equal(t, "address_refused", *im.Code)
	require.NotContains(t, *im.Message, "10.0.0.1")
}
