// SPDX-License-Identifier: MIT

package reference

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"
)

// Schema makes the tables of the smallest turn. Its index is the product's own.
const Schema = `
	CREATE TABLE IF NOT EXISTS reference_messages (
		conversation text NOT NULL,
		seq          int NOT NULL,
		author       text NOT NULL,
		text         text NOT NULL,
		created_at   timestamptz NOT NULL DEFAULT now(),
		PRIMARY KEY (conversation, seq)
	)`

// tokenKey signs the tokens of this process's conversations.
var tokenKey = []byte(rand.Text())

// Token is what opens a conversation here.
func token(conversation string) string {
	mac := hmac.New(sha256.New, tokenKey)
	mac.Write([]byte(conversation))
	return hex.EncodeToString(mac.Sum(nil))
}

// TurnRequest is what /turn is asked. The vector comes with it, so that both
// sides of a comparison embed nothing or the same. Without a token the
// conversation is new, and its token is in the answer's X-Token.
type TurnRequest struct {
	Conversation string          `json:"conversation"`
	Token        string          `json:"token"`
	Seq          int             `json:"seq"`
	Text         string          `json:"text"`
	Vector       []float32       `json:"vector"`
	Words        string          `json:"words"`  // a tsquery; empty: no search
	Prompt       json.RawMessage `json:"prompt"` // for the provider
}

// turns is the smallest whole turn: the token, a durable row of the customer,
// nearest neighbours and full text in one batch, the provider's stream parsed
// and numbered, a durable row of the bot before the end.
type turns struct {
	upstream
	db *pgxpool.Pool
}

func newTurns(provider string, db *pgxpool.Pool) *turns { return &turns{newUpstream(provider), db} }

func (t *turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in TurnRequest
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &in) != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	switch {
	case in.Token == "":
		w.Header().Set("X-Token", token(in.Conversation))
	case !hmac.Equal([]byte(in.Token), []byte(token(in.Conversation))):
		http.Error(w, "wrong token", http.StatusUnauthorized)
		return
	}
	if err := t.turn(r.Context(), w, in); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (t *turns) turn(ctx context.Context, w http.ResponseWriter, in TurnRequest) error {
	if err := t.keep(ctx, in.Conversation, in.Seq, "customer", in.Text); err != nil {
		return err
	}
	if err := t.retrieve(ctx, in); err != nil {
		return err
	}
	response, err := t.ask(ctx, in.Prompt)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	text, err := relay(w, response.Body)
	if err != nil {
		return err
	}
	if err := t.keep(ctx, in.Conversation, in.Seq+1, "bot", text); err != nil {
		return err
	}
	_, err = fmt.Fprint(w, "event: end\ndata: {}\n\n")
	return err
}

func (t *turns) keep(ctx context.Context, conversation string, seq int, author, text string) error {
	_, err := t.db.Exec(ctx, "INSERT INTO reference_messages (conversation, seq, author, text) VALUES ($1, $2, $3, $4)", conversation, seq, author, text)
	return err
}

// retrieve reads ten near and ten matching chunks in one round trip.
func (t *turns) retrieve(ctx context.Context, in TurnRequest) error {
	if in.Words == "" {
		return nil
	}
	batch := &pgx.Batch{}
	batch.Queue("SET LOCAL hnsw.ef_search = 40")
	batch.Queue(`
		SELECT c.id, c.text
		FROM (SELECT chunk_id FROM knowledge_vectors_1 ORDER BY embedding <=> $1 LIMIT 10) n
		JOIN knowledge_chunks c ON c.id = n.chunk_id`, pgvector.NewHalfVector(in.Vector))
	batch.Queue("SELECT id, text FROM knowledge_chunks WHERE terms @@ $1::text::tsquery LIMIT 10", in.Words)
	results := t.db.SendBatch(ctx, batch)
	defer results.Close() //nolint:errcheck // the error of the query that failed is the one that matters
	if _, err := results.Exec(); err != nil {
		return err
	}
	for range 2 {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		var id int64
		var text string
		if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error { return nil }); err != nil {
			return err
		}
	}
	return results.Close()
}

// relay reads the provider's events, sends each token on with a number and gives
// the whole text.
func relay(w http.ResponseWriter, body io.Reader) (string, error) {
	flush := http.NewResponseController(w)
	lines := bufio.NewReader(body)
	var text strings.Builder
	for id := 1; ; {
		line, err := lines.ReadBytes('\n')
		if data, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: ")); ok && data[0] == '{' {
			var chunk struct {
				Choices []struct {
					Delta struct {
						Content string `json:"content"`
					} `json:"delta"`
				} `json:"choices"`
			}
			if err := json.Unmarshal(data, &chunk); err != nil {
				return "", err
			}
			if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
				token, err := json.Marshal(chunk.Choices[0].Delta.Content)
				if err != nil {
					return "", err
				}
				text.WriteString(chunk.Choices[0].Delta.Content)
				fmt.Fprintf(w, "id: %d\nevent: message.delta\ndata: %s\n\n", id, token)
				if err := flush.Flush(); err != nil {
					return "", err
				}
				id++
			}
		}
		if err == io.EOF {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
	}
}
