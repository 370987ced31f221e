// SPDX-License-Identifier: MIT

package postgres

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// isBroken reports whether err is a connection that ended under a query.
func isBroken(err error) bool {
	_, network := errors.AsType[*net.OpError](err)
	return network ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
