// SPDX-License-Identifier: MIT

package embed_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge/embed"
)

func vector(s, lang string) []float32 {
	return embed.Vector(embed.Part{Text: s, Lang: lang, Weight: 1})
}

func cosine(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestVector_is_a_unit_and_the_same_every_time(t *testing.T) {
	t.Parallel()
	v := vector("How do I get a refund for my order?", "en")
	require.Len(t, v, embed.Dimensions)
	require.InDelta(t, 1, math.Sqrt(cosine(v, v)), 1e-5)
	for range 20 {
		require.Equal(t, v, vector("How do I get a refund for my order?", "en"))
	}
}

func TestVector_of_nothing_is_zero(t *testing.T) {
	t.Parallel()
	require.Zero(t, cosine(vector(" ?!", "en"), vector(" ?!", "en")))
}

func TestVector_keeps_near_what_means_the_same(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ a, aLang, b, bLang, far, farLang string }{
		"a misspelt word":    {"activate my sim card", "en", "actvate my sim crad", "en", "where is the nearest restaurant", "en"},
		"another form":       {"Rechnungen herunterladen", "de", "Rechnung herunterladen", "de", "Router anschließen", "de"},
		"a compound's part":  {"Vertragsverlängerung", "de", "Vertrag", "de", "Lieferung", "de"},
		"another wording":    {"can I get reimbursed", "en", "refund", "en", "roaming", "en"},
		"another language":   {"how do I cancel the contract", "en", "如何取消合同", "zh", "漫游资费说明", "zh"},
		"Japanese in kanji":  {"料金の支払い方法", "ja", "支付费用的方法", "zh", "设备升级指南", "zh"},
		"Chinese characters": {"退款多久到账", "zh", "退款到账时间", "zh", "网络信号不好", "zh"},
	} {
		a := vector(c.a, c.aLang)
		near, far := cosine(a, vector(c.b, c.bLang)), cosine(a, vector(c.far, c.farLang))
		require.Greater(t, near, far+0.05, "%s: near %.3f, far %.3f", name, near, far)
	}
}

func TestEmbedder_embeds_each_text(t *testing.T) {
	t.Parallel()
	vs, err := embed.Embedder{}.Embed(t.Context(), []string{"退款", "where is my refund?"})
	require.NoError(t, err)
	require.Equal(t, [][]float32{vector("退款", "zh"), vector("where is my refund?", "en")}, vs)
}

func FuzzVector(f *testing.F) {
	f.Add("refund 退款 l'eau", "fr")
	f.Fuzz(func(t *testing.T, s, lang string) {
		for _, x := range vector(s, lang) {
			require.False(t, math.IsNaN(float64(x)) || math.IsInf(float64(x), 0))
		}
	})
}

func BenchmarkVector(b *testing.B) {
	s := "Refunds are paid back to the card you paid with within five working days. If you paid by bank transfer, tell us the account."
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		vector(s, "en")
	}
}

func ExampleVector() {
	question := embed.Vector(embed.Part{Text: "reciving my refnd", Lang: "en", Weight: 1})
	refunds := embed.Vector(embed.Part{Text: "Receiving a refund", Lang: "en", Weight: 1})
	roaming := embed.Vector(embed.Part{Text: "Roaming in Europe", Lang: "en", Weight: 1})
	fmt.Println(cosine(question, refunds) > cosine(question, roaming))
	// Output: true
}
