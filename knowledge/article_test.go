// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/knowledge"
	"candor/postgres"
	"candor/postgres/pgtest"
)

type library struct {
	*knowledge.Service
	db *pgxpool.Pool
	t  *testing.T
}

func newLibrary(t *testing.T) library {
	t.Helper()
	db := pgtest.DB(t)
	return library{knowledge.New(knowledge.Config{DB: db}), db, t}
}

func content(title, source string) knowledge.Content {
	return knowledge.Content{Title: title, Lang: "en", Source: source}
}

// publish makes a live article.
func (l library) publish(title, source string) knowledge.Article {
	l.t.Helper()
	a, err := l.CreateArticle(l.t.Context(), "", content(title, source), nil)
	require.NoError(l.t, err)
	a, err = l.PublishDraft(l.t.Context(), a.ID, a.Draft.Revision)
	require.NoError(l.t, err)
	return a
}

// rewrite publishes a new version.
func (l library) rewrite(a knowledge.Article, source string) knowledge.Article {
	l.t.Helper()
	a, err := l.SaveDraft(l.t.Context(), a.ID, 0, content(a.Live.Title, source), nil)
	require.NoError(l.t, err)
	a, err = l.PublishDraft(l.t.Context(), a.ID, a.Draft.Revision)
	require.NoError(l.t, err)
	return a
}

// best returns the title of the best passage, "" for none.
func (l library) best(question string) string {
	l.t.Helper()
	found, err := l.Search(l.t.Context(), knowledge.Query{Text: question})
	require.NoError(l.t, err)
	if len(found.Passages) == 0 {
		return ""
	}
	return found.Passages[0].Title
}

func (l library) isLive(ref knowledge.VersionRef) bool {
	l.t.Helper()
	return l.isLiveFor(ref, knowledge.ForEveryone)
}

func (l library) isLiveFor(ref knowledge.VersionRef, reader knowledge.Audience) bool {
	l.t.Helper()
	var live bool
	err := postgres.InTx(l.t.Context(), l.db, func(tx pgx.Tx) (err error) {
		live, err = l.Live(l.t.Context(), tx, []knowledge.VersionRef{ref}, reader)
		return err
	})
	require.NoError(l.t, err)
	return live
}

func requireFault(t *testing.T, code string, err error) {
	t.Helper()
	require.Error(t, err)
	require.True(t, fault.Is(err, code), "want %s, got %v", code, err)
}

func TestArticle_lives_from_draft_to_archive(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a, err := l.CreateArticle(t.Context(), "faq/refunds", content("Refunds", "Refunds take five days."), nil)
	require.NoError(t, err)
	require.Equal(t, knowledge.StateDraft, a.State())
	require.Empty(t, l.best("refund"), "a draft answers nothing")

	a, err = l.PublishDraft(t.Context(), a.ID, a.Draft.Revision)
	require.NoError(t, err)
	require.Equal(t, knowledge.StatePublished, a.State())
	require.Equal(t, 1, a.Live.Version)
	require.Equal(t, 1, a.Live.Chunks)
	require.Nil(t, a.Draft)
	require.Equal(t, "Refunds", l.best("refund"))

	a = l.rewrite(a, "Refunds take two weeks.")
	require.Equal(t, 2, a.Live.Version)
	require.False(t, l.isLive(knowledge.VersionRef{ArticleID: a.ID, Version: 1}))
	require.True(t, l.isLive(knowledge.VersionRef{ArticleID: a.ID, Version: 2}))

	a, err = l.Restore(t.Context(), a.ID, 1, 0, nil, false)
	require.NoError(t, err)
	require.Equal(t, "Refunds take five days.", a.Draft.Source)
	require.Equal(t, "Refunds take two weeks.", a.Live.Source, "restoring publishes nothing")

	a, err = l.Archive(t.Context(), a.ID)
	require.NoError(t, err)
	require.Empty(t, l.best("refund"))
	require.False(t, l.isLive(knowledge.VersionRef{ArticleID: a.ID, Version: 2}))
	versions, err := l.Versions(t.Context(), a.ID)
	require.NoError(t, err)
	require.Len(t, versions, 3, "versions stay on record")
	v, err := l.Version(t.Context(), a.ID, 2)
	require.NoError(t, err)
	require.Equal(t, "Refunds take two weeks.", v.Source)
	require.Equal(t, knowledge.StateArchived, v.State)
	_, err = l.Archive(t.Context(), a.ID)
	requireFault(t, "not_published", err)
}

func TestSaveDraft_refuses_to_overwrite_what_was_not_read(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a, err := l.CreateArticle(t.Context(), "", content("A", "one"), nil)
	require.NoError(t, err)
	read := a.Draft.Revision
	a, err = l.SaveDraft(t.Context(), a.ID, read, content("A", "two"), nil)
	require.NoError(t, err)
	_, err = l.SaveDraft(t.Context(), a.ID, read, content("A", "three"), nil)
	requireFault(t, "draft_changed", err)
	_, err = l.SaveDraft(t.Context(), a.ID, 0, content("A", "four"), nil)
	requireFault(t, "draft_changed", err)
	_, err = l.PublishDraft(t.Context(), a.ID, read)
	requireFault(t, "draft_changed", err)
	a, err = l.Article(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, "two", a.Draft.Source)
}

func TestSaveDraft_revisions_never_come_back(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("A", "one")
	a, err := l.SaveDraft(t.Context(), a.ID, 0, content("A", "two"), nil)
	require.NoError(t, err)
	first := a.Draft.Revision
	require.NoError(t, l.DiscardDraft(t.Context(), a.ID, first))
	a, err = l.SaveDraft(t.Context(), a.ID, 0, content("A", "three"), nil)
	require.NoError(t, err)
	require.Greater(t, a.Draft.Revision, first, "an editor with the discarded draft must not pass for one with this")
	_, err = l.PublishDraft(t.Context(), a.ID, first)
	requireFault(t, "draft_changed", err)
}

func TestDiscardDraft_takes_an_article_that_was_never_published_with_it(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a, err := l.CreateArticle(t.Context(), "", content("A", "one"), nil)
	require.NoError(t, err)
	requireFault(t, "draft_changed", l.DiscardDraft(t.Context(), a.ID, a.Draft.Revision+1))
	require.NoError(t, l.DiscardDraft(t.Context(), a.ID, a.Draft.Revision))
	_, err = l.Article(t.Context(), a.ID)
	requireFault(t, "article_not_found", err)
}

func TestCreateArticle_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	long := string(make([]rune, 301))
	for code, c := range map[string]knowledge.Content{
		"title_missing":  {Title: " ", Lang: "en", Source: "x"},
		"title_too_long": {Title: long + "x", Lang: "en", Source: "x"},
		"text_missing":   {Title: "T", Lang: "en", Source: " \n"},
		"lang_invalid":   {Title: "T", Lang: "en; drop", Source: "x"},
		"url_invalid":    {Title: "T", Lang: "en", URL: "javascript:alert(1)", Source: "x"},
		"invalid_utf8":   {Title: "T", Lang: "en", Source: "a\xffb"},
		"nul_byte":       {Title: "T", Lang: "en", Source: "a\x00b"},
	} {
		_, err := l.CreateArticle(t.Context(), "", c, nil)
		requireFault(t, code, err)
	}
	_, err := l.CreateArticle(t.Context(), "same", content("A", "x"), nil)
	require.NoError(t, err)
	_, err = l.CreateArticle(t.Context(), "same", content("B", "y"), nil)
	requireFault(t, "external_id_taken", err)
	_, err = l.Article(t.Context(), 999)
	requireFault(t, "article_not_found", err)
	_, err = l.Version(t.Context(), 999, 1)
	requireFault(t, "version_not_found", err)
	_, err = l.Versions(t.Context(), 999)
	requireFault(t, "article_not_found", err)
}

func TestSource_is_kept_to_the_byte(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	source := "\uFEFF---\r\ntitle: x\r\n---\r\n\tLine \u00a0 with \u200b odd  spaces  \r\n\r\n<Info>'\"; DROP TABLE knowledge_articles; --</Info>\n\n\n"
	a := l.publish("Odd", source)
	require.Equal(t, source, a.Live.Source)
}

func TestReview_date_takes_an_article_out_at_once(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("Refunds", "Refunds take five days.")
	ref := knowledge.VersionRef{ArticleID: a.ID, Version: 1}
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	for _, c := range []struct {
		review, expires *time.Time
		live            bool
	}{{&past, nil, false}, {&future, nil, true}, {nil, &past, false}, {&future, &past, false}, {nil, nil, true}} {
		_, err := l.SetReview(t.Context(), a.ID, c.review, c.expires)
		require.NoError(t, err)
		require.Equal(t, c.live, l.best("refunds") != "")
		require.Equal(t, c.live, l.isLive(ref))
	}
	_, err := l.SetReview(t.Context(), a.ID, &past, nil)
	require.NoError(t, err)
	l.rewrite(a, "Refunds take a week.")
	require.Empty(t, l.best("refunds"), "a new version does not lift the date")
}

func TestArticles_pages_through_titles(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for i := range 5 {
		l.publish(fmt.Sprintf("Title %d", i/2), "text")
	}
	_, err := l.CreateArticle(t.Context(), "", content("Unpublished", "text"), nil)
	require.NoError(t, err)

	var titles []string
	f := knowledge.ListFilter{Limit: 2}
	for {
		page, err := l.Articles(t.Context(), f)
		require.NoError(t, err)
		for _, a := range page {
			titles = append(titles, a.Title)
			f.After = knowledge.Cursor{Title: a.Title, ID: a.ID}
		}
		if len(page) < f.Limit {
			break
		}
	}
	require.Equal(t, []string{"Title 0", "Title 0", "Title 1", "Title 1", "Title 2", "Unpublished"}, titles)

	drafts, err := l.Articles(t.Context(), knowledge.ListFilter{State: knowledge.StateDraft})
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	require.True(t, drafts[0].HasDraft)
	named, err := l.Articles(t.Context(), knowledge.ListFilter{Title: "title 1", Lang: "en"})
	require.NoError(t, err)
	require.Len(t, named, 2)
}

func TestPublish_concurrently_keeps_one_live_version_and_true_statistics(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	var ids []int64
	for i := range 6 {
		ids = append(ids, l.publish(fmt.Sprintf("Article %d", i), "about refunds and roaming").ID)
	}
	var work sync.WaitGroup
	for worker := range 4 {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 12 {
				l.change(ids[random.IntN(len(ids))], random)
			}
		})
	}
	work.Wait()
	require.NoError(t, l.Maintain(t.Context()))
	l.requireTrueStatistics()
	require.NoError(t, l.Maintain(t.Context()))
	l.requireTrueStatistics()
}

// change does what an editor might; losing to another editor is fine.
func (l library) change(id int64, random *rand.Rand) {
	ctx := l.t.Context()
	a, err := l.Article(ctx, id)
	require.NoError(l.t, err)
	switch {
	case a.Live != nil && random.IntN(4) == 0:
		_, err = l.Archive(ctx, id)
	case a.Draft == nil:
		_, err = l.SaveDraft(ctx, id, 0, content(fmt.Sprintf("Article %d", id), words(random)), nil)
	default:
		_, err = l.PublishDraft(ctx, id, a.Draft.Revision)
	}
	if f, ok := fault.Of(err); err != nil {
		require.True(l.t, ok && f.Kind == fault.KindConflict, "%v", err)
	}
}

func words(random *rand.Rand) string {
	all := []string{"refund", "roaming", "tariff", "invoice", "contract", "router", "signal", "delivery"}
	out := "# Heading\n\n"
	for range 5 + random.IntN(400) {
		out += all[random.IntN(len(all))] + " "
	}
	return out
}

// requireTrueStatistics counts again what the statistics say, and looks for each live article in the index
// of its audience.
func (l library) requireTrueStatistics() {
	l.t.Helper()
	const chunks = `(
		SELECT 'everyone' AS audience, article_id, version, position, lang, length, article_length, terms FROM knowledge_chunks UNION ALL
		SELECT audience, article_id, version, position, lang, length, article_length, terms FROM knowledge_closed_chunks) c`
	for name, sql := range map[string]string{
		"terms": `
			SELECT count(*) FROM (SELECT audience, term, sum(chunks) AS n FROM knowledge_terms GROUP BY audience, term HAVING sum(chunks) <> 0) said
			FULL JOIN (SELECT audience, term, count(*) AS n FROM ` + chunks + `, unnest(tsvector_to_array(terms)) AS term GROUP BY audience, term) so USING (audience, term)
			WHERE said.n IS DISTINCT FROM so.n`,
		"totals": `
			SELECT count(*) FROM (
				SELECT audience, lang, sum(articles) AS a, sum(chunks) AS c, sum(length) AS l, sum(article_length) AS al
				FROM knowledge_totals GROUP BY audience, lang HAVING sum(chunks) <> 0) said
			FULL JOIN (
				SELECT audience, lang, count(DISTINCT article_id) AS a, count(*) AS c, sum(length) AS l, sum(article_length) FILTER (WHERE position = 0) AS al
				FROM ` + chunks + ` GROUP BY audience, lang) so USING (audience, lang)
			WHERE (said.a, said.c, said.l, said.al) IS DISTINCT FROM (so.a, so.c, so.l, so.al)`,
		"chunks in an index of another audience": `
			SELECT count(*) FROM ` + chunks + ` JOIN knowledge_articles a ON a.id = c.article_id WHERE a.audience <> c.audience`,
		"closed chunks without their vector": `
			SELECT count(*) FROM knowledge_closed_chunks c LEFT JOIN knowledge_closed_vectors v
			ON v.chunk_id = c.id AND v.model_id = 1 AND v.audience = c.audience AND v.usable_until = c.usable_until WHERE v.chunk_id IS NULL`,
		"more than one live version": `
			SELECT count(*) FROM (SELECT FROM knowledge_versions WHERE state = 'published' GROUP BY article_id HAVING count(*) > 1) x`,
		"chunks of versions that are not live": `
			SELECT count(*) FROM ` + chunks + ` JOIN knowledge_versions v USING (article_id, version) WHERE v.state <> 'published'`,
		"chunks without a vector": `
			SELECT count(*) FROM knowledge_chunks c LEFT JOIN knowledge_vectors_1 v ON v.chunk_id = c.id WHERE v.chunk_id IS NULL`,
	} {
		var wrong int
		require.NoError(l.t, l.db.QueryRow(l.t.Context(), sql).Scan(&wrong))
		require.Zero(l.t, wrong, name)
	}
}

func TestPublish_never_leaves_a_moment_without_a_live_version(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	a := l.publish("Refunds", "Refunds take one day.")
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			found, err := l.Search(t.Context(), knowledge.Query{Text: "refunds"})
			if err == nil && len(found.Passages) == 0 {
				err = fmt.Errorf("no live version")
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	for i := range 15 {
		a = l.rewrite(a, fmt.Sprintf("Refunds take %d days.", i+2))
	}
	close(stop)
	require.NoError(t, <-done)
}
