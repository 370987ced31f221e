// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"candor/postgres"
)

const (
	// sealEvery is how often the chains that moved are sealed together.
	sealEvery = time.Minute
	// sealBatch bounds one seal; the rest is in those that follow.
	sealBatch = 1000
)

type sealedHead struct {
	ConversationID int64
	N              int
	Head           []byte
}

// SealHeads seals the heads of all chains that moved since the last time. It
// gives how many there were. A chain that is later cut short, or rewritten as a
// whole, no longer holds the head that was sealed.
func (s *Service) SealHeads(ctx context.Context) (int, error) {
	count := 0
	for after := int64(0); ; {
		heads, err := s.sealNext(ctx, after)
		if err != nil {
			return count, postgres.Away(err)
		}
		count += len(heads)
		if len(heads) < sealBatch {
			return count, nil
		}
		after = heads[len(heads)-1].ConversationID
	}
}

// sealNext makes one seal of the conversations after an id. No conversation is
// held while it is written; which ones are sealed up to where is noted after it
// has committed. Where that fails, or somebody writes just then, the same head
// is sealed once more.
func (s *Service) sealNext(ctx context.Context, after int64) ([]sealedHead, error) {
	var heads []sealedHead
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Seals follow one another: one gateway at a time.
		if _, err := tx.Exec(ctx, "LOCK TABLE seals IN EXCLUSIVE MODE"); err != nil {
			return fmt.Errorf("lock the seals: %w", err)
		}
		var err error
		if heads, err = movedHeads(ctx, tx, after); err != nil || len(heads) == 0 {
			return err
		}
		return s.writeSeal(ctx, tx, heads)
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	return heads, s.noteSealed(ctx, heads)
}

func movedHeads(ctx context.Context, tx pgx.Tx, after int64) ([]sealedHead, error) {
	rows, err := tx.Query(ctx, `
		SELECT id, last_entry, head
		FROM conversations
		WHERE last_entry > sealed_entry AND id > $1
		ORDER BY id
		LIMIT $2`, after, sealBatch)
	if err != nil {
		return nil, fmt.Errorf("find the chains that moved: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sealedHead])
}

// noteSealed passes over conversations that are being written.
func (s *Service) noteSealed(ctx context.Context, heads []sealedHead) error {
	ids, entries := make([]int64, len(heads)), make([]int, len(heads))
	for i, h := range heads {
		ids[i], entries[i] = h.ConversationID, h.N
	}
	_, err := s.db.Exec(ctx, `
		WITH free AS (
			SELECT id FROM conversations WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED)
		UPDATE conversations c
		SET sealed_entry = h.n
		FROM free
		JOIN unnest($1::bigint[], $2::int[]) AS h (id, n) USING (id)
		WHERE c.id = free.id AND c.sealed_entry < h.n`, ids, entries)
	if err != nil {
		return fmt.Errorf("note what was sealed: %w", err)
	}
	return nil
}

func (s *Service) writeSeal(ctx context.Context, tx pgx.Tx, heads []sealedHead) error {
	var previous []byte
	err := tx.QueryRow(ctx, "SELECT digest FROM seals ORDER BY id DESC LIMIT 1").Scan(&previous)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the last seal: %w", err)
	}
	digest := sealDigest(previous, heads)
	mac, err := s.keys.Sign(digest)
	if err != nil {
		return fmt.Errorf("sign a seal: %w", err)
	}
	var id int64
	err = tx.QueryRow(ctx, "INSERT INTO seals (previous, digest, mac, created_at) VALUES ($1, $2, $3, now()) RETURNING id",
		orEmptyBytes(previous), digest, mac).Scan(&id)
	if err != nil {
		return fmt.Errorf("write a seal: %w", err)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"seal_heads"}, []string{"seal_id", "conversation_id", "n", "head"},
		pgx.CopyFromSlice(len(heads), func(i int) ([]any, error) {
			return []any{id, heads[i].ConversationID, heads[i].N, heads[i].Head}, nil
		}))
	if err != nil {
		return fmt.Errorf("write the heads of a seal: %w", err)
	}
	return nil
}

// sealDigest is SHA-256 over the seal before and the heads, in the order of
// their conversations; none occurs twice.
func sealDigest(previous []byte, heads []sealedHead) []byte {
	slices.SortFunc(heads, func(a, b sealedHead) int { return cmp.Compare(a.ConversationID, b.ConversationID) })
	sum := sha256.New()
	sum.Write([]byte("candor/seal/1\n"))
	sum.Write(previous)
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(heads))))
	for _, h := range heads {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(h.ConversationID)))
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(h.N)))
		sum.Write(h.Head)
	}
	return sum.Sum(nil)
}

func orEmptyBytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// SealArgs is the background job that seals the record.
type SealArgs struct{}

// Kind names the job.
func (SealArgs) Kind() string { return "seal_record" }

// SealWorker seals the record; see [Service.SealHeads].
type SealWorker struct {
	river.WorkerDefaults[SealArgs]
	Chat *Service
}

// Work seals what there is.
func (w *SealWorker) Work(ctx context.Context, _ *river.Job[SealArgs]) error {
	_, err := w.Chat.SealHeads(ctx)
	return err
}

// SealPeriodically is the schedule of the job.
func SealPeriodically() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(sealEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return SealArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: sealEvery}}
		}, nil)
}
