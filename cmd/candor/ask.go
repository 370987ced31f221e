// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
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
	token := set.String("identity-token", "", "ask as the customer for whom the company's own site vouches with this token")
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
	profile, err := a.vouched(*token)
	if err != nil {
		return err
	}
	created, err := a.chat.Create(ctx, *locale, profile)
	if err != nil {
		return err
	}
	t := terminal{app: a, io: io, json: *asJSON, id: created.Conversation.ID, label: created.Disclosure.Label, streamed: map[int64]bool{}}
	if !t.json {
		fmt.Fprintf(io.out, "[%s]\n\n", created.Disclosure.Text)
	}
	if t.feed, err = a.chat.NewFeed(ctx, t.id, 0); err != nil {
		return err
	}
	t.watch = a.hub.Subscribe(t.id)
	defer t.watch.Close()
	if set.NArg() > 0 {
		return t.say(ctx, strings.Join(set.Args(), " "))
	}
	return t.talk(ctx)
}

// vouched is who asks: nobody in particular, or whom a token is about.
func (a *app) vouched(token string) (chat.Profile, error) {
	if token == "" {
		return chat.Profile{}, nil
	}
	verifier, err := a.config.identity()
	if err != nil {
		return chat.Profile{}, err
	}
	if verifier == nil {
		return chat.Profile{}, errors.New("no key is set that identity tokens are signed with: see CANDOR_IDENTITY_KEYS")
	}
	p, err := verifier.Verify(token)
	return chat.Profile{Name: p.Name, Email: p.Email, EmailProved: p.EmailProved, Subject: p.Subject}, err
}

// terminal is one conversation at the terminal.
type terminal struct {
	app      *app
	io       streams
	json     bool
	id       int64
	label    string
	feed     *chat.Feed
	watch    *chat.Subscription
	streamed map[int64]bool // turns whose sentences were printed
	printed  int            // lines typed and events printed, to know when the prompt is gone
}

// talk reads questions until the input ends. What a person writes meanwhile, from
// whichever gateway, is printed as it comes.
func (t *terminal) talk(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = t.app.hub.Run(ctx) }() // ends with ctx
	input := bufio.NewScanner(t.io.in)
	lines := make(chan string)
	go func() {
		defer close(lines)
		for input.Scan() {
			lines <- strings.TrimSpace(input.Text())
		}
	}()
	file, isFile := t.io.in.(*os.File)
	prompt := isFile && term.IsTerminal(int(file.Fd()))
	for shown := -1; ; {
		if prompt && shown != t.printed {
			fmt.Fprint(t.io.out, "> ")
			shown = t.printed
		}
		var err error
		select {
		case line, more := <-lines:
			if !more {
				return input.Err()
			}
			t.printed++
			if line != "" {
				err = t.say(ctx, line)
			}
		case <-t.watch.C:
			err = t.hear(ctx)
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// say writes a message and prints what comes back, sentence by sentence.
func (t *terminal) say(ctx context.Context, text string) error {
	if _, err := t.app.bot.Post(ctx, t.id, bot.Message{Text: text}); err != nil {
		return err
	}
	for {
		if err := t.hear(ctx); err != nil || !t.feed.Busy() {
			return err
		}
		select {
		case <-t.watch.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hear prints what is new.
func (t *terminal) hear(ctx context.Context) error {
	for {
		events, err := t.feed.Next(ctx)
		if err != nil {
			return err
		}
		for _, e := range events {
			t.print(e)
		}
		if !t.feed.More() {
			return nil
		}
	}
}

// print shows an event; a message that was streamed already gets its sources.
func (t *terminal) print(e chat.Event) {
	if e.Message != nil && e.Message.Author != chat.AuthorCustomer || e.Delta != nil {
		t.printed++
	}
	switch {
	case t.json:
		if e.Message != nil && e.Message.Author != chat.AuthorCustomer {
			_ = json.NewEncoder(t.io.out).Encode(e.Message) // a broken pipe ends the program anyway
		}
	case e.Delta != nil:
		if !t.streamed[e.Delta.Turn] {
			fmt.Fprintf(t.io.out, "%s: ", t.label)
		}
		t.streamed[e.Delta.Turn] = true
		fmt.Fprint(t.io.out, markdown.Plain(e.Delta.Text), " ")
	case e.Message != nil && e.Message.Author != chat.AuthorCustomer:
		if !t.streamed[e.Message.TurnID] || e.Message.TurnID == 0 {
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
