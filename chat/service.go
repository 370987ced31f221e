// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/fault"
	"candor/internal/seal"
	"candor/postgres"
	"candor/prompts"
)

// Config is what a Service needs.
type Config struct {
	DB      *pgxpool.Pool
	Keys    *seal.Keystore
	Hub     *Hub // nil: nobody is told of changes, for tools that only write
	Company Company
	Logger  *slog.Logger
}

// Service reads and writes conversations. Safe for concurrent use.
type Service struct {
	db      *pgxpool.Pool
	keys    *seal.Keystore
	hub     *Hub
	company atomic.Pointer[inForce]
	log     *slog.Logger
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, keys: c.Keys, hub: c.Hub, log: c.Logger}
	s.SetCompany(c.Company)
	return s
}

// Profile is who the customer says they are. All of it may be empty.
type Profile struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// Subject is the name under which the company's own shop knows the customer,
	// where it vouched for them.
	Subject string `json:"subject,omitempty"`
	// EmailProved says of a new customer that the address is known to be theirs.
	EmailProved bool `json:"-"`
}

// Created is a new conversation, and the only time its token is shown.
type Created struct {
	Conversation Conversation
	Token        string
	Disclosure   Disclosure
}

// Create opens a conversation. The customer's key is committed to the keystore
// before anything is sealed with it; the notice is written before anything is said.
func (s *Service) Create(ctx context.Context, locale string, profile Profile) (Created, error) {
	if err := cmp.Or(checkClean("name", profile.Name), checkClean("address", profile.Email), checkClean("subject", profile.Subject)); err != nil {
		return Created{}, err
	}
	keyID := rand.Text()
	if err := s.keys.Create(ctx, keyID); err != nil {
		return Created{}, postgres.Away(err)
	}
	who, err := s.newCustomer(ctx, keyID, profile)
	if err != nil {
		return Created{}, err
	}
	created := Created{Token: "cv_" + rand.Text() + rand.Text()}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err := insertConversation(ctx, tx, who, hashToken(created.Token), string(prompts.Match(locale)))
		if err != nil {
			return err
		}
		l, err := s.lockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		about := map[string]string{"locale": l.Locale}
		if profile.Subject != "" {
			about["vouched"] = "identity_token"
		}
		if err := l.Record(entryCreated, about, nil); err != nil {
			return err
		}
		if created.Disclosure, err = l.disclose(); err != nil {
			return err
		}
		created.Conversation = l.Conversation
		return l.finish(ctx)
	})
	if err != nil {
		return Created{}, postgres.Away(fmt.Errorf("open a conversation: %w", err))
	}
	return created, nil
}

// newCustomer is a customer as the database has them.
type newCustomer struct {
	keyID                            string
	emailIndex, subjectIndex, sealed []byte
	proved                           bool
}

func (s *Service) newCustomer(ctx context.Context, keyID string, p Profile) (newCustomer, error) {
	c := newCustomer{keyID: keyID, proved: p.EmailProved && p.Email != ""}
	var err error
	if c.sealed, c.emailIndex, err = s.sealProfile(ctx, keyID, p); err != nil || p.Subject == "" {
		return c, err
	}
	c.subjectIndex, err = s.subjectIndex(p.Subject)
	return c, err
}

// subjectIndex is the blind index under which the shop's name of a customer is
// found. No address has the same one.
func (s *Service) subjectIndex(subject string) ([]byte, error) {
	index, err := s.keys.Index("subject\x00" + subject)
	if err != nil {
		return nil, fmt.Errorf("index a subject: %w", err)
	}
	return index, nil
}

func insertConversation(ctx context.Context, tx pgx.Tx, who newCustomer, tokenHash []byte, locale string) (int64, error) {
	publicID := rand.Text()
	var id int64
	err := tx.QueryRow(ctx, `
		WITH customer AS (
			INSERT INTO customers (key_id, email_index, profile, subject_index, email_proved_at)
			VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN now() END) RETURNING id)
		INSERT INTO conversations (public_id, token_hash, customer_id, locale, head)
		SELECT $6, $7, id, $8, $9 FROM customer
		RETURNING id`,
		who.keyID, who.emailIndex, who.sealed, who.subjectIndex, who.proved, publicID, tokenHash, locale, genesis(publicID)).Scan(&id)
	return id, err
}

func (s *Service) sealProfile(ctx context.Context, keyID string, p Profile) (sealed, emailIndex []byte, err error) {
	key, err := s.key(ctx, keyID)
	if err != nil {
		return nil, nil, err
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, nil, fmt.Errorf("write a profile: %w", err)
	}
	if sealed, _, err = key.Seal(profilePlace(keyID), plain); err != nil {
		return nil, nil, err
	}
	if p.Email != "" {
		emailIndex, err = s.EmailIndex(p.Email)
	}
	return sealed, emailIndex, err
}

// Authorize gives the conversation that the token opens. A wrong token and an
// unknown conversation cannot be told apart.
func (s *Service) Authorize(ctx context.Context, publicID, token string) (Conversation, error) {
	c, hash, err := s.findPublic(ctx, publicID)
	if err != nil {
		return Conversation{}, err
	}
	if subtle.ConstantTimeCompare(hash, hashToken(token)) == 1 {
		return c, nil
	}
	if found, err := s.hasToken(ctx, c.ID, token); err != nil || !found {
		return Conversation{}, cmp.Or(err, errNotFound())
	}
	return c, nil
}

// Find gives a conversation by its outside id, for staff.
func (s *Service) Find(ctx context.Context, publicID string) (Conversation, error) {
	c, _, err := s.findPublic(ctx, publicID)
	return c, err
}

// Get gives a conversation by its inside id.
func (s *Service) Get(ctx context.Context, id int64) (Conversation, error) {
	c, _, err := s.find(ctx, "c.id = $1", id)
	return c, err
}

func (s *Service) findPublic(ctx context.Context, id string) (c Conversation, tokenHash []byte, err error) {
	if checkClean("id", id) != nil {
		return c, nil, errNotFound()
	}
	return s.find(ctx, "c.public_id = $1", id)
}

func (s *Service) find(ctx context.Context, where string, arg any) (c Conversation, tokenHash []byte, err error) {
	err = s.db.QueryRow(ctx, `
		SELECT `+conversationColumns+`, c.token_hash
		FROM conversations c
		JOIN customers u ON u.id = c.customer_id
		WHERE `+where, arg).Scan(&c.ID, &c.PublicID, &c.CustomerID, &c.KeyID, &c.Locale, &c.State, &c.Owner, &c.AgentID,
		&c.Epoch, &c.LastSeq, &c.SettledSeq, &c.LastEntry, &c.Head, &c.CreatedAt, &c.UpdatedAt, &c.SignedIn, &tokenHash)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, nil, errNotFound()
	}
	if err != nil {
		return c, nil, postgres.Away(fmt.Errorf("find a conversation: %w", err))
	}
	return c, tokenHash, nil
}

// Profile opens who the customer of a conversation says they are.
func (s *Service) Profile(ctx context.Context, c Conversation) (Profile, error) {
	var sealed []byte
	if err := s.db.QueryRow(ctx, "SELECT profile FROM customers WHERE id = $1", c.CustomerID).Scan(&sealed); err != nil {
		return Profile{}, postgres.Away(fmt.Errorf("read a profile: %w", err))
	}
	return s.openProfile(ctx, c.KeyID, sealed)
}

func (s *Service) openProfile(ctx context.Context, keyID string, sealed []byte) (Profile, error) {
	key, err := s.key(ctx, keyID)
	if err != nil {
		return Profile{}, err
	}
	plain, _, err := key.Open(profilePlace(keyID), sealed)
	if err != nil {
		return Profile{}, err
	}
	var p Profile
	if err := json.Unmarshal(plain, &p); err != nil {
		return Profile{}, fmt.Errorf("read a profile: %w", err)
	}
	return p, nil
}

// codeErased is the code of the fault when a key was destroyed.
const codeErased = "conversation_erased"

func (s *Service) key(ctx context.Context, id string) (seal.Key, error) {
	key, err := s.keys.Key(ctx, id)
	if errors.Is(err, seal.ErrDestroyed) {
		return seal.Key{}, fault.Conflict(codeErased, "What was said in this conversation has been erased.").Because(err)
	}
	return key, postgres.Away(err)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Touch tells the readers of a conversation that something beside it changed.
func (s *Service) Touch(conversationID int64) { s.hub.Signal(conversationID) }
