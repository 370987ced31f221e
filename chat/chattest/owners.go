// SPDX-License-Identifier: MIT

package chattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// Owners derives from the record alone who had each conversation one after the
// other, and holds every step against it: a case goes to an agent only out of the
// queue leaves them before it goes to the
// next, and nobody but its owner speaks or acts. Transfers from agent to agent
// are none of what it allows.
func Owners(ctx context.Context, db interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
},
) (map[int64][]string, error) {
	rows, err := db.Query(ctx, "SELECT conversation_id, kind, body FROM log ORDER BY conversation_id, n")
	if err != nil {
		return nil, err
	}
	history := map[int64][]string{}
	var conversation int64
	var kind string
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&conversation, &kind, &raw}, func() error {
		owner := "bot"
		if h := history[conversation]; len(h) > 0 {
			owner = h[len(h)-1]
		}
		next, err := step(owner, kind, raw)
		if err != nil {
			return fmt.Errorf("conversation %d, with %s: %w: %s", conversation, owner, err, raw)
		}
		if next != "" {
			history[conversation] = append(history[conversation], next)
		}
		return nil
	})
	return history, err
}

// step gives the owner after an entry of the record, "" when it moves nothing.
func step(owner, kind string, raw []byte) (next string, err error) {
	var e struct {
		Owner, Author, Action string
		AgentID               *int64 `json:"agent_id"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return "", err
	}
	agent := ""
	if e.AgentID != nil {
		agent = strconv.FormatInt(*e.AgentID, 10)
	}
	switch {
	case kind == "state" && e.Owner == "agent":
		if owner != "queue" && owner != agent {
			return "", fmt.Errorf("it goes to %s", agent)
		}
		return agent, nil
	case kind == "state":
		return e.Owner, nil
	case kind == "message" && e.Author == "agent" && owner != agent:
		return "", fmt.Errorf("%s speaks", agent)
	case e.Action == "assigned" && owner != agent:
		return "", fmt.Errorf("it is given to %s", agent)
	case e.Action == "taken_back" && owner != "queue":
		return "", errors.New("it is taken back and not in the queue")
	}
	return "", nil
}
