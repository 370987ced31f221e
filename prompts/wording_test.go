// SPDX-License-Identifier: MIT

package prompts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

// sample has a value for every placeholder there is.
var sample = Args{
	"org": "Norda", "ref": "C-4F7K2", "position": "3", "wait": "about 2 to 5 minutes", "hours": "Monday to Friday", "due": "3 December 2026",
	"alternatives": "telephone", "agent": "Desk 2", "issue": "my bill {ref} is wrong", "received": "1 December 2026", "owner": "the billing team",
	"adr": "You may also ask the arbitration board.", "reason": "it concerns another company", "redirect": "the network operator", "findings": "none",
	"date": "1 December 2026", "title": "Returns", "right": "14 days", "options": "- Bills\n- Faults", "limit": "4000", "n": "2", "max": "5",
	"version": "7", "low": "2", "high": "5", "day": "3", "month": "May", "year": "2026", "time": "14:30", "from": "Monday", "to": "Friday",
	"open": "09:00", "close": "18:00", "list": "a, b", "last": "c", "colleague": "Desk 3", "other": "C-9K2MX", "holiday": "New Year",
}

func isPlural(k Key) bool { return strings.HasPrefix(string(k), "wait.") }

func TestWording_renders_every_key_in_every_locale(t *testing.T) {
	t.Parallel()
	for _, l := range locales {
		for k := range wording[English] {
			if isPlural(k) {
				continue
			}
			got, err := Render(l, k, sample)
			require.NoError(t, err, "%s %s", l, k)
			require.NotEmpty(t, got)
			require.ElementsMatch(t, Placeholders(English, k), Placeholders(l, k), "placeholders of %s %s", l, k)
		}
		for k := range wording[l] {
			require.True(t, isPlural(k) || wording[English][k].literals != nil, "%s is not in English: %s", k, l)
		}
	}
}

func TestWording_has_a_text_for_every_constant(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, 0)
	require.NoError(t, err)
	var count int
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			k, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			found := wording[English][Key(k)].literals != nil || slices.ContainsFunc(keysOf(English), func(key Key) bool {
				return strings.HasSuffix(k, ".") && strings.HasPrefix(string(key), k)
			})
			require.True(t, found, "no text for %s", k)
			count++
		}
		return true
	})
	require.Greater(t, count, 40)
}

func keysOf(l Locale) []Key {
	var keys []Key
	for k := range wording[l] {
		keys = append(keys, k)
	}
	return keys
}

var (
	contraction = regexp.MustCompile(`(?i)\b\w+(n['’]t|['’](ll|re|ve|m|d))\b|\b(it|that|there|what|let|here|who)['’]s\b`)
	disclaimer  = regexp.MustCompile(`(?i)for reference only|no (responsibility|liability)|not liable|仅供参考|sin responsabilidad|sans garantie|ohne gewähr|sem responsabilidade|参考まで|不承担责任|دون أي مسؤولية`)
)

func TestWording_keeps_the_rules_of_courtesy(t *testing.T) {
	t.Parallel()
	for _, l := range locales {
		for _, k := range keysOf(l) {
			s := table(l)[k].source()
			require.NotContains(t, s, "!", "%s %s", l, k)
			require.NotRegexp(t, `[！¡]|[:;]-?[)(DP]`, s, "%s %s", l, k)
			require.NotRegexp(t, disclaimer, s, "%s %s", l, k)
			for _, r := range s {
				require.False(t, unicode.Is(unicode.So, r) || r >= 0x1F000, "%s %s has %q", l, k, r)
			}
			if l == English {
				require.NotRegexp(t, contraction, s, "%s", k)
			}
		}
	}
}

func TestWording_names_the_button_as_the_page_does(t *testing.T) {
	t.Parallel()
	for _, l := range locales {
		button := UI(l)["talk_to_person"]
		for _, k := range []Key{DisclosureFirst, DeclineScope, UpsetOffer} {
			got, err := Render(l, k, sample)
			require.NoError(t, err)
			require.Contains(t, got, button, "%s %s", l, k)
		}
	}
}

func TestRender_refuses_a_hole(t *testing.T) {
	t.Parallel()
	_, err := Render(English, CaseResolved, Args{})
	require.ErrorContains(t, err, `"ref" has no value`)
	_, err = Render(English, CaseResolved, Args{"ref": " "})
	require.ErrorContains(t, err, `"ref" has no value`)
	_, err = Render(English, "no.such", nil)
	require.ErrorContains(t, err, "no text")
}

func TestRender_leaves_the_customers_braces_alone(t *testing.T) {
	t.Parallel()
	got, err := Render(English, ComplaintAck, sample)
	require.NoError(t, err)
	require.Contains(t, got, `"my bill {ref} is wrong"`)
}

func TestRender_isolates_values_in_arabic(t *testing.T) {
	t.Parallel()
	got, err := Render(Arabic, CaseResolved, sample)
	require.NoError(t, err)
	require.Contains(t, got, "\u2068C-4F7K2\u2069")
}

func TestParse_refuses_broken_placeholders(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a {b", "a } b", "a {} b", "a {B} c", "a {{b}} c", "{a b}"} {
		_, err := parse(s)
		require.Error(t, err, s)
	}
}

func TestUI_has_the_same_names_everywhere(t *testing.T) {
	t.Parallel()
	want := UI(English)
	require.Greater(t, len(want), 50)
	for _, l := range locales {
		got := UI(l)
		require.Len(t, got, len(want), l)
		require.NotEmpty(t, got["send"])
		require.Contains(t, got["reference"], "{ref}")
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]Locale{
		"en": English, "en-GB": English, "zh-Hans-CN": Chinese, "zh-TW": Chinese, "cmn": Chinese, "pt-PT": Portuguese, "pt_BR": Portuguese,
		"ar-EG": Arabic, "ja-JP": Japanese, "de-AT": German, "gsw": German, "fr-CH, de;q=0.5": French, "es-419": Spanish,
		"": English, "ko": English, "not a tag": English, "xx-yy-zz": English, "<script>": English,
	} {
		require.Equal(t, want, Match(tag), tag)
	}
	require.Equal(t, "rtl", Arabic.Dir())
	require.Equal(t, "ltr", Japanese.Dir())
	require.Equal(t, "Deutsch", German.Name())
	require.Len(t, Locales(), 8)
}

func TestHandoff_acknowledges_without_a_question(t *testing.T) {
	t.Parallel()
	reasons := []string{
		"customer_request", "low_confidence", "no_knowledge", "complaint", "sensitive_topic", "safety", "loop", "guardrail",
		"provider_error", "turn_limit", "rule", "agent_takeover",
	}
	for _, l := range locales {
		for _, reason := range reasons {
			open := Notice{Reason: reason, Reference: "C-4F7K2", Position: 3, Wait: Wait(l, 2*time.Minute, 5*time.Minute), Alternatives: "e-mail"}
			closed := Notice{Reason: reason, Reference: "C-4F7K2", Closed: true, Hours: "9-18", Due: Date(l, day(3))}
			for _, n := range []Notice{open, closed} {
				got, err := Handoff(l, n)
				require.NoError(t, err, "%s %s", l, reason)
				require.NotRegexp(t, `[?？؟]`, got)
				require.Contains(t, got, "C-4F7K2")
				add, err := Render(l, handoffAdd, nil)
				require.NoError(t, err)
				require.True(t, strings.HasSuffix(got, add))
			}
		}
	}
	_, err := Handoff(English, Notice{Reason: "customer_request", Reference: "C-1"})
	require.ErrorContains(t, err, "position")
	_, err = Handoff(English, Notice{Reason: "made_up", Reference: "C-1", Position: 1})
	require.Error(t, err)
}

func TestSafety_tells_to_call_before_anything_else(t *testing.T) {
	t.Parallel()
	for _, l := range locales {
		for _, kind := range []string{"self_harm", "fire", "gas", "violence", "medical", "electric"} {
			got, err := Safety(l, kind)
			require.NoError(t, err, "%s %s", l, kind)
			require.NotEmpty(t, got)
		}
	}
	got, err := Safety(English, "gas")
	require.NoError(t, err)
	require.Contains(t, got, "local emergency number")
	require.Contains(t, got, "alerted")
}

func TestClarify_offers_three_titles_at_most(t *testing.T) {
	t.Parallel()
	got, err := Clarify(English, []string{"Bills", " A *bold*\n[link] ", "", "Faults"})
	require.NoError(t, err)
	require.Contains(t, got, "- Bills\n- A \\*bold\\* \\[link\\]\n\nIf it is")
	require.NotContains(t, got, "Faults")
	for _, l := range locales {
		got, err = Clarify(l, nil)
		require.NoError(t, err)
		require.NotContains(t, got, "- ")
	}
}

func day(d int) time.Time { return time.Date(2026, time.December, d, 14, 30, 0, 0, time.UTC) }

func TestWait_counts_as_the_language_does(t *testing.T) {
	t.Parallel()
	m := time.Minute
	for _, c := range []struct {
		l         Locale
		low, high time.Duration
		want      string
	}{
		{English, 0, 0, "not known at the moment"},
		{English, 0, 30 * time.Second, "less than a minute"},
		{English, 10 * time.Second, m, "about 1 minute"},
		{English, 2 * m, 5 * m, "about 2 to 5 minutes"},
		{English, 90 * time.Second, 61 * time.Second, "about 1 to 2 minutes"},
		{English, 60 * m, 200 * m, "about 1 to 4 hours"},
		{English, 3 * time.Hour, 3 * time.Hour, "about 3 hours"},
		{Chinese, 2 * m, 5 * m, "约2至5分钟"},
		{Japanese, m, m, "約1分"},
		{German, m, m, "etwa 1 Minute"},
		{German, m, 2 * m, "etwa 1 bis 2 Minuten"},
		{French, m, m, "environ 1 minute"},
		{Portuguese, 2 * time.Hour, 2 * time.Hour, "aproximadamente 2 horas"},
		{Spanish, m, 3 * m, "aproximadamente 1 a 3 minutos"},
		{Arabic, m, m, "حوالي دقيقة واحدة"},
		{Arabic, 2 * m, 2 * m, "حوالي دقيقتين"},
		{Arabic, 5 * m, 5 * m, "حوالي 5 دقائق"},
		{Arabic, 15 * m, 15 * m, "حوالي 15 دقيقة"},
		{Arabic, m, 2 * m, "من دقيقة إلى دقيقتين تقريبًا"},
		{Arabic, 2 * m, 10 * m, "من 2 إلى 10 دقائق تقريبًا"},
		{Arabic, 5 * m, 20 * m, "من 5 إلى 20 دقيقة تقريبًا"},
	} {
		got := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(Wait(c.l, c.low, c.high))
		require.Equal(t, c.want, got)
	}
	for _, l := range locales {
		for n := range 130 {
			require.NotEmpty(t, Wait(l, time.Duration(n)*m/2, time.Duration(n)*m), "%s %d", l, n)
		}
	}
}

func TestDates_and_hours_in_every_language(t *testing.T) {
	t.Parallel()
	require.Equal(t, "3 December 2026, 14:30", DateTime(English, day(3)))
	require.Equal(t, "1er décembre 2026", Date(French, day(1)))
	require.Equal(t, "3. Dezember 2026, 14:30 Uhr", DateTime(German, day(3)))
	require.Equal(t, "3 de diciembre de 2026", Date(Spanish, day(3)))
	require.Equal(t, "2026年12月3日", Date(Chinese, day(3)))
	require.Equal(t, "3 ديسمبر 2026", Date(Arabic, day(3)))
	spans := []Span{{time.Monday, time.Friday, "09:00", "18:00"}, {time.Saturday, time.Saturday, "10:00", "14:00"}}
	require.Equal(t, "Monday to Friday, 09:00 to 18:00 and Saturday, 10:00 to 14:00", Hours(English, spans))
	require.Equal(t, "周一至周五 09:00至18:00和周六 10:00至14:00", Hours(Chinese, spans))
	require.Equal(t, "at all hours", Hours(English, nil))
	for _, l := range locales {
		require.Len(t, list(l, "date.months"), 12)
		require.Len(t, list(l, "date.weekdays"), 7)
		require.NotContains(t, Hours(l, spans), "{")
	}
	require.Equal(t, "telephone, e-mail and post", List(English, []string{"telephone", "e-mail", "post"}))
	require.Empty(t, List(English, nil))
}

// Nobody is connected with a person who may not be there: requests are passed on.
var connecting = regexp.MustCompile(`(?i)connect you|connecting you|verbinde sie|mettr[a-z]+ en relation|pondré en contacto|farei a transferência|为您转接|おつなぎ|سأحيلك`)

func TestWording_connects_with_nobody(t *testing.T) {
	t.Parallel()
	for _, l := range locales {
		for _, k := range keysOf(l) {
			require.NotRegexp(t, connecting, table(l)[k].source(), "%s %s", l, k)
		}
	}
	require.Regexp(t, connecting, "please type \"agent\" and I will connect you", "the control")
}
