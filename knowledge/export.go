// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5"

	"candor/knowledge/chunk"
	"candor/postgres"
)

// ExportedFile is an article as a Markdown file.
type ExportedFile struct {
	Name string // unique in an export, a path below its folder
	Data []byte
}

// exportMark is the key of the front matter that an export writes. An import that
// finds it takes the block off again, so that what comes back is what went out.
const (
	exportMark  = "candor"
	exportValue = "article"
)

// exportHead is that front matter.
type exportHead struct {
	Mark          string   `yaml:"candor"`
	ID            string   `yaml:"id,omitempty"`
	Draft         bool     `yaml:"draft,omitempty"`
	Title         string   `yaml:"title"`
	Lang          string   `yaml:"lang,omitempty"`
	TranslationOf string   `yaml:"translation_of,omitempty"`
	Outdated      bool     `yaml:"translation_outdated,omitempty"`
	URL           string   `yaml:"url,omitempty"`
	ReviewBy      string   `yaml:"review_by,omitempty"`
	ExpiresAt     string   `yaml:"expires_at,omitempty"`
	Audience      string   `yaml:"audience,omitempty"` // only where it is not everyone
	Owner         string   `yaml:"owner,omitempty"`    // only where it was asked for
	Asked         []string `yaml:"asked,omitempty"`
}

// exportPage is how many articles are read at once.
const exportPage = 200

// ExportOptions say what is written beside the published articles.
type ExportOptions struct {
	Drafts bool // articles that were never published, too
	Owners bool // whose each article is: an e-mail address, so only for files that are not published
}

// exportName is an id for what was written here. It is drawn, since it must mean no other article in any library.
const exportName = `'article-' || left(replace(gen_random_uuid()::text, '-', ''), 12)`

// staleSQL tells whether the article a, a translation of source, says an older version of it. An import that knows
// no more than that notes version 0.
const staleSQL = `COALESCE(a.translated_version = 0 OR source.shown_state = 'published' AND source.shown_version > COALESCE(a.translated_version, 0), false)`

// Export gives every published article as Markdown with front matter. An import of the files changes nothing.
func (s *Service) Export(ctx context.Context, o ExportOptions, write func(ExportedFile) error) error {
	// What was written here and never imported has no id yet by which it could be found again.
	if _, err := s.db.Exec(ctx, `UPDATE knowledge_articles SET external_id = `+exportName+` WHERE external_id IS NULL AND kind = 'article'`); err != nil {
		return fmt.Errorf("export: %w", postgres.Away(err))
	}
	taken := map[string]bool{}
	for after := int64(0); ; {
		rows, _ := s.db.Query(ctx, `
			SELECT a.id, COALESCE(a.external_id, ''), v.state = 'draft', a.review_by, a.expires_at, v.title, v.lang, v.url, v.source, a.audience, v.asked,
			       COALESCE(source.external_id, a.awaits_source, ''), `+staleSQL+`, COALESCE(o.email, '')
			FROM knowledge_articles a
			JOIN LATERAL (
				SELECT state, title, lang, url, source, asked FROM knowledge_versions v
				WHERE v.article_id = a.id AND (v.state = 'published' OR $3 AND v.state = 'draft')
				ORDER BY v.state = 'published' DESC LIMIT 1
			) v ON true
			LEFT JOIN knowledge_articles source ON source.id = a.translation_of
			LEFT JOIN accounts o ON o.id = a.owner_id AND $4
			WHERE a.id > $1 AND a.kind = 'article' ORDER BY a.id LIMIT $2`, after, exportPage, o.Drafts, o.Owners)
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[exported])
		if err != nil {
			return fmt.Errorf("export: %w", postgres.Away(err))
		}
		for _, a := range list {
			data, err := a.file()
			if err != nil {
				return fmt.Errorf("export article %d: %w", a.ID, err)
			}
			if err := write(ExportedFile{a.name(taken), data}); err != nil {
				return fmt.Errorf("export article %d: %w", a.ID, err)
			}
			after = a.ID
		}
		if len(list) < exportPage {
			return nil
		}
	}
}

type exported struct {
	ID                       int64
	ExternalID               string
	Draft                    bool
	ReviewBy, ExpiresAt      *time.Time
	Title, Lang, URL, Source string
	Audience                 Audience
	Asked                    []string
	TranslationOf            string // id of it
	Outdated                 bool
	Owner                    string
}

func (a exported) file() ([]byte, error) {
	head := exportHead{
		Mark: exportValue, ID: a.ExternalID, Draft: a.Draft, Title: a.Title, Lang: a.Lang, TranslationOf: a.TranslationOf, Outdated: a.Outdated && a.TranslationOf != "",
		URL: a.URL, ReviewBy: moment(a.ReviewBy), ExpiresAt: moment(a.ExpiresAt), Owner: a.Owner, Asked: a.Asked,
	}
	if a.Audience != ForEveryone {
		head.Audience = string(a.Audience)
	}
	block, err := yaml.Marshal(head)
	if err != nil {
		return nil, err
	}
	text := "---\n" + string(block) + "---\n"
	if back, err := readFrontMatter(text); err != nil || !head.is(back) {
		text = "---\n" + head.quoted() + "---\n" // a tab, an odd space: every character is written down
	}
	return append([]byte(text), a.Source...), nil
}

// is tells whether front matter was read as it was meant.
func (h exportHead) is(m frontMatter) bool {
	return m.Title == h.Title && m.ID == h.ID && m.URL == h.URL && m.TranslationOf == h.TranslationOf && m.Owner == h.Owner && slices.Equal(m.Asked, h.Asked)
}

// quoted writes the front matter with every text in quotes, as JSON does, which is YAML as well.
func (h exportHead) quoted() string {
	var out strings.Builder
	for _, field := range []struct {
		key   string
		value any
	}{
		{"candor", h.Mark},
		{"id", h.ID},
		{"draft", h.Draft},
		{"title", h.Title},
		{"lang", h.Lang},
		{"translation_of", h.TranslationOf},
		{"translation_outdated", h.Outdated},
		{"url", h.URL},
		{"review_by", h.ReviewBy},
		{"expires_at", h.ExpiresAt},
		{"audience", h.Audience},
		{"owner", h.Owner},
		{"asked", h.Asked},
	} {
		text, err := json.Marshal(field.value)
		if err != nil || slices.Contains([]string{`""`, "null", "[]", "false"}, string(text)) {
			continue // a text cannot fail
		}
		out.WriteString(field.key + ": " + string(text) + "\n")
	}
	return out.String()
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// name is a file name that leads nowhere but into the export's folder: the id that
// the article came with, or its number.
func (a exported) name(taken map[string]bool) string {
	base := strings.TrimSuffix(a.ExternalID, path.Ext(a.ExternalID))
	var parts []string
	for part := range strings.SplitSeq(base, "/") {
		part = strings.Map(func(r rune) rune {
			if r < ' ' || strings.ContainsRune(`\:*?"<>|`, r) || r == '\u007f' {
				return '-'
			}
			return r
		}, part)
		if part = strings.Trim(part, ". "); part != "" {
			parts = append(parts, part[:min(len(part), maxFileName)])
		}
	}
	name := strings.ToValidUTF8(strings.Join(parts[:min(len(parts), maxFolders)], "/"), "-")
	if name == "" {
		name = "article-" + strconv.FormatInt(a.ID, 10)
	}
	// File systems that fold case must not lose one of two.
	if taken[strings.ToLower(name)] {
		name += "-" + strconv.FormatInt(a.ID, 10)
	}
	taken[strings.ToLower(name)] = true
	return name + ".md"
}

const (
	maxFileName = 150 // bytes of one part of a path
	maxFolders  = 8
)

// unexport takes off the front matter that an export wrote.
func unexport(source string, head frontMatter) string {
	if !head.exported {
		return source
	}
	return chunk.WithoutFrontMatter(source)
}
