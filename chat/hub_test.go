// SPDX-License-Identifier: MIT

package chat_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat/chattest"
)

func TestHub_listens_at_the_address_of_a_pool(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(newDatabase(t))
	require.NoError(t, err)
	query := address.Query()
	query.Set("pool_max_conns", "3")
	address.RawQuery = query.Encode()
	w := chattest.On(t, address.String(), chattest.MasterKey(t)) // returns when the hub listens
	require.Equal(t, int32(3), w.DB.Config().MaxConns)
}
