// SPDX-License-Identifier: MIT

package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

func TestLibrary_a_preview_is_what_customers_see(t *testing.T) {
	t.Parallel()
	w := setup(t)
	editor := w.member(t, "Editor One", staff.RoleEditor)
	var shown struct{ HTML string }
	r := editor.call(t, http.MethodPost, "/v1/articles/preview", map[string]any{"body": "---\nid: x\n---\n# Data\n\nIt costs **2 EUR**.<script>alert(1)</script>"})
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	r.into(t, &shown)
	require.Contains(t, shown.HTML, "<strong>2 EUR</strong>")
	require.NotContains(t, shown.HTML, "script")
	require.NotContains(t, shown.HTML, "id: x")

	// It is rendered exactly as the source of an answer is.
	id := editor.articleID(t, roaming)
	var a struct{ Live struct{ Body, HTML string } }
	editor.call(t, http.MethodGet, fmt.Sprintf("/v1/articles/%d", id), nil).into(t, &a)
	editor.call(t, http.MethodPost, "/v1/articles/preview", map[string]any{"body": a.Live.Body}).into(t, &shown)
	require.Equal(t, a.Live.HTML, shown.HTML)

	require.Equal(t, http.StatusForbidden, w.member(t, "Agent One", staff.RoleAgent).call(t, http.MethodPost, "/v1/articles/preview", map[string]any{"body": "x"}).status)
}

func TestLibrary_a_first_save_that_comes_twice_makes_one_article(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two := w.member(t, "Editor One", staff.RoleEditor), w.member(t, "Editor Two", staff.RoleEditor)
	body := map[string]any{"title": "Voice mail", "lang": "en", "body": "Voice mail is free.", "client_key": "0123456789abcdef"}
	type made struct {
		ID    int64
		Draft struct {
			Rev  int64
			Body string
		}
	}
	var first, again made
	r := one.call(t, http.MethodPost, "/v1/articles", body)
	require.Equal(t, http.StatusCreated, r.status, "%s", r.body)
	r.into(t, &first)
	body["body"] = "Voice mail costs 1 EUR."
	one.call(t, http.MethodPost, "/v1/articles", body).into(t, &again)
	require.Equal(t, first, again, "the second one changes nothing")
	require.Equal(t, "key_taken", two.call(t, http.MethodPost, "/v1/articles", body).code(t))
	delete(body, "client_key")
	one.call(t, http.MethodPost, "/v1/articles", body).into(t, &again)
	require.NotEqual(t, first.ID, again.ID)
}
