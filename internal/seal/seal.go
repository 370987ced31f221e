// SPDX-License-Identifier: MIT

// Package seal encrypts what customers wrote and who they are, with one Tink
// AEAD keyset per customer, itself encrypted under a master key and kept in a
// keystore outside the main database. Destroying a key erases everything that
// was sealed with it.
//
// A Keystore is safe for concurrent use. Opened keys are cached for a minute,
// so an erasure is complete on every gateway after that minute at the latest.
package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var (
	// ErrDestroyed says that the key was destroyed: what it sealed is erased.
	ErrDestroyed = errors.New("the key was destroyed")
	// ErrNoKey says that the keystore never had the key, or lost it.
	ErrNoKey = errors.New("there is no such key")
)

const (
	cacheSize = 10_000
	cacheTTL  = time.Minute
	// indexKey and recordKey are the two keys that belong to no customer.
	indexKey  = "blind-index"
	recordKey = "record-seal"
)

// Keystore holds the keys.
type Keystore struct {
	db     *pgxpool.Pool
	master tink.AEAD
	keys   *lru.Cache[string, cached]
	index  tink.MAC
	record tink.MAC
}

// cached is an opened key, to be looked up again after a while: it may have
// been destroyed on another gateway.
type cached struct {
	aead  tink.AEAD
	until time.Time
}

// Open connects the keystore in a migrated database and makes the two keys
// that belong to no customer when they are missing. It fails when the master
// key is not the one the keystore was made with.
func Open(ctx context.Context, db *pgxpool.Pool, master MasterKey) (*Keystore, error) {
	keys, err := lru.New[string, cached](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("make the cache of keys: %w", err)
	}
	k := &Keystore{db: db, master: master.aead, keys: keys}
	if k.index, err = k.macKey(ctx, indexKey); err != nil {
		return nil, fmt.Errorf("open the key of the blind index: %w", err)
	}
	if k.record, err = k.macKey(ctx, recordKey); err != nil {
		return nil, fmt.Errorf("open the key of the record's seals: %w", err)
	}
	return k, nil
}

// Create makes and commits the key called id. It returns before anything is
// sealed with the key, so that no text can outlive a key that was never kept.
func (k *Keystore) Create(ctx context.Context, id string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	if err := k.store(ctx, id, handle); err != nil {
		return err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return fmt.Errorf("open the new key: %w", err)
	}
	k.keys.Add(id, cached{primitive, time.Now().Add(cacheTTL)})
	return nil
}

// Key opens the key called id.
func (k *Keystore) Key(ctx context.Context, id string) (Key, error) {
	if hit, ok := k.keys.Get(id); ok && time.Now().Before(hit.until) {
		return Key{hit.aead}, nil
	}
	handle, err := k.load(ctx, id)
	if err != nil {
		return Key{}, err
	}
	return k.keep(id, handle, time.Now())
}

// Fetch opens the keys that are not cached in one query, so that [Keystore.Key]
// has them at hand for a list. Those that are destroyed or not there are left to Key.
func (k *Keystore) Fetch(ctx context.Context, ids []string) error {
	var missing []string
	read := time.Now()
	for _, id := range ids {
		if hit, ok := k.keys.Peek(id); !ok || !read.Before(hit.until) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := k.db.Query(ctx, "SELECT id, keyset FROM keys WHERE id = ANY ($1) AND keyset IS NOT NULL", missing)
	if err != nil {
		return fmt.Errorf("load keys: %w", err)
	}
	var id string
	var encrypted []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &encrypted}, func() error {
		handle, err := k.decrypt(id, encrypted)
		if err != nil {
			return err
		}
		_, err = k.keep(id, handle, read)
		return err
	})
	if err != nil {
		return fmt.Errorf("load keys: %w", err)
	}
	return nil
}

// keep caches a key that was read at a time.
func (k *Keystore) keep(id string, handle *keyset.Handle, read time.Time) (Key, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return Key{}, fmt.Errorf("open the key: %w", err)
	}
	k.keys.Add(id, cached{primitive, read.Add(cacheTTL)})
	return Key{primitive}, nil
}

// Destroy erases the key called id for good. A second time changes nothing.
func (k *Keystore) Destroy(ctx context.Context, id string) error {
	_, err := k.db.Exec(ctx, `
		UPDATE keys
		SET keyset = NULL, destroyed_at = now()
		WHERE id = $1 AND destroyed_at IS NULL`, id)
	if err != nil {
		return fmt.Errorf("destroy a key: %w", err)
	}
	k.keys.Remove(id)
	return nil
}

// Index is the blind index of value: equal values give equal bytes, and
// without the key nothing about the value can be told or tried.
func (k *Keystore) Index(value string) ([]byte, error) { return k.index.ComputeMAC([]byte(value)) }

// Sign seals a digest of the record.
func (k *Keystore) Sign(digest []byte) ([]byte, error) { return k.record.ComputeMAC(digest) }

// Verify reports whether signature is ours for digest.
func (k *Keystore) Verify(signature, digest []byte) bool {
	return k.record.VerifyMAC(signature, digest) == nil
}

func (k *Keystore) store(ctx context.Context, id string, handle *keyset.Handle) error {
	var encrypted bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&encrypted), k.master, []byte(id)); err != nil {
		return fmt.Errorf("encrypt a key: %w", err)
	}
	if _, err := k.db.Exec(ctx, "INSERT INTO keys (id, keyset) VALUES ($1, $2)", id, encrypted.Bytes()); err != nil {
		return fmt.Errorf("store a key: %w", err)
	}
	return nil
}

func (k *Keystore) load(ctx context.Context, id string) (*keyset.Handle, error) {
	var encrypted []byte
	err := k.db.QueryRow(ctx, "SELECT keyset FROM keys WHERE id = $1", id).Scan(&encrypted)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("key %q: %w", id, ErrNoKey)
	case err != nil:
		return nil, fmt.Errorf("load a key: %w", err)
	case encrypted == nil:
		return nil, ErrDestroyed
	}
	return k.decrypt(id, encrypted)
}

func (k *Keystore) decrypt(id string, encrypted []byte) (*keyset.Handle, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(encrypted)), k.master, []byte(id))
	if err != nil {
		return nil, errors.New("the master key does not open this keystore: it was made with another one")
	}
	return handle, nil
}

// macKey opens a MAC key, made once by whichever gateway came first.
func (k *Keystore) macKey(ctx context.Context, id string) (tink.MAC, error) {
	handle, err := k.load(ctx, id)
	if errors.Is(err, ErrNoKey) {
		if handle, err = keyset.NewHandle(mac.HMACSHA256Tag256KeyTemplate()); err != nil {
			return nil, err
		}
		if err := k.store(ctx, id, handle); err == nil {
			return mac.New(handle)
		}
		handle, err = k.load(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	return mac.New(handle)
}
