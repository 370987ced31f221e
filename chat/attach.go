// SPDX-License-Identifier: MIT

package chat

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/upload"
	"candor/postgres"
)

// Attachment is a file as its message tells of it; sealed with it.
type Attachment struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	SHA256    string `json:"sha256"` // of the bytes, so that the record vouches for them
}

// Upload is a file that somebody sends, judged by [upload.Check].
type Upload struct {
	upload.File
	Name string
	Data []byte
}

const (
	// EventAttachment marks the message that a file came with.
	EventAttachment = "attachment"
	// maxAttachments is how many files a conversation takes.
	maxAttachments = 30
	// attachmentChunk is how many bytes are sealed together.
	attachmentChunk = 256 << 10
)

// AttachCustomer adds a file of the customer, as a message of its own.
func (l *Locked) AttachCustomer(ctx context.Context, u Upload) (Message, error) {
	if l.State == StateClosed {
		return Message{}, refuseMove(StateClosed, StateQueued)
	}
	return l.attach(ctx, u, Message{Author: AuthorCustomer})
}

// AttachAgent adds a file of the agent who has the conversation.
func (l *Locked) AttachAgent(ctx context.Context, agent Agent, u Upload) (Message, error) {
	if l.Owner != OwnerAgent || l.AgentID == nil || *l.AgentID != agent.ID || l.State == StateClosed {
		return Message{}, fault.Conflict("not_your_conversation", "You can write here after you have claimed the case or taken the conversation over.")
	}
	l.settleRecorded(l.LastSeq + 1) // a person answers
	return l.attach(ctx, u, Message{Author: AuthorAgent, AgentID: &agent.ID, AgentName: agent.Name})
}

func (l *Locked) attach(ctx context.Context, u Upload, m Message) (Message, error) {
	tx, err := l.Tx(ctx)
	if err != nil {
		return Message{}, err
	}
	var count int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM attachments WHERE conversation_id = $1", l.ID).Scan(&count); err != nil {
		return Message{}, fmt.Errorf("count attachments: %w", err)
	}
	if count >= maxAttachments {
		return Message{}, fault.Conflict("too_many_files", "A conversation takes at most %d files.", maxAttachments)
	}
	sum := sha256.Sum256(u.Data)
	a := Attachment{
		ID: rand.Text(), Name: u.Name, MediaType: u.MediaType, Size: len(u.Data), Width: u.Width, Height: u.Height, SHA256: hex.EncodeToString(sum[:]),
	}
	m.Event, m.Text, m.Attachments = EventAttachment, a.Name, []Attachment{a}
	if m, err = l.post(m); err != nil {
		return Message{}, err
	}
	l.desk = true
	return m, l.storeFile(ctx, m.Seq, a, u.Data)
}

func (l *Locked) storeFile(ctx context.Context, seq int, a Attachment, data []byte) error {
	tx, err := l.Tx(ctx) // the message first: the file hangs on it
	if err != nil {
		return err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		INSERT INTO attachments (public_id, conversation_id, seq, media_type, size, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		RETURNING id`, a.ID, l.ID, seq, a.MediaType, a.Size, l.Now).Scan(&id)
	if err != nil {
		return fmt.Errorf("store an attachment: %w", err)
	}
	n := 0
	for piece := range slices.Chunk(data, attachmentChunk) {
		sealed, _, err := l.seal(chunkPlace(l.PublicID, a.ID, n), piece)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO attachment_chunks (attachment_id, n, sealed) VALUES ($1, $2, $3)", id, n, sealed); err != nil {
			return fmt.Errorf("store an attachment: %w", err)
		}
		n++
	}
	return nil
}

// OpenAttachment gives a file of a conversation with its bytes, as the record
// vouches for them.
func (s *Service) OpenAttachment(ctx context.Context, c Conversation, id string) (Attachment, []byte, error) {
	var file int64
	var seq int
	err := s.db.QueryRow(ctx, "SELECT id, seq FROM attachments WHERE conversation_id = $1 AND public_id = $2", c.ID, id).Scan(&file, &seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return Attachment{}, nil, errNoFile()
	}
	if err != nil {
		return Attachment{}, nil, postgres.Away(fmt.Errorf("find an attachment: %w", err))
	}
	m, err := s.Message(ctx, c, seq)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(m.Attachments, func(a Attachment) bool { return a.ID == id })
	if i < 0 {
		return Attachment{}, nil, errNoFile() // redacted
	}
	data, err := s.readFile(ctx, c, file, m.Attachments[i])
	return m.Attachments[i], data, err
}

func (s *Service) readFile(ctx context.Context, c Conversation, file int64, a Attachment) ([]byte, error) {
	key, err := s.key(ctx, c.KeyID)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, "SELECT sealed FROM attachment_chunks WHERE attachment_id = $1 ORDER BY n", file)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read an attachment: %w", err))
	}
	pieces, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read an attachment: %w", err))
	}
	var data bytes.Buffer
	for n, sealed := range pieces {
		piece, _, err := key.Open(chunkPlace(c.PublicID, a.ID, n), sealed)
		if err != nil {
			return nil, fmt.Errorf("open an attachment: %w", err)
		}
		data.Write(piece)
	}
	if sum := sha256.Sum256(data.Bytes()); hex.EncodeToString(sum[:]) != a.SHA256 {
		return nil, errors.New("an attachment is not what the record says was sent")
	}
	return data.Bytes(), nil
}

// dropFiles takes the bytes of a redacted message's files away for good.
func (l *Locked) dropFiles(ctx context.Context, seq int) error {
	_, err := l.tx.Exec(ctx, `
		DELETE FROM attachment_chunks
		WHERE attachment_id IN (SELECT id FROM attachments WHERE conversation_id = $1 AND seq = $2)`, l.ID, seq)
	if err != nil {
		return fmt.Errorf("redact a file: %w", err)
	}
	return nil
}

func errNoFile() error { return fault.NotFound("file_not_found", "There is no such file.") }

func chunkPlace(conversation, id string, n int) string {
	return fmt.Sprintf("c/%s/a/%s/%d", conversation, id, n)
}
