// SPDX-License-Identifier: MIT

package redact

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestText_replaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"an address", "Write to ann.o'neil+shop@mail.example.co.uk, please", "Write to [e-mail], please"},
		{"two addresses", "a@b.org;c@d.org", "[e-mail];[e-mail]"},
		{"an address between Chinese", "我的邮箱是wang.li@example.cn谢谢", "我的邮箱是[e-mail]谢谢"},
		{"an address in full width", "ｍａｉｌ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[e-mail]"},
		{"an international address", "مرحبا علي@مثال.شركة شكرا", "مرحبا [e-mail] شكرا"},
		{"an international number", "call +44 20 7946 0958 today", "call [phone] today"},
		{"a number in brackets", "(555) 010-4477 is mine", "[phone] is mine"},
		{"a number with hyphens", "it is 555-010-4477.", "it is [phone]."},
		{"a long distance number", "1-800-555-0144", "[phone]"},
		{"a German number", "unter 030 / 1234567 oder 0170 1234567", "unter [phone] oder [phone]"},
		{"a French number", "mon numéro : 06 12 34 56 78", "mon numéro : [phone]"},
		{"a Spanish number", "llámeme al 612 345 678", "llámeme al [phone]"},
		{"a Brazilian number", "ligue (11) 91234-5678", "ligue [phone]"},
		{"a Chinese mobile", "手机13812345678，谢谢", "手机[phone]，谢谢"},
		{"a Japanese number", "電話は090-1234-5678です", "電話は[phone]です"},
		{"a Japanese number in full width", "０９０－１２３４－５６７８", "[phone]"},
		{"Arabic digits", "رقم هاتفي ٥٥٥١٢٣٤٥", "رقم هاتفي [phone]"},
		{"a bare number after its name", "my phone number is 5550104477", "my phone number is [phone]"},
		{"00 for +", "0049 30 1234567", "[phone]"},
		{"a card", "card 4111 1111 1111 1111 exp 12/28", "card [card] exp 12/28"},
		{"a card with hyphens", "5500-0055-5555-5559", "[card]"},
		{"a card of 15 digits", "378282246310005", "[card]"},
		{"a card in Devanagari digits", "४१११ ११११ ११११ ११११", "[card]"},
		{"an account", "IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [iban] bitte"},
		{"an account without spaces", "gb29nwbk60161331926819", "[iban]"},
		{"a resident number", "身份证11010519491231002X。", "身份证[id]。"},
		{"a CPF", "CPF 529.982.247-25", "CPF [id]"},
		{"a DNI", "DNI 12345678Z", "DNI [id]"},
		{"an NIE", "X1234567L", "[id]"},
		{"an SSN", "ssn 123-45-6789", "ssn [id]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, kinds := Text(c.in)
			require.Equal(t, c.want, got)
			require.NotEmpty(t, kinds)
		})
	}
}

func TestText_leaves_alone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "hello", "order 00123842", "order 113542617735902 is late", "purchase 732201349959", "invoice 2024-00123842", "case C-4F7K2",
		"on 2026-12-03 at 14:30", "03.12.2026", "from 2024-2025", "12/31/2026", "1,000,000 euro", "10.000.000", "1 000 000", "192.168.100.200",
		"it costs $1200.50", "version 1.43.0", "@norda on the net", "a@b", "price 19.99 @ 3", "4111 1111 1111 1112", "DE00 3704 0044 0532 0130 00",
		"11010519491231002Y", "12345678A", "订单号20261203123456789", "24/7", "#5550104477", "9:00-17:00", "0000000000000000", "room 555-1234",
		"https://example.com/help/12345-reset", "1999-2000",
	} {
		got, kinds := Text(s)
		require.Equal(t, s, got)
		require.Empty(t, kinds)
	}
}

func TestText_names_each_kind_once(t *testing.T) {
	t.Parallel()
	got, kinds := Text("a@b.org 4111111111111111 c@d.org +44 20 7946 0958")
	require.Equal(t, "[e-mail] [card] [e-mail] [phone]", got)
	require.Equal(t, []Kind{Card, Email, Phone}, kinds)
}

func TestText_keeps_broken_bytes(t *testing.T) {
	t.Parallel()
	got, _ := Text("a\xff\xfe b@c.org \xe4")
	require.Equal(t, "a\xff\xfe [e-mail] \xe4", got)
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a@b.org", "+44 20 7946 0958", "DE89 3704 0044 0532 0130 00", "４１１１１１１１１１１１１１１１", "身份证11010519491231002X", "\xff"} {
		f.Add(s, "and ")
	}
	f.Fuzz(func(t *testing.T, s, lead string) {
		got, kinds := Text(s)
		require.Equal(t, utf8.ValidString(s), utf8.ValidString(got))
		require.Equal(t, got == s, len(kinds) == 0)
		for _, k := range kinds {
			require.Contains(t, got, k.tag())
		}
		planted, _ := Text(lead + " canary.person@mail.example.org, 4111 1111 1111 1111 .")
		require.NotContains(t, planted, "canary.person")
		if !strings.ContainsAny(lead, "0123456789") {
			require.NotContains(t, planted, "1111 1111")
		}
	})
}

func BenchmarkText(b *testing.B) {
	s := strings.Repeat("My order 00123842 is late, please write to ann@example.org or call +44 20 7946 0958. ", 5)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Text(s)
	}
}
