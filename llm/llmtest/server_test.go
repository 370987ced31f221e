// SPDX-License-Identifier: MIT

package llmtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"candor/llm/llmtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start gives a server and a client whose connections end with the test.
func start(t *testing.T, b llmtest.Behaviour) (*llmtest.Server, *http.Client) {
	t.Helper()
	s := llmtest.Start(b)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return s, &http.Client{Transport: transport}
}

// ask posts a chat request and returns the response.
func ask(t *testing.T, s *llmtest.Server, c *http.Client, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/chat/completions", strings.NewReader(body))
	require.NoError(t, err)
	return c.Do(req)
}

const streamed = `{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}`

// frames reads the data lines of a stream and the error it ended with.
func frames(t *testing.T, s *llmtest.Server, c *http.Client, body string) ([]string, error) {
	t.Helper()
	resp, err := ask(t, s, c, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list []string
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			list = append(list, data)
		}
	}
	return list, lines.Err()
}

// said joins the contents of frames and gives the last finish_reason.
func said(t *testing.T, list []string) (text, finish string) {
	t.Helper()
	for _, f := range list {
		if f == "[DONE]" {
			continue
		}
		var c struct {
			Choices []struct {
				Delta        struct{ Content string }
				FinishReason string `json:"finish_reason"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(f), &c))
		for _, choice := range c.Choices {
			text += choice.Delta.Content
			finish += choice.FinishReason
		}
	}
	return text, finish
}

func TestServer_Stream(t *testing.T) {
	t.Parallel()

	t.Run("a clean reply has its finish reason, its usage and DONE", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Static(llmtest.Say("Refunds take five days.")))
		list, err := frames(t, s, c, streamed)
		require.NoError(t, err)
		text, finish := said(t, list)
		require.Equal(t, "Refunds take five days.", text)
		require.Equal(t, "stop", finish)
		require.Contains(t, list[len(list)-2], `"completion_tokens":4`)
		require.Equal(t, "[DONE]", list[len(list)-1])
	})

	t.Run("usage is left out when not asked for", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Static(llmtest.Say("yes")))
		list, err := frames(t, s, c, `{"stream":true,"messages":[]}`)
		require.NoError(t, err)
		require.NotContains(t, strings.Join(list, ""), "usage")
	})

	t.Run("a stream without a finish reason ends cleanly", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Static(llmtest.Reply{Text: "one two three", End: llmtest.EndNoFinish, After: 2}))
		list, err := frames(t, s, c, streamed)
		require.NoError(t, err)
		text, finish := said(t, list)
		require.Equal(t, "one two", text)
		require.Empty(t, finish)
	})

	t.Run("a cut resets the connection", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Static(llmtest.Reply{Text: "one two three", End: llmtest.EndCut, After: 2}))
		_, err := frames(t, s, c, streamed)
		require.Error(t, err)
	})

	t.Run("a dropped request has no response", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Vanisher())
		resp, err := ask(t, s, c, streamed)
		if err == nil {
			resp.Body.Close()
		}
		require.Error(t, err)
		require.Equal(t, 1, s.Count())
	})

	t.Run("slices change nothing in the text", func(t *testing.T) {
		t.Parallel()
		for slice := 1; slice <= 7; slice++ {
			s, c := start(t, llmtest.Static(llmtest.Reply{Text: "退款 £5 – oké", Slice: slice}))
			list, err := frames(t, s, c, streamed)
			require.NoError(t, err)
			text, _ := said(t, list)
			require.Equal(t, "退款 £5 – oké", text)
		}
	})

	t.Run("each token can carry the server's clock", func(t *testing.T) {
		t.Parallel()
		before := time.Now()
		s, c := start(t, llmtest.Static(llmtest.Reply{Text: "one two three", StampClock: true}))
		list, err := frames(t, s, c, streamed)
		require.NoError(t, err)
		text, _ := said(t, list)
		times, err := llmtest.Stamps(text)
		require.NoError(t, err)
		require.Len(t, times, 3)
		for _, at := range times {
			require.WithinRange(t, at, before.Truncate(0), time.Now().Truncate(0))
		}
	})
}

func TestServer_Whole(t *testing.T) {
	t.Parallel()
	s, c := start(t, nil)
	s.Queue(llmtest.Say("first"), llmtest.Fail(http.StatusServiceUnavailable, "overloaded", "busy"))

	resp, err := ask(t, s, c, `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"parts"}]}]}`)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(body), `"content":"first"`)

	resp, err = ask(t, s, c, `{"messages":[]}`)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)

	requests := s.Requests()
	require.Len(t, requests, 2)
	require.Equal(t, "parts", requests[0].User(), "content in parts is read")
	require.Contains(t, string(requests[0].Body), "parts", "the bytes are kept")
	require.Equal(t, []int{1, 2}, []int{requests[0].N, requests[1].N})
}

func TestServer_RetryAfter(t *testing.T) {
	t.Parallel()
	s, c := start(t, llmtest.Static(llmtest.Reply{Status: http.StatusTooManyRequests, RetryAfter: "7"}))
	resp, err := ask(t, s, c, streamed)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
}

func TestServer_Cancelled(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]llmtest.Behaviour{
		"a stall":        llmtest.Staller(),
		"an endless one": llmtest.Endless(),
		"a hang":         llmtest.Static(llmtest.Reply{Hang: true}),
		"a long delay":   llmtest.Static(llmtest.Reply{Delay: time.Hour}),
		"a slow cadence": llmtest.Static(llmtest.Reply{Text: "never", Cadence: time.Hour}),
	} {
		t.Run(name+" that the client leaves is counted", func(t *testing.T) {
			t.Parallel()
			s, c := start(t, b)
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/chat/completions", strings.NewReader(streamed))
			require.NoError(t, err)
			var left sync.WaitGroup
			left.Go(func() {
				if resp, err := c.Do(req); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
			require.NoError(t, s.AwaitCount(t.Context(), 1))
			require.Equal(t, 0, s.Cancelled())
			cancel()
			require.NoError(t, s.AwaitCancelled(t.Context(), 1))
			left.Wait()
			require.Equal(t, 0, s.Active())
		})
	}

	t.Run("a finished request is not counted", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Static(llmtest.Say("done")))
		_, err := frames(t, s, c, streamed)
		require.NoError(t, err)
		c.CloseIdleConnections()
		s.Close()
		require.Equal(t, 0, s.Cancelled())
	})

	t.Run("closing the server ends a stall and is not counted", func(t *testing.T) {
		t.Parallel()
		s, c := start(t, llmtest.Staller())
		var over sync.WaitGroup
		over.Go(func() { _, _ = frames(t, s, c, streamed) })
		require.NoError(t, s.AwaitCount(t.Context(), 1))
		s.Close()
		over.Wait()
		require.Equal(t, 0, s.Cancelled())
	})
}

func TestServer_SetBehaviour(t *testing.T) {
	t.Parallel()
	s, c := start(t, llmtest.Static(llmtest.Say("old")))
	s.Forget()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 10 {
				s.SetBehaviour(llmtest.Static(llmtest.Say(fmt.Sprint("by ", i))))
				_, _ = frames(t, s, c, streamed)
			}
		})
	}
	group.Wait()
	s.SetBehaviour(llmtest.Static(llmtest.Say("new")))
	list, err := frames(t, s, c, streamed)
	require.NoError(t, err)
	text, _ := said(t, list)
	require.Equal(t, "new", text)
	require.Empty(t, s.Requests(), "a server told to forget keeps no prompts")
	require.Equal(t, 81, s.Count())
}

func TestServer_Paths(t *testing.T) {
	t.Parallel()
	s, c := start(t, nil)
	base := strings.TrimSuffix(s.URL(), "/v1")
	for path, status := range map[string]int{
		"/v1/models":          http.StatusOK,
		"/elsewhere/models":   http.StatusOK,
		"/v1/images":          http.StatusNotFound,
		"/v1/completions/old": http.StatusNotFound,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
		require.NoError(t, err)
		resp, err := c.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, status, resp.StatusCode, path)
	}
	resp, err := ask(t, s, c, `{"messages":`)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}
