// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"candor/chat"
	"candor/cmd/candor-load/reference"
	"candor/internal/text"
	"candor/knowledge/embed"
)

// turnsPerTalk is how many questions a customer of the bench asks in one
// conversation: one about each section.
const turnsPerTalk = sectionsPerArticle

// The names of the contenders.
const (
	direct    = "provider"
	ginCopy   = "gin-copy"
	ginParse  = "gin-parse"
	smallTurn = "smallest turn"
	gateway   = "candor"
	floor     = "durable rows"
)

// errNotAnswered says that a question of the bench was not answered: the turn it
// would measure is another one than meant.
var errNotAnswered = errors.New("a question was not answered from the library")

// measureFirst compares the time to the first delta, one request at a time.
func measureFirst(ctx context.Context, b *bench) ([]figure, error) {
	direct1 := b.relays(direct, b.fake.URL()+"/chat/completions", "[DONE]")
	copy1 := b.relays(ginCopy, b.side.url+"/copy", "[DONE]")
	parse1 := b.relays(ginParse, b.side.url+"/parse", `"finish_reason":"stop"`)
	r, err := b.interleave(ctx, direct1, copy1, parse1, b.smallTurns(), b.wholeTurns())
	if err != nil {
		return nil, err
	}
	added := map[string][]float64{}
	for _, name := range []string{ginCopy, ginParse, gateway} {
		for i := range r[name]["p50"] {
			added[name] = append(added[name], r[name]["p50"][i]-r[direct]["p50"][i])
		}
	}
	return []figure{
		compare("first sentence of a whole turn, p50", "ms", r[gateway]["p50"], direct, r[direct]["p50"], goal{}),
		compare("added to it, p50", "ms", added[gateway], ginCopy, added[ginCopy], goal{}).
			because("P1 and P2 are about a route without search and rows; Candor has none, so this compares unequal work"),
		compare("added to it, p50", "ms", added[gateway], ginParse, added[ginParse], goal{}),
		compare("first sentence of a whole turn, p50", "ms", r[gateway]["p50"], smallTurn, r[smallTurn]["p50"], atMost("P6", 1.2)),
		compare("first sentence of a whole turn, p99", "ms", r[gateway]["p99"], smallTurn, r[smallTurn]["p99"], goal{}),
	}, nil
}

// firstCount is how many requests a round of measureFirst makes.
func (b *bench) firstCount() int {
	if b.quick {
		return 10
	}
	return 40
}

// relays is a contender that streams the provider's answer to the prompt of a turn.
func (b *bench) relays(name, url, mark string) contender {
	c := newHTTP(64)
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		var first []float64
		for range b.firstCount() {
			r, err := ask(ctx, c, url, b.prompt, mark)
			if err != nil {
				return nil, err
			}
			first = append(first, ms(r.First))
		}
		return map[string]float64{"p50": median(first), "p99": quantile(first, 0.99)}, nil
	}}
}

// smallTurns is the contender that does the smallest whole turn.
func (b *bench) smallTurns() contender {
	c := newHTTP(64)
	return contender{smallTurn, func(ctx context.Context) (map[string]float64, error) {
		var first []float64
		talk := smallTalk{id: rand.Text()}
		for range b.firstCount() {
			r, err := b.smallTurn(ctx, c, &talk)
			if err != nil {
				return nil, err
			}
			first = append(first, ms(r.First))
		}
		return map[string]float64{"p50": median(first), "p99": quantile(first, 0.99)}, nil
	}}
}

// smallTalk is a conversation with the smallest turn.
type smallTalk struct {
	id, token string
	seq       int
}

func (b *bench) smallTurn(ctx context.Context, c *http.Client, talk *smallTalk) (relayed, error) {
	question := b.question(talk.seq)
	terms := text.Terms(question, "en")
	body, err := json.Marshal(reference.TurnRequest{
		Conversation: talk.id, Token: talk.token, Seq: talk.seq + 1, Text: question, Prompt: b.prompt,
		Vector: embed.Vector(embed.Part{Text: question, Lang: "en", Weight: 1}), Words: "'" + strings.Join(terms, "' | '") + "'",
	})
	if err != nil {
		return relayed{}, err
	}
	r, err := ask(ctx, c, b.side.url+"/turn", body, "event: end")
	talk.seq += 2
	if r.token != "" {
		talk.token = r.token
	}
	return r, err
}

// wholeTurns is the contender that is the gateway.
func (b *bench) wholeTurns() contender {
	return contender{gateway, func(ctx context.Context) (map[string]float64, error) {
		var first []float64
		var talk conversation
		for n := range b.firstCount() {
			if n%turnsPerTalk == 0 {
				var err error
				if talk, err = b.clients[0].open(ctx, "en"); err != nil {
					return nil, err
				}
			}
			s, err := b.ask(ctx, talk, n)
			if err != nil {
				return nil, err
			}
			first = append(first, ms(s.First))
		}
		return map[string]float64{"p50": median(first), "p99": quantile(first, 0.99)}, nil
	}}
}

// ask asks the bot the nth question of a conversation and insists on an answer. Streams that end
// without their terminal event are counted instead.
func (b *bench) ask(ctx context.Context, talk conversation, n int) (said, error) {
	question := b.question(n)
	s, err := talk.say(ctx, question)
	b.streams.Add(1)
	if errors.Is(err, errIncomplete) {
		b.broken.Add(1)
		return s, nil
	}
	if err == nil && s.Outcome != string(chat.OutcomeAnswer) {
		err = fmt.Errorf("%w: %q ended in %q", errNotAnswered, question, s.Outcome)
	}
	return s, err
}
