// SPDX-License-Identifier: MIT

package llm_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
)

// careless reads a stream as many clients do: what it does not understand it skips, and where the
// connection ends the answer does. The tests of faults 4 and 6 must find fault with it.
func careless(stream io.Reader) string {
	var text strings.Builder
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var event struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), &event) != nil {
			continue
		}
		for _, choice := range event.Choices {
			text.WriteString(choice.Delta.Content)
		}
	}
	return text.String()
}

// carelessAsk asks a provider and reads its answer carelessly.
func carelessAsk(t *testing.T, server *llmtest.Server) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/chat/completions",
		strings.NewReader(`{"model": "m", "stream": true, "messages": [{"role": "user", "content": "hello"}]}`))
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return careless(response.Body)
}

// silent finds a part of an answer that passes for the whole of it.
func silent(whole, text string, err error) error {
	if err == nil && text != whole {
		return fmt.Errorf("%q passes for a whole answer", text)
	}
	return nil
}
