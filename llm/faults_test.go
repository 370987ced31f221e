// SPDX-License-Identifier: MIT

package llm_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// ten is an answer of ten tokens.
const ten = "one two three four five six seven eight nine ten"

// Fault 1: the provider refuses connections.
func TestFault_refused(t *testing.T) {
	t.Parallel()

	t.Run("every call fails within two seconds and the breaker opens", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, net := virtual(t, llmtest.Static(llmtest.Say(ten)))
			net.down.Store(true)
			for range 20 {
				began := time.Now()
				_, err := ask(t.Context(), client)
				require.ErrorIs(t, err, llm.ErrUnavailable)
				require.Less(t, time.Since(began), 2*time.Second)
			}
			require.False(t, client.Available())
			require.EqualValues(t, 5, net.dials.Load(), "once open, the breaker lets nobody connect")
		})
	})

	t.Run("a single probe finds the provider back", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, net := virtual(t, llmtest.Static(llmtest.Say(ten)))
			net.down.Store(true)
			for client.Available() {
				_, err := ask(t.Context(), client)
				require.Error(t, err)
			}
			pass(11 * time.Second)

			dials := net.dials.Load()
			_, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.Equal(t, dials+1, net.dials.Load(), "the probe")
			_, err = ask(t.Context(), client)
			require.Equal(t, "breaker_open", kind(t, err).Type)
			require.Equal(t, dials+1, net.dials.Load())

			net.down.Store(false)
			pass(11 * time.Second)
			text, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, ten, text)
			require.Equal(t, 1, server.Count())
		})
	})

	t.Run("a real refused port is told as such", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, nil)
		server.Close()
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrUnavailable)
		require.Equal(t, "connection_refused", kind(t, err).Type)
	})

	t.Run("a provider that is up is asked at the first attempt", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Say(ten)))
		text, err := ask(t.Context(), client)
		require.NoError(t, err)
		require.Equal(t, ten, text)
		require.Equal(t, 1, server.Count())
	})
}

// Fault 2: the provider accepts and never answers.
func TestFault_hang(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]llmtest.Reply{
		"before the headers":             {Hang: true},
		"before the first token":         {Text: ten, End: llmtest.EndStall},
		"with the first token 1 ms late": {Text: ten, Delay: 10*time.Second + time.Millisecond},
	} {
		t.Run(name+" it is given up at the time limit", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(reply))
				began := time.Now()
				_, err := ask(t.Context(), client)
				require.ErrorIs(t, err, llm.ErrUnavailable)
				require.Equal(t, "first_token_timeout", kind(t, err).Type)
				require.Equal(t, 10*time.Second, time.Since(began))
				synctest.Wait()
				require.Equal(t, 1, server.Cancelled(), "nothing is left running at the provider")
				require.Equal(t, 0, server.Active())
			})
		})
	}

	t.Run("an answer just in time is taken", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: ten, Delay: 10*time.Second - time.Millisecond}))
			text, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, ten, text)
		})
	})
}

// stall says what is wrong with how a client gives up an answer that stops after some tokens.
func stall(t *testing.T, after int, change ...func(*llm.Config)) error {
	t.Helper()
	server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: ten, End: llmtest.EndStall, After: after}), change...)
	began := time.Now()
	text, err := ask(t.Context(), client)
	held := time.Since(began)
	synctest.Wait()
	switch {
	case held != 10*time.Second:
		return fmt.Errorf("held for %v", held)
	case !errors.Is(err, llm.ErrStalled) || errors.Is(err, llm.ErrUnavailable):
		return fmt.Errorf("ended in: %w", err)
	case text != strings.Join(llmtest.Split(ten)[:after], ""):
		return fmt.Errorf("%q is left", text)
	case server.Count() != 1 || server.Cancelled() != 1:
		return fmt.Errorf("asked %d times, cancelled %d times", server.Count(), server.Cancelled())
	}
	return nil
}

// Fault 3: the stream stalls in the middle of the answer.
func TestFault_stall(t *testing.T) {
	t.Parallel()
	for after := 1; after <= 10; after++ {
		t.Run(fmt.Sprintf("after %d tokens the text stands and nothing is asked again", after), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { require.NoError(t, stall(t, after)) })
		})
	}

	t.Run("the control: without the limit between two tokens it is held on to", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			require.ErrorContains(t, stall(t, 3, func(c *llm.Config) { c.IdleTimeout = time.Hour }), "held for 1m0s")
		})
	})

	t.Run("a model that thinks for long is not a stalled one", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{
				Reasoning: []string{"well", "let", "me", "see"}, Tokens: []string{"yes"}, Cadence: 9 * time.Second,
			}))
			text, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, "yes", text)
		})
	})

	t.Run("a slow answer is not a stalled one, nor is a slow reader", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: ten, Cadence: 9 * time.Second}),
				func(c *llm.Config) { c.TotalTimeout = time.Hour })
			s, err := client.Stream(t.Context(), hello)
			require.NoError(t, err)
			defer s.Close()
			for _, want := range llmtest.Split(ten) {
				text, err := s.Next()
				require.NoError(t, err)
				require.Equal(t, want, text)
				pass(5 * time.Minute)
			}
			_, err = s.Next()
			require.Equal(t, io.EOF, err)
		})
	})
}

// Fault 4: the stream is cut after k tokens.
func TestFault_cut(t *testing.T) {
	t.Parallel()
	twenty := strings.TrimSpace(strings.Repeat("word ", 20))

	for _, end := range []llmtest.Ending{llmtest.EndCut, llmtest.EndNoFinish} {
		for k := 0; k <= 20; k++ {
			t.Run(fmt.Sprintf("ending %d after %d tokens is never a complete answer", end, k), func(t *testing.T) {
				t.Parallel()
				server, client := setup(t, llmtest.Static(llmtest.Reply{Text: twenty, End: end, After: k}),
					func(c *llm.Config) { c.RetryWait = time.Millisecond })
				text, err := ask(t.Context(), client)
				require.NoError(t, silent(twenty, text, err))
				require.ErrorIs(t, err, llm.ErrCut)
				require.True(t, strings.HasPrefix(twenty, text))
				if k == 0 {
					require.ErrorIs(t, err, llm.ErrUnavailable)
					require.Equal(t, 3, server.Count(), "before the first token it is asked again")
					return
				}
				require.NotErrorIs(t, err, llm.ErrUnavailable)
				require.Equal(t, 1, server.Count(), "after it, never")
				if end == llmtest.EndNoFinish {
					require.Equal(t, strings.Join(llmtest.Split(twenty)[:k], ""), text)
				}
			})
		}
	}

	for _, end := range []llmtest.Ending{llmtest.EndCut, llmtest.EndNoFinish} {
		t.Run(fmt.Sprintf("the control: ending %d passes for a whole answer with a careless reader", end), func(t *testing.T) {
			t.Parallel()
			for _, k := range []int{1, 10, 19} {
				server := llmtest.Start(llmtest.Static(llmtest.Reply{Text: twenty, End: end, After: k}))
				require.Error(t, silent(twenty, carelessAsk(t, server), nil))
				server.Close()
			}
		})
	}

	t.Run("an end without DONE but with a finish reason is complete", func(t *testing.T) {
		t.Parallel()
		_, client := setup(t, llmtest.Static(llmtest.Reply{Text: twenty, End: llmtest.EndNoDone}))
		text, err := ask(t.Context(), client)
		require.NoError(t, err)
		require.Equal(t, twenty, text)
	})

	t.Run("streams that are always cut open the breaker", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: ten, End: llmtest.EndNoFinish, After: 3}))
			for range 40 {
				_, err := ask(t.Context(), client)
				require.Error(t, err)
			}
			require.False(t, client.Available())
			require.Less(t, server.Count(), 20)
		})
	})
}

// Fault 8: slow answers take all the slots.
func TestFault_slow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const slots, calls = 50, 60
		server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: ten, Cadence: 5 * time.Second}),
			func(c *llm.Config) { c.MaxConcurrent, c.TotalTimeout = slots, time.Hour })
		open := func() (*llm.Stream, error) {
			s, err := client.Stream(t.Context(), hello)
			if err == nil {
				t.Cleanup(s.Close)
			}
			return s, err
		}
		first, err := open()
		require.NoError(t, err)
		for range slots - 1 {
			_, err := open()
			require.NoError(t, err)
		}

		results := make(chan error, calls)
		for range calls - slots {
			go func() {
				_, err := open()
				results <- err
			}()
		}
		synctest.Wait()
		require.Equal(t, slots, server.Count(), "those over the limit wait here, not at the provider")
		first.Close() // makes room for one
		require.NoError(t, <-results)
		for range calls - slots - 1 {
			err := <-results
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.Equal(t, "busy", kind(t, err).Type)
		}
		require.Equal(t, slots+1, server.Count())
	})
}

// Fault 9: the answer never ends.
func TestFault_endless(t *testing.T) {
	t.Parallel()

	t.Run("the length of an answer is limited here too", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Reply{Text: ten, End: llmtest.EndNever}),
			func(c *llm.Config) { c.MaxTokens = 100 })
		text, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrTooLong)
		require.LessOrEqual(t, len(text), 4096+16*100)
		require.NoError(t, server.AwaitCancelled(t.Context(), 1))
	})

	t.Run("the bytes of a stream without content are limited", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Reply{Text: "x", Tokens: []string{""}, End: llmtest.EndNever}),
			func(c *llm.Config) { c.MaxStreamBytes, c.MaxAttempts = 64<<10, 1 })
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrTooLong)
		require.NoError(t, server.AwaitCancelled(t.Context(), 1))
	})

	t.Run("the time of an answer is limited", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Text: "x", End: llmtest.EndNever, Cadence: 7 * time.Second}))
			began := time.Now()
			text, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrTooLong)
			require.Equal(t, time.Minute, time.Since(began))
			require.Equal(t, "xxxxxxxx", text, "what came in time stands")
			synctest.Wait()
			require.Equal(t, 1, server.Cancelled())
		})
	})

	t.Run("nobody has to read for the time limit to hold", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Endless(), func(c *llm.Config) { c.MaxConcurrent = 1 })
			forgotten, err := client.Stream(t.Context(), hello)
			require.NoError(t, err)
			pass(time.Minute + time.Second)
			require.Equal(t, 1, server.Cancelled())
			server.SetBehaviour(llmtest.Static(llmtest.Say(ten)))
			_, err = ask(t.Context(), client)
			require.NoError(t, err, "its slot is free again")
			forgotten.Close()
		})
	})

	t.Run("closing cancels at the provider", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Endless())
		s, err := client.Stream(t.Context(), hello)
		require.NoError(t, err)
		require.Equal(t, 0, server.Cancelled())
		s.Close()
		s.Close()
		require.NoError(t, server.AwaitCancelled(t.Context(), 1))
		_, err = s.Next()
		require.ErrorIs(t, err, llm.ErrClosed)
	})
}

// Fault 42: two calls for one answer; the slower is given up, both are paid.
func TestFault_hedged(t *testing.T) {
	t.Parallel()
	fast, quick := setup(t, llmtest.Static(llmtest.Say(ten)))
	slow, other := setup(t, llmtest.Static(llmtest.Reply{Text: ten, End: llmtest.EndStall, After: 4}))

	loser, err := other.Stream(t.Context(), hello)
	require.NoError(t, err)
	winner, err := quick.Stream(t.Context(), hello)
	require.NoError(t, err)
	text, err := read(winner)
	require.NoError(t, err)
	require.Equal(t, ten, text)
	loser.Close()
	winner.Close()

	require.NoError(t, slow.AwaitCancelled(t.Context(), 1))
	require.Equal(t, 0, fast.Cancelled())
	require.False(t, winner.Usage().Estimated)
	require.Equal(t, 10, winner.Usage().CompletionTokens)
	require.True(t, loser.Usage().Estimated)
	require.Positive(t, loser.Usage().PromptTokens)
	require.Positive(t, loser.Usage().CompletionTokens)
}
