// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
)

// planSize is how much the tables hold.
type planSize struct {
	conversations int
	chunks        int
}

// seedChunks is how many chunks are imported as a company would; the others are
// copies of them with other vectors.
const seedChunks = 1500

// fillPlans fills the tables. Everything the steps open and read is written by the
// packages; the rest is only there to be in the way, and its texts do not open.
func fillPlans(ctx context.Context, w *world, size planSize) (library, error) {
	l := makeLibrary(min(seedChunks, size.chunks))
	if err := w.load(ctx, l); err != nil {
		return l, err
	}
	// What follows takes longer than any statement of the gateway should.
	if _, err := w.db.Exec(ctx, "SET statement_timeout = 0; SET maintenance_work_mem = '1GB'"); err != nil {
		return l, err
	}
	defer w.db.Exec(ctx, "RESET statement_timeout") //nolint:errcheck // the run is over
	copies := size.chunks/l.chunks - 1
	for _, fill := range fillChunks(copies) {
		if _, err := w.db.Exec(ctx, fill); err != nil {
			return l, fmt.Errorf("fill the library: %w", err)
		}
	}
	for _, fill := range fillConversations {
		if _, err := w.db.Exec(ctx, fill, size.conversations); err != nil {
			return l, fmt.Errorf("fill the conversations: %w", err)
		}
	}
	return l, nil
}

// fillChunks copies the library, each vector moved a little in one of many
// directions, and builds the index anew: growing it row by row takes an hour.
func fillChunks(copies int) []string {
	return []string{
		"DROP INDEX IF EXISTS knowledge_vectors_1_hnsw",
		`CREATE TEMP TABLE directions AS
			SELECT n, v::real[]::halfvec(1024) AS v
			FROM generate_series(0, 499) n, LATERAL (SELECT array_agg((random() - 0.5) / 12) AS v FROM generate_series(1, 1024 + 0 * n)) r`,
		fmt.Sprintf(`CREATE TEMP TABLE copied AS
			SELECT a.id AS from_id, c AS copy, nextval(pg_get_serial_sequence('knowledge_articles', 'id')) AS id
			FROM knowledge_articles a, generate_series(1, %d) c`, copies),
		"INSERT INTO knowledge_articles (id, external_id) OVERRIDING SYSTEM VALUE SELECT id, 'copy-' || id FROM copied",
		`INSERT INTO knowledge_versions (article_id, version, state, revision, title, lang, url, source, hash, chunks, published_at)
			SELECT p.id, v.version, v.state, v.revision, v.title, v.lang, v.url, v.source, v.hash, v.chunks, v.published_at
			FROM copied p JOIN knowledge_versions v ON v.article_id = p.from_id`,
		`CREATE TEMP TABLE copied_chunks AS
			SELECT c.id AS from_id, p.id AS article_id, nextval(pg_get_serial_sequence('knowledge_chunks', 'id')) AS id
			FROM copied p JOIN knowledge_chunks c ON c.article_id = p.from_id`,
		`INSERT INTO knowledge_chunks (id, article_id, version, position, lang, heading, text, start_byte, end_byte, length, article_length, bag, terms)
			OVERRIDING SYSTEM VALUE
			SELECT p.id, p.article_id, c.version, c.position, c.lang, c.heading, c.text, c.start_byte, c.end_byte, c.length, c.article_length, c.bag, c.terms
			FROM copied_chunks p JOIN knowledge_chunks c ON c.id = p.from_id`,
		`INSERT INTO knowledge_vectors_1 (chunk_id, embedding)
			SELECT p.id, v.embedding + d.v
			FROM copied_chunks p JOIN knowledge_vectors_1 v ON v.chunk_id = p.from_id JOIN directions d ON d.n = p.id % 500`,
		fmt.Sprintf("UPDATE knowledge_terms SET chunks = chunks * (%d + 1)", copies),
		fmt.Sprintf("UPDATE knowledge_totals SET articles = articles * (%[1]d + 1), chunks = chunks * (%[1]d + 1), length = length * (%[1]d + 1), article_length = article_length * (%[1]d + 1)", copies),
		"CREATE INDEX knowledge_vectors_1_hnsw ON knowledge_vectors_1 USING hnsw (embedding halfvec_cosine_ops) WITH (m = 32, ef_construction = 128)",
		"UPDATE knowledge_models SET indexed = true WHERE builtin",
	}
}

// fillConversations makes as many conversations as $1 says: ten messages, four
// turns and fifteen entries of the record each, and a resolved case each.
var fillConversations = []string{
	`WITH people AS (
		INSERT INTO customers (key_id, profile)
		SELECT 'filler-' || n, sha256(n::text::bytea) FROM generate_series(1, $1::int) n
		RETURNING id)
	INSERT INTO conversations (public_id, token_hash, customer_id, locale, state, owner, last_seq, settled_seq, last_entry, sealed_entry, head, updated_at)
	SELECT 'filler-' || id, sha256(id::text::bytea), id, 'en', 'resolved', 'bot', 10, 10, 15, 15, sha256('x'), now() - id * interval '1 minute'
	FROM people`,
	fillEach(`INSERT INTO disclosures (conversation_id, id, epoch, label, text, locale, before_seq)
		SELECT id, 'd2', 1, 'AI assistant', 'You are chatting with an automated assistant.', 'en', 1 FROM filler`),
	fillEach(`INSERT INTO turns (conversation_id, from_seq, to_seq, epoch, disclosure_id, holder, lease_until, ended_at, outcome)
		SELECT id, 2 * n - 1, 2 * n - 1, 1, 'd2', 'filler', now(), now(), 'answer' FROM filler, generate_series(1, 4) n`),
	fillEach(`INSERT INTO messages (conversation_id, seq, author, automated, disclosure_id, needs_turn, client_message_id, sealed, commitment, created_at)
		SELECT id, n, CASE WHEN n % 2 = 1 THEN 'customer' ELSE 'bot' END, n % 2 = 0, CASE WHEN n % 2 = 0 THEN 'd2' END, n % 2 = 1,
			CASE WHEN n % 2 = 1 THEN 'click-' || n END, decode(repeat('00', 200), 'hex'), sha256('x'), now()
		FROM filler, generate_series(1, 10) n`),
	fillEach(`INSERT INTO log (conversation_id, n, kind, body, commitment, hash, created_at)
		SELECT id, n, 'message', '{"seq":1}', '', sha256('x'), now() FROM filler, generate_series(1, 15) n`),
	fillEach(`INSERT INTO cases (reference, conversation_id, state, reason, evidence, language, enqueued_at, claimed_at, answered_at, resolved_at, outcome, updated_at)
		SELECT 'F-' || id, id, 'resolved', 'customer_request', '[]', 'en', now() - id * interval '1 minute', now() - id * interval '55 seconds',
			now() - id * interval '50 seconds', now() - id * interval '40 seconds', 'solved', now()
		FROM filler`),
}

// fillEach makes rows for each conversation that is in the way. $1 is named so
// that all statements take the same parameter.
func fillEach(insert string) string {
	return "WITH filler AS (SELECT id FROM conversations WHERE public_id LIKE 'filler-%' AND $1::int > 0) " + insert
}
