// SPDX-License-Identifier: MIT

package handoff

import (
	"context"
	"errors"
	"time"

	"candor/chat"
)

// Run keeps cases moving until ctx ends: it gives them to agents whenever the
// queue, an agent's time or a presence has changed anywhere, and looks now and
// then for agents who are silent or gone. Every gateway runs it.
func (s *Service) Run(ctx context.Context) error {
	changed := s.hub.Subscribe(chat.Desk)
	defer changed.Close()
	look := time.NewTicker(s.pace.Sweep)
	defer look.Stop()
	for {
		err := s.move(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "cases not given; tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed.C: // every two seconds at least, so a lost signal costs no more
		case <-look.C:
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "absent agents and clocks not looked for; tried again", "error", err)
			}
		}
	}
}

// move gives what can be given.
func (s *Service) move(ctx context.Context) error {
	_, err := s.Assign(ctx)
	return err
}

// Sweep does what time alone brings about: it takes cases back from agents who
// are silent or gone, takes up what was put aside until now, does what openings,
// closings and dates bring, and records clocks that warn or are broken. It may run
// anywhere at any time.
func (s *Service) Sweep(ctx context.Context) error {
	_, taken := s.TakeBack(ctx)
	_, woken := s.WakeSnoozed(ctx)
	kept := s.KeepTime(ctx)
	_, looked := s.LookAtClocks(ctx)
	return errors.Join(taken, woken, kept, looked)
}
