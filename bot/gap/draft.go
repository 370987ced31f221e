// SPDX-License-Identifier: MIT

package gap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/internal/text"
	"candor/knowledge"
	"candor/postgres"
)

// Draft makes a draft of an article from what agents answered, or, when nobody
// has, from the questions alone, and gives the article. A gap that has an article
// keeps it.
func (s *Service) Draft(ctx context.Context, id, author int64) (articleID int64, err error) {
	g, err := s.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	questions, err := s.Questions(ctx, id)
	if err != nil {
		return 0, err
	}
	known, err := s.claim(ctx, id, author)
	if err != nil || known != 0 {
		return known, err
	}
	a, err := s.Knowledge.CreateArticle(ctx, "", compose(g, questions), &author)
	if err != nil {
		_, undone := s.DB.Exec(context.WithoutCancel(ctx), `UPDATE knowledge_gaps SET state = 'open' WHERE id = $1 AND article_id IS NULL`, id)
		return 0, errors.Join(err, undone)
	}
	if _, err := s.DB.Exec(ctx, `UPDATE knowledge_gaps SET article_id = $2, state = 'drafted' WHERE id = $1`, id, a.ID); err != nil {
		return 0, postgres.Away(fmt.Errorf("link a gap to its article: %w", err))
	}
	return a.ID, nil
}

// claim says that the gap is being worked on, and gives the article it has. Of two
// who ask at once one makes the draft. A claim whose maker is gone lapses.
func (s *Service) claim(ctx context.Context, id, by int64) (articleID int64, err error) {
	var known *int64
	err = s.DB.QueryRow(ctx, `
		UPDATE knowledge_gaps
		SET state = 'drafted', reason = NULL, changed_by = $2, changed_at = now()
		WHERE id = $1 AND (state <> 'drafted' OR article_id IS NULL AND changed_at < now() - interval '1 minute')
		RETURNING article_id`, id, by).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		err = s.DB.QueryRow(ctx, `SELECT article_id FROM knowledge_gaps WHERE id = $1`, id).Scan(&known)
		if err == nil && known == nil {
			return 0, fault.Conflict("draft_in_the_making", "Somebody is making this draft just now. Please look again in a moment.")
		}
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotFound(id)
	}
	if err != nil {
		return 0, postgres.Away(fmt.Errorf("claim a gap: %w", err))
	}
	if known == nil {
		return 0, nil
	}
	return *known, nil
}

const (
	titleRunes = 120
	// sayingTheSame is from which share of common words on two sentences are one.
	sayingTheSame = 0.8
)

// compose writes what an editor begins with. No model takes part: it is what
// agents wrote, oldest first, each sentence once.
func compose(g Gap, questions []Question) knowledge.Content {
	c := knowledge.Content{Title: headline(g.Label.Text), Lang: g.Label.Lang}
	var body strings.Builder
	body.WriteString("# " + c.Title + "\n")
	var said []map[string]bool
	for _, q := range slices.Backward(questions) {
		for _, a := range q.Answers {
			if paragraph := unsaid(a.Text, q.Lang, &said); paragraph != "" {
				body.WriteString("\n" + paragraph + "\n")
			}
		}
	}
	if len(said) == 0 {
		body.WriteString("\n")
		for _, u := range append([]utterance{g.Label}, g.Examples...) {
			body.WriteString("- " + strings.ReplaceAll(u.Text, "\n", " ") + "\n")
		}
	}
	c.Source = body.String()
	return c
}

// unsaid is what of an answer has not been said before.
func unsaid(answer, lang string, said *[]map[string]bool) string {
	var lines []string
	for line := range strings.Lines(answer) {
		var kept []string
		for _, sentence := range text.Sentences(strings.TrimSpace(line)) {
			if sentence = strings.TrimSpace(sentence); sentence != "" && news(sentence, lang, said) {
				kept = append(kept, sentence)
			}
		}
		if len(kept) > 0 {
			lines = append(lines, strings.Join(kept, " "))
		}
	}
	return strings.Join(lines, "\n")
}

// news reports whether no sentence said the same, and remembers this one.
func news(sentence, lang string, said *[]map[string]bool) bool {
	set := map[string]bool{}
	for _, term := range text.Terms(sentence, lang) {
		set[term] = true
	}
	for _, other := range *said {
		both := 0
		for term := range set {
			if other[term] {
				both++
			}
		}
		if all := len(set) + len(other) - both; all > 0 && float64(both)/float64(all) >= sayingTheSame {
			return false
		}
	}
	*said = append(*said, set)
	return true
}

// headline is what of a question can be a title: the sentence that asks, without
// what stands for personal data where that can be left out.
func headline(asked string) string {
	sentences := text.Sentences(essence(asked))
	at := slices.IndexFunc(sentences, func(s string) bool { return strings.ContainsAny(s, "?？؟") })
	title := ""
	if at >= 0 {
		title = sentences[at]
	} else if len(sentences) > 0 {
		title = sentences[0]
	}
	title = strings.Join(strings.Fields(unsaluted(strings.TrimSpace(title))), " ")
	if utf8.RuneCountInString(title) > titleRunes {
		title = string([]rune(title)[:titleRunes-1]) + "…"
	}
	if title == "" {
		return "?"
	}
	return title
}

// essence is a question without the sentences that personal data was taken out of
// and those that only are polite, if anything else is left.
func essence(asked string) string {
	var kept []string
	for line := range strings.Lines(asked) {
		for _, sentence := range text.Sentences(strings.TrimSpace(line)) {
			if sentence = strings.TrimSpace(sentence); sentence != "" && !tag.MatchString(sentence) && !courteous(sentence) {
				kept = append(kept, sentence)
			}
		}
	}
	if len(kept) == 0 {
		return asked
	}
	return strings.Join(kept, " ")
}
