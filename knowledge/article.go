// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

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
	Chunks      int
	AuthorID    *int64 // account that wrote it last; nil: an import
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt *time.Time
	ArchivedAt  *time.Time
}

// Visible is the source as a reader sees it: Markdown without front matter and
// without the tags of components.
func (v Version) Visible() string { return chunk.Visible(v.Source) }

// Article is an article with the versions that matter now.
type Article struct {
	ID         int64
	ExternalID string
	ReviewBy   *time.Time
	ExpiresAt  *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Live       *Version
	Draft      *Version
}

// State of the article: published if it has a live version, else draft if it has one, else archived.
func (a Article) State() State {
	switch {
	case a.Live != nil:
		return StatePublished
	case a.Draft != nil:
		return StateDraft
	}
	return StateArchived
}

// check tells what is wrong with a content before anything is stored.
func (c Content) check() error {
	switch {
	case strings.TrimSpace(c.Title) == "":
		return fault.Invalid("title_missing", "The article needs a title.")
	case utf8.RuneCountInString(c.Title) > maxTitle:
		return fault.Invalid("title_too_long", "The title may have at most %d characters.", maxTitle)
	case len(c.Source) > MaxSource:
		return fault.Invalid("article_too_large", "An article may have at most %d MiB of text.", MaxSource>>20)
	case strings.TrimSpace(c.Source) == "":
		return fault.Invalid("text_missing", "The article has no text.")
	case !validLang(c.Lang):
		return fault.Invalid("lang_invalid", "The language must be a tag such as en or zh-Hans.")
	case !validURL(c.URL):
		return fault.Invalid("url_invalid", "The address must start with http:// or https://.")
	}
	return checkText(c.Title, c.URL, c.Source)
}

func validLang(lang string) bool {
	return len(lang) <= maxLang && strings.Trim(lang, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func validURL(url string) bool { return len(url) <= maxURL && webAddress(url) }

// checkText refuses what PostgreSQL cannot store as text without changing it.
func checkText(texts ...string) error {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fault.Invalid("invalid_utf8", "The text is not valid UTF-8 (at byte %d). Save the file as UTF-8 and try again.", invalidAt(s))
		}
		if i := strings.IndexByte(s, 0); i >= 0 {
			return fault.Invalid("nul_byte", "The text contains a NUL byte (at byte %d); it may not be a text file.", i)
		}
	}
	return nil
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

func webAddress(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// hash tells whether a content differs from another.
func (c Content) hash() []byte {
	sum := sha256.New()
	for _, s := range []string{c.Title, c.Lang, c.URL, c.Source} {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		sum.Write([]byte(s))
	}
	return sum.Sum(nil)
}

// CreateArticle makes an article with a first draft. externalID may be ""; author may be nil.
func (s *Service) CreateArticle(ctx context.Context, externalID string, c Content, author *int64) (Article, error) {
	if err := errors.Join(c.check(), checkExternalID(externalID)); err != nil {
		return Article{}, firstFault(err)
	}
	var id int64
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO knowledge_articles (external_id, revision) VALUES (NULLIF($1, ''), 1)
			RETURNING id`, externalID).Scan(&id)
		if postgres.IsUnique(err, "knowledge_articles_external_id_key") {
			return fault.Conflict("external_id_taken", "There is already an article with the id %q.", externalID)
		}
		if err != nil {
			return err
		}
		return insertDraft(ctx, tx, id, 1, 1, c, author)
	})
	if err != nil {
		return Article{}, fmt.Errorf("create an article: %w", err)
	}
	return s.Article(ctx, id)
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
		INSERT INTO knowledge_versions (article_id, version, state, revision, title, lang, url, source, hash, author_id)
		VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9)`,
		id, version, revision, c.Title, c.Lang, c.URL, c.Source, c.hash(), author)
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
	if _, err := tx.Exec(ctx, `
		UPDATE knowledge_articles SET revision = revision + 1, updated_at = now() WHERE id = $1`, id); err != nil {
		return err
	}
	if expected == 0 {
		return insertDraft(ctx, tx, id, at.lastVersion+1, at.revision+1, c, author)
	}
	_, err = tx.Exec(ctx, `
		UPDATE knowledge_versions
		SET revision = $2, title = $3, lang = $4, url = $5, source = $6, hash = $7, author_id = $8, updated_at = now()
		WHERE article_id = $1 AND state = 'draft'`,
		id, at.revision+1, c.Title, c.Lang, c.URL, c.Source, c.hash(), author)
	return err
}

// locked is what a writer of an article needs to know of it.
type locked struct {
	revision      int64
	lastVersion   int // drafts included
	draftVersion  int // 0 if there is none
	draftRevision int64
	usableUntil   time.Time
}

// never is how "no end" is stored; PostgreSQL's infinity is not a time.Time.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// lockArticle takes the article's row lock, which orders all that writes its versions.
func lockArticle(ctx context.Context, tx pgx.Tx, id int64) (locked, error) {
	var l locked
	err := tx.QueryRow(ctx, `
		SELECT revision, LEAST(COALESCE(review_by, $2), COALESCE(expires_at, $2))
		FROM knowledge_articles WHERE id = $1 AND kind = 'article' FOR UPDATE`, id, never).Scan(&l.revision, &l.usableUntil)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, fault.NotFound("article_not_found", "There is no article %d.", id)
	}
	if err != nil {
		return l, err
	}
	err = tx.QueryRow(ctx, `
		SELECT COALESCE(max(version), 0),
		       COALESCE(max(version) FILTER (WHERE state = 'draft'), 0),
		       COALESCE(max(revision) FILTER (WHERE state = 'draft'), 0)
		FROM knowledge_versions WHERE article_id = $1`, id).Scan(&l.lastVersion, &l.draftVersion, &l.draftRevision)
	return l, err
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
		if at.draftVersion == 1 { // the first, and never published
			_, err = tx.Exec(ctx, `DELETE FROM knowledge_articles WHERE id = $1`, id)
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM knowledge_versions WHERE article_id = $1 AND state = 'draft'`, id)
		return err
	})
}
