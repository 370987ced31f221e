// SPDX-License-Identifier: MIT

package concept_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge/concept"
)

func TestTerms_meet_across_languages(t *testing.T) {
	t.Parallel()
	for lang, s := range map[string]string{
		"en": "I want my refunds", "zh": "我要申请退款", "ja": "返金してください", "ko": "환불해 주세요", "es": "quiero un reembolso",
		"fr": "me faire rembourser", "de": "Wo bleibt die Rückerstattung?", "pt": "quero o reembolso", "ar": "أريد استرداد", "ru": "нужен возврат",
	} {
		require.Contains(t, concept.Terms(s, lang), "~refund", lang)
	}
}

func TestTerms_of_words_it_does_not_know(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "zyx", "the of and", "量子纠缠", "12345"} {
		require.Empty(t, concept.Terms(s, "en"), s)
	}
}

func TestTerms_prefers_the_longest_word(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"~delivery"}, concept.Terms("配送", "zh"))
	require.Contains(t, concept.Terms("物流查询", "zh"), "~tracking")
	require.NotContains(t, concept.Terms("物流查询", "zh"), "~shipping")
}

func TestTerms_keeps_english_names_in_other_languages(t *testing.T) {
	t.Parallel()
	require.Contains(t, concept.Terms("如何使用 workflow", "zh"), "~automatic")
}

func FuzzTerms(f *testing.F) {
	f.Add("refund 退款 返金する", "zh-Hans")
	f.Fuzz(func(t *testing.T, s, lang string) {
		for _, c := range concept.Terms(s, lang) {
			require.Regexp(t, "^~[a-z]", c)
		}
	})
}

func ExampleTerms() {
	fmt.Println(concept.Terms("How do I cancel?", "en"), concept.Terms("怎么取消", "zh"))
	// Output: [~cancel] [~cancel]
}
