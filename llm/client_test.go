// SPDX-License-Identifier: MIT

package llm_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/llm"
	"candor/llm/llmtest"
)

// Neither the key, nor the prompt, nor what the provider says is in an error or a log.
func TestClient_secrets(t *testing.T) {
	t.Parallel()
	const customer = "my e-mail is canary@example.org"
	request := llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Content: customer}}}
	echo := func(status int) llmtest.Behaviour {
		return func(r llmtest.Request) llmtest.Reply {
			said := r.Header.Get("Authorization") + " " + r.Prompt()
			return llmtest.Reply{Status: status, Body: fmt.Sprintf(`{"error":{"message":%q,"type":%q,"code":%q}}`, said, said, said)}
		}
	}
	behaviours := map[string]llmtest.Behaviour{
		"vanishes": llmtest.Vanisher(),
		"stalls":   llmtest.Static(llmtest.Reply{Text: ten, End: llmtest.EndStall, After: 1}),
		"streams an error": func(r llmtest.Request) llmtest.Reply {
			return llmtest.Reply{Body: fmt.Sprintf("data: {\"error\":{\"message\":%q,\"type\":%q}}\n\n", r.Prompt(), secret)}
		},
	}
	for _, status := range []int{302, 400, 401, 403, 404, 429, 500, 503} {
		behaviours[fmt.Sprint("answers ", status)] = echo(status)
	}
	for name, b := range behaviours {
		t.Run("a provider that "+name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			_, client := setup(t, b, func(c *llm.Config) {
				c.BaseURL = strings.Replace(c.BaseURL, "://", "://user:"+secret+"@", 1)
				c.Logger = slog.New(slog.NewTextHandler(&log, nil))
				c.IdleTimeout, c.RetryWait, c.BreakerFailures = 20*time.Millisecond, time.Millisecond, 2
			})
			for range 3 {
				s, err := client.Stream(t.Context(), request)
				if err == nil {
					_, err = read(s)
					s.Close()
				}
				require.Error(t, err)
				for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), log.String()} {
					require.NotContains(t, text, secret)
					require.NotContains(t, text, "canary")
				}
			}
		})
	}

	t.Run("a printed configuration", func(t *testing.T) {
		t.Parallel()
		cfg := llm.Config{BaseURL: "https://user:" + secret + "@host/v1?key=" + secret, APIKey: secret, ChatModel: "m"}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "llm", cfg)
		for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), log.String(), fmt.Sprintf("%+v", llm.New(cfg))} {
			require.NotContains(t, text, secret)
		}
		require.Contains(t, log.String(), "https://host/v1")
	})
}

// A redirect would carry the prompt elsewhere.
func TestClient_redirect(t *testing.T) {
	t.Parallel()
	elsewhere, _ := setup(t, nil)
	_, client := setup(t, llmtest.Static(llmtest.Reply{
		Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": elsewhere.URL() + "/chat/completions"},
	}))
	_, err := ask(t.Context(), client)
	require.ErrorIs(t, err, llm.ErrRejected)
	require.Equal(t, "redirect", kind(t, err).Type)
	require.Equal(t, 0, elsewhere.Count())
}

func TestClient_baseURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"localhost:8080", "ftp://host/v1", "http://", "::"} {
		client := llm.New(llm.Config{BaseURL: url, ChatModel: "m"})
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrRejected)
		require.Equal(t, "invalid_base_url", kind(t, err).Type, url)
	}
}

// What may pass is a fault that an API can answer with; what may not is none.
func TestError_fault(t *testing.T) {
	t.Parallel()
	_, client := setup(t, llmtest.Static(llmtest.Reply{Status: http.StatusServiceUnavailable}), func(c *llm.Config) { c.MaxAttempts = 1 })
	_, err := ask(t.Context(), client)
	require.True(t, fault.Is(err, "model_unavailable"))
	require.Equal(t, "model provider unavailable: status 503: server_error", err.Error())

	_, client = setup(t, llmtest.Static(llmtest.Reply{Status: http.StatusUnauthorized}))
	_, err = ask(t.Context(), client)
	_, is := fault.Of(err)
	require.False(t, is)
}
