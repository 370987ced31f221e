// SPDX-License-Identifier: MIT

package main

import (
	"syscall"
	"time"
)

// tcpUserTimeout is the option TCP_USER_TIMEOUT of tcp(7).
const tcpUserTimeout = 18

// lostAfter is how long what was sent may stay unacknowledged before the
// connection counts as lost. Without it a computer that lost its power would be
// at its desk for a quarter of an hour.
const lostAfter = 30 * time.Second

// loseDeadConnections is set on the listener, and its connections inherit it.
func loseDeadConnections(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(lostAfter.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failed
}
