// SPDX-License-Identifier: MIT

package api_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"candor/api"
	"candor/internal/identity"
	"candor/llm"
	"candor/staff"
)

// shop gives a gateway that believes a shop, and the shop's way of signing.
func shop(t *testing.T) (*world, func(change jwt.MapClaims) string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	verifier, err := identity.New(identity.Config{
		Keys: []string{"ed25519:" + base64.StdEncoding.EncodeToString(public)}, Audience: "https://chat.example",
	})
	require.NoError(t, err)
	w := setup(t, func(c *api.Config, _ *llm.Config) { c.Identity = verifier })
	return w, func(change jwt.MapClaims) string {
		c := jwt.MapClaims{
			"sub": "shop-7", "name": "Canary Name", "email": "canary@example.com", "aud": "https://chat.example",
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		}
		maps.Copy(c, change)
		text, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c).SignedString(private)
		require.NoError(t, err)
		return text
	}
}

// opens a conversation as somebody.
func (w *world) opens(t *testing.T, who map[string]any) (customer, reply) {
	t.Helper()
	r := w.call(t, http.MethodPost, "/v1/conversations", map[string]any{"locale": "en", "customer": who})
	var opened struct {
		Token        string
		Conversation struct{ ID string }
	}
	if r.status == http.StatusCreated {
		r.into(t, &opened)
	}
	return customer{w, opened.Conversation.ID, opened.Token}, r
}

func TestIdentity_of_the_shop_proves_a_customer(t *testing.T) {
	t.Parallel()
	w, sign := shop(t)
	c, r := w.opens(t, map[string]any{"name": "Mallory", "email": "mallory@example.com", "identity_token": sign(nil)})
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	conv, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	profile, err := w.Chat.Profile(t.Context(), conv)
	require.NoError(t, err)
	require.Equal(t, []string{"Canary Name", "canary@example.com", "shop-7"}, []string{profile.Name, profile.Email, profile.Subject}, "the shop's word counts")
	var proved, plain bool
	require.NoError(t, w.DB.QueryRow(t.Context(), `
		SELECT email_proved_at IS NOT NULL, position('shop-7'::bytea IN profile) > 0 OR subject_index = 'shop-7'::bytea
		FROM customers WHERE id = $1`, conv.CustomerID).Scan(&proved, &plain))
	require.True(t, proved)
	require.False(t, plain)

	c.says(t, "I want to speak to a person")
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	first := agent.queue(t)[0].ID
	// The same customer later, under another address; and a stranger who names the first.
	again, _ := w.opens(t, map[string]any{"identity_token": sign(jwt.MapClaims{"email": "new@example.com"})})
	again.says(t, "I want to speak to a person")
	stranger, _ := w.opens(t, map[string]any{"email": "canary@example.com"})
	stranger.says(t, "I want to speak to a person")
	var file struct {
		Packet struct {
			Customer struct{ Vouched bool }
			Earlier  []struct {
				SameCustomer string `json:"same_customer"`
			} `json:"earlier_cases"`
		}
	}
	agent.call(t, http.MethodGet, "/v1/cases/"+first, nil).into(t, &file)
	require.True(t, file.Packet.Customer.Vouched)
	require.Len(t, file.Packet.Earlier, 2)
	require.Equal(t, "email", file.Packet.Earlier[0].SameCustomer)
	require.Equal(t, "customer", file.Packet.Earlier[1].SameCustomer)

	require.NoError(t, w.desk.Erase(t.Context(), conv.CustomerID, nil))
	var left bool
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT coalesce(subject_index, email_index) IS NOT NULL OR email_proved_at IS NOT NULL FROM customers WHERE id = $1",
		conv.CustomerID).Scan(&left))
	require.False(t, left)
	require.Empty(t, w.Violations(t))
}

func TestIdentity_proves_no_more_than_is_said(t *testing.T) {
	t.Parallel()
	w, sign := shop(t)
	for name, who := range map[string]map[string]any{
		"an address that the shop does not know":     {"identity_token": sign(jwt.MapClaims{"email_verified": false})},
		"an address that the customer alone gave":    {"email": "canary@example.com", "identity_token": sign(jwt.MapClaims{"email": ""})},
		"a customer of whom nobody says anything":    {"email": "canary@example.com"},
		"a customer without an address who is known": {"identity_token": sign(jwt.MapClaims{"email": ""})},
	} {
		c, r := w.opens(t, who)
		require.Equal(t, http.StatusCreated, r.status, name)
		var proved bool
		require.NoError(t, w.DB.QueryRow(t.Context(), `
			SELECT u.email_proved_at IS NOT NULL FROM customers u JOIN conversations c ON c.customer_id = u.id WHERE c.public_id = $1`, c.id).Scan(&proved))
		require.False(t, proved, name)
	}
}

func TestIdentity_refuses(t *testing.T) {
	t.Parallel()
	w, sign := shop(t)
	for name, token := range map[string]string{
		"an old one":    sign(jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}),
		"another's":     sign(jwt.MapClaims{"aud": "https://other.example"}),
		"no token":      "canary@example.com",
		"a changed one": sign(nil) + "A",
	} {
		_, r := w.opens(t, map[string]any{"identity_token": token})
		require.Equal(t, http.StatusUnprocessableEntity, r.status, name)
		require.Equal(t, "identity_refused", r.code(t), name)
		require.Contains(t, string(r.body), `"field":"customer.identity_token"`)
		require.NotContains(t, string(r.body), "canary@example.com", name)
	}
	plain := setup(t)
	_, r := plain.opens(t, map[string]any{"identity_token": sign(nil)})
	require.Equal(t, "identity_not_set_up", r.code(t), "no key, no word")
	var opened int
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT count(*) FROM conversations").Scan(&opened))
	require.Zero(t, opened)
}

// The widget hands the page's token over; one that has expired keeps nobody from asking.
func TestIdentity_in_the_widget(t *testing.T) {
	t.Parallel()
	w, sign := shop(t)
	b := w.window(t, "Agent Browser", staff.RoleAgent)
	subjects := func() (n, known int) {
		require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT count(*), count(subject_index) FROM customers").Scan(&n, &known))
		return n, known
	}
	ask := func(token string) {
		t.Helper()
		inWindow[bool](t, b, "localStorage.clear(); sessionStorage.clear(); return true")
		b.open(t, "/chat")
		inWindow[bool](t, b, `
			const chat = await until("the chat", () => document.querySelector("candor-chat")?.shadowRoot?.querySelector("textarea") && document.querySelector("candor-chat"));
			chat.setAttribute("identity-token", `+quoted(token)+`);
			chat.ask("What does roaming in Switzerland cost?", true);
			return !!(await until("an answer", () => chat.shadowRoot.querySelector(".msg-bot:not(.is-draft) .source")))`)
	}
	ask(sign(nil))
	n, known := subjects()
	require.Equal(t, []int{1, 1}, []int{n, known})
	ask(sign(jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}))
	n, known = subjects()
	require.Equal(t, []int{2, 1}, []int{n, known})
	b.keepsPolicy(t)
}
