// SPDX-License-Identifier: MIT

package redact

import (
	"regexp"
	"strconv"
	"strings"
)

// issuer is how the numbers of the payment schemes begin, with their lengths: one in ten order numbers passes Luhn as well.
var issuer = regexp.MustCompile(`^(?:4(?:\d{12}|\d{15}|\d{18})|5[0-8]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6\d{15,18}|9792\d{12})$`)

// isCard checks the issuer and the Luhn digit.
func isCard(s string) bool {
	d := digits(s)
	if !issuer.MatchString(d) {
		return false
	}
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// isIBAN checks the remainder by 97 of the account with its first four characters moved to the end, letters as 10 to 35.
func isIBAN(s string) bool {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' && c <= 'Z' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// isResidentNumber checks a PRC resident identity number: a date of birth and ISO 7064 mod 11-2.
func isResidentNumber(s string) bool {
	month, _ := strconv.Atoi(s[10:12])
	day, _ := strconv.Atoi(s[12:14])
	if month < 1 || month > 12 || day < 1 || day > 31 || s[6:8] != "19" && s[6:8] != "20" {
		return false
	}
	rest := 0
	for _, c := range s[:17] {
		rest = (rest + int(c-'0')) * 2 % 11
	}
	return "10X98765432"[rest%11] == strings.ToUpper(s)[17]
}

// isCPF checks the two digits of a Brazilian taxpayer number.
func isCPF(s string) bool {
	d := digits(s)
	if strings.Count(d, d[:1]) == len(d) {
		return false
	}
	for n := 9; n <= 10; n++ {
		sum := 0
		for i := range n {
			sum += int(d[i]-'0') * (n + 1 - i)
		}
		if int(d[n]-'0') != sum*10%11%10 {
			return false
		}
	}
	return true
}

// isDNI checks the letter of a Spanish identity number; X, Y and Z begin a foreign resident's.
func isDNI(s string) bool {
	s = strings.ToUpper(strings.ReplaceAll(s, "-", ""))
	body, check := s[:len(s)-1], s[len(s)-1]
	if i := strings.IndexByte("XYZ", body[0]); i >= 0 {
		body = strconv.Itoa(i) + body[1:]
	}
	n, err := strconv.Atoi(body)
	return err == nil && "TRWAGMYFPDXBNJZSQVHLCKE"[n%23] == check
}

// isSSN checks the ranges of a US social security number, which has no check digit.
func isSSN(s string) bool {
	return s[:3] != "000" && s[:3] != "666" && s[0] != '9' && s[4:6] != "00" && s[7:] != "0000"
}
