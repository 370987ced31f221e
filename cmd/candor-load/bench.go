// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"candor/chat"
	"candor/internal/seal"
	"candor/llm/llmtest"
)

// benchOptions are the options of a measurement.
type benchOptions struct {
	candor string
	quick  bool
	large  bool
	json   bool
	only   string
	rounds int
	size   int
	cases  int
}

func parseBench(name string, args []string, errs io.Writer) (benchOptions, error) {
	var o benchOptions
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&o.candor, "candor", "bin/candor", "the gateway's program, built by `make build`")
	set.BoolVar(&o.quick, "quick", false, "shorter rounds and a smaller library: to see that it works, not for figures")
	set.BoolVar(&o.large, "large", false, "a library of 100,000 chunks instead of 10,000; takes minutes longer")
	set.BoolVar(&o.json, "json", false, "print the figures as JSON")
	set.IntVar(&o.rounds, "rounds", 5, "rounds of each comparison, after one for warming up")
	set.IntVar(&o.size, "articles", 0, "articles of the library; 0: as many as have its chunks, three each")
	set.IntVar(&o.cases, "cases", 0, "cases in the queue that agents claim; 0: 500, or 100 with -quick")
	set.StringVar(&o.only, "only", "", "parts to measure, by commas: "+strings.Join(partNames(), ", "))
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, usageError(err.Error())
	}
	if o.rounds < 1 || o.rounds > 50 {
		return o, usageError("-rounds is 1 to 50")
	}
	if o.size < 0 || o.size > maxArticles {
		return o, usageError(fmt.Sprintf("-articles is 0 to %d", maxArticles))
	}
	if o.cases < 0 || o.cases > maxCases {
		return o, usageError(fmt.Sprintf("-cases is 0 to %d", maxCases))
	}
	for name := range strings.SplitSeq(o.only, ",") {
		if name != "" && !slices.Contains(partNames(), name) {
			return o, usageError(fmt.Sprintf("there is no part %q", name))
		}
	}
	return o, nil
}

// Bounds of the queue that agents claim, and of the library.
const (
	maxCases    = 100_000
	maxArticles = 100_000
)

// bench is one run of all measurements.
type bench struct {
	benchOptions
	log      io.Writer // progress
	env      []string  // of the gateways
	world    *world
	library  library
	agents   []chat.Agent
	tokens   []string // of the agents
	fake     *llmtest.Server
	gateways []*process
	clients  []*client // of the gateways
	side     *process  // the references
	prompt   []byte    // what the gateway asks the provider, as it did once

	asked   atomic.Int64 // questions that were used up
	streams atomic.Int64 // of turns that were read
	broken  atomic.Int64 // of those, without their terminal event
}

// part is a group of measurements.
type part struct {
	name    string
	measure func(context.Context, *bench) ([]figure, error)
}

func parts() []part {
	return []part{
		{"first", measureFirst},
		{"turns", measureTurns},
		{"durable", measureDurable},
		{"claims", measureClaims},
		{"search", measureSearch},
		{"library", measureLibrary},
		{"screen", measureScreen},
		{"idle", measureIdle},
	}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// benchAgents are as many as claim at the same time.
const benchAgents = 32

// runBench sets everything up, measures and prints.
func runBench(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parseBench("bench", args, errs)
	if err != nil {
		return err
	}
	b := &bench{benchOptions: o, log: errs}
	defer b.close()
	start := time.Now()
	if err := b.prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	if !o.json {
		printHeader(out)
	}
	var all []figure
	for _, p := range parts() {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), p.name) {
			continue
		}
		b.say("measuring: %s", p.name)
		figures, err := p.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("measure %s: %w", p.name, err)
		}
		all = append(all, figures...)
		if !o.json {
			for _, f := range figures {
				f.print(out)
			}
		}
	}
	if o.json {
		return json.NewEncoder(out).Encode(map[string]any{"figures": all, "seconds": time.Since(start).Seconds(), "rounds": o.rounds})
	}
	fmt.Fprintf(out, "\n%.0f s, medians of %d rounds after one for warming up. %s\n", time.Since(start).Seconds(), o.rounds, tally(all))
	return nil
}

// tally counts the verdicts.
func tally(all []figure) string {
	count := map[string]int{}
	for _, f := range all {
		count[f.Verdict]++
	}
	return fmt.Sprintf("Targets met: %d, missed: %d, reference unsteady: %d.", count[verdictMet], count[verdictMissed], count[verdictUnsteady])
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.log, "candor-load: "+format+"\n", args...)
}

// prepare migrates, fills the library and starts the provider, two gateways and
// the references.
func (b *bench) prepare(ctx context.Context) error {
	databaseURL, keystoreURL := os.Getenv("DATABASE_URL"), os.Getenv("CANDOR_KEYSTORE_URL")
	if databaseURL == "" || keystoreURL == "" {
		return usageError("DATABASE_URL and CANDOR_KEYSTORE_URL name the server to fill; `make bench` makes a throwaway one")
	}
	master, err := seal.NewMasterKey()
	if err != nil {
		return err
	}
	b.fake = llmtest.Start(firstSentence)
	b.env = slices.Clip([]string{
		"DATABASE_URL=" + withSetting(databaseURL, "application_name", gatewayName),
		"CANDOR_MASTER_KEY=" + master, "OPENAI_BASE_URL=" + b.fake.URL(), "OPENAI_API_KEY=", "CANDOR_METRICS_LISTEN=off",
		"CANDOR_LOG_LEVEL=warn", "CANDOR_TURN_LIMIT=1000000",
		"CANDOR_CONVERSATIONS_PER_MINUTE=-1", "CANDOR_MESSAGES_PER_MINUTE=-1", "CANDOR_SIGN_INS_PER_MINUTE=-1",
	})
	if err := runCommand(ctx, b.candor, []string{"migrate"}, b.env); err != nil {
		return err
	}
	if b.world, err = openWorld(ctx, databaseURL, keystoreURL, master); err != nil {
		return err
	}
	if b.agents, b.tokens, err = b.world.agents(ctx, benchAgents); err != nil {
		return err
	}
	b.library = makeLibrary(b.chunks())
	b.say("importing %d chunks", b.library.chunks)
	start := time.Now()
	if err := b.world.load(ctx, b.library); err != nil {
		return err
	}
	b.say("imported in %.0f s", time.Since(start).Seconds())
	if err := b.startProcesses(databaseURL); err != nil {
		return err
	}
	return b.rehearse(ctx)
}

func (b *bench) chunks() int {
	switch {
	case b.size > 0:
		return b.size * sectionsPerArticle
	case b.quick:
		return 1500
	case b.large:
		return 100_000
	default:
		return 10_000
	}
}

// gatewayName is what the gateways' connections are called in the database.
const gatewayName = "candor-gateway"

// gatewayCount is two, so that what one writes is seen through the other.
const gatewayCount = 2

func (b *bench) startProcesses(databaseURL string) error {
	for range gatewayCount {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		p, err := startProcess(b.candor, []string{"serve"}, append(b.env, "CANDOR_LISTEN="+address), address, "answers at")
		if err != nil {
			return err
		}
		c, err := newClient(p.url, 256)
		if err != nil {
			return err
		}
		b.gateways, b.clients = append(b.gateways, p), append(b.clients, c)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	b.side, err = startProcess(self, []string{referenceCommand, address, b.fake.URL()},
		[]string{"DATABASE_URL=" + withSetting(databaseURL, "pool_max_conns", referenceConnections)}, address, referenceReady)
	return err
}

// rehearse plays one turn, keeps what the provider was asked, and makes sure that
// the library answers: otherwise what follows would measure handoffs.
func (b *bench) rehearse(ctx context.Context) error {
	talk, err := b.clients[0].open(ctx, "en")
	if err != nil {
		return err
	}
	s, err := talk.say(ctx, b.question(0))
	if err != nil {
		return err
	}
	requests := b.fake.Requests()
	if s.Outcome != string(chat.OutcomeAnswer) || s.First == 0 || len(requests) == 0 {
		return fmt.Errorf("the first question was not answered by the provider but ended in %q", s.Outcome)
	}
	b.prompt = requests[len(requests)-1].Body
	b.fake.Forget()
	return nil
}

// question is one that was not asked before, as long as there are such, about
// the section of an article that belongs to the nth question of a conversation.
func (b *bench) question(n int) string {
	return b.library.question(int(b.asked.Add(1))*sectionsPerArticle + n%sectionsPerArticle)
}

func (b *bench) close() {
	for _, p := range append(b.gateways, b.side) {
		if p != nil {
			p.stop()
		}
	}
	if b.world != nil {
		b.world.close()
	}
	if b.fake != nil {
		b.fake.Close()
	}
}

// firstSentence is a model that answers with the first sentence of the first
// passage, as cheaply as it can be had: what is measured is not the model.
func firstSentence(r llmtest.Request) llmtest.Reply {
	_, passage, _ := strings.Cut(r.User(), "<passage n=\"1\"")
	_, passage, _ = strings.Cut(passage, ">\n")
	for line := range strings.Lines(passage) {
		line = strings.TrimSpace(line)
		if sentence, _, found := strings.Cut(line, ". "); found && !strings.HasPrefix(line, "#") {
			return llmtest.Say(sentence + " [1].")
		}
	}
	return llmtest.Say(llmtest.Unknown)
}

// withSetting adds a setting to the address of a database.
func withSetting(address, key, value string) string {
	at, err := url.Parse(address)
	if err != nil {
		return address // and whoever opens it says what is wrong with it
	}
	query := at.Query()
	query.Set(key, value)
	at.RawQuery = query.Encode()
	return at.String()
}
