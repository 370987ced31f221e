// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// errIncomplete says that a stream ended, and not with what must end it.
var errIncomplete = errors.New("a stream ended without its terminal event")

// conversation is one customer's, as the customer sees it.
type conversation struct {
	client    *client
	id, token string
}

// open opens a conversation.
func (c *client) open(ctx context.Context, locale string) (conversation, error) {
	var opened struct {
		Conversation struct {
			ID string `json:"id"`
		} `json:"conversation"`
		Token string `json:"token"`
	}
	err := c.call(ctx, http.MethodPost, "/v1/conversations", "", map[string]any{"locale": locale}, &opened)
	return conversation{client: c, id: opened.Conversation.ID, token: opened.Token}, err
}

func (c conversation) path(rest string) string { return "/v1/conversations/" + c.id + rest }

// said is what came of one message.
type said struct {
	Outcome string        // of the turn; empty when code answered at once
	First   time.Duration // to the first sentence; 0 when none was streamed
	End     time.Duration // to the end of the stream
	Queued  bool          // a person was promised
}

// say writes a message and reads the answer as it streams in. An answer counts
// only if the stream held the message itself and the end of every turn it began.
func (c conversation) say(ctx context.Context, text string) (said, error) {
	var s said
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := c.client.request(ctx, http.MethodPost, c.path("/messages"), c.token, map[string]any{"text": text})
	if err != nil {
		return s, err
	}
	start := time.Now()
	open, written := 0, false
	err = c.client.stream(ctx, request, func(e event) (bool, error) {
		switch e.name {
		case "message.created":
			written = true
		case "turn.started":
			open++
		case "message.delta":
			if s.First == 0 {
				s.First = e.at.Sub(start)
			}
		case "turn.ended":
			open--
			var ended struct {
				Outcome string `json:"outcome"`
			}
			err := e.read(&ended)
			s.Outcome = ended.Outcome
			return false, err
		case "conversation.updated":
			var now struct {
				State string `json:"state"`
			}
			err := e.read(&now)
			s.Queued = now.State == "queued"
			return false, err
		case "error":
			return true, errors.New("the gateway ended the stream with an error event")
		}
		return false, nil
	})
	s.End = time.Since(start)
	if err == nil && (!written || open != 0) {
		err = errIncomplete
	}
	return s, err
}

// write writes a message without waiting for an answer.
func (c conversation) write(ctx context.Context, text string) error {
	return c.client.call(ctx, http.MethodPost, c.path("/messages"), c.token, map[string]any{"text": text}, nil, "Prefer", "respond-async")
}

// follow reads everything that happens in the conversation after a message.
func (c conversation) follow(ctx context.Context, after int, see func(event) (bool, error)) error {
	request, err := c.client.request(ctx, http.MethodGet, c.path("/events"), c.token, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Last-Event-ID", strconv.Itoa(after))
	return c.client.stream(ctx, request, see)
}

// message is what the players look at in a message.
type message struct {
	Seq    int `json:"seq"`
	Author struct {
		Type string `json:"type"`
	} `json:"author"`
	Event     string    `json:"event"`
	CreatedAt time.Time `json:"created_at"`
}

// queued is what they look at in the queue.
type queued struct {
	Cases []struct {
		ID             string `json:"id"`
		ConversationID string `json:"conversation_id"`
		State          string `json:"state"`
	} `json:"cases"`
}
