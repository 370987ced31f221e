// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/gate"
	"candor/staff"
)

// helpSite is a web site whose pages a test changes.
type helpSite struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]string
}

func newHelpSite(t *testing.T, pages map[string]string) *helpSite {
	t.Helper()
	s := &helpSite{pages: pages}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		page, has := s.pages[r.URL.Path]
		s.mu.Unlock()
		if !has {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *helpSite) set(path, page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = page
}

type shownImport struct {
	ID, State, Code, Error                                                       string
	Created, Updated, Unchanged, Conflicts, Gone, Failed, Published, Found, Done int
	Check                                                                        *struct {
		Worse, Drafts int
		Reason        string
	}
}

// reads has a source read as the background job does.
func (m member) reads(t *testing.T, source string) shownImport {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/sources/"+source+"/sync", nil)
	require.Equal(t, http.StatusAccepted, r.status, "%s", r.body)
	var im shownImport
	r.into(t, &im)
	id, err := strconv.ParseInt(im.ID, 10, 64)
	require.NoError(t, err)
	require.NoError(t, (&gate.Service{Bot: m.w.bot, Knowledge: m.w.lib}).Sync(t.Context(), id))
	return m.readImport(t, im.ID)
}

func (m member) readImport(t *testing.T, id string) (im shownImport) {
	t.Helper()
	m.call(t, http.MethodGet, "/v1/imports/"+id, nil).into(t, &im)
	return im
}

func (m member) addSource(t *testing.T, url, mode string) string {
	t.Helper()
	r := m.call(t, http.MethodPost, "/v1/sources", map[string]any{"url": url, "kind": "site", "schedule": "weekly", "mode": mode})
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	var added struct{ ID string }
	r.into(t, &added)
	return added.ID
}

const helpPage = `<html lang="en"><main><h1>%s</h1><p>%s</p></main></html>`

func TestSources_from_the_preview_to_the_conflict(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	site := newHelpSite(t, map[string]string{
		"/help/": fmt.Sprintf(helpPage, "Help", `<a href="lamp">The lamp</a>`), "/help/lamp": fmt.Sprintf(helpPage, "The hotel lamp", "Its cord is 140 centimetres long."),
	})
	r := editor.call(t, http.MethodPost, "/v1/sources/preview", map[string]any{"url": site.URL + "/help/", "kind": "site"})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var preview struct {
		Found int
		Pages []struct{ Title, Excerpt string }
	}
	r.into(t, &preview)
	require.Equal(t, 2, preview.Found)
	require.Equal(t, "The hotel lamp", preview.Pages[1].Title)
	require.Contains(t, preview.Pages[1].Excerpt, "140 centimetres")
	var sources struct{ Sources []struct{ ID string } }
	editor.call(t, http.MethodGet, "/v1/sources", nil).into(t, &sources)
	require.Empty(t, sources.Sources, "a preview keeps nothing")

	source := editor.addSource(t, site.URL+"/help/", "drafts")
	require.Equal(t, "source_exists", editor.call(t, http.MethodPost, "/v1/sources", map[string]any{"url": site.URL + "/help/", "kind": "site", "schedule": "never", "mode": "drafts"}).code(t))
	im := editor.reads(t, source)
	require.Equal(t, []any{"done", 2}, []any{im.State, im.Created})
	var list struct {
		Pages []struct {
			ID, URL, State string
			ArticleID      int64 `json:"article_id"`
		}
	}
	editor.call(t, http.MethodGet, "/v1/sources/"+source+"/pages", nil).into(t, &list)
	require.Len(t, list.Pages, 2)
	lamp := list.Pages[1]

	editor.draft(t, lamp.ArticleID, "The hotel lamp", "Its cord is 150 centimetres long, measured here.")
	site.set("/help/lamp", fmt.Sprintf(helpPage, "The hotel lamp", "Its cord is 160 centimetres long."))
	im = editor.reads(t, source)
	require.Equal(t, 1, im.Conflicts)
	editor.call(t, http.MethodGet, "/v1/sources/"+source+"/pages?state=conflict", nil).into(t, &list)
	require.Len(t, list.Pages, 1)
	var page struct {
		Incoming, Article struct {
			Body string
			Rev  int64
		}
	}
	path := "/v1/sources/" + source + "/pages/" + lamp.ID
	editor.call(t, http.MethodGet, path, nil).into(t, &page)
	require.Contains(t, page.Incoming.Body, "160")
	require.Contains(t, page.Article.Body, "150")
	require.Equal(t, "invalid_choice", editor.call(t, http.MethodPost, path+"/resolve", map[string]any{"keep": "both"}).code(t))
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPost, path+"/resolve", map[string]any{"keep": "page", "expected_rev": page.Article.Rev}).status)
	var a struct{ Draft struct{ Body string } }
	editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d", lamp.ArticleID), nil).into(t, &a)
	require.Contains(t, a.Draft.Body, "160")

	report := editor.call(t, http.MethodGet, "/v1/imports/"+im.ID+"/report", nil)
	require.Contains(t, string(report.body), "page_conflict")
	require.Equal(t, http.StatusOK, editor.call(t, http.MethodPut, "/v1/sources/"+source, map[string]any{"schedule": "never", "mode": "drafts", "lang": "en"}).status)
	require.Equal(t, http.StatusNoContent, editor.call(t, http.MethodDelete, "/v1/sources/"+source, nil).status)
	require.Equal(t, "source_not_found", editor.call(t, http.MethodGet, "/v1/sources/"+source, nil).code(t))
	editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d", lamp.ArticleID), nil).into(t, &a)
	require.Contains(t, a.Draft.Body, "160", "its articles stay")
}

func TestSources_lead_nowhere_inside(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	for _, address := range []string{
		"http://169.254.169.254/latest/", "http://10.0.0.1/", "http://[::1]/", "http://0x7f000001:1/", "http://127.0.0.2/", "file:///etc/passwd", "gopher://x.example/", "data:text/html,x", "https://a:b@x.example/",
	} {
		r := editor.call(t, http.MethodPost, "/v1/sources/preview", map[string]any{"url": address, "kind": "page"})
		require.Equal(t, http.StatusUnprocessableEntity, r.status, address)
		require.Contains(t, []string{"address_refused", "url_invalid", "page_unreachable"}, r.code(t), address)
	}
}

func TestSources_that_publish_go_through_the_gate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	site := newHelpSite(t, map[string]string{"/help/": fmt.Sprintf(helpPage, "The hotel lamp", "The cord of the hotel lamp is 140 centimetres long.")})
	source := editor.addSource(t, site.URL+"/help/", "publish")
	im := editor.reads(t, source)
	require.Equal(t, []any{"done", 1}, []any{im.State, im.Published}, "%+v", im)
	require.Contains(t, editor.try(t, map[string]any{"text": "How long is the cord of the hotel lamp?"}).Text, "140")

	id := editor.articleID(t, "The hotel lamp")
	r := editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": "How long is the cord of the hotel lamp?", "expects": "article", "article_id": id})
	require.Equal(t, http.StatusCreated, r.status)
	site.set("/help/", fmt.Sprintf(helpPage, "Chairs", "A chair has four legs, and a stool has three."))
	im = editor.reads(t, source)
	require.Equal(t, []any{"held", 0, 1}, []any{im.State, im.Published, im.Check.Worse}, "%+v", im)
	require.Contains(t, editor.try(t, map[string]any{"text": "How long is the cord of the hotel lamp?"}).Text, "140", "what is live stays")

	path := "/v1/imports/" + im.ID + "/publish"
	var held shownImport
	editor.call(t, http.MethodPost, path, map[string]any{}).into(t, &held)
	require.Equal(t, "held", held.State)
	r = editor.call(t, http.MethodPost, path, map[string]any{"reason": "The lamp is no longer sold."})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r.into(t, &held)
	require.Equal(t, []any{"done", 1, "The lamp is no longer sold."}, []any{held.State, held.Published, held.Check.Reason})
	require.NotContains(t, editor.try(t, map[string]any{"text": "How long is the cord of the hotel lamp?"}).Text, "140")
}

// filesForm is files as a browser sends them.
func filesForm(t *testing.T, files map[string]string) (body []byte, contentType header) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for name, text := range files {
		part, err := w.CreateFormFile("files", name)
		require.NoError(t, err)
		_, err = part.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes(), header{"Content-Type", w.FormDataContentType()}
}

func TestImports_of_files_are_kept_and_go_through_the_gate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	id := editor.articleID(t, roaming)
	r := editor.call(t, http.MethodPost, "/v1/questions", map[string]any{"text": question, "expects": "article", "article_id": id})
	require.Equal(t, http.StatusCreated, r.status)
	var im shownImport
	editor.call(t, http.MethodPost, "/v1/imports", map[string]any{"name": "A folder"}).into(t, &im)
	body, kind := filesForm(t, map[string]string{
		"shop/lamp.md": "# The hotel lamp\n\nThe cord is 140 centimetres long.", "../../etc/x.md": "# Escape\n\nIt stays in its folder.", "broken.md": "\xff\x00",
		"roaming.md": "---\nid: roaming\ntitle: Chairs\nlang: en\n---\n# Chairs\n\nA chair has four legs.", "=cmd.md": "",
	})
	r = w.call(t, http.MethodPost, "/v1/imports/"+im.ID+"/files", body, bearer(editor.token), kind)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	im = editor.readImport(t, im.ID)
	require.Equal(t, []int{2, 1, 2}, []int{im.Created, im.Updated, im.Failed})
	report := string(editor.call(t, http.MethodGet, "/v1/imports/"+im.ID+"/report", nil).body)
	require.Contains(t, report, "shop/lamp.md,0,created")
	require.Contains(t, report, "\netc/x.md,0,created")
	require.Contains(t, report, "invalid_utf8")
	require.Contains(t, report, "\n'=cmd.md,")

	path := "/v1/imports/" + im.ID + "/publish"
	editor.call(t, http.MethodPost, path, map[string]any{}).into(t, &im)
	require.Equal(t, []any{"held", 1, 0}, []any{im.State, im.Check.Worse, im.Published})
	require.Contains(t, editor.try(t, map[string]any{"text": question}).Text, "2 EUR")
	editor.call(t, http.MethodPost, path, map[string]any{"reason": "Roaming has ended."}).into(t, &im)
	require.Equal(t, []any{"done", 3}, []any{im.State, im.Published})
	require.NotContains(t, editor.try(t, map[string]any{"text": question}).Text, "2 EUR")

	// The one request for programs keeps the same order.
	md := header{"Content-Type", "text/markdown"}
	r = w.call(t, http.MethodPost, "/v1/knowledge/import?publish=true&filename=bills.md", []byte("---\nid: bills\ntitle: Bills\nlang: en\n---\n# Bills\n\nA bill is due in 20 days.\n"), bearer(editor.token), md)
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	require.Contains(t, string(r.body), `"state":"published"`)
	require.Contains(t, editor.try(t, map[string]any{"text": "When is my bill due?"}).Text, "20 days")
}

func TestSources_belong_to_editors_and_have_a_limit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor, colleague, agent := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor), w.member(t, "Agent One", staff.RoleAgent)
	site := newHelpSite(t, map[string]string{"/help/": fmt.Sprintf(helpPage, "Help", `<a href="a">A</a> <a href="b">B</a>`), "/help/a": fmt.Sprintf(helpPage, "A", "One."), "/help/b": fmt.Sprintf(helpPage, "B", "Two.")})
	source := editor.addSource(t, site.URL+"/help/", "drafts")
	path := "/v1/sources/" + source
	type shown struct {
		Owner    string
		OwnerID  string `json:"owner_id"`
		MaxPages int    `json:"max_pages"`
	}
	var now shown
	editor.call(t, http.MethodGet, path, nil).into(t, &now)
	require.Equal(t, "Editor One", now.Owner)
	set := func(by member, more map[string]any) reply {
		body := map[string]any{"schedule": "weekly", "mode": "drafts", "max_pages": 2}
		maps.Copy(body, more)
		return by.call(t, http.MethodPut, path, body)
	}
	require.Equal(t, "not_an_editor", set(editor, map[string]any{"owner_id": strconv.FormatInt(agent.id, 10)}).code(t))
	require.Equal(t, "not_an_editor", set(editor, map[string]any{"owner_id": "999999"}).code(t))
	require.Equal(t, "owner_not_found", set(editor, map[string]any{"owner_id": "me"}).code(t))
	for _, pages := range []int{-1, 2001} {
		r := set(editor, map[string]any{"max_pages": pages})
		require.Equal(t, http.StatusUnprocessableEntity, r.status, "%s", r.body)
		require.Contains(t, string(r.body), "1 to 2000 pages")
	}
	set(editor, map[string]any{"owner_id": strconv.FormatInt(colleague.id, 10)}).into(t, &now)
	require.Equal(t, shown{"Editor Two", strconv.FormatInt(colleague.id, 10), 2}, now)
	require.Equal(t, 2, editor.reads(t, source).Created, "of three pages the limit takes two")
	_, err := w.DB.Exec(t.Context(), `UPDATE accounts SET disabled_at = now() WHERE id = $1`, colleague.id)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, set(editor, map[string]any{"owner_id": strconv.FormatInt(colleague.id, 10)}).status, "who left stays the owner until there is another")
	now = shown{}
	set(editor, nil).into(t, &now)
	require.Equal(t, shown{MaxPages: 2}, now, "nobody is made the owner by changing something else")
}
