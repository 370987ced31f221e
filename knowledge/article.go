// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/knowledge/chunk"
	"candor/postgres"
)

// State is where a version stands.
type State string

// The states of a version. A draft can be written to; what was published once never changes.
const (
	StateDraft     State = "draft"
	StatePublished State = "published"
	StateArchived  State = "archived"
	// StateExpired is of an article and not of a version: its live version is past its end.
	StateExpired State = "expired"
)

// MaxSource is the largest source of an article, in bytes.
const MaxSource = 2 << 20

const (
	maxTitle      = 300
	maxURL        = 2000
	maxExternalID = 500
	maxLang       = 35
)

// Content is what a version says.
type Content struct {
	Title  string
	Lang   string // BCP 47; "" if unknown
	URL    string // where customers can read it; "" if nowhere
	Source string // Markdown, verbatim
	// Asked are questions in the words of customers that the text answers. They are searched, and the
	// text is shown.
	Asked []string
}

// Version is one version of an article.
type Version struct {
	ArticleID   int64
	Version     int
	State       State
	Revision    int64 // of the draft; what SaveDraft and PublishDraft expect
	Title       string
	Lang        string
	URL         string
	Source      string // empty in lists
	Asked       []string
	Chunks      int
	AuthorID    *int64 // account that wrote it last; nil: an import
	PublishedBy *int64 // nil: an import
	ApprovedBy  *int64 // the second pair of eyes, where there was one
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt *time.Time
	ArchivedAt  *time.Time
	WrongAt     *time.Time // it was marked wrong: never live again
}

// Visible is the source as a reader sees it: Markdown without front matter and
// without the tags of components.
func (v Version) Visible() string { return chunk.Visible(v.Source) }

// Article is an article with the versions that matter now.
type Article struct {
	ID         int64
	ExternalID string
	OwnerID    *int64 // who is told when something is to be done
	Audience   Audience
	ReviewBy   *time.Time
	ExpiresAt  *time.Time
	DetailsRev int64 // what SetDetails expects
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Live       *Version
	Draft      *Version
	Last       *Version // the newest one, where there is neither
	Standing   Standing // of the draft
	Expired    bool     // past ExpiresAt, by the database's clock
	Overdue    bool     // past ReviewBy
	// TranslationOf is the article that this one says in another language; TranslatedVersion the version
	// of it that was translated.
	TranslationOf     *int64
	TranslatedVersion *int
	People            map[int64]string // names of the accounts that are mentioned
}

// State of the article: published if it has a live version that may be used, expired if it has one that
// may not any more, else draft if it has one, else archived.
func (a Article) State() State {
	switch {
	case a.Live != nil && a.Expired:
		return StateExpired
	case a.Live != nil:
		return StatePublished
	case a.Draft != nil:
		return StateDraft
	}
	return StateArchived
}

// hash tells whether a content differs from another.
func (c Content) hash() []byte {
	sum := sha256.New()
	for _, s := range append([]string{c.Title, c.Lang, c.URL, c.Source}, c.Asked...) {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		sum.Write([]byte(s))
	}
	return sum.Sum(nil)
}

func checkExternalID(id string) error {
	if len(id) > maxExternalID {
		return fault.Invalid("external_id_too_long", "The id may have at most %d bytes.", maxExternalID)
	}
	return checkText(id)
}

// firstFault picks the fault out of joined errors, so that its message alone is shown.
func firstFault(err error) error {
	if f, ok := fault.Of(err); ok {
		return f
	}
	return err
}

func insertDraft(ctx context.Context, tx pgx.Tx, id int64, version int, revision int64, c Content, author *int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO knowledge_versions (article_id, version, state, revision, title, lang, url, source, asked, hash, author_id)
		VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, version, revision, c.Title, c.Lang, c.URL, c.Source, orNone(c.Asked), c.hash(), author)
	return err
}

// SaveDraft writes the draft of an article, making one if there is none. expected is the revision that
// was read, 0 for no draft; if somebody else has saved since, it is a conflict and nothing changes.
func (s *Service) SaveDraft(ctx context.Context, id, expected int64, c Content, author *int64) (Article, error) {
	if err := c.check(); err != nil {
		return Article{}, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return saveDraft(ctx, tx, id, expected, c, author)
	})
	if err != nil {
		return Article{}, fmt.Errorf("save the draft of article %d: %w", id, err)
	}
	return s.Article(ctx, id)
}

func saveDraft(ctx context.Context, tx pgx.Tx, id, expected int64, c Content, author *int64) error {
	at, err := lockArticle(ctx, tx, id)
	if err != nil {
		return err
	}
	if at.draftRevision != expected {
		return fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again before you save.")
	}
	if err := written(ctx, tx, id, at.revision+1); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE knowledge_articles SET revision = revision + 1, updated_at = now() WHERE id = $1`, id); err != nil {
		return err
	}
	if expected == 0 {
		return insertDraft(ctx, tx, id, at.lastVersion+1, at.revision+1, c, author)
	}
	_, err = tx.Exec(ctx, `
		UPDATE knowledge_versions
		SET revision = $2, title = $3, lang = $4, url = $5, source = $6, asked = $7, hash = $8, author_id = $9, updated_at = now()
		WHERE article_id = $1 AND state = 'draft'`,
		id, at.revision+1, c.Title, c.Lang, c.URL, c.Source, orNone(c.Asked), c.hash(), author)
	return err
}

// locked is what a writer of an article needs to know of it.
type locked struct {
	revision      int64
	lastVersion   int // drafts included
	draftVersion  int // 0 if there is none
	draftRevision int64
	draftAuthor   *int64
	usableUntil   time.Time
	audience      Audience
	detailsRev    int64
}

// never is how "no end" is stored; PostgreSQL's infinity is not a time.Time.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// lockArticle takes the article's row lock, which orders all that writes its versions.
func lockArticle(ctx context.Context, tx pgx.Tx, id int64) (locked, error) {
	var l locked
	err := tx.QueryRow(ctx, `
		SELECT revision, LEAST(COALESCE(review_by, $2), COALESCE(expires_at, $2)), audience, details_rev
		FROM knowledge_articles WHERE id = $1 AND kind = 'article' FOR UPDATE`, id, never).Scan(&l.revision, &l.usableUntil, &l.audience, &l.detailsRev)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return l, err
	}
	err = tx.QueryRow(ctx, `
		SELECT COALESCE(max(version), 0),
		       COALESCE(max(version) FILTER (WHERE state = 'draft'), 0),
		       COALESCE(max(revision) FILTER (WHERE state = 'draft'), 0),
		       max(author_id) FILTER (WHERE state = 'draft')
		FROM knowledge_versions WHERE article_id = $1`, id).Scan(&l.lastVersion, &l.draftVersion, &l.draftRevision, &l.draftAuthor)
	if err == nil && l.draftVersion != 0 && l.draftAuthor == nil {
		l.draftAuthor, err = importedBy(ctx, tx, id, l.draftRevision)
	}
	return l, err
}

// importedBy is who imported a draft from files, as it is since: it is theirs as if they had written it. Nil where
// nobody of the staff did.
func importedBy(ctx context.Context, q querier, id, revision int64) (*int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT i.author_id FROM knowledge_import_items t JOIN knowledge_imports i ON i.id = t.import_id
		WHERE t.article_id = $1 AND t.revision = $2 AND t.outcome IN ('created', 'updated') AND i.source_id IS NULL
		ORDER BY t.id LIMIT 1`, id, revision)
	list, err := pgx.CollectRows(rows, pgx.RowTo[*int64])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// DiscardDraft deletes the draft of an article; an article that was never published goes with it.
func (s *Service) DiscardDraft(ctx context.Context, id, expected int64) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		at, err := lockArticle(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.draftRevision != expected || expected == 0 {
			return fault.Conflict("draft_changed", "The draft has been changed by somebody else meanwhile. Load it again first.")
		}
		if at.lastVersion == 1 { // the first and only one, and never published
			_, err = tx.Exec(ctx, `DELETE FROM knowledge_articles WHERE id = $1`, id)
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM knowledge_stages WHERE article_id = $1`, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM knowledge_versions WHERE article_id = $1 AND state = 'draft'`, id)
		return err
	})
}
