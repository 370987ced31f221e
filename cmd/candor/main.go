// SPDX-License-Identifier: MIT

// Command candor is the one binary: the gateway and the tools around it.
// Configuration is read here, from environment variables, and nowhere else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"candor/internal/fault"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one subcommand. run gets the arguments behind the name.
type command struct {
	name, usage, summary string
	run                  func(ctx context.Context, args []string, io streams) error
}

func commands() []command {
	return []command{
		{"serve", "serve [--demo]", "run the gateway", serve},
		{"ask", `ask "question"`, "chat in the terminal", ask},
		{"import", "import PATH...", "import articles from files and folders, and publish them", importArticles},
		{"export", "export [--drafts] [--owners] DIR", "write all articles as Markdown that an import takes back unchanged", exportArticles},
		{"eval", "eval retrieval|detection ...", "measure retrieval or detection on a set of questions", eval},
		{"calibrate", "calibrate --queries FILE ...", "fit the confidence on labelled questions", calibrate},
		{"check", "check", "derive the promises anew from the record; exit 1 when one is broken", check},
		{"company", "company show|set FILE", "show or set name, hours, channels, teams", companyCommand},
		{"staff", "staff add|invite|role|disable|...", "keep accounts of staff", staffCommand},
		{"erase", "erase --conversation|--email ...", "erase what a customer wrote and who they are", erase},
		{"migrate", "migrate", "bring database and keystore to the newest schema", migrate},
		{"keygen", "keygen", "print a new master key", keygen},
		{"healthcheck", "healthcheck", "ask the running gateway whether it is ready", healthcheck},
		{"version", "version", "print the version", printVersion},
	}
}

// run finds the subcommand and gives the exit status: 0 done, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, io streams) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		printUsage(io.out)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:], io)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errReported):
			return 1
		case errors.As(err, new(usageError)):
			fmt.Fprintf(io.err, "candor %s: %v\nusage: candor %s\n", c.name, err, c.usage)
			return 2
		default:
			fmt.Fprintf(io.err, "candor %s: %s\n", c.name, explain(err))
			return 1
		}
	}
	fmt.Fprintf(io.err, "candor: there is no command %q; `candor help` lists them\n", args[0])
	return 2
}

func printUsage(w io.Writer) {
	fmt.Fprintf(w, "Candor %s, an honest front desk.\n\n", version)
	for _, c := range commands() {
		fmt.Fprintf(w, "  candor %-32s %s\n", c.usage, c.summary)
	}
	fmt.Fprint(w, "\nConfiguration is read from environment variables: docs/configuration.md.\n")
}

// errReported says that the command has told already what was wrong.
var errReported = errors.New("reported")

// usageError is a command line that cannot be understood.
type usageError string

func (e usageError) Error() string { return string(e) }

// explain says an error for the person at the terminal, who may see its causes.
func explain(err error) string {
	if f, ok := fault.Of(err); ok {
		return strings.TrimSuffix(f.Error(), ".")
	}
	return err.Error()
}

// flags makes a flag set that reports its errors instead of exiting.
func flags(name string, io streams) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.err)
	return set
}

// parse parses flags; what it cannot is wrong usage.
func parse(set *flag.FlagSet, args []string) error {
	err := set.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return usageError("the arguments are not understood")
	}
	return err
}

func printVersion(_ context.Context, _ []string, io streams) error {
	fmt.Fprintln(io.out, version)
	return nil
}
