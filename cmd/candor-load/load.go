// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of a run, so that a slip of the finger is no attack.
const (
	maxCustomers = 500
	maxAgents    = 100
	maxTurns     = 20
	maxDuration  = 10 * time.Minute
)

// loadOptions are the options of a run.
type loadOptions struct {
	url       string
	customers int
	agents    int
	turns     int
	people    int
	duration  time.Duration
	tokens    string
	questions string
	person    string
	locale    string
	json      bool
}

func parseLoad(args []string, errs io.Writer) (loadOptions, error) {
	var o loadOptions
	set := flag.NewFlagSet("run", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&o.url, "url", "http://127.0.0.1:8080", "the gateway, on a loopback address")
	set.IntVar(&o.customers, "customers", 10, "customers at the same time")
	set.IntVar(&o.agents, "agents", 2, "agents at the same time; they need -staff-token")
	set.IntVar(&o.turns, "turns", 3, "questions that a customer asks in a conversation")
	set.IntVar(&o.people, "people", 4, "every so many customers ask for a person at the end; 0: nobody")
	set.DurationVar(&o.duration, "duration", 0, "customers come back for so long; 0: each comes once")
	set.StringVar(&o.tokens, "staff-token", "", "API tokens of agents, by commas: candor staff token -email ...")
	set.StringVar(&o.questions, "questions", "", "a file with a question a line; empty: questions for the demo company")
	set.StringVar(&o.person, "person", "I would like to speak to a person, please.", "how customers ask for a person")
	set.StringVar(&o.locale, "locale", "en", "language of the notices")
	set.BoolVar(&o.json, "json", false, "print JSON")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, usageError(err.Error())
	}
	return o, o.check()
}

func (o loadOptions) check() error {
	switch {
	case o.customers < 1 || o.customers > maxCustomers:
		return usageError(fmt.Sprintf("-customers is 1 to %d", maxCustomers))
	case o.agents < 0 || o.agents > maxAgents:
		return usageError(fmt.Sprintf("-agents is 0 to %d", maxAgents))
	case o.turns < 0 || o.turns > maxTurns:
		return usageError(fmt.Sprintf("-turns is 0 to %d", maxTurns))
	case o.duration < 0 || o.duration > maxDuration:
		return usageError(fmt.Sprintf("-duration is at most %s", maxDuration))
	case o.people < 0:
		return usageError("-people is not negative")
	}
	return nil
}

// runLoad plays customers and agents against a gateway and prints what they saw.
func runLoad(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parseLoad(args, errs)
	if err != nil {
		return err
	}
	l, tokens, err := o.prepare()
	if err != nil {
		return err
	}
	start := time.Now()
	l.play(ctx, o, tokens)
	a := l.book.account(time.Since(start))
	if o.json {
		err = json.NewEncoder(out).Encode(a)
	} else {
		a.print(out)
	}
	if err == nil && a.Failed > 0 {
		err = fmt.Errorf("%d failures", a.Failed)
	}
	return err
}

func (o loadOptions) prepare() (*load, []string, error) {
	c, err := newClient(o.url, 2*o.customers+2*o.agents)
	if err != nil {
		return nil, nil, err
	}
	l := &load{
		client: c, book: newBook(), locale: o.locale, questions: demoQuestions, person: []string{o.person},
		turns: o.turns, people: o.people, asked: map[string]time.Time{}, taken: map[string]bool{},
	}
	if o.questions != "" {
		if l.questions, err = readLines(o.questions); err != nil {
			return nil, nil, err
		}
	}
	var tokens []string
	if o.tokens != "" {
		tokens = strings.Split(o.tokens, ",")
	}
	if o.agents == 0 || len(tokens) == 0 {
		// Who nobody will serve should not wait for it.
		l.people, tokens = 0, nil
	}
	return l, tokens, nil
}

// play runs all players; agents leave when the last customer is gone.
func (l *load) play(ctx context.Context, o loadOptions, tokens []string) {
	limit := o.duration
	if limit == 0 {
		limit = maxDuration
	}
	open, closeDoors := context.WithTimeout(ctx, limit)
	defer closeDoors()
	desk, sendHome := context.WithCancel(ctx)
	defer sendHome()
	var agents, customers sync.WaitGroup
	if len(tokens) > 0 {
		agents.Go(func() { l.watcher(desk, tokens[0]) })
		for i := range o.agents {
			agents.Go(func() { l.agent(desk, tokens[i%len(tokens)]) })
		}
	}
	var count atomic.Int64
	for range o.customers {
		customers.Go(func() {
			for {
				// Who is here when the doors close is still served.
				l.customer(ctx, int(count.Add(1)))
				if o.duration == 0 || open.Err() != nil {
					return
				}
			}
		})
	}
	customers.Wait()
	sendHome()
	agents.Wait()
}

// demoQuestions are answered by the articles of `candor serve --demo`.
var demoQuestions = []string{
	"What does roaming in Switzerland cost?",
	"How can I pay my bill?",
	"I am moving house, what do I have to do?",
	"My internet is slow, what can I try?",
	"When is my bill due?",
	"How do I change my tariff?",
	"How do I cancel my contract?",
}

// readLines reads the lines of a file that are not empty.
func readLines(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // closing what was only read loses nothing
	var lines []string
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s holds no question", path)
	}
	return lines, scanner.Err()
}
