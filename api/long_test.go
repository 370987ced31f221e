// SPDX-License-Identifier: MIT

package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
)

func TestStream_of_a_conversation_that_is_longer_than_a_page(t *testing.T) {
	t.Parallel()
	const many = 1200
	w := setup(t)
	c := w.customer(t)
	inside, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	require.NoError(t, w.Chat.Lock(t.Context(), inside.ID, func(l *chat.Locked) error {
		for range many {
			if _, err := l.PostSystem("notice", "one of many"); err != nil {
				return err
			}
		}
		return nil
	}))
	live := w.listen(t, http.MethodGet, c.path("/events"), nil, bearer(c.token))
	events := live.until(t, func(e event) bool { return e.id == many })
	next := 0
	for _, e := range events {
		if e.name == "message.created" {
			next++
			require.Equal(t, next, e.id)
		}
	}
	require.Equal(t, many, next)
}
