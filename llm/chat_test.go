// SPDX-License-Identifier: MIT

package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// sent asks once and gives the request's fields as they went out.
func sent(t *testing.T, r llm.Request, change ...func(*llm.Config)) (llmtest.Request, map[string]any) {
	t.Helper()
	server, client := setup(t, llmtest.Static(llmtest.Say("ok")), change...)
	s, err := client.Stream(t.Context(), r)
	require.NoError(t, err)
	s.Close()
	request := server.Requests()[0]
	var fields map[string]any
	require.NoError(t, json.Unmarshal(request.Body, &fields))
	return request, fields
}

func TestStream_request(t *testing.T) {
	t.Parallel()

	t.Run("a plain provider gets what all of them take", func(t *testing.T) {
		t.Parallel()
		request, fields := sent(t, hello)
		require.Equal(t, "/v1/chat/completions", request.Path)
		require.Equal(t, "Bearer "+secret, request.Header.Get("Authorization"))
		require.Equal(t, map[string]any{
			"model": "chat-model", "stream": true, "temperature": 0.01, "max_tokens": 1024.0,
			"stream_options": map[string]any{"include_usage": true},
			"messages": []any{
				map[string]any{"role": "system", "content": "Answer briefly."},
				map[string]any{"role": "user", "content": "How long does a refund take?"},
			},
		}, fields)
	})

	t.Run("the request's own limits are sent", func(t *testing.T) {
		t.Parallel()
		r := hello
		r.MaxTokens, r.Temperature = 77, 0.5
		_, fields := sent(t, r)
		require.EqualValues(t, 77, fields["max_tokens"])
		require.InDelta(t, 0.5, fields["temperature"], 0)
	})

	t.Run("a negative temperature leaves it to the provider", func(t *testing.T) {
		t.Parallel()
		r := hello
		r.Temperature = -1
		_, fields := sent(t, r)
		require.NotContains(t, fields, "temperature")
	})

	t.Run("models that reason get their own parameters", func(t *testing.T) {
		t.Parallel()
		for _, model := range []string{"o3-mini", "gpt-5-nano", "openai/gpt-5.1", "gpt-6-sol"} {
			_, fields := sent(t, hello, func(c *llm.Config) { c.ChatModel = model })
			require.EqualValues(t, 1024, fields["max_completion_tokens"], model)
			require.NotContains(t, fields, "max_tokens")
			require.NotContains(t, fields, "temperature")
		}
	})

	t.Run("an Azure deployment has its address and its header", func(t *testing.T) {
		t.Parallel()
		request, _ := sent(t, hello, func(c *llm.Config) {
			c.BaseURL, c.AzureAPIVersion = strings.TrimSuffix(c.BaseURL, "/v1"), "2024-10-21"
			c.ChatModel = "our-gpt-3.5"
		})
		require.Equal(t, "/openai/deployments/our-gpt-3.5/chat/completions", request.Path)
		require.Equal(t, "api-version=2024-10-21", request.Query)
		require.Equal(t, secret, request.Header.Get("Api-Key"))
		require.Empty(t, request.Header.Get("Authorization"))
	})

	t.Run("a provider without a key gets none", func(t *testing.T) {
		t.Parallel()
		request, _ := sent(t, hello, func(c *llm.Config) { c.APIKey = "" })
		require.Empty(t, request.Header.Get("Authorization"))
	})

	t.Run("a key read from a file with a line end works", func(t *testing.T) {
		t.Parallel()
		request, _ := sent(t, hello, func(c *llm.Config) { c.APIKey += "\n"; c.BaseURL += "/" })
		require.Equal(t, "Bearer "+secret, request.Header.Get("Authorization"))
		require.Equal(t, "/v1/chat/completions", request.Path)
	})
}

// Providers that do not take a parameter are asked without it, and remembered.
func TestStream_quirks(t *testing.T) {
	t.Parallel()
	picky := func(fields ...string) llmtest.Behaviour {
		return func(r llmtest.Request) llmtest.Reply {
			for _, f := range fields {
				if bytes.Contains(r.Body, []byte(`"`+f+`"`)) {
					return llmtest.Fail(http.StatusBadRequest, "unsupported_parameter", "Unsupported parameter: '"+f+"'")
				}
			}
			return llmtest.Say("ok")
		}
	}

	t.Run("each is left out after one refusal", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, picky("stream_options", "temperature", "max_tokens"))
		for range 3 {
			text, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, "ok", text)
		}
		require.Equal(t, 3+3, server.Count())
		last := server.Requests()[5]
		require.Equal(t, 1024, last.MaxTokens, "the limit is still sent, under its other name")
	})

	t.Run("a refusal that goes on is an error, not a loop", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Fail(http.StatusBadRequest, "unsupported_parameter", "unknown temperature")))
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrRejected)
		require.Equal(t, "unsupported_parameter", kind(t, err).Type)
		require.Equal(t, 2, server.Count())
	})

	t.Run("a refusal for another reason is not taken for one", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Fail(http.StatusBadRequest, "context_length_exceeded", "too long, reduce max_tokens")))
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrRejected)
		require.Equal(t, 1, server.Count())
	})
}

// holding gives, in a synctest bubble, a client of a provider that sends body and
// keeps the connection open.
func holding(t *testing.T, body string) *llm.Client {
	t.Helper()
	net := newNetwork()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(net) }()
	client := llm.New(llm.Config{BaseURL: "http://provider.test", ChatModel: "m", Transport: &http.Transport{DialContext: net.Dial}})
	t.Cleanup(func() {
		client.Close()
		_ = server.Close()
	})
	return client
}

func TestStream_end(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		reply  llmtest.Reply
		finish string
	}{
		{"a complete answer", llmtest.Say(ten), llm.FinishStop},
		{"an answer that was too long", llmtest.Reply{Text: ten, End: llmtest.EndLength}, llm.FinishLength},
		{"a filtered answer", llmtest.Reply{Text: ten, End: llmtest.EndFiltered}, llm.FinishFiltered},
		{"an empty answer", llmtest.Reply{}, llm.FinishStop},
		{"an answer after some thinking", llmtest.Reply{Text: ten, Reasoning: []string{"hm", "so"}}, llm.FinishStop},
	} {
		t.Run(c.name+" says why it ended", func(t *testing.T) {
			t.Parallel()
			_, client := setup(t, llmtest.Static(c.reply))
			s, err := client.Stream(t.Context(), hello)
			require.NoError(t, err)
			defer s.Close()
			text, err := read(s)
			require.NoError(t, err)
			require.Equal(t, c.reply.Text, text)
			require.Equal(t, c.finish, s.FinishReason())
			require.Equal(t, "chat-model", s.Model())
			_, err = s.Next()
			require.Equal(t, io.EOF, err, "the end stays the end")
		})
	}

	t.Run("a refusal in its own field is told from an empty answer", func(t *testing.T) {
		t.Parallel()
		client := scripted(func() io.Reader {
			return strings.NewReader(`data: {"model":"real-name","choices":[{"delta":{"refusal":"I will not."}}]}` + "\n\n" + finish + done)
		})
		s, err := client.Stream(t.Context(), hello)
		require.NoError(t, err)
		defer s.Close()
		text, err := read(s)
		require.NoError(t, err)
		require.Empty(t, text)
		require.Equal(t, llm.FinishRefused, s.FinishReason())
		require.Equal(t, "real-name", s.Model())
	})

	t.Run("an error event is told at once, though the provider goes on to say nothing", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client := holding(t, content("a")+`data: {"error":{"message":"x","type":"server_error"}}`+"\n")
			began := time.Now()
			_, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrCut)
			require.Equal(t, "server_error", kind(t, err).Type)
			require.Zero(t, time.Since(began))
		})
	})

	t.Run("an end without its DONE waits only a moment for the usage", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client := holding(t, content("a")+finish)
			began := time.Now()
			text, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, "a", text)
			require.LessOrEqual(t, time.Since(began), 1200*time.Millisecond)
		})
	})
}

func TestStream_Usage(t *testing.T) {
	t.Parallel()

	t.Run("is the provider's where it counts", func(t *testing.T) {
		t.Parallel()
		_, client := setup(t, llmtest.Static(llmtest.Say(ten)))
		s, err := client.Stream(t.Context(), hello)
		require.NoError(t, err)
		defer s.Close()
		require.True(t, s.Usage().Estimated, "before the end it is a guess")
		_, err = read(s)
		require.NoError(t, err)
		require.Equal(t, llm.Usage{PromptTokens: 11, CompletionTokens: 10}, s.Usage())
	})

	t.Run("is not that of an attempt that failed", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Reply{Text: ten, NoUsage: true}),
			func(c *llm.Config) { c.RetryWait = time.Millisecond })
		server.Queue(llmtest.Reply{Body: `data: {"choices":[],"usage":{"prompt_tokens":9999}}` + "\n\n"})
		s, err := client.Stream(t.Context(), hello)
		require.NoError(t, err)
		defer s.Close()
		_, err = read(s)
		require.NoError(t, err)
		require.True(t, s.Usage().Estimated)
		require.Less(t, s.Usage().PromptTokens, 100)
	})

	t.Run("is a fair guess where the provider does not", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{ten, "退款将在五个工作日内到账，请耐心等待。", "Возврат занимает пять дней."} {
			_, client := setup(t, llmtest.Static(llmtest.Reply{Text: text, NoUsage: true}))
			s, err := client.Stream(t.Context(), hello)
			require.NoError(t, err)
			_, err = read(s)
			require.NoError(t, err)
			s.Close()
			u := s.Usage()
			require.True(t, u.Estimated)
			require.InDelta(t, 19, u.PromptTokens, 6)
			require.Greater(t, u.CompletionTokens, len([]rune(text))/5)
			require.LessOrEqual(t, u.CompletionTokens, len([]rune(text)))
		}
	})
}

// A connection is kept for the next call after a complete answer.
func TestStream_connections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, client, net := virtual(t, llmtest.Static(llmtest.Say(ten)))
		for range 10 {
			_, err := ask(t.Context(), client)
			require.NoError(t, err)
			synctest.Wait()
		}
		require.EqualValues(t, 1, net.dials.Load())
	})
}

// A caller that gives up is no fault of the provider's.
func TestStream_cancelled(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]llmtest.Reply{
		"before the first token": {Hang: true},
		"in the answer":          {Text: ten, End: llmtest.EndStall, After: 2},
	} {
		t.Run(name+" it is the context's error and does not count against the provider", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(reply))
				for n := 1; n <= 10; n++ {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(time.Second, cancel)
					_, err := ask(ctx, client)
					require.ErrorIs(t, err, context.Canceled)
					require.NotErrorIs(t, err, llm.ErrUnavailable)
					synctest.Wait()
					require.Equal(t, n, server.Cancelled())
				}
				require.True(t, client.Available())
			})
		})
	}

	t.Run("a caller's deadline that the provider misses does count", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Hang: true}))
			for range 5 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				_, err := ask(ctx, client)
				cancel()
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, llm.ErrUnavailable)
			}
			require.False(t, client.Available())
		})
	})
}
