// SPDX-License-Identifier: MIT

package main

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoseDeadConnections(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{Control: loseDeadConnections}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	served, err := listener.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _ = served.Close() })
	raw, err := served.(*net.TCPConn).SyscallConn()
	require.NoError(t, err)
	var got int
	require.NoError(t, raw.Control(func(fd uintptr) { got, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout) }))
	require.NoError(t, err)
	require.EqualValues(t, lostAfter.Milliseconds(), got, "what is accepted inherits it")
}
