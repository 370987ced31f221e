// SPDX-License-Identifier: MIT

package api

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"candor/internal/fault"
)

// Limits are how much one caller may ask of one process. Zero means the default
// given here, a negative number no limit.
type Limits struct {
	Conversations int // opened per minute from one address; 30
	Messages      int // written per minute in one conversation; 60
	SignIns       int // tried per minute from one address; 30
}

func (l Limits) withDefaults() Limits {
	for field, value := range map[*int]int{&l.Conversations: 30, &l.Messages: 60, &l.SignIns: 30} {
		if *field == 0 {
			*field = value
		}
	}
	return l
}

// limiterMemory is how many callers are remembered; whoever is forgotten starts
// with a full allowance.
const limiterMemory = 50_000

// limiter is a token bucket per caller: a minute's allowance at once, refilled
// evenly.
type limiter struct {
	perMinute int
	mu        sync.Mutex
	callers   *lru.Cache[string, *rate.Limiter]
}

type limiters struct{ conversations, messages, signIns *limiter }

func newLimiters(l Limits) limiters {
	return limiters{newLimiter(l.Conversations), newLimiter(l.Messages), newLimiter(l.SignIns)}
}

func newLimiter(perMinute int) *limiter {
	callers, err := lru.New[string, *rate.Limiter](limiterMemory)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &limiter{perMinute: perMinute, callers: callers}
}

func (l *limiter) allow(caller string) bool {
	if l.perMinute < 0 {
		return true
	}
	l.mu.Lock()
	bucket, ok := l.callers.Get(caller)
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.callers.Add(caller, bucket)
	}
	l.mu.Unlock()
	return bucket.Allow()
}

// limitBy refuses callers, named by key, who are too fast.
func (s *Server) limitBy(l *limiter, key func(*gin.Context) string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !l.allow(key(c)) {
			fail(c, fault.Limited("rate_limited", "That was a lot at once. Please wait a moment and try again."))
			return
		}
		c.Next()
	}
}

func statusText(status int) string { return strconv.Itoa(status) }

func typeName(v any) string { return fmt.Sprintf("%T", v) }
