// SPDX-License-Identifier: MIT

package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"candor/web"
)

func newSite(t *testing.T) *web.Site {
	t.Helper()
	site, err := web.New()
	require.NoError(t, err)
	return site
}

const hostile = `"><script>alert(1)</script>`

// pages has data for every page, hostile in every field that holds words.
func pages() map[string]any {
	frame := web.Frame{
		Title: hostile, Locale: "ar", Dir: "rtl", Org: hostile, Demo: true,
		Staff: &web.Staff{Name: hostile, Email: hostile, Role: "agent"},
	}
	words := make(map[string]string)
	for _, key := range []string{"title", "service", "input_label", "messages", "send", "talk_to_person", "waiting", "reference"} {
		words[key] = hostile
	}
	service := web.Service{
		Frame: frame, Timezone: hostile, NextOpen: hostile, Hours: []web.Hours{{Days: hostile, Times: hostile}}, Complaints: hostile,
		Channels: []web.Channel{{Kind: hostile, Value: hostile, Href: "javascript:alert(1)"}}, Targets: []web.Fact{{Name: hostile, Value: hostile}},
		Measured: []web.Fact{{Name: hostile, Value: hostile}},
	}
	lines := []web.Line{
		{Notice: true, Label: hostile, Text: hostile},
		{Seq: 1, Kind: "customer", Author: hostile, At: time.Unix(0, 0), AtWords: hostile, Text: hostile},
		{
			Seq: 2, Kind: "bot", Author: "Assistant", Label: "Automated", At: time.Unix(0, 0), AtWords: "09:30", HTML: "<p>Yes.</p>",
			Partial: hostile, Sources: []web.Source{{Title: hostile, Quote: hostile, URL: "javascript:alert(1)", Version: 3}},
		},
	}
	return map[string]any{
		"shop": web.Shop{
			Frame: frame, Service: service, Plans: []web.Plan{{Name: hostile, Price: hostile, Points: []string{hostile}, Favourite: true}},
			Topics: []web.Topic{{Title: hostile, Question: hostile}},
		},
		"chat":          web.Chat{Frame: frame, Suggestions: []string{hostile}, Plain: "/chat?plain=1", Words: words},
		"plain":         web.PlainChat{Frame: frame, Action: "/chat?plain=1", Words: words, State: "queued", Reference: hostile, Place: hostile, Draft: hostile, Problem: hostile, Lines: lines, Service: service},
		"transcript":    web.Transcript{Frame: frame, Reference: hostile, Made: hostile, Lines: lines, Words: words},
		"service":       service,
		"return":        web.Return{Frame: frame, Words: words, Problem: hostile, Sent: true},
		"signin":        web.SignIn{Frame: frame, LinkToken: hostile, Next: hostile, Problem: hostile},
		"failure":       web.Failure{Frame: frame, Detail: hostile, RequestID: hostile},
		"desk":          web.Desk{Frame: frame},
		"settings":      web.Settings{Frame: frame, Heading: hostile, Lead: hostile, Script: "settings/company.js", Links: []web.Link{{Name: hostile, Href: "/settings", Here: true}}},
		"password":      web.Password{Frame: frame},
		"wall":          web.Desk{Frame: frame},
		"library":       web.Library{Frame: frame},
		"announcements": web.Announcements{Frame: frame},
		"sources":       web.Sources{Frame: frame},
		"demo":          web.Demo{Frame: frame},
	}
}

func render(t *testing.T, page string, data any) *html.Node {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, newSite(t).Render(&b, page, data))
	doc, err := html.Parse(&b)
	require.NoError(t, err)
	return doc
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func elements(doc *html.Node) []*html.Node {
	var list []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func TestRender(t *testing.T) {
	t.Parallel()
	for page, data := range pages() {
		t.Run(page+"_keeps_to_its_content_security_policy", func(t *testing.T) {
			t.Parallel()
			for _, n := range elements(render(t, page, data)) {
				require.NotEqual(t, "style", n.Data)
				for _, a := range n.Attr {
					require.NotEqual(t, "style", a.Key, n.Data)
					require.False(t, strings.HasPrefix(a.Key, "on"), "%s %s", n.Data, a.Key)
					require.NotContains(t, a.Val, "javascript:", "%s %s", n.Data, a.Key)
					if (a.Key == "src" || a.Key == "href") && n.Data != "a" {
						require.Regexp(t, `^/[^/]`, a.Val, "%s comes from elsewhere", n.Data)
					}
				}
				if n.Data == "script" {
					src, ok := attr(n, "src")
					require.True(t, ok && src != "")
					require.Nil(t, n.FirstChild, "script with a body")
				}
			}
		})

		t.Run(page+"_names_its_controls_and_pictures", func(t *testing.T) {
			t.Parallel()
			nodes := elements(render(t, page, data))
			labelled := make(map[string]bool)
			for _, n := range nodes {
				if id, ok := attr(n, "for"); ok && n.Data == "label" {
					labelled[id] = true
				}
			}
			mains := 0
			for _, n := range nodes {
				switch n.Data {
				case "html":
					lang, _ := attr(n, "lang")
					dir, _ := attr(n, "dir")
					require.Equal(t, []string{"ar", "rtl"}, []string{lang, dir})
				case "main":
					mains++
				case "img":
					_, ok := attr(n, "alt")
					require.True(t, ok, "picture without alt")
				case "input", "textarea", "select":
					kind, _ := attr(n, "type")
					id, _ := attr(n, "id")
					name, _ := attr(n, "aria-label")
					wrapped := n.Parent != nil && n.Parent.Data == "label"
					require.True(t, kind == "hidden" || labelled[id] || wrapped || name != "", "%s %s has no label", n.Data, id)
				}
			}
			require.Equal(t, 1, mains)
		})
	}

	t.Run("label_stands_before_the_words_of_the_bot", func(t *testing.T) {
		t.Parallel()
		for _, page := range []string{"plain", "transcript"} {
			var b bytes.Buffer
			require.NoError(t, newSite(t).Render(&b, page, pages()[page]))
			require.Regexp(t, `(?s)line-bot.*Automated.*Yes\.`, b.String())
		}
	})

	t.Run("unknown_page_is_an_error", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, newSite(t).Render(&bytes.Buffer{}, "nowhere", nil), `no page "nowhere"`)
	})
}

func get(t *testing.T, site *web.Site, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	site.Assets().ServeHTTP(w, r)
	return w
}

func TestAssets(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	var page bytes.Buffer
	require.NoError(t, site.Render(&page, "signin", web.SignIn{}))
	kept := regexp.MustCompile(`/static/[0-9a-f]{12}/css/tokens\.css`).FindString(page.String())
	require.NotEmpty(t, kept)

	t.Run("named_by_content_is_kept_for_ever", func(t *testing.T) {
		t.Parallel()
		r := get(t, site, kept)
		require.Equal(t, http.StatusOK, r.Code)
		require.Equal(t, "text/css; charset=utf-8", r.Header().Get("Content-Type"))
		require.Contains(t, r.Header().Get("Cache-Control"), "immutable")
	})

	t.Run("of_another_release_is_served_but_not_kept", func(t *testing.T) {
		t.Parallel()
		r := get(t, site, "/static/0123456789ab/css/tokens.css")
		require.Equal(t, http.StatusOK, r.Code)
		require.Equal(t, "no-cache", r.Header().Get("Cache-Control"))
	})

	t.Run("loader_names_the_modules_by_content", func(t *testing.T) {
		t.Parallel()
		r := get(t, site, "/widget.js")
		body := r.Body
		require.Equal(t, "no-cache", r.Header().Get("Cache-Control"))
		require.Equal(t, "*", r.Header().Get("Access-Control-Allow-Origin"))
		require.NotContains(t, body.String(), "__ASSETS__")
		require.Contains(t, kept, "/"+regexp.MustCompile(`static/[0-9a-f]{12}`).FindString(body.String())+"/")
	})

	t.Run("unchanged_is_not_sent_again", func(t *testing.T) {
		t.Parallel()
		first := get(t, site, "/widget.js")
		again := get(t, site, "/widget.js", "If-None-Match", first.Header().Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.Code)
		other := get(t, site, "/widget.js", "If-None-Match", `"other"`)
		require.Equal(t, http.StatusOK, other.Code)
	})

	t.Run("compressed_where_the_reader_can", func(t *testing.T) {
		t.Parallel()
		r := get(t, site, kept, "Accept-Encoding", "gzip, br")
		require.Equal(t, "gzip", r.Header().Get("Content-Encoding"))
	})

	t.Run("nothing_else_is_served", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/static/", "/static/css", "/static/../web.go", "/static/templates/shop.html", "/static/a/b/c/tokens.css"} {
			require.Equal(t, http.StatusNotFound, get(t, site, path).Code, path)
		}
	})
}
