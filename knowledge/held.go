// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pgvector/pgvector-go"

	"candor/knowledge/embed"
	"candor/knowledge/rank"
)

// held is the live index of a small library as this process has it in memory, so that its candidates
// are found without a scan of the vectors in the database. Each search asks the database whether the
// index is still the one that is held, and reads what changed before it goes on: nothing is ever
// found that was withdrawn. Safe for concurrent use.
type held struct {
	loading sync.Mutex // one at a time reads changes

	mu    sync.RWMutex
	mark  mark      // of the index that is held; its state is "" before the first time
	asked time.Time // when it was last read
	parts map[Audience]*part
}

// part is what is held for one audience. All parts are of one moment: an article that changes hands is in
// one of them.
type part struct {
	audience Audience
	at       map[int64]int
	chunks   []heldChunk        // ChunkID 0: a free slot
	free     []int              // slots
	columns  [][]int16          // by dimension the vectors' values, by slot
	with     map[uint32][]int32 // slots of the chunks that have a term, by its hash
}

// execer is a transaction or a pool.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

type heldChunk struct {
	rank.Candidate
	usableUntil time.Time
	scale       float64 // from a product of whole numbers to the cosine; 0: no vector
}

// unit is what 1 is in the whole numbers of the vectors: the product of two unit vectors fits 32 bits.
const unit = 1<<15 - 1

// markSQL reads a mark.
const markSQL = `
	SELECT COALESCE(md5(string_agg(xmin::text, ' ' ORDER BY xmin::text)), ''), now(), pg_snapshot_xmin(pg_current_snapshot())::text
	FROM knowledge_totals`

// mark is one state of the live index, when it was read.
type mark struct {
	state string    // differs after every change: that adds a row, and adding up replaces rows; "" in an empty library
	now   time.Time // of the database, for what is usable until a time
	since string    // the oldest transaction that was not over yet
}

func (m *mark) scan(row pgx.Row) error { return row.Scan(&m.state, &m.now, &m.since) }

// touchIndex says that the index changed where its size did not.
func touchIndex(ctx context.Context, tx execer) error {
	_, err := tx.Exec(ctx, `INSERT INTO knowledge_totals (audience, lang, articles, chunks, length, article_length) VALUES ($1, '', 0, 0, 0, 0)`, ForEveryone)
	return err
}

// follow brings what is held up to the index that had the mark at the time when it was asked for.
func (h *held) follow(ctx context.Context, s *Service, m model, mark mark, asked time.Time, audiences []Audience) error {
	if h.isAt(mark, asked, audiences) {
		return nil
	}
	h.loading.Lock()
	defer h.loading.Unlock()
	if h.isAt(mark, asked, audiences) {
		return nil
	}
	asked = time.Now()
	err := pgx.BeginTxFunc(ctx, s.read, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return h.read(ctx, tx, m, asked, audiences)
	})
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	return nil
}

func (h *held) isAt(mark mark, asked time.Time, audiences []Audience) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, a := range audiences {
		if h.parts[a] == nil {
			return false
		}
	}
	return h.mark.state != "" && (h.mark.state == mark.state || h.asked.After(asked))
}

// read reads what changed, in one snapshot: of the articles that were changed by a transaction that was
// not over the last time. The first time that an audience is asked for it reads all of its articles.
func (h *held) read(ctx context.Context, tx pgx.Tx, m model, asked time.Time, audiences []Audience) error {
	var at mark
	if err := at.scan(tx.QueryRow(ctx, markSQL)); err != nil {
		return err
	}
	articles, err := h.changed(ctx, tx)
	if err != nil {
		return err
	}
	var changes []change
	for _, audience := range wide {
		c := change{part: h.parts[audience], articles: articles}
		if c.part == nil && !slices.Contains(audiences, audience) {
			continue
		} else if c.part == nil {
			c.part, c.articles = newPart(audience), nil
		}
		if err := c.read(ctx, tx, m); err != nil {
			return err
		}
		changes = append(changes, c)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.parts == nil {
		h.parts = map[Audience]*part{}
	}
	for _, c := range changes {
		c.make()
		h.parts[c.part.audience] = c.part
	}
	h.mark, h.asked = at, asked
	return nil
}

// change is what has become of a part's articles.
type change struct {
	part     *part
	articles []int64 // that were looked at; nil: all
	live     map[int64]time.Time
	added    []loaded
}

func (c *change) read(ctx context.Context, tx pgx.Tx, m model) (err error) {
	if c.live, err = c.part.readLive(ctx, tx, c.articles); err != nil {
		return err
	}
	c.added, err = c.part.readChunks(ctx, tx, m, c.part.missing(c.live))
	return err
}

func (c *change) make() {
	p := c.part
	p.drop(c.live, c.articles)
	p.chunks = slices.Grow(p.chunks, len(c.added))
	for d := range p.columns {
		p.columns[d] = slices.Grow(p.columns[d], len(c.added))
	}
	for _, l := range c.added {
		p.add(l)
	}
}

// changed are the articles to look at again; nil for all.
func (h *held) changed(ctx context.Context, tx pgx.Tx) ([]int64, error) {
	if h.mark.state == "" {
		return nil, nil
	}
	rows, _ := tx.Query(ctx, `SELECT article_id FROM knowledge_changed WHERE tx >= $1::text::xid8`, h.mark.since)
	articles, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return append([]int64{}, articles...), err
}

// readLive reads which chunks of the articles are live, and until when they are usable.
func (p *part) readLive(ctx context.Context, tx pgx.Tx, articles []int64) (map[int64]time.Time, error) {
	sql, args := `SELECT id, usable_until FROM knowledge_chunks WHERE true`, []any{}
	if p.audience != ForEveryone {
		sql, args = `SELECT id, usable_until FROM knowledge_closed_chunks WHERE audience = $1`, []any{p.audience}
	}
	if articles != nil {
		args = append(args, articles)
		sql += fmt.Sprintf(` AND article_id = ANY ($%d)`, len(args))
	}
	rows, _ := tx.Query(ctx, sql, args...)
	live := map[int64]time.Time{}
	var id int64
	var until any
	_, err := pgx.ForEachRow(rows, []any{&id, &until}, func() error {
		live[id] = usable(until)
		return nil
	})
	return live, err
}

// missing are the live chunks that are not held, and those held without a vector, which may have one by now.
func (p *part) missing(live map[int64]time.Time) []int64 {
	var ids []int64
	for id := range live {
		if _, ok := p.at[id]; !ok {
			ids = append(ids, id)
		}
	}
	for id, slot := range p.at {
		if p.chunks[slot].scale == 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// usable reads a time that may be infinity.
func usable(v any) time.Time {
	if t, ok := v.(time.Time); ok {
		return t
	}
	return endOfTime
}

var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// loaded is a chunk with its vector, nil if there is none.
type loaded struct {
	heldChunk
	vector []int16
}

func (p *part) readChunks(ctx context.Context, tx pgx.Tx, m model, ids []int64) ([]loaded, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, _ := tx.Query(ctx, `
		SELECT c.id, c.stands_for, c.article_id, c.lang, c.length, c.article_length, c.bag, c.usable_until, v.embedding
		FROM `+chunksOf(p.audience)+` c
		LEFT JOIN `+vectorsOf(m, p.audience)+` v ON v.chunk_id = c.id
		WHERE c.id = ANY ($1)
		ORDER BY c.id`, ids)
	out := make([]loaded, 0, len(ids))
	var c rank.Candidate
	var bag []byte
	var until any
	var vector *pgvector.HalfVector
	_, err := pgx.ForEachRow(rows, []any{&c.ChunkID, &c.StandsFor, &c.ArticleID, &c.Lang, &c.Length, &c.ArticleLength, &bag, &until, &vector}, func() error {
		l := loaded{heldChunk: heldChunk{Candidate: c, usableUntil: usable(until)}}
		l.Bag = slices.Clone(bag)
		c.StandsFor = nil // scanned into anew
		if vector != nil {
			l.vector, l.scale = inWhole(vector.Slice())
		}
		out = append(out, l)
		return nil
	})
	return out, err
}

// inWhole writes a vector in whole numbers. scale gives the cosine from its product with another such.
func inWhole(v []float32) (numbers []int16, scale float64) {
	numbers = make([]int16, len(v))
	norm := 0.0
	for _, x := range v {
		norm += float64(x) * float64(x)
	}
	if norm = math.Sqrt(norm); norm == 0 {
		return numbers, 0
	}
	for i, x := range v {
		numbers[i] = int16(math.Round(float64(x) / norm * unit))
	}
	return numbers, 1.0 / (unit * unit)
}

func newPart(audience Audience) *part {
	return &part{audience: audience, at: map[int64]int{}, with: map[uint32][]int32{}, columns: make([][]int16, embed.Dimensions)}
}

// drop takes out what is not live any more of the articles, and what was read again for its vector, and
// notes until when the rest of them is usable.
func (p *part) drop(live map[int64]time.Time, articles []int64) {
	of := make(map[int64]bool, len(articles))
	for _, id := range articles {
		of[id] = true
	}
	for id, slot := range p.at {
		until, ok := live[id]
		if held := &p.chunks[slot]; held.scale != 0 && (ok || !of[held.ArticleID]) {
			if ok {
				held.usableUntil = until
			}
			continue
		}
		for hash := range p.chunks[slot].Bag.Hashes() {
			p.with[hash] = slices.DeleteFunc(p.with[hash], func(s int32) bool { return s == int32(slot) })
		}
		delete(p.at, id)
		p.chunks[slot] = heldChunk{}
		p.free = append(p.free, slot)
	}
}

func (p *part) add(l loaded) {
	slot := len(p.chunks)
	if n := len(p.free); n > 0 {
		slot, p.free = p.free[n-1], p.free[:n-1]
	} else {
		p.chunks = append(p.chunks, heldChunk{})
		for d := range p.columns {
			p.columns[d] = append(p.columns[d], 0)
		}
	}
	p.at[l.ChunkID], p.chunks[slot] = slot, l.heldChunk
	for d := range p.columns {
		p.columns[d][slot] = 0
		if d < len(l.vector) {
			p.columns[d][slot] = l.vector[d]
		}
	}
	for hash := range l.Bag.Hashes() {
		p.with[hash] = append(p.with[hash], int32(slot))
	}
}

// count gives in how many chunks that a reader may read each term stands.
func (h *held) count(terms []string, reader Audience) map[string]int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	in := map[string]int{}
	for _, audience := range reader.reads() {
		for _, t := range terms {
			if n := len(h.parts[audience].with[rank.Hash(t)]); n > 0 {
				in[t] += n
			}
		}
	}
	return in
}

// candidates are those that the database would give: see Service.candidates.
func (h *held) candidates(a asked, vector []float32) (out []rank.Candidate) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, audience := range a.reader.reads() {
		out = h.parts[audience].candidates(a, vector, out)
	}
	return out
}
