// SPDX-License-Identifier: MIT

package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/postgres"
)

func say(t *testing.T, w *chattest.World, c chat.Conversation, turn chat.Turn, index int, text string) bool {
	t.Helper()
	ours, err := w.Chat.AppendSentence(t.Context(), c, turn, index, chat.Sentence{Text: text})
	require.NoError(t, err)
	return ours
}

func end(t *testing.T, w *chattest.World, c chat.Conversation, turn chat.Turn) {
	t.Helper()
	err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		ours, err := l.EndTurn(t.Context(), turn.ID, turn.Holder, chat.OutcomeDecline, func() error { return nil })
		require.True(t, ours)
		return err
	})
	require.NoError(t, err)
}

func TestTurn(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	agent := w.Account(t, "agent@example.com", "Agent 1", "agent")

	t.Run("there is one at a time, and the next takes what came meanwhile", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, first := post(t, w, c, "one")
		require.NotNil(t, first)
		_, second := post(t, w, c, "two")
		require.Nil(t, second)
		err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			ours, err := l.EndTurn(t.Context(), first.ID, first.Holder, chat.OutcomeDecline, func() error { return nil })
			require.True(t, ours)
			require.NoError(t, err)
			next, err := l.OpenTurn(t.Context(), "gateway-1", lease)
			require.Equal(t, 2, next.FromSeq)
			require.Equal(t, 2, next.ToSeq)
			return err
		})
		require.NoError(t, err)
	})

	t.Run("a take-over keeps what was shown as partial and silences the rest", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "question")
		require.True(t, say(t, w, c, *turn, 0, "First part."))
		move(t, w, c, chat.StateHuman, &agent)
		require.False(t, say(t, w, c, *turn, 1, "Second part."))
		err := w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			ours, err := l.EndTurn(t.Context(), turn.ID, turn.Holder, chat.OutcomeAnswer, func() error {
				t.Error("a turn that was taken over writes nothing")
				return nil
			})
			require.False(t, ours)
			return err
		})
		require.NoError(t, err)
		list, err := w.Chat.Messages(t.Context(), c, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "First part.", list[1].Text)
		require.True(t, list[1].Partial)
	})

	t.Run("a sentence out of its place is refused", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, turn := post(t, w, c, "question")
		require.False(t, say(t, w, c, *turn, 1, "Second part."))
		require.True(t, say(t, w, c, *turn, 0, "First part."))
		require.False(t, say(t, w, c, *turn, 0, "First part again."))
	})

	t.Run("nothing is left of a turn that had shown nothing", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		post(t, w, c, "question")
		move(t, w, c, chat.StateQueued, nil)
		list, err := w.Chat.Messages(t.Context(), c, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

func TestService_TakeLost(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)
	c := w.Open(t)
	var turn *chat.Turn
	require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) (err error) {
		_, err = l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "question"})
		require.NoError(t, err)
		turn, err = l.OpenTurn(t.Context(), "frozen", lease)
		return err
	}))
	none, err := w.Chat.TakeLost(t.Context(), "other", lease)
	require.NoError(t, err)
	require.Nil(t, none, "a turn whose lease runs is not lost")

	require.NoError(t, w.Chat.Release(t.Context(), *turn))
	taken, err := w.Chat.TakeLost(t.Context(), "other", lease)
	require.NoError(t, err)
	require.Equal(t, turn.ID, taken.ID)

	require.False(t, say(t, w, c, *turn, 0, "From the frozen one."), "the old holder is fenced off")
	ours, err := w.Chat.Renew(t.Context(), *turn, lease)
	require.NoError(t, err)
	require.False(t, ours)
	require.True(t, say(t, w, c, *taken, 0, "From the new one."))
}

func TestFeed(t *testing.T) {
	t.Parallel()
	w := chattest.New(t)

	kinds := func(events []chat.Event) (kinds []string) {
		for _, e := range events {
			switch {
			case e.Disclosure != nil:
				kinds = append(kinds, "notice")
			case e.Reset:
				kinds = append(kinds, "reset")
			case e.Message != nil:
				kinds = append(kinds, "message "+string(e.Message.Author))
			case e.TurnStarted != nil:
				kinds = append(kinds, "started")
			case e.Delta != nil:
				kinds = append(kinds, "delta "+e.Delta.Text)
			case e.TurnEnded != nil:
				kinds = append(kinds, "ended "+string(e.TurnEnded.Outcome))
			case e.Conversation != nil:
				kinds = append(kinds, "conversation "+string(e.Conversation.State))
			}
		}
		return kinds
	}
	next := func(t *testing.T, f *chat.Feed) []string {
		t.Helper()
		events, err := f.Next(t.Context())
		require.NoError(t, err)
		return kinds(events)
	}

	t.Run("tells a turn in order, as it grows and all at once", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		live, err := w.Chat.NewFeed(t.Context(), c.ID, 0)
		require.NoError(t, err)
		late, err := w.Chat.NewFeed(t.Context(), c.ID, 0)
		require.NoError(t, err)
		require.Equal(t, []string{"conversation bot"}, next(t, live))

		_, turn := post(t, w, c, "question")
		require.Equal(t, []string{"message customer", "notice", "started"}, next(t, live))
		require.True(t, say(t, w, c, *turn, 0, "A."))
		require.True(t, say(t, w, c, *turn, 1, "B."))
		require.Equal(t, []string{"delta A.", "delta B."}, next(t, live))
		require.NoError(t, w.Chat.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
			_, err := l.EndTurn(t.Context(), turn.ID, turn.Holder, chat.OutcomeAnswer, func() error {
				d, err := l.Disclosure(t.Context())
				require.NoError(t, err)
				_, err = l.PostBot(t.Context(), d, chat.BotMessage{Text: "A. B.", TurnID: turn.ID})
				return err
			})
			return err
		}))
		require.Equal(t, []string{"message bot", "ended answer"}, next(t, live))
		require.Equal(t, []string{"conversation bot", "message customer", "notice", "started", "delta A.", "delta B.", "message bot", "ended answer"}, next(t, late))
		require.Empty(t, next(t, live))
	})

	t.Run("from a message on, tells its turn also when that has ended already", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		_, before := post(t, w, c, "an earlier question")
		end(t, w, c, *before)
		_, turn := post(t, w, c, "question")
		require.True(t, say(t, w, c, *turn, 0, "A."))
		end(t, w, c, *turn)
		f, err := w.Chat.FeedFrom(t.Context(), c.ID, turn.FromSeq)
		require.NoError(t, err)
		require.Equal(t, []string{"conversation bot", "message customer", "notice", "started", "delta A.", "ended decline"}, next(t, f))
		require.False(t, f.Busy())
	})

	t.Run("resumes after a seq without repeating or missing", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		post(t, w, c, "one")
		move(t, w, c, chat.StateQueued, nil)
		post(t, w, c, "two")
		f, err := w.Chat.NewFeed(t.Context(), c.ID, 1)
		require.NoError(t, err)
		require.Contains(t, next(t, f), "message customer")
		require.Equal(t, 2, f.Seq())
	})

	t.Run("an id that never was resets", func(t *testing.T) {
		t.Parallel()
		c := w.Open(t)
		post(t, w, c, "one")
		for _, seq := range []int{-1, 99} {
			f, err := w.Chat.NewFeed(t.Context(), c.ID, seq)
			require.NoError(t, err)
			require.Equal(t, []string{"reset", "conversation bot", "message customer", "notice", "started"}, next(t, f))
		}
	})
}

func TestHub(t *testing.T) {
	t.Parallel()

	t.Run("wakes readers on another gateway", func(t *testing.T) {
		t.Parallel()
		url, master := newDatabase(t), chattest.MasterKey(t)
		here, there := chattest.On(t, url, master), chattest.On(t, url, master)
		c := here.Open(t)
		sub := there.Hub.Subscribe(c.ID)
		defer sub.Close()
		drain(sub)
		post(t, here, c, "hello")
		awaitWake(t, sub)
	})

	// Fault 28: all signals are lost.
	t.Run("wakes readers when every signal was lost", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		c := w.Open(t)
		sub := w.Hub.Subscribe(c.ID)
		defer sub.Close()
		awaitWake(t, sub) // the first poll sees it for the first time
		drain(sub)
		start := time.Now()
		unheard(t, w, c)
		awaitWake(t, sub)
		t.Logf("woken after %v", time.Since(start).Round(time.Millisecond))
	})

	t.Run("the control: who does not poll is not woken when the signal was lost", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		c := w.Open(t)
		away, err := postgres.Open(t.Context(), w.URL)
		require.NoError(t, err)
		away.Close() // a hub that listens and cannot poll
		failed := &warnings{Handler: slog.DiscardHandler, c: make(chan string, 100)}
		hub := chat.NewHub(away, w.URL, slog.New(failed))
		runHub(t, hub)
		sub := hub.Subscribe(c.ID)
		defer sub.Close()
		drain(sub)
		unheard(t, w, c)
		for range len(failed.c) + 2 { // of two that are logged from now on the second began after the message
			require.Equal(t, "poll failed", failed.next(t))
		}
		select {
		case <-sub.C:
			t.Fatal("woken, and not by a poll")
		default:
		}
		_, err = w.DB.Exec(t.Context(), "SELECT pg_notify('candor', $1)", fmt.Sprintf("other:%d", c.ID))
		require.NoError(t, err)
		awaitWake(t, sub) // it does listen
	})

	t.Run("listens again after its connection was killed", func(t *testing.T) {
		t.Parallel()
		w := chattest.New(t)
		sub := w.Hub.Subscribe(12345) // no such conversation: polling never wakes it
		defer sub.Close()
		drain(sub)
		_, err := w.DB.Exec(t.Context(), `
			SELECT pg_terminate_backend(pid)
			FROM pg_stat_activity
			WHERE datname = current_database() AND query = 'LISTEN candor'`)
		require.NoError(t, err)
		awaitWake(t, sub) // reconnecting wakes all: what was said meanwhile is read
	})
}

// unheard writes a message and signals nothing: this gateway has no hub.
func unheard(t *testing.T, w *chattest.World, c chat.Conversation) {
	t.Helper()
	silent := chat.New(chat.Config{DB: w.DB, Keys: w.Keys, Company: chattest.Company()})
	require.NoError(t, silent.Lock(t.Context(), c.ID, func(l *chat.Locked) error {
		_, err := l.PostCustomer(t.Context(), chat.CustomerMessage{Text: "unheard"})
		return err
	}))
}

// runHub runs a hub until the end of the test and returns when it listens.
func runHub(t *testing.T, hub *chat.Hub) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = hub.Run(ctx) }) // ends with ctx
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	<-hub.Listening
}

// warnings hands on what is logged, to a test that asks for it.
type warnings struct {
	slog.Handler
	c chan string
}

func (w *warnings) Enabled(context.Context, slog.Level) bool { return true }

func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	select {
	case w.c <- r.Message:
	default: // nobody asks
	}
	return nil
}

func (w *warnings) next(t *testing.T) string {
	t.Helper()
	select {
	case text := <-w.c:
		return text
	case <-time.After(time.Minute):
		t.Fatal("nothing is logged")
		return ""
	}
}

func drain(sub *chat.Subscription) {
	select {
	case <-sub.C:
	default:
	}
}

func awaitWake(t *testing.T, sub *chat.Subscription) {
	t.Helper()
	select {
	case <-sub.C:
	case <-time.After(time.Minute):
		t.Fatal("never woken")
	}
}
