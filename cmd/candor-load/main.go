// SPDX-License-Identifier: MIT

// Command candor-load puts load on a gateway and measures what comes of it:
// `run` plays customers and agents against one that is running, `bench` sets up
// everything itself and prints ratios to references of the same run, `plans`
// shows how PostgreSQL carries out what the gateway asks of it. It talks to
// loopback addresses only. Every player is a goroutine of its own; what they
// measure meets in one book, behind a lock.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		fmt.Fprintf(os.Stderr, "candor-load: %v\n", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "candor-load: %v\n", err)
		os.Exit(1)
	}
}

const usage = `candor-load puts load on a gateway on this machine.

  candor-load run -url http://127.0.0.1:8080 [-customers N] [-agents M] [-turns K] ...
  candor-load bench [-quick] [-json]     needs DATABASE_URL and CANDOR_KEYSTORE_URL of a server it may fill: see make bench
  candor-load plans                      the same; shows the plans of the hot path on large tables

-h behind a command lists its options.
`

// usageError is a command line that cannot be understood.
type usageError string

func (e usageError) Error() string { return string(e) }

// run finds the subcommand.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) == 0 {
		return usageError("say what to do\n\n" + usage)
	}
	switch args[0] {
	case "run":
		return runLoad(ctx, args[1:], out, errs)
	case "bench":
		return runBench(ctx, args[1:], out, errs)
	case "plans":
		return runPlans(ctx, args[1:], out, errs)
	case referenceCommand:
		return runReference(ctx, args[1:], out)
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return nil
	}
	return usageError(fmt.Sprintf("there is no %q\n\n%s", args[0], usage))
}
