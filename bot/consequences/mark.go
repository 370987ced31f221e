// SPDX-License-Identifier: MIT

package consequences

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/chat"
	"candor/internal/audit"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/internal/redact"
	"candor/internal/text"
	"candor/knowledge"
	"candor/postgres"
	"candor/prompts"
)

// Marking says that a version was wrong, why, and what is right.
type Marking struct {
	ArticleID int64
	Version   int
	Reason    string                    // for the record; nothing of a customer
	Texts     map[prompts.Locale]string // what is right, in Markdown
}

const maxReason = 500

func (m Marking) check() error {
	switch {
	case strings.TrimSpace(m.Reason) == "":
		return fault.Invalid("reason_missing", "Please say why the version is wrong. The reason goes on record.")
	case utf8.RuneCountInString(m.Reason) > maxReason || !text.Clean(m.Reason):
		return fault.Invalid("reason_invalid", "A reason has at most %d characters of plain text.", maxReason)
	case len(m.Texts) == 0:
		return fault.Invalid("correction_missing", "Please write what is right, in one language at least.")
	}
	if _, found := redact.Text(m.Reason); len(found) > 0 {
		return fault.Invalid("personal_data", "The reason names something personal (%v); it must hold nothing of a customer.", found)
	}
	for locale, words := range m.Texts {
		if !slices.Contains(prompts.Locales(), locale) {
			return fault.Invalid("unknown_language", "There is no wording in %q; choose one of %v.", locale, prompts.Locales())
		}
		if err := chat.CheckText(words); err != nil {
			return err
		}
	}
	return nil
}

// fallback is the language that customers get for whom there is no text.
func (m Marking) fallback(lang string) prompts.Locale {
	own, _, _ := strings.Cut(lang, "-")
	for _, l := range []prompts.Locale{prompts.Locale(own), prompts.English} {
		if m.Texts[l] != "" {
			return l
		}
	}
	return slices.Sorted(maps.Keys(m.Texts))[0]
}

// Language are the conversations in one language, and what is said in them.
type Language struct {
	Locale        prompts.Locale
	Conversations int
	Own           bool   // there is a text in that language
	Example       string // the message, dated as if the answer had been given today
}

// Preview is what marking a version wrong would do.
type Preview struct {
	Conversations int // that get the correction
	Open          int
	Finished      int // resolved or closed; they stay so
	WithPerson    int // of those open: an agent or the queue has the word
	Reachable     int // by mail, with their consent
	Erased        int // nobody can be told any more
	Languages     []Language
	Live          bool // it is live now, and is taken out
	Cites         int  // the version that is live instead; 0: none
}

const previewQuery = `
	SELECT c.locale, u.erase_requested_at IS NOT NULL AS erased,
		count(*), count(*) FILTER (WHERE c.state NOT IN ('resolved', 'closed')),
		count(*) FILTER (WHERE c.state NOT IN ('bot', 'resolved', 'closed')), count(*) FILTER (WHERE ` + reachable + `)
	FROM (SELECT DISTINCT conversation_id FROM citations WHERE article_id = $1 AND version = $2 AND first) t
	JOIN conversations c ON c.id = t.conversation_id
	JOIN customers u ON u.id = c.customer_id
	GROUP BY 1, 2
	ORDER BY 3 DESC, 1`

// Preview tells what marking would do and changes nothing.
func (s *Service) Preview(ctx context.Context, m Marking) (Preview, error) {
	if err := m.check(); err != nil {
		return Preview{}, err
	}
	v, live, err := s.versions(ctx, m.ArticleID, m.Version)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Live: v.State == knowledge.StatePublished, Languages: []Language{}}
	if live != nil && !p.Live {
		p.Cites = live.Version
	}
	rows, err := s.db.Query(ctx, previewQuery, m.ArticleID, m.Version)
	if err != nil {
		return Preview{}, postgres.Away(fmt.Errorf("look for who was told: %w", err))
	}
	var locale prompts.Locale
	var erased bool
	var all, open, person, mailed int
	_, err = pgx.ForEachRow(rows, []any{&locale, &erased, &all, &open, &person, &mailed}, func() error {
		if erased {
			p.Erased += all
			return nil
		}
		p.Conversations, p.Open, p.WithPerson = p.Conversations+all, p.Open+open, p.WithPerson+person
		p.Languages = append(p.Languages, Language{Locale: locale, Conversations: all, Own: m.Texts[locale] != ""})
		if s.mail.Enabled() {
			p.Reachable += mailed
		}
		return nil
	})
	if err != nil {
		return Preview{}, postgres.Away(fmt.Errorf("look for who was told: %w", err))
	}
	p.Finished = p.Conversations - p.Open
	return p, s.addExamples(&p, m, v)
}

// addExamples words the messages; without anybody to tell, in the languages that were written.
func (s *Service) addExamples(p *Preview, m Marking, v knowledge.Version) error {
	if len(p.Languages) == 0 {
		for _, l := range slices.Sorted(maps.Keys(m.Texts)) {
			p.Languages = append(p.Languages, Language{Locale: l, Own: true})
		}
	}
	today := time.Now().In(s.chat.Company().Zone())
	for i, l := range p.Languages {
		words := m.Texts[l.Locale]
		if words == "" {
			words = m.Texts[m.fallback(v.Lang)]
		}
		var err error
		if p.Languages[i].Example, err = s.chat.Wording().Correction(l.Locale, today, v.Title, words); err != nil {
			return err
		}
	}
	return nil
}

// versions gives the version, which was published and is not wrong yet, and the live one, if customers have one.
func (s *Service) versions(ctx context.Context, article int64, version int) (knowledge.Version, *knowledge.Version, error) {
	v, err := s.knowledge.Version(ctx, article, version)
	switch {
	case err != nil:
		return v, nil, err
	case v.State == knowledge.StateDraft:
		return v, nil, fault.NotFound("version_not_found", "Version %d of article %d was never published.", version, article)
	case v.WrongAt != nil:
		return v, nil, fault.Conflict("already_wrong", "Version %d was marked wrong already.", version)
	}
	a, err := s.knowledge.Article(ctx, article)
	if a.Audience == knowledge.ForStaff {
		a.Live = nil // nothing that customers may be shown
	}
	return v, a.Live, err
}

// Mark says that the version was wrong. From this moment no answer rests on it;
// everybody who was told of it gets the correction from the workers, once.
func (s *Service) Mark(ctx context.Context, m Marking, by chat.Agent) (Correction, error) {
	if err := m.check(); err != nil {
		return Correction{}, err
	}
	v, live, err := s.versions(ctx, m.ArticleID, m.Version)
	if err != nil {
		return Correction{}, err
	}
	cites, quote, url := (*int)(nil), "", ""
	if live != nil && live.Version != m.Version {
		cites, quote, url = &live.Version, closest(live.Visible(), m.Texts[m.fallback(v.Lang)], live.Lang), live.URL
	}
	var id int64
	var concerned int
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		wasLive, err := s.knowledge.MarkWrongTx(ctx, tx, m.ArticleID, m.Version)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO corrections (article_id, version, title, reason, texts, fallback, cites, quote, url, was_live, created_by, concerned)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, count(DISTINCT conversation_id)
			FROM citations
			WHERE article_id = $1 AND version = $2 AND first
			RETURNING id, concerned`,
			m.ArticleID, m.Version, v.Title, strings.TrimSpace(m.Reason), m.Texts, m.fallback(v.Lang), cites, quote, url, wasLive, by.ID).Scan(&id, &concerned)
		if err != nil {
			return fmt.Errorf("keep a correction: %w", err)
		}
		if _, err := s.jobs.InsertTx(ctx, tx, CorrectArgs{}, nil); err != nil {
			return fmt.Errorf("ask for background work: %w", err)
		}
		return audit.Write(ctx, tx, audit.Entry{
			By: by.ID, Action: "version.marked_wrong", Subject: fmt.Sprintf("article/%d", m.ArticleID),
			Detail: map[string]any{"version": m.Version, "correction": id, "conversations": concerned, "was_live": wasLive},
		})
	})
	if err != nil {
		return Correction{}, postgres.Away(err)
	}
	return s.Correction(ctx, id)
}

// closest is the sentence of an article that says most of what a text says.
func closest(article, words, lang string) string {
	wanted := map[string]bool{}
	for _, term := range text.Terms(markdown.Plain(words), lang) {
		wanted[term] = true
	}
	best, most := "", 0.0
	for _, block := range strings.Split(article, "\n") {
		if strings.HasPrefix(strings.TrimSpace(block), "#") {
			continue
		}
		for _, sentence := range text.Sentences(block) {
			terms, shared := text.Terms(sentence, lang), 0.0
			for _, term := range terms {
				if wanted[term] {
					shared++
				}
			}
			if score := shared * shared / float64(len(terms)+1); score > most {
				best, most = strings.TrimSpace(sentence), score
			}
		}
	}
	return best
}
