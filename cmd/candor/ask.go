// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"candor/bot"
	"candor/chat"
	"candor/internal/markdown"
)

// ask is a chat in the terminal: one question given as argument, or several
// typed one after the other.
func ask(ctx context.Context, args []string, io streams) error {
	set := flags("ask", io)
	asJSON := set.Bool("json", false, "print the messages as one JSON object a line")
	locale := set.String("locale", "en", "language of the notices; answers follow the question's")
	if err := parse(set, args); err != nil {
		return err
	}
	a, err := openApp(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	defer a.bot.Drain(ctx)
	created, err := a.chat.Create(ctx, *locale, chat.Profile{})
	if err != nil {
		return err
	}
	t := terminal{app: a, io: io, json: *asJSON, id: created.Conversation.ID, label: created.Disclosure.Label}
	if !t.json {
		fmt.Fprintf(io.out, "[%s]\n\n", created.Disclosure.Text)
	}
	if set.NArg() > 0 {
		return t.say(ctx, strings.Join(set.Args(), " "))
	}
	return t.talk(ctx)
}

// terminal is one conversation at the terminal.
type terminal struct {
	app   *app
	io    streams
	json  bool
	id    int64
	label string
}

// talk reads questions until the input ends.
func (t *terminal) talk(ctx context.Context) error {
	input := bufio.NewScanner(t.io.in)
	file, isFile := t.io.in.(*os.File)
	prompt := isFile && term.IsTerminal(int(file.Fd()))
	for {
		if prompt {
			fmt.Fprint(t.io.out, "> ")
		}
		if !input.Scan() {
			return input.Err()
		}
		line := strings.TrimSpace(input.Text())
		if line == "" {
			continue
		}
		if err := t.say(ctx, line); err != nil {
			return err
		}
	}
}

// say writes a message and prints what comes back, sentence by sentence.
func (t *terminal) say(ctx context.Context, text string) error {
	watch := t.app.hub.Subscribe(t.id)
	defer watch.Close()
	posted, err := t.app.bot.Post(ctx, t.id, bot.Message{Text: text})
	if err != nil {
		return err
	}
	feed, err := t.app.chat.NewFeed(ctx, t.id, posted.Message.Seq)
	if err != nil {
		return err
	}
	streamed := map[int64]bool{}
	for {
		events, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		for _, e := range events {
			t.print(e, streamed)
		}
		if feed.More() {
			continue
		}
		if !feed.Busy() {
			return nil
		}
		select {
		case <-watch.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// print shows an event; a message that was streamed already gets its sources.
func (t *terminal) print(e chat.Event, streamed map[int64]bool) {
	switch {
	case t.json:
		if e.Message != nil {
			_ = json.NewEncoder(t.io.out).Encode(e.Message) // a broken pipe ends the program anyway
		}
	case e.Delta != nil:
		if !streamed[e.Delta.Turn] {
			fmt.Fprintf(t.io.out, "%s: ", t.label)
		}
		streamed[e.Delta.Turn] = true
		fmt.Fprint(t.io.out, markdown.Plain(e.Delta.Text), " ")
	case e.Message != nil && e.Message.Author != chat.AuthorCustomer:
		if !streamed[e.Message.TurnID] || e.Message.TurnID == 0 {
			fmt.Fprintf(t.io.out, "%s: %s", t.author(*e.Message), markdown.Plain(e.Message.Text))
		}
		fmt.Fprintln(t.io.out)
		for i, c := range e.Message.Citations {
			fmt.Fprintf(t.io.out, "  [%d] %s, version %d: %q\n", i+1, c.Title, c.Version, markdown.Plain(c.Quote))
		}
		fmt.Fprintln(t.io.out)
	}
}

func (t *terminal) author(m chat.Message) string {
	switch m.Author {
	case chat.AuthorBot:
		return t.label
	case chat.AuthorAgent:
		return m.AgentName
	default:
		return "Notice"
	}
}
