// SPDX-License-Identifier: MIT

package api_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// outlived says what is wrong with an answer whose reader left in the middle of it.
func outlived(model *llmtest.Server, stored []string) error {
	if model.Cancelled() > 0 {
		return errors.New("the model was cut short")
	}
	if !slices.ContainsFunc(stored, func(text string) bool { return strings.Contains(text, "2 EUR a day") }) {
		return fmt.Errorf("the answer is not in %q", stored)
	}
	return nil
}

// Fault 10: the customer's connection ends in the middle of the answer.
func TestLeave_a_customer_who_comes_back_finds_the_answer(t *testing.T) {
	t.Parallel()
	w := setupModel(t, slow(20*time.Millisecond))
	c := w.customer(t)
	live := w.listen(t, http.MethodPost, c.path("/messages"), map[string]any{"text": question}, bearer(c.token))
	live.until(t, named("message.delta"))
	live.close()
	back := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token), header{"Last-Event-ID", "1"})
	events := back.until(t, saying("2 EUR a day"))
	require.Equal(t, 2, events[len(events)-1].id)
	var stored []string
	for _, m := range c.transcript(t).Messages {
		stored = append(stored, m.Text)
	}
	require.Len(t, stored, 2)
	require.NoError(t, outlived(w.model, stored))
}

// The control: a relay that asks the model for as long as its customer reads loses the answer with the
// customer, and the judge of the test above says so.
func TestLeave_a_relay_loses_the_answer(t *testing.T) {
	t.Parallel()
	model := llmtest.Start(llmtest.Static(llmtest.Reply{Text: "Roaming in Switzerland costs 2 EUR a day.", End: llmtest.EndStall, After: 2}))
	t.Cleanup(model.Close)
	client := llm.New(llm.Config{BaseURL: model.URL(), ChatModel: "test", IdleTimeout: time.Minute})
	t.Cleanup(client.Close)
	var stored []string
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := client.Stream(r.Context(), llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Content: question}}})
		if err != nil {
			return
		}
		defer answer.Close()
		for text := ""; ; {
			delta, err := answer.Next()
			text += delta
			if errors.Is(err, io.EOF) {
				stored = append(stored, text)
			}
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, delta) // the customer may be gone
			_ = http.NewResponseController(w).Flush()
		}
	}))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, relay.URL, nil)
	require.NoError(t, err)
	reader := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := reader.Do(request)
	require.NoError(t, err)
	_, err = response.Body.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.NoError(t, model.AwaitCancelled(t.Context(), 1))
	relay.Close() // when its last handler is over
	require.ErrorContains(t, outlived(model, stored), "cut short")
	require.Empty(t, stored)
}
