// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
	"candor/postgres/pgtest"
)

// corpus makes articles of invented words: a vocabulary as uneven as a language's, topics that share
// words, 60 to 140 words each.
type corpus struct {
	random *rand.Rand
	common *rand.Zipf
	words  []string
}

func newCorpus() *corpus {
	c := &corpus{random: rand.New(rand.NewPCG(7, 7))}
	c.common = rand.NewZipf(c.random, 1.1, 8, 19_999)
	syllables := strings.Fields("ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru ska spe sti tro plu")
	for range 20_000 {
		w := ""
		for range 2 + c.random.IntN(3) {
			w += syllables[c.random.IntN(len(syllables))]
		}
		c.words = append(c.words, w)
	}
	return c
}

func (c *corpus) text(topic, n int) string {
	out := make([]string, n)
	for i := range out {
		if c.random.IntN(3) == 0 {
			out[i] = c.words[(topic*37+c.random.IntN(40))%len(c.words)]
		} else {
			out[i] = c.words[c.common.Uint64()]
		}
	}
	return strings.Join(out, " ")
}

func (c *corpus) jsonLines(articles int) string {
	var b strings.Builder
	for i := range articles {
		topic := c.random.IntN(1000)
		line, _ := json.Marshal(map[string]string{
			"id": strconv.Itoa(i), "title": c.text(topic, 5), "body": c.text(topic, 60+c.random.IntN(80)) + ".", "lang": "en",
		})
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// benchChunks is the size of the benchmark's index; CANDOR_BENCH_CHUNKS makes another.
func benchChunks() int {
	if n, err := strconv.Atoi(os.Getenv("CANDOR_BENCH_CHUNKS")); err == nil {
		return n
	}
	if testing.Short() {
		return 500
	}
	return 10_000
}

func benchLibrary(b *testing.B, c *corpus, n int) *knowledge.Service {
	b.Helper()
	db := pgtest.DB(b)
	s := knowledge.New(knowledge.Config{DB: db, GraphFrom: 1})
	start := time.Now()
	report, err := s.ImportReader(b.Context(), "corpus.jsonl", strings.NewReader(c.jsonLines(n)), knowledge.ImportOptions{})
	require.NoError(b, err)
	require.Equal(b, n, report.Created)
	b.Logf("imported %d articles in %.1f s", n, time.Since(start).Seconds())
	for _, table := range []string{"knowledge_chunks", "knowledge_vectors_1", "knowledge_terms", "knowledge_versions", "knowledge_articles"} {
		_, err := db.Exec(b.Context(), `VACUUM ANALYZE `+table)
		require.NoError(b, err)
	}
	return s
}

// BenchmarkSearch measures whole searches with a scan of the vectors and with the graph, and how many
// of the nearest vectors and of the passages that a scan finds the graph finds.
func BenchmarkSearch(b *testing.B) {
	c := newCorpus()
	n := benchChunks()
	s := benchLibrary(b, c, n)
	question := func() string { return c.text(c.random.IntN(1000), 8) }
	b.Run(fmt.Sprintf("scan/%d", n), func(b *testing.B) { measure(b, s, question) })
	exact := map[string][]int64{}
	for range 50 {
		q := question()
		exact[q] = passages(b, s, q)
	}
	start := time.Now()
	require.NoError(b, s.Maintain(b.Context()))
	b.Logf("built the graph in %.1f s", time.Since(start).Seconds())
	for name, q := range map[string]func() string{
		"question": question,
		"rare":     func() string { return c.words[15_000+c.random.IntN(5000)] + " " + c.words[15_000+c.random.IntN(5000)] },
		"common":   func() string { return strings.Join(c.words[c.random.IntN(20):][:6], " ") },
		"unknown":  func() string { return c.text(c.random.IntN(1000), 6) + " qwertzuiop asdfghjklm" },
	} {
		b.Run(fmt.Sprintf("graph-%s/%d", name, n), func(b *testing.B) { measure(b, s, q) })
	}
	recall(b, s, exact)
}

func measure(b *testing.B, s *knowledge.Service, question func() string) {
	b.Helper()
	measureFor(b, s, knowledge.ForEveryone, question)
}

func measureFor(b *testing.B, s *knowledge.Service, reader knowledge.Audience, question func() string) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		q := question()
		start := time.Now()
		_, err := s.Search(b.Context(), knowledge.Query{Text: q, Lang: "en", For: reader})
		require.NoError(b, err)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func passages(b *testing.B, s *knowledge.Service, q string) []int64 {
	b.Helper()
	found, err := s.Search(b.Context(), knowledge.Query{Text: q, Lang: "en", Limit: 10})
	require.NoError(b, err)
	ids := make([]int64, len(found.Passages))
	for i, p := range found.Passages {
		ids[i] = p.ChunkID
	}
	return ids
}

// recall prints how much of what a scan finds the graph finds, among the ten nearest vectors and among
// the ten best passages.
func recall(b *testing.B, s *knowledge.Service, exact map[string][]int64) {
	b.Helper()
	var near, nearAll, found, all int
	for q, want := range exact {
		scanned, err := s.Nearest(b.Context(), q, true)
		require.NoError(b, err)
		walked, err := s.Nearest(b.Context(), q, false)
		require.NoError(b, err)
		near += shared(scanned[:10], walked)
		nearAll += 10
		found += shared(want, passages(b, s, q))
		all += len(want)
	}
	b.Logf("recall@10 against a scan: vectors %.3f, passages %.3f", float64(near)/float64(nearAll), float64(found)/float64(all))
}

func shared(want, got []int64) int {
	n := 0
	for _, id := range want {
		if slices.Contains(got, id) {
			n++
		}
	}
	return n
}

// BenchmarkSearch_closed measures what an anonymous and a signed-in customer wait for, in memory and in the
// database, before and after as much again has been published for signed-in customers.
func BenchmarkSearch_closed(b *testing.B) {
	c := newCorpus()
	n := benchChunks() / 5
	question := func() string { return c.text(c.random.IntN(1000), 8) }
	db := pgtest.DB(b)
	where := map[string]*knowledge.Service{"memory": knowledge.New(knowledge.Config{DB: db}), "database": knowledge.New(knowledge.Config{DB: db, GraphFrom: 1})}
	load := func(name, audience string) {
		var files strings.Builder
		for line := range strings.Lines(c.jsonLines(n)) {
			files.WriteString(`{"audience":"` + audience + `",` + strings.Replace(line[1:], `"id":"`, `"id":"`+audience, 1))
		}
		report, err := where["memory"].ImportReader(b.Context(), name, strings.NewReader(files.String()), knowledge.ImportOptions{})
		require.NoError(b, err)
		require.Equal(b, n, report.Created)
		for _, table := range []string{"knowledge_chunks", "knowledge_closed_chunks", "knowledge_vectors_1", "knowledge_closed_vectors", "knowledge_terms"} {
			_, err := db.Exec(b.Context(), `VACUUM ANALYZE `+table)
			require.NoError(b, err)
		}
	}
	run := func(when string) {
		for _, at := range []string{"memory", "database"} {
			for _, reader := range []knowledge.Audience{knowledge.ForEveryone, knowledge.ForSignedIn} {
				b.Run(fmt.Sprintf("%s/%s-%s/%d", when, at, reader, n), func(b *testing.B) { measureFor(b, where[at], reader, question) })
			}
		}
	}
	load("open.jsonl", "everyone")
	run("before")
	load("closed.jsonl", "signed_in")
	run("after")
}
