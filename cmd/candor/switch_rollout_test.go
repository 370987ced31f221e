// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"candor/llm/llmtest"
)

// Which gateway the customers go to.
const (
	routeBefore = iota
	routeHalf
	routeAfter
)

// question is what is asked, and the article that answers it.
type question struct{ text, article string }

var (
	firstQuestion = question{"What does roaming in Switzerland cost?", "en/roaming-switzerland"}
	lastQuestion  = question{fmt.Sprintf("What does the tariff Zephyr%03d cost?", switchArticles-1), fmt.Sprintf("tariff-%03d", switchArticles-1)}
)

// rollout is a switch of the embedding model by two gateways on one database.
type rollout struct {
	before, after *site
	gateways      sync.Map // addresses by name
	routed        atomic.Int32
	answered      atomic.Int64
	atBefore      atomic.Int64 // questions that the old gateway has
	unknown       atomic.Int64
	stop          atomic.Bool

	held, released chan struct{} // closed when the new model's vectors are waited for, and when they may come
	batches        atomic.Int64
	once           sync.Once

	errs  chan error
	mu    sync.Mutex
	asked []turn
}

// turn is a question with its answer and its decision record.
type turn struct {
	question
	id, gateway  string
	began, ended time.Time
	citations    int
	outcome      string
	model        string
	vectorScore  float64 // of the article's best passage
	found        bool
}

func (r *rollout) release() { r.once.Do(func() { close(r.released) }) }

// provider is on the wire; what it makes for the library with the second model it holds back after two batches.
func (r *rollout) provider(t *testing.T) *llmtest.Server {
	t.Helper()
	fake := llmtest.Start(llmtest.Honest())
	t.Cleanup(fake.Close)
	t.Cleanup(r.release)
	lengths := map[string]int{"first": 64, "second": 96}
	fake.SetEmbeddings(func(q llmtest.Request) llmtest.Reply {
		length, ok := lengths[q.Model]
		if !ok {
			r.unknown.Add(1)
			return llmtest.Reply{Status: http.StatusNotFound}
		}
		if q.Model == "second" && len(q.Input) > 1 && r.batches.Add(1) > 2 {
			if r.batches.Load() == 3 {
				close(r.held)
			}
			<-r.released
		}
		vectors := make([][]float32, len(q.Input))
		for i, text := range q.Input {
			vectors[i] = llmtest.Vector(text, length)
		}
		return llmtest.Reply{Vectors: vectors}
	})
	return fake
}

// with is the same site with other settings.
func (s *site) with(env ...string) *site {
	return &site{databaseURL: s.databaseURL, env: append(slices.Clone(s.env), env...)}
}

// converse asks, waits for the answer and asks again.
func (r *rollout) converse(ctx context.Context, n int) {
	for i := range switchQuestions {
		if r.stop.Load() {
			return
		}
		gateway := "before"
		if routed := r.routed.Load(); routed == routeAfter || routed == routeHalf && n%2 == 1 {
			gateway = "after"
		}
		q := firstQuestion
		if (n+i)%2 == 1 {
			q = lastQuestion
		}
		if err := r.ask(ctx, gateway, q); err != nil {
			r.errs <- err
			return
		}
	}
}

func (r *rollout) ask(ctx context.Context, gateway string, q question) error {
	_, err := r.askFor(ctx, gateway, q)
	return err
}

// askFor opens a conversation, asks and waits for the answer.
func (r *rollout) askFor(ctx context.Context, gateway string, q question) (id string, err error) {
	if gateway == "before" {
		r.atBefore.Add(1)
		defer r.atBefore.Add(-1)
	}
	url, _ := r.gateways.Load(gateway)
	c := newClient(func() string { return url.(string) })
	defer c.http.CloseIdleConnections()
	var o opened
	if err := c.insist(ctx, http.MethodPost, "/v1/conversations", "", map[string]string{"locale": "en"}, &o); err != nil {
		return "", err
	}
	done := turn{question: q, id: o.Conversation.ID, gateway: gateway, began: time.Now()}
	if err := c.insist(ctx, http.MethodPost, o.path("/messages"), o.Token, map[string]string{"text": q.text, "client_message_id": "one"}, nil); err != nil {
		return "", err
	}
	if _, err := c.ends(ctx, o); err != nil {
		return "", fmt.Errorf("at %s: %w", gateway, err)
	}
	done.ended = time.Now()
	var read struct {
		Messages []struct{ Citations []struct{ Title string } }
	}
	if err := c.insist(ctx, http.MethodGet, o.path("/messages?limit=200"), o.Token, nil, &read); err != nil {
		return "", err
	}
	for _, m := range read.Messages {
		done.citations += len(m.Citations)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, done)
	r.answered.Add(1)
	return done.id, nil
}

// turns are those that were asked so far, with their decision records, by their ends.
func (r *rollout) turns(t *testing.T) []turn {
	t.Helper()
	r.mu.Lock() // before the records: what is asked meanwhile has none here
	out := slices.Clone(r.asked)
	r.mu.Unlock()
	records := map[string][]byte{}
	r.connect(t, func(conn *pgx.Conn) {
		rows, _ := conn.Query(t.Context(), `SELECT c.public_id::text, l.body FROM log l JOIN conversations c ON c.id = l.conversation_id WHERE l.kind = 'decision'`)
		var id string
		var body []byte
		_, err := pgx.ForEachRow(rows, []any{&id, &body}, func() error {
			records[id] = slices.Clone(body)
			return nil
		})
		require.NoError(t, err)
	})
	for i := range out {
		require.Contains(t, records, out[i].id)
		require.NoError(t, out[i].read(records[out[i].id]))
	}
	slices.SortFunc(out, func(a, b turn) int { return a.ended.Compare(b.ended) })
	return out
}

func (u *turn) read(body []byte) error {
	var record struct {
		Outcome, Embedding string
		Passages           []struct {
			ExternalID  string  `json:"external_id"`
			VectorScore float64 `json:"vector_score"`
		}
	}
	err := json.Unmarshal(body, &record)
	u.outcome, u.model = record.Outcome, record.Embedding
	for _, p := range record.Passages {
		if p.ExternalID == u.article {
			u.found, u.vectorScore = true, max(u.vectorScore, p.VectorScore)
		}
	}
	return err
}

func (r *rollout) countWith(t *testing.T, model string) (n int) {
	t.Helper()
	for _, u := range r.turns(t) {
		if u.model == model {
			n++
		}
	}
	return n
}
