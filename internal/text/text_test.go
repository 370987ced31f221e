// SPDX-License-Identifier: MIT

package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/internal/text"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  Hello\t\nWORLD ":  "hello world",
		"ＡＢＣ １２３":            "abc 123",
		"ﬁne":                "fine",
		"cafe\u0301":         "café",
		"re\u200bfund":       "refund",
		"İstanbul":           "istanbul",
		"\xff bad":           "\uFFFD bad",
		"":                   "",
		"カ\u3099ｷﾞ":          "ガギ",
		"a\u00a0\u3000b\x00": "a b",
	} {
		require.Equal(t, want, text.Normalize(in), "%q", in)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, in, want string }{
		{"en", "My refunds haven't arrived yet!", "refund not arriv yet"},
		{"en", "Who are you?", "who are you"},
		{"en", "It costs 4.50 or 1,200 at the bank's office", "cost 4.50 1200 bank offic"},
		{"es", "¿Dónde están mis facturas?", "factur"},
		{"fr", "Où est l'eau de l'abonnement ?", "eau abon"},
		{"de", "Ich möchte meinen Vertrag kündigen", "vertrag kundig"},
		{"de", "gekuendigte Verträge", "kundig vertrag"},
		{"pt", "Quero cancelar as minhas faturas", "cancel fatur"},
		{"ru", "Где мои возвраты?", "возврат"},
		{"ar", "أريد استرداد المال", "استرداد مال"},
		{"zh", "退款多久到账？", "退款 到账"},
		{"zh", "好", "好"},
		{"zh", "開發 Agent Nodes", "开发 agent node"},
		{"ja", "返金を請求する", "返金 请求"},
		{"ko", "환불 요청", "환불 요청"},
		{"th", "ขอคืนเงิน", "ขอ อคื คืน นเ เงิ งิน"},
		{"", "Agents", "agent"},
		{"zh-Hant-TW", "退貨", "退货"},
		{"en", "", ""},
		{"en", "!!! ---", ""},
	} {
		require.Equal(t, c.want, strings.Join(text.Terms(c.in, c.lang), " "), "%s %q", c.lang, c.in)
	}
}

func TestTerms_word_forms_meet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang  string
		forms []string
	}{
		{"en", []string{"cancel", "cancelled", "cancelling", "cancels"}},
		{"de", []string{"Rechnung", "Rechnungen"}},
		{"de", []string{"Straße", "Strasse", "Straßen"}},
		{"pt", []string{"cancelamento", "cancelar", "cancelado"}},
		{"it", []string{"fattura", "fatture"}},
		{"es", []string{"teléfono", "telefono", "teléfonos"}},
		{"ar", []string{"فاتورة", "الفاتورة", "والفاتورة"}},
	} {
		want := text.Terms(c.forms[0], c.lang)
		for _, f := range c.forms[1:] {
			require.Equal(t, want, text.Terms(f, c.lang), "%s %s", c.lang, f)
		}
	}
}

func TestDetectLang(t *testing.T) {
	t.Parallel()
	for want, ins := range map[string][]string{
		"en": {"Where is my refund?", "I would like to speak to a person", "how do i activate my card"},
		"zh": {"退款多久到账", "如何配置 Agent API", "订单 A-1234 在哪里"},
		"es": {"¿Dónde está mi pedido?", "quiero hablar con una persona"},
		"fr": {"Où est mon remboursement ?", "je veux parler à un conseiller"},
		"de": {"Wo ist meine Rechnung?", "Ich möchte mit einem Menschen sprechen"},
		"pt": {"Onde está a minha fatura?", "não consigo entrar na minha conta"},
		"it": {"Dove è il mio rimborso?", "vorrei parlare con una persona della vostra azienda"},
		"nl": {"Waar is mijn factuur?", "ik wil met een medewerker praten"},
		"ja": {"返金はいつですか", "担当者と話したい"},
		"ko": {"환불은 언제 되나요", "상담원 연결"},
		"ar": {"أين طلبي", "أريد التحدث مع موظف"},
		"ru": {"Где мой заказ?", "хочу поговорить с человеком"},
		"uk": {"Де моє замовлення, це вже запізно?"},
		"th": {"ขอคืนเงิน"},
		"sv": {"Var är min faktura?"},
		"pl": {"Gdzie jest moja faktura? Nie mogę jej znaleźć"},
		"tr": {"Faturam nerede ve ne zaman gelir?"},
		"":   {"", "OK", "refund", "12345", "😀", "Visa Mastercard"},
	} {
		for _, in := range ins {
			require.Equal(t, want, text.DetectLang(in), "%q", in)
		}
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("My refunds haven't arrived 4.50 退款 ขอคืน l'eau", "en")
	f.Add("Straße İı ﬁ ㎏ ½ ①", "de")
	f.Add("''''", "fr")
	for _, l := range []string{"es", "ru", "sv", "no", "hu", "pt", "it", "nl", "pl", "tr", "ar", "zh", "ja", "ko", "th", ""} {
		f.Add("organisationibus أالاستردادات возвратами", l)
	}
	f.Fuzz(func(t *testing.T, s, lang string) {
		for _, term := range text.Terms(s, lang) {
			require.NotEmpty(t, term)
			require.LessOrEqual(t, len(term), 64)
			require.True(t, utf8.ValidString(term))
			require.NotContains(t, term, " ")
		}
		n := text.Normalize(s)
		require.Equal(t, n, text.Normalize(n), "normal form is stable")
		text.DetectLang(s)
	})
}
