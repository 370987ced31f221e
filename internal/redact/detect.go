// SPDX-License-Identifier: MIT

package redact

import (
	"regexp"
	"strings"
)

// detector finds one kind: a pattern over folded text, and a check that may narrow or refuse the match.
type detector struct {
	kind    Kind
	pattern *regexp.Regexp
	accept  func(f folded, start, end int) (int, int, bool)
}

// detectors in the order of precedence: what an earlier one took a later one leaves alone.
var detectors = []detector{
	{Email, regexp.MustCompile(`[\w.%+'\x01\x02-]*[\w%+\x01\x02-]@[\w\x01\x02-]+(?:\.[\w\x01\x02-]+)*\.(?:[A-Za-z]{2,}|[\x01\x02]+)`), acceptEmail},
	{IBAN, regexp.MustCompile(`[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}`), acceptIBAN},
	{ID, regexp.MustCompile(`\d{17}[\dXx]`), bounded(isResidentNumber)},
	{ID, regexp.MustCompile(`\d{3}\.?\d{3}\.?\d{3}-?\d{2}`), bounded(isCPF)},
	{ID, regexp.MustCompile(`(?:\d{8}|[XYZxyz]-?\d{7})-?[A-Za-z]`), bounded(isDNI)},
	{ID, regexp.MustCompile(`\d{3}-\d{2}-\d{4}`), bounded(isSSN)},
	{Card, regexp.MustCompile(`\d(?:[ -]?\d){12,18}`), bounded(isCard)},
	{Phone, regexp.MustCompile(`(?:\+|00)[ .-]?(?:\(\d{1,4}\)|\d)(?:[ ./()-]{0,2}\d){5,13}`), bounded(isInternational)},
	{Phone, regexp.MustCompile(`\(?\d{1,5}\)?(?:[ ./-]{0,3}\(?\d{1,5}\)?){1,6}`), acceptNational},
}

// bounded accepts what is no part of a longer word or number and passes the check.
func bounded(check func(string) bool) func(folded, int, int) (int, int, bool) {
	return func(f folded, start, end int) (int, int, bool) {
		return start, end, !glued(f.ascii, start, end) && check(f.ascii[start:end])
	}
}

func glued(s string, start, end int) bool {
	return start > 0 && wordByte(s[start-1]) || end < len(s) && wordByte(s[end])
}

func wordByte(c byte) bool {
	return c == '_' || c == letter || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// acceptEmail leaves the text without spaces before an address alone: 我的邮箱是ann@example.com.
func acceptEmail(f folded, start, end int) (int, int, bool) {
	at := start + strings.IndexByte(f.ascii[start:end], '@')
	local := f.ascii[start:at]
	if ascii := strings.LastIndexByte(local, ideo) + 1; ascii < len(local) {
		start += ascii
	}
	return start, end, true
}

// acceptIBAN tries the longest stretch first: the account number may be followed by further words.
func acceptIBAN(f folded, start, end int) (int, int, bool) {
	s := f.ascii
	if start > 0 && wordByte(s[start-1]) {
		return 0, 0, false
	}
	for ; end-start >= 15; end-- {
		if !glued(s, start, end) && isIBAN(s[start:end]) {
			return start, end, true
		}
	}
	return 0, 0, false
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func isInternational(s string) bool {
	n := len(digits(s))
	if strings.HasPrefix(s, "00") { // 00 is also how order numbers begin: a country code and some grouping, or enough digits
		return len(s) > 3 && s[2] != '0' && n >= 11 && n <= 17
	}
	return n >= 7 && n <= 15
}

var (
	notPhone = regexp.MustCompile(`^(?:(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2} ?[-/] ?(?:19|20)\d{2})(?:\D|$)` + // dates, years
		`|^(?:19|20)\d{2}-\d{4,}$` + // numbered by year
		`|^\d{1,3}(?:\.\d{1,3}){3}$` + // addresses on a network
		`|^\d{1,3}(?:\.\d{3})+$|^\d{1,2}(?: \d{3})+$`) // grouped amounts
	mobile  = regexp.MustCompile(`^1[3-9]\d{9}$`)   // China, written without grouping
	trunk   = regexp.MustCompile(`^0[1-9]\d{8,9}$`) // national number with its leading zero
	grouped = regexp.MustCompile(`^\(?\d{2,5}\)?(?:[ ./-]{1,3}\(?\d{2,5}\)?){0,4}[ ./-]{1,3}\(?\d{2,8}\)?$|^\(\d{2,5}\)\d{5,8}$|^\d[ -]\d{3}[ -]\d{3}[ -]\d{4}$`)
	cue     = regexp.MustCompile(`(?i)(?:phone|tel|call|mobile|cell|whatsapp|fax|rufnummer|handy|anruf|móvil|celular|tél|ligue|telefone|portable|` +
		`电话|手机|座机|電話|携帯|هاتف|جوال|موبايل|اتصل)[^\d\n]{0,24}$`)
)

// cueReach is how far before a number the words that name it are looked for.
const cueReach = 40

// acceptNational takes a number without a country code where its grouping, its leading zero or the words before it tell what it is.
func acceptNational(f folded, start, end int) (int, int, bool) {
	s := f.ascii
	if glued(s, start, end) || start > 0 && strings.IndexByte("-#/.,$", s[start-1]) >= 0 {
		return 0, 0, false
	}
	match := s[start:end]
	n := len(digits(match))
	if n < 7 || n > 15 || notPhone.MatchString(match) {
		return 0, 0, false
	}
	if mobile.MatchString(match) || trunk.MatchString(match) || n >= 8 && grouped.MatchString(match) {
		return start, end, true
	}
	return start, end, cue.MatchString(f.source[f.offset[max(0, start-cueReach)]:f.offset[start]])
}
