// SPDX-License-Identifier: MIT

package guard

import (
	"regexp"
	"strings"
	"unicode"

	"candor/internal/text"
)

var (
	emoticon = regexp.MustCompile(`(?:^|[\s(（])(?:[:;=]['’^-]?[)(\]\[DPpOo3|/\\*]{1,3}|[xX]D+|<3+|\^[_.-]?\^|[TtQqoO>-][_.][TtQqoO<-]|¯\\?_?\(ツ\)_?/?¯?|\([^()\s]{0,3}[°•ω▽´｀;＾╯ಠ][^()\s]{0,6}\))(?:$|[\s.,!?)])`)
	markup   = regexp.MustCompile(`(?i)!\[|<\s*/?\s*[a-z!?][^>]*>?|&lt;\s*/?\s*[a-z]|javascript:|data:[a-z]+/|&#x?[0-9a-f]+;`)
	hole     = regexp.MustCompile(`\{\{?[^{}]*\}?\}|\$\{|%[sdv]\b|\b(?:TBD|TODO|XXX+|N/A)\b|(?i:lorem ipsum)`)
	bracket  = regexp.MustCompile(`\[([^\[\]]+)\](\(?)`)
	shouted  = regexp.MustCompile(`[!！]{2,}`)
)

// looks finds what may not be said whatever it means: by its signs.
func looks(s string, src source, o Options) (kind, evidence string) {
	if o.Canary != "" && strings.Contains(text.Normalize(s), text.Normalize(o.Canary)) {
		return KindLeak, "canary"
	}
	if m := markup.FindString(s); m != "" && !src.has(m) || strings.Contains(s, "![") {
		return KindMarkup, m
	}
	if e := emoji(s); e != "" {
		return KindTone, e
	}
	if m := emoticon.FindString(s); m != "" {
		return KindTone, strings.TrimSpace(m)
	}
	if m := shouted.FindString(s); m != "" {
		return KindTone, m
	}
	if m := hole.FindString(s); m != "" && !src.has(m) {
		return KindPlaceholder, m
	}
	for _, m := range bracket.FindAllStringSubmatch(s, -1) {
		if m[2] == "" && strings.TrimSpace(m[1]) != "" && !strings.EqualFold(strings.TrimSpace(m[1]), "x") && !src.has(m[0]) {
			return KindPlaceholder, m[0]
		}
	}
	return foreignLink(s, src)
}

// emoji finds pictographs; signs of trade and law, arrows and box drawing are none.
func emoji(s string) string {
	for _, r := range s {
		switch {
		case r >= 0x1F000 && r <= 0x1FFFF, r >= 0x2600 && r <= 0x27BF, r == 0xFE0F, r == 0x20E3, r >= 0x2B05 && r <= 0x2B55,
			r >= 0xE0020 && r <= 0xE007F, r == 0x231A, r == 0x231B, r >= 0x23E9 && r <= 0x23FA:
			return string(r)
		}
	}
	return ""
}

var (
	webAddress  = regexp.MustCompile(`(?i)\b(?:https?|ftp)://[^\s<>()\[\]"'“”«»，。、；）」』]+|\b(?:www\.)[^\s<>()\[\]"'，。）]+`)
	bareDomain  = regexp.MustCompile(`(?i)\b(?:[a-z0-9][a-z0-9-]*\.)+(?:com|org|net|info|biz|shop|online|site|app|io|ai|dev|co|eu|uk|de|fr|es|pt|br|cn|jp|ae|sa|eg|it|nl|at|ch|us|ca|mx|xyz|top|link|ly|me|tv)(?:/[^\s<>()\[\]"'，。）]*)?`)
	mailAddress = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
)

// addresses lists the links and e-mail addresses of a text, without what varies in writing them.
func addresses(s string) []string {
	var out []string
	for _, m := range mailAddress.FindAllString(s, -1) {
		out = append(out, strings.ToLower(strings.TrimRight(m, ".")))
	}
	s = mailAddress.ReplaceAllString(s, " ")
	for _, m := range webAddress.FindAllString(s, -1) {
		out = append(out, bareAddress(m))
	}
	s = webAddress.ReplaceAllString(s, " ")
	for _, m := range bareDomain.FindAllString(s, -1) {
		out = append(out, bareAddress(m))
	}
	return out
}

func bareAddress(s string) string {
	s = strings.ToLower(s)
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	return strings.TrimRight(strings.TrimPrefix(s, "www."), "/.,;:!?*_")
}

// foreignLink finds an address whose domain no passage names, or that differs from what the passages say.
func foreignLink(s string, src source) (kind, evidence string) {
	for _, a := range addresses(s) {
		known := false
		for _, have := range src.addresses {
			if a == have || !strings.Contains(a, "@") && strings.HasPrefix(have, a+"/") {
				known = true
			}
		}
		if !known {
			return KindLink, a
		}
	}
	return "", ""
}

// names lists words that are written with a capital inside a sentence, where the language keeps capitals for names.
func names(s, lang string) []string {
	switch lang {
	case "en", "es", "fr", "pt", "it":
	default:
		return nil
	}
	var out []string
	start := true
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("/-–—", r) }) {
		word := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		first, rest := firstRune(word), len([]rune(word))
		if !start && unicode.IsUpper(first) && rest > 1 && !strings.ContainsAny(w, "\"“”«»'’") {
			out = append(out, word)
		}
		start = word == "" || strings.ContainsAny(w[len(w)-1:], ".:!?*") || strings.HasPrefix(w, "\"") || strings.HasPrefix(w, "“") || strings.HasPrefix(w, "*")
	}
	return out
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
