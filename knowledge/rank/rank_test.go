// SPDX-License-Identifier: MIT

package rank_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge/rank"
)

// library is a small index in memory.
type library struct {
	cands []rank.Candidate
	stats rank.Stats
}

func newLibrary(lang string, articles ...[2]string) library {
	l := library{stats: rank.Stats{In: map[string]int{}}}
	for i, a := range articles {
		d := rank.Index(a[0], nil, a[1], lang)
		for _, t := range d.Terms {
			l.stats.In[t]++
		}
		l.stats.Articles++
		l.stats.Chunks++
		l.stats.Length += d.Length
		l.stats.ArticleLength += d.Length
		l.cands = append(l.cands, rank.Candidate{
			ChunkID: int64(i + 1), ArticleID: int64(i + 1), Lang: lang, Length: d.Length, ArticleLength: d.Length, Bag: d.Bag,
		})
	}
	return l
}

func (l library) ask(question, lang string) ([]rank.Candidate, map[string]rank.Question) {
	cands := append([]rank.Candidate{}, l.cands...)
	q := rank.Read(question, lang, cands[0].Lang)
	qs := map[string]rank.Question{q.Lang: q}
	rank.Rank(cands, qs, l.stats, rank.Lexical)
	return cands, qs
}

var shop = newLibrary("en",
	[2]string{"Refunds", "A refund takes five days after the parcel is back."},
	[2]string{"Roaming", "Roaming in Europe costs nothing. Elsewhere data costs two euros a day."},
	[2]string{"Parcels", "A parcel takes two days. You can follow the parcel in the app."},
	[2]string{"About us", "Who are you? A company from the north."},
)

func TestBag_holds_counts_and_the_title(t *testing.T) {
	t.Parallel()
	d := rank.Index("Refund rules", []string{"Money"}, "refund refund "+strings.Repeat("parcel ", 300), "en")
	n, inTitle := d.Bag.Count(rank.Hash("refund"))
	require.Equal(t, 4, n, "two in the text, and the title's counts twice")
	require.True(t, inTitle)
	n, inTitle = d.Bag.Count(rank.Hash("parcel"))
	require.Equal(t, 127, n, "as much as an entry can hold")
	require.False(t, inTitle)
	n, _ = d.Bag.Count(rank.Hash("absent"))
	require.Zero(t, n)
	require.Equal(t, 2, d.Bag.TitleTerms())
	require.Contains(t, d.Terms, "~refund")
	require.IsIncreasing(t, d.Terms)
	n, _ = rank.Bag(nil).Count(rank.Hash("refund"))
	require.Zero(t, n)
}

func TestRank_puts_the_answer_first(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]int64{
		"when do I get my refund": 1, "data in Europe": 2, "follow my parcel": 3, "who are you": 4, "reimbursement": 1,
	} {
		cands, _ := shop.ask(question, "en")
		require.Equal(t, want, cands[0].ArticleID, question)
	}
}

func TestRank_reads_a_question_in_another_language(t *testing.T) {
	t.Parallel()
	for lang, question := range map[string]string{"zh": "怎么退款", "de": "Wo bleibt die Erstattung", "es": "¿y mi reembolso?", "ja": "返金"} {
		cands, qs := shop.ask(question, lang)
		require.Equal(t, int64(1), cands[0].ArticleID, question)
		require.True(t, rank.Describe(cands, qs, shop.stats).Foreign)
	}
}

func TestRank_keeps_scores_within_bounds(t *testing.T) {
	t.Parallel()
	for _, question := range []string{"refund", "who are you", "x", "", "refund refund refund", strings.Repeat("parcel roaming refund ", 50), "退款 refund"} {
		cands, qs := shop.ask(question, "en")
		f := rank.Describe(cands, qs, shop.stats)
		for _, c := range cands {
			for name, v := range map[string]float64{"norm": c.TextNorm, "coverage": c.Coverage, "title": c.Title, "concepts": c.Concepts, "fused": c.Fused} {
				require.GreaterOrEqual(t, v, 0.0, "%s of %q", name, question)
				require.LessOrEqual(t, v, 1.0+1e-9, "%s of %q", name, question)
			}
		}
		f.Look(question, "en", "A refund takes five days.", "Refunds", "en")
		for name, v := range map[string]float64{
			"coverage": f.Coverage, "norm": f.TextNorm, "unknown": f.Unknown, "margin": f.Margin, "text margin": f.TextMargin,
			"vector margin": f.VectorMargin, "likeness": f.Likeness, "nearness": f.Nearness, "text agrees": f.TextAgrees,
		} {
			require.InDelta(t, 0.5, v, 0.5+1e-6, "%s of %q", name, question)
		}
	}
}

func TestRank_adds_up_what_an_article_says_in_several_chunks(t *testing.T) {
	t.Parallel()
	l := newLibrary("en", [2]string{"A", "alpha words here"}, [2]string{"A", "beta words there"}, [2]string{"B", "alpha words words"}, [2]string{"C", "other"})
	l.cands[1].ArticleID = 1
	cands, _ := l.ask("alpha beta", "en")
	require.Equal(t, int64(1), cands[0].ArticleID)
	require.Greater(t, cands[0].Article, cands[0].Text, "the article has both words")
}

func TestDescribe_says_how_sure_the_order_is(t *testing.T) {
	t.Parallel()
	certain, qs := shop.ask("refund after five days", "en")
	f := rank.Describe(certain, qs, shop.stats)
	require.Greater(t, f.Margin, 0.4)
	require.InDelta(t, 1, f.TextAgrees, 1e-9)
	require.Zero(t, f.Unknown)
	vague, qs := shop.ask("takes days zyxwv", "en")
	g := rank.Describe(vague, qs, shop.stats)
	require.Less(t, g.Margin, f.Margin)
	require.Positive(t, g.Unknown)
	require.Zero(t, rank.Describe(nil, nil, rank.Stats{}))
}

func TestLook_finds_the_sentence(t *testing.T) {
	t.Parallel()
	const passage = "We are open all day. A refund takes five days. Ask for a parcel label."
	var near, far rank.Features
	near.Look("how many days does a refund take", "en", passage, "Help", "en")
	far.Look("is there a discount for students", "en", passage, "Help", "en")
	require.Greater(t, near.Likeness, far.Likeness)
	require.Greater(t, near.Nearness, far.Nearness+0.2)
}

func TestNearest_knows_misspelt_words(t *testing.T) {
	t.Parallel()
	known := []string{"refund", "reform", "activ", "activation", "contract", "contrast", "parcel"}
	for word, want := range map[string]string{
		"refnud": "refund", "refumd": "refund", "refun": "refund", "activaton": "activation", "actviatoin": "activation",
		"contraxt": "", "xxxxxx": "", "parcels": "parcel", "refund": "refund",
	} {
		require.Equal(t, want, rank.Nearest(word, known), word)
	}
}

func TestCorrectable_words_are_words(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{"refund": true, "sim": false, "a1b2c3": false, "12345": false, "退款申请书": false, "возврат": true} {
		require.Equal(t, want, rank.Correctable(rank.Unit{Term: word}), word)
	}
	require.False(t, rank.Correctable(rank.Unit{Term: "~refund", Concept: true}))
}

func FuzzRank(f *testing.F) {
	f.Add("when do I get my refund? 退款", "en", "zh")
	f.Fuzz(func(t *testing.T, question, lang, articleLang string) {
		q := rank.Read(question, lang, articleLang)
		require.LessOrEqual(t, len(q.Units), rank.MaxUnits)
		cands := append([]rank.Candidate{}, shop.cands...)
		rank.Rank(cands, map[string]rank.Question{"en": q}, shop.stats, rank.Lexical)
		for i := 1; i < len(cands); i++ {
			require.GreaterOrEqual(t, cands[i-1].Fused, cands[i].Fused)
		}
	})
}

func BenchmarkRank(b *testing.B) {
	d := rank.Index("Refunds", nil, strings.Repeat("a refund takes five days after the parcel is back at our warehouse ", 10), "en")
	var cands []rank.Candidate
	for i := range 700 {
		cands = append(cands, rank.Candidate{ChunkID: int64(i), ArticleID: int64(i / 3), Lang: "en", Length: d.Length, ArticleLength: 3 * d.Length, Bag: d.Bag, Cosine: float64(i%97) / 97})
	}
	q := rank.Read("how long does a refund take after I sent the parcel back", "en", "en")
	stats := rank.Stats{Chunks: 10_000, Articles: 3000, Length: 10_000 * d.Length, ArticleLength: 10_000 * d.Length, In: map[string]int{"refund": 300, "parcel": 500}}
	for b.Loop() {
		list := append([]rank.Candidate{}, cands...)
		rank.Rank(list, map[string]rank.Question{"en": q}, stats, rank.Lexical)
	}
}

func ExampleRank() {
	cands, _ := shop.ask("when is my refund paid?", "en")
	fmt.Println(cands[0].ArticleID, cands[0].TextRank)
	// Output: 1 1
}
