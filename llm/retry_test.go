// SPDX-License-Identifier: MIT

package llm_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// Fault 5: storms of 429, 500 and 503.
func TestFault_storm(t *testing.T) {
	t.Parallel()

	t.Run("two failures before the first token are overcome", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{408, 409, 425, 429, 500, 502, 503, 504, 529} {
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
				server.Queue(llmtest.Reply{Status: status}, llmtest.Reply{Drop: true})
				text, err := ask(t.Context(), client)
				require.NoError(t, err, status)
				require.Equal(t, ten, text)
				require.Equal(t, 3, server.Count())
			})
		}
	})

	t.Run("a request that is wrong is not sent again and trips nothing", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{400, 401, 403, 404, 413, 422} {
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: status}))
				for range 30 {
					_, err := ask(t.Context(), client)
					require.ErrorIs(t, err, llm.ErrRejected)
					require.Equal(t, status, kind(t, err).Status)
				}
				require.Equal(t, 30, server.Count())
				require.True(t, client.Available())
			})
		}
	})

	t.Run("an empty account is not asked again", func(t *testing.T) {
		t.Parallel()
		server, client := setup(t, llmtest.Static(llmtest.Fail(http.StatusTooManyRequests, "insufficient_quota", "pay first")))
		_, err := ask(t.Context(), client)
		require.ErrorIs(t, err, llm.ErrUnavailable)
		require.Equal(t, "insufficient_quota", kind(t, err).Type)
		require.Equal(t, 1, server.Count())
	})

	t.Run("retries are at most a tenth of the calls and a reserve", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			const calls = 1000
			failing := func(r llmtest.Request) llmtest.Reply { // 4 of 10, below what opens the breaker
				if r.N%10 < 4 {
					return llmtest.Reply{Status: http.StatusServiceUnavailable}
				}
				return llmtest.Say("fine")
			}
			server, client, _ := virtual(t, failing, func(c *llm.Config) { c.MaxAttempts, c.RetryWait = 10, time.Microsecond })
			failed := 0
			for range calls {
				if _, err := ask(t.Context(), client); err != nil {
					failed++
				}
			}
			require.LessOrEqual(t, server.Count(), calls+calls/10+3)
			require.Greater(t, server.Count(), calls+calls/20, "the budget is used")
			require.Positive(t, failed, "and not enough for all, or this would prove nothing")
		})
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	busy := func(header, value string) llmtest.Reply {
		return llmtest.Reply{Status: http.StatusTooManyRequests, Header: map[string]string{header: value}}
	}

	t.Run("is waited for", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			header, value string
			wait          time.Duration
		}{
			{"Retry-After", "2", 2 * time.Second},
			{"Retry-After", "0.5", 500 * time.Millisecond},
			{"Retry-After-Ms", "1500", 1500 * time.Millisecond},
			{"Retry-After", "date", 2 * time.Second},
		} {
			synctest.Test(t, func(t *testing.T) {
				if c.value == "date" {
					c.value = time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat)
				}
				server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
				server.Queue(busy(c.header, c.value))
				began := time.Now()
				_, err := ask(t.Context(), client)
				require.NoError(t, err)
				require.GreaterOrEqual(t, time.Since(began), c.wait, c.value)
				require.Less(t, time.Since(began), c.wait+200*time.Millisecond, c.value)
			})
		}
	})

	t.Run("is not waited for when it is longer than a customer would", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
			server.Queue(busy("Retry-After", "30"))
			began := time.Now()
			_, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.Equal(t, 30*time.Second, kind(t, err).RetryAfter)
			require.Zero(t, time.Since(began))

			_, err = ask(t.Context(), client)
			require.Equal(t, "paused", kind(t, err).Type, "nobody else asks meanwhile")
			require.False(t, client.Available())
			require.Equal(t, 1, server.Count())

			pass(28 * time.Second)
			_, err = ask(t.Context(), client)
			require.NoError(t, err, "a wait that has become short is waited for")
			require.Equal(t, 2, server.Count())
		})
	})

	t.Run("as a date is taken against the provider's clock", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
			theirs := time.Now().Add(-time.Hour).UTC()
			server.Queue(llmtest.Reply{Status: 503, Header: map[string]string{
				"Date": theirs.Format(http.TimeFormat), "Retry-After": theirs.Add(2 * time.Second).Format(http.TimeFormat),
			}})
			began := time.Now()
			_, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.GreaterOrEqual(t, time.Since(began), 2*time.Second)
		})
	})

	t.Run("cannot shut the door for long", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
			server.Queue(busy("Retry-After", "86400"))
			_, err := ask(t.Context(), client)
			require.Error(t, err)
			pass(time.Minute)
			_, err = ask(t.Context(), client)
			require.NoError(t, err)
		})
	})

	t.Run("is ignored when it is nonsense", func(t *testing.T) {
		t.Parallel()
		for _, value := range []string{"soon", "-5", "NaN", "1e300", "Sun, 06 Nov 1994 08:49:37 GMT", ""} {
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
				server.Queue(busy("Retry-After", value))
				began := time.Now()
				_, err := ask(t.Context(), client)
				require.NoError(t, err, value)
				require.Less(t, time.Since(began), 200*time.Millisecond)
			})
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()

	t.Run("waits longer each time, never the same", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			waits := make(map[time.Duration]bool)
			for range 8 {
				_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: 500}))
				began := time.Now()
				_, err := ask(t.Context(), client)
				require.ErrorIs(t, err, llm.ErrUnavailable)
				took := time.Since(began)
				require.GreaterOrEqual(t, took, 150*time.Millisecond)
				require.LessOrEqual(t, took, 300*time.Millisecond)
				waits[took] = true
			}
			require.Greater(t, len(waits), 1)
		})
	})

	t.Run("stops where the time for the first token ends", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: 500, Delay: 4 * time.Second}),
				func(c *llm.Config) { c.MaxAttempts = 10 })
			began := time.Now()
			_, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrUnavailable)
			require.LessOrEqual(t, time.Since(began), 10*time.Second)
			require.Equal(t, 3, server.Count())
		})
	})

	t.Run("does not wait for a moment that comes too late", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: 503, RetryAfter: "2"}),
				func(c *llm.Config) { c.FirstTokenTimeout = time.Second })
			began := time.Now()
			for range 2 {
				_, err := ask(t.Context(), client)
				require.ErrorIs(t, err, llm.ErrUnavailable)
				require.Zero(t, time.Since(began))
			}
		})
	})

	t.Run("a quiet deployment gets its reserve back with time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := virtual(t, llmtest.Static(llmtest.Say(ten)))
			once := llmtest.Reply{Status: 500}
			fails := func() bool {
				server.Queue(once)
				_, err := ask(t.Context(), client)
				return err != nil
			}
			for range 3 {
				require.False(t, fails())
			}
			require.True(t, fails(), "the reserve is used up")
			pass(10 * time.Second)
			require.False(t, fails())
		})
	})
}

// While the breaker is half open one call goes through and no other.
func TestBreaker_probe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: 500}))
		for client.Available() {
			_, _ = ask(t.Context(), client)
		}
		before := server.Count()
		server.SetBehaviour(llmtest.Static(llmtest.Reply{Text: ten, Delay: time.Second}))
		pass(11 * time.Second)

		var group sync.WaitGroup
		errs := make(chan error, 20)
		for range 20 {
			group.Go(func() {
				_, err := ask(t.Context(), client)
				errs <- err
			})
		}
		group.Wait()
		close(errs)
		passed := 0
		for err := range errs {
			if err == nil {
				passed++
				continue
			}
			require.Equal(t, "breaker_open", kind(t, err).Type)
		}
		require.Equal(t, 1, passed)
		require.Equal(t, before+1, server.Count())
		_, err := ask(t.Context(), client)
		require.NoError(t, err, "the probe has closed it")
	})
}

// A storm costs the provider few requests, and the customers no time.
func TestBreaker_storm(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 500, 503} {
		t.Run(fmt.Sprint("of ", status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client, _ := virtual(t, llmtest.Static(llmtest.Reply{Status: status}))
				began := time.Now()
				var group sync.WaitGroup
				for range 500 {
					group.Go(func() { _, _ = ask(t.Context(), client) })
				}
				group.Wait()
				require.Less(t, time.Since(began), 2*time.Second)
				require.LessOrEqual(t, server.Count(), 550+3)
				for range 100 {
					_, err := ask(t.Context(), client)
					require.ErrorIs(t, err, llm.ErrUnavailable)
				}
				require.LessOrEqual(t, server.Count(), 550+3, "once open, none")
			})
		})
	}
}
