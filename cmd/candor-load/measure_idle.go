// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"

	"candor/chat"
)

// settle is how long memory is given to come to rest.
const settle = 3 * time.Second

// lean keeps garbage out of the comparison: both sides collect it early.
const lean = "GOGC=10"

func (b *bench) idleCount() int {
	if b.quick {
		return 200
	}
	return 2000
}

// measureIdle compares the memory of a connected customer to whom nothing happens
// with that of a stream that net/http alone keeps. Both run in fresh processes.
func measureIdle(ctx context.Context, b *bench) ([]figure, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	side, err := startProcess(self, []string{referenceCommand, address, b.fake.URL()}, []string{lean}, address, referenceReady)
	if err != nil {
		return nil, err
	}
	defer side.stop()
	baseline, err := b.memoryOf(ctx, side, func(context.Context, int) (string, string, error) { return "/idle", "", nil })
	if err != nil {
		return nil, err
	}
	if address, err = freeAddress(); err != nil {
		return nil, err
	}
	ours, err := startProcess(b.candor, []string{"serve"}, append(b.env, lean, "CANDOR_LISTEN="+address), address, "answers at")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	used, err := b.memoryOf(ctx, ours, func(ctx context.Context, _ int) (string, string, error) {
		created, err := b.world.quiet.Create(ctx, "en", chat.Profile{})
		return "/v1/conversations/" + created.Conversation.PublicID + "/events", created.Token, err
	})
	if err != nil {
		return nil, err
	}
	return []figure{
		compare("memory of an idle customer's stream", "KiB", []float64{used}, "net/http", []float64{baseline}, atMost("P16", 0.35)).
			because("%d streams; one round, fresh processes with %s", b.idleCount(), lean),
	}, nil
}

// memoryOf opens streams at a process, each at the path and with the token that
// it is given, and says what each costs.
func (b *bench) memoryOf(ctx context.Context, p *process, open func(ctx context.Context, n int) (path, token string, err error)) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := newClient(p.url, b.idleCount())
	if err != nil {
		return 0, err
	}
	before, err := residentKiB(p.pid())
	if err != nil {
		return 0, err
	}
	var readers, openers sync.WaitGroup
	errs := make([]error, callers)
	for n := range callers {
		openers.Go(func() {
			for i := n; i < b.idleCount() && errs[n] == nil; i += callers {
				path, token, err := open(ctx, i)
				if err == nil {
					err = c.hold(ctx, path, token, &readers)
				}
				errs[n] = err
			}
		})
	}
	openers.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	after, err := residentKiB(p.pid())
	cancel()
	readers.Wait()
	return (after - before) / float64(b.idleCount()), err
}

// hold opens a stream, returns when its first bytes are here, and reads on until
// ctx ends.
func (c *client) hold(ctx context.Context, path, token string, readers *sync.WaitGroup) error {
	request, err := c.request(ctx, http.MethodGet, path, token, nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	first := make([]byte, 512)
	if _, err := response.Body.Read(first); err != nil {
		response.Body.Close()
		return err
	}
	readers.Go(func() {
		defer response.Body.Close()
		for err == nil {
			_, err = response.Body.Read(first)
		}
	})
	return nil
}
