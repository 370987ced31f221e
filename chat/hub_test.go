// SPDX-License-Identifier: MIT

package chat_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
)

func TestHub_listens_at_the_address_of_a_pool(t *testing.T) {
	t.Parallel()
	w := chattest.On(t, withSetting(t, newDatabase(t), "pool_max_conns", "3"), chattest.MasterKey(t)) // returns when the hub listens
	require.Equal(t, int32(3), w.DB.Config().MaxConns)
}

// withSetting adds a setting to a database's address.
func withSetting(t *testing.T, address, key, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestHub_does_not_wake_its_own_readers_a_second_time(t *testing.T) {
	t.Parallel()
	url, master := newDatabase(t), chattest.MasterKey(t)
	here, there := chattest.On(t, url, master), chattest.On(t, url, master)
	const one, other = 12345, 12346 // no such conversations: polling never wakes them
	mine, theirs, answer := here.Hub.Subscribe(one), there.Hub.Subscribe(one), here.Hub.Subscribe(other)
	for _, sub := range []*chat.Subscription{mine, theirs, answer} {
		defer sub.Close()
		drain(sub)
	}
	here.Hub.Signal(one)
	awaitWake(t, mine)
	awaitWake(t, theirs)
	there.Hub.Signal(other)
	awaitWake(t, answer) // what was notified before has been heard by now
	select {
	case <-mine.C:
		t.Fatal("woken by its own signal, come back")
	default:
	}
}
