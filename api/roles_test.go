// SPDX-License-Identifier: MIT

package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// The table of routes: who may use each. "all" is everybody without signing in,
// "customer" the holder of a conversation's token, "staff" everybody who works
// here; otherwise a letter for each role: agent, editor, supervisor, compliance.
// A new route is refused by the test until it stands here.
const routeTable = `
all      GET /healthz
all      GET /readyz
all      GET /openapi.json
all      GET /service
all      GET /v1/widget/strings
all      GET /v1/announcements/current
all      POST /v1/conversations
all      POST /v1/links
all      POST /v1/links/open
customer GET /v1/conversations/:id
customer GET /v1/conversations/:id/messages
customer POST /v1/conversations/:id/messages
customer GET /v1/conversations/:id/events
customer GET /v1/conversations/:id/transcript
customer POST /v1/conversations/:id/handoff
customer DELETE /v1/conversations/:id/handoff
customer POST /v1/conversations/:id/consents
customer POST /v1/conversations/:id/messages/:seq/feedback
customer GET /v1/conversations/:id/sources/:article_id/:version
all      POST /v1/session
staff    GET /v1/session
staff    DELETE /v1/session
all      POST /v1/password
all      POST /v1/password/forgot
staff    PUT /v1/session/password
aesc     GET /v1/articles
aesc     GET /v1/articles/:article_id
aesc     GET /v1/articles/:article_id/versions
aesc     GET /v1/articles/:article_id/versions/:version
aesc     GET /v1/knowledge/search
aesc     GET /v1/announcements
aesc     GET /v1/announcements/:announcement_id
es       POST /v1/announcements
es       POST /v1/announcements/preview
es       PUT /v1/announcements/:announcement_id
es       POST /v1/announcements/:announcement_id/end
es       POST /v1/articles
es       POST /v1/articles/preview
es       PUT /v1/articles/:article_id/draft
es       DELETE /v1/articles/:article_id/draft
esc      GET /v1/library
aesc     GET /v1/articles/:article_id/translations
es       POST /v1/articles/:article_id/translations
es       PUT /v1/articles/:article_id/translation
es       PUT /v1/articles/:article_id/details
es       POST /v1/articles/:article_id/viewing
es       POST /v1/articles/:article_id/draft/review
es       POST /v1/articles/:article_id/draft/withdraw
es       POST /v1/articles/:article_id/draft/approve
es       POST /v1/articles/:article_id/draft/send-back
es       POST /v1/articles/:article_id/draft/schedule
es       POST /v1/articles/:article_id/draft/unschedule
es       POST /v1/articles/:article_id/draft/publish
es       POST /v1/articles/:article_id/archive
es       POST /v1/knowledge/import
esc      GET /v1/knowledge/export
esc      GET /v1/sources
es       POST /v1/sources
es       POST /v1/sources/preview
esc      GET /v1/sources/:source_id
es       PUT /v1/sources/:source_id
es       DELETE /v1/sources/:source_id
es       POST /v1/sources/:source_id/sync
esc      GET /v1/sources/:source_id/pages
esc      GET /v1/sources/:source_id/pages/:page_id
es       POST /v1/sources/:source_id/pages/:page_id/resolve
esc      GET /v1/imports
es       POST /v1/imports
esc      GET /v1/imports/:import_id
es       POST /v1/imports/:import_id/files
es       POST /v1/imports/:import_id/publish
es       POST /v1/imports/:import_id/cancel
esc      GET /v1/imports/:import_id/report
esc      GET /v1/questions
es       POST /v1/questions
es       POST /v1/questions/preview
esc      GET /v1/knowledge/gaps
es       POST /v1/knowledge/gaps/sweep
esc      GET /v1/knowledge/gaps/:gap_id
es       POST /v1/knowledge/gaps/:gap_id/draft
es       POST /v1/knowledge/gaps/:gap_id/questions
es       POST /v1/knowledge/gaps/:gap_id/dismiss
es       POST /v1/knowledge/gaps/:gap_id/reopen
es       DELETE /v1/questions/:question_id
es       POST /v1/articles/:article_id/draft/check
es       POST /v1/articles/:article_id/versions/:version/restore
es       POST /v1/knowledge/try
esc      GET /v1/articles/:article_id/consequences
esc      GET /v1/articles/:article_id/consequences/:conversation_id/:seq
es       POST /v1/articles/:article_id/versions/:version/wrong
esc      GET /v1/corrections
esc      GET /v1/corrections/:correction_id
es       POST /v1/corrections/:correction_id/retry
asc      GET /v1/queue
asc      GET /v1/inbox
as       POST /v1/preview
asc      GET /v1/cases
as       POST /v1/cases
asc      GET /v1/cases/:case_id
asc      GET /v1/desk/conversations
asc      GET /v1/desk/conversations/:id
asc      GET /v1/desk/events
asc      GET /v1/colleagues
asc      GET /v1/presence
as       PUT /v1/presence
as       POST /v1/cases/:case_id/claim
as       POST /v1/cases/:case_id/release
as       POST /v1/cases/:case_id/resolve
as       POST /v1/cases/:case_id/messages
as       POST /v1/cases/:case_id/typing
as       POST /v1/conversations/:id/take-over
sc       GET /v1/blocks
asc      GET /v1/conversations/:id/block
as       POST /v1/conversations/:id/block
as       DELETE /v1/conversations/:id/block
sc       GET /v1/company
sc       GET /v1/company/versions
sc       GET /v1/company/versions/:version
s        PUT /v1/company
s        POST /v1/company/logo
s        POST /v1/company/preview
s        POST /v1/company/versions/:version/restore
sc       GET /v1/wording
sc       GET /v1/mails
sc       GET /v1/reports/clocks
sc       GET /v1/reports/waits
sc       GET /v1/reports/queue
sc       GET /v1/reports/ratings
sc       GET /v1/webhooks
s        POST /v1/webhooks
s        PUT /v1/webhooks/:webhook_id
s        DELETE /v1/webhooks/:webhook_id
s        POST /v1/webhooks/:webhook_id/disable
s        POST /v1/webhooks/:webhook_id/enable
s        POST /v1/webhooks/:webhook_id/secret
s        POST /v1/webhooks/:webhook_id/recover
s        POST /v1/webhooks/:webhook_id/test
sc       GET /v1/webhooks/:webhook_id/deliveries
s        POST /v1/webhooks/:webhook_id/deliveries/:delivery_id/replay
sc       GET /v1/staff
sc       GET /v1/staff/:account_id
sc       GET /v1/audit
sc       GET /v1/records
sc       GET /v1/records/:id
sc       GET /v1/records/:id/check
sc       GET /v1/holds
sc       POST /v1/records/:id/hold
sc       DELETE /v1/records/:id/hold
s        POST /v1/staff/invite
s        PUT /v1/staff/:account_id/role
s        PUT /v1/staff/:account_id/membership
s        POST /v1/staff/:account_id/disable
s        POST /v1/staff/:account_id/enable
s        POST /v1/staff/:account_id/reset
s        GET /v1/staff/:account_id/credentials
s        DELETE /v1/staff/:account_id/credentials/:credential_id
s        POST /v1/staff/:account_id/tokens
`

// ofFamily says the same of whole families of routes, where a route has no line
// of its own: what agents do with cases, they and supervisors do; compliance reads.
func ofFamily(route string) string {
	method, path, _ := strings.Cut(route, " ")
	switch {
	case !strings.HasPrefix(path, "/v1/"):
		return "page" // pages ask for themselves; see their own tests
	case strings.HasPrefix(path, "/v1/conversations/:id/"):
		return "customer"
	case !slices.ContainsFunc([]string{"/v1/cases/", "/v1/causes", "/v1/mentions", "/v1/replies", "/v1/reports/"}, func(p string) bool { return strings.HasPrefix(path, p) }):
		return ""
	case method == http.MethodGet:
		return "asc"
	default:
		return "as"
	}
}

func TestRoles_every_route_for_every_role(t *testing.T) {
	t.Parallel()
	w := setup(t)
	may := map[string]string{}
	for line := range strings.Lines(routeTable) {
		if who, route, found := strings.Cut(strings.TrimSpace(line), " "); found {
			may[strings.TrimSpace(route)] = who
		}
	}
	members := map[string]member{
		"a": w.member(t, "Agent One", staff.RoleAgent), "e": w.member(t, "Editor One", staff.RoleEditor),
		"s": w.member(t, "Supervisor One", staff.RoleSupervisor), "c": w.member(t, "Compliance One", staff.RoleCompliance),
	}
	routes := w.api.Routes()
	for route := range may {
		require.Contains(t, routes, route, "a line for a route that is none")
	}
	var missing []string
	checked := 0
	for _, route := range routes {
		who, own := may[route]
		if !own {
			who = ofFamily(route)
		}
		switch who {
		case "":
			missing = append(missing, route)
			continue
		case "page":
			continue
		}
		for letter, m := range members {
			status := w.try(t, route, m.token)
			switch {
			case who == "all":
				require.NotContains(t, []int{401, 403}, status, "%s for %s", route, letter)
			case who == "customer":
				require.Equal(t, http.StatusNotFound, status, "%s: a token of staff opens no conversation", route)
			case who == "staff" || strings.Contains(who, letter):
				require.NotContains(t, []int{401, 403}, status, "%s for %s", route, letter)
			default:
				require.Equal(t, http.StatusForbidden, status, "%s for %s", route, letter)
			}
			checked++
		}
		if who != "all" {
			require.Equal(t, http.StatusUnauthorized, w.try(t, route, ""), "%s without a credential", route)
		}
	}
	require.Empty(t, missing, "say in the table who may use them")
	require.Greater(t, checked, 200)
}

// try uses a route with nothing in it and gives the status; a stream is left at once.
func (w *world) try(t *testing.T, route, token string) int {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") {
			parts[i] = "999999"
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	request, err := http.NewRequestWithContext(ctx, method, w.url+strings.Join(parts, "/"), nil)
	require.NoError(t, err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := testClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

// What is refused is refused in the database as well.
func TestRoles_the_database_knows_them(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, err := w.DB.Exec(t.Context(), "INSERT INTO accounts (email, name, role) VALUES ('x@example.com', 'X', 'king')")
	require.ErrorContains(t, err, "accounts_role_check")
	require.True(t, slices.Contains(staff.Roles(), staff.RoleCompliance))
}
