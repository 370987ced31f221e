// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/knowledge/chunk"
	"candor/postgres"
)

// Translation is one of the articles that say the same in different languages.
type Translation struct {
	ID         int64
	Source     bool // the one that the others are translated from
	State      State
	Title      string
	Lang       string
	HasDraft   bool
	Live       int  // version; 0: none
	Translated *int // the version of the source that it says
	Outdated   bool // the source says something else by now
}

// Translations lists an article and those that say the same in other languages, the source first.
func (s *Service) Translations(ctx context.Context, id int64) ([]Translation, error) {
	rows, _ := s.db.Query(ctx, `
		SELECT l.id, l.translation_of IS NULL, l.state, l.title, l.lang, l.has_draft, COALESCE(live.version, 0), a.translated_version, l.outdated
		FROM (`+listedSQL+` AND (a.id = $1 OR a.translation_of = $1)) l
		JOIN knowledge_articles a ON a.id = l.id
		LEFT JOIN knowledge_versions live ON live.article_id = l.id AND live.state = 'published'
		ORDER BY l.translation_of IS NULL DESC, l.lang, l.id LIMIT 100`, id)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Translation])
	if err != nil {
		return nil, fmt.Errorf("list the translations of article %d: %w", id, postgres.Away(err))
	}
	return list, nil
}

// Root is the article that this one is a translation of, or itself.
func (a Article) Root() int64 {
	if a.TranslationOf != nil {
		return *a.TranslationOf
	}
	return a.ID
}

// Translate makes an article that says the same in another language: a draft with the text of the
// source, so that headings, lists and links stand already. key is that of [NewArticle].
func (s *Service) Translate(ctx context.Context, id int64, lang string, by *int64, key string) (Article, error) {
	if err := checkKey(key); err != nil {
		return Article{}, err
	}
	a, err := s.Article(ctx, id)
	if err != nil {
		return Article{}, err
	}
	if a, err = s.Article(ctx, a.Root()); err != nil {
		return Article{}, err
	}
	from := a.newest()
	n := NewArticle{Content: Content{Title: from.Title, Lang: lang, Source: strings.TrimLeft(chunk.WithoutFrontMatter(from.Source), "\n")}, Author: by, Key: key}
	if err := n.check(); err != nil {
		return Article{}, err
	}
	var made int64
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := lockArticle(ctx, tx, a.ID); err != nil {
			return err
		}
		var before int64
		err := tx.QueryRow(ctx, `SELECT id FROM knowledge_articles WHERE client_key = NULLIF($1, '') AND translation_of = $2`, key, a.ID).Scan(&before)
		if err == nil {
			made = before
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err := langFree(ctx, tx, a.ID, 0, lang); err != nil {
			return err
		}
		if made, err = create(ctx, tx, n); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE knowledge_articles SET translation_of = $2, translated_version = $3, audience = $4 WHERE id = $1`, made, a.ID, liveVersion(a), a.Audience)
		return err
	})
	if err != nil {
		return Article{}, fmt.Errorf("translate article %d: %w", id, postgres.Away(err))
	}
	return s.Article(ctx, made)
}

// newest is the live version, else the draft, else the last one that was live.
func (a Article) newest() *Version {
	for _, v := range []*Version{a.Live, a.Draft} {
		if v != nil {
			return v
		}
	}
	return a.Last
}

func liveVersion(a Article) *int {
	if a.Live == nil {
		return nil
	}
	return &a.Live.Version
}

// langFree refuses a second article in one language of a group.
func langFree(ctx context.Context, tx pgx.Tx, source, self int64, lang string) error {
	var taken int64
	err := tx.QueryRow(ctx, `
		SELECT a.id FROM knowledge_articles a JOIN LATERAL (
			SELECT lang FROM knowledge_versions v WHERE v.article_id = a.id
			ORDER BY v.state = 'published' DESC, v.state = 'draft' DESC, v.version DESC LIMIT 1) v ON true
		WHERE (a.id = $1 OR a.translation_of = $1) AND a.id <> $2 AND lower(v.lang) = lower($3) LIMIT 1`, source, self, lang).Scan(&taken)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.Conflict("lang_taken", "There is an article in this language already: number %d.", taken)
}

// SetTranslation says which article this one is a translation of, and which version of it it says; nil:
// of none. It is also how a translation is marked as brought up to date.
func (s *Service) SetTranslation(ctx context.Context, id int64, of *int64, version *int) (Article, error) {
	a, err := s.Article(ctx, id)
	if err != nil {
		return Article{}, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if of == nil {
			version = nil
		} else if err := mayTranslate(ctx, tx, a, *of, version); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE knowledge_articles SET translation_of = $2, translated_version = $3, awaits_source = NULL, updated_at = now() WHERE id = $1`, id, of, version)
		return err
	})
	if err != nil {
		return Article{}, fmt.Errorf("say what article %d is a translation of: %w", id, postgres.Away(err))
	}
	return s.Article(ctx, id)
}

// mayTranslate: a translation has one source, which is none itself.
func mayTranslate(ctx context.Context, tx pgx.Tx, a Article, of int64, version *int) error {
	if of == a.ID {
		return fault.Invalid("own_translation", "An article is no translation of itself.")
	}
	// In the order of their numbers, so that two that are joined both ways do not wait for each other.
	for _, id := range []int64{min(a.ID, of), max(a.ID, of)} {
		if _, err := lockArticle(ctx, tx, id); err != nil {
			return err
		}
	}
	var sourceIsOne, isSource, known bool
	err := tx.QueryRow(ctx, `
		SELECT (SELECT translation_of IS NOT NULL FROM knowledge_articles WHERE id = $1),
		       EXISTS (SELECT FROM knowledge_articles WHERE translation_of = $2),
		       $3::int IS NULL OR EXISTS (SELECT FROM knowledge_versions WHERE article_id = $1 AND version = $3 AND state <> 'draft')`,
		of, a.ID, version).Scan(&sourceIsOne, &isSource, &known)
	switch {
	case err != nil:
		return err
	case sourceIsOne:
		return fault.Conflict("source_is_translation", "That article is a translation itself; choose the one that it was translated from.")
	case isSource:
		return fault.Conflict("has_translations", "This article has translations of its own.")
	case !known:
		return fault.Invalid("version_not_found", "There is no such published version.")
	}
	return langFree(ctx, tx, of, a.ID, a.newest().Lang)
}
