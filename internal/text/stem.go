// SPDX-License-Identifier: MIT

package text

import (
	"strings"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"github.com/kljensen/snowball/hungarian"
	"github.com/kljensen/snowball/norwegian"
	"github.com/kljensen/snowball/russian"
	"github.com/kljensen/snowball/spanish"
	"github.com/kljensen/snowball/swedish"
)

// Stem brings the forms of a normalised word of lang to one stem: Snowball's where there is one,
// else a short list of endings. A word of another language comes back as it is.
func Stem(w, lang string) string {
	if utf8.RuneCountInString(w) < 3 || hasDigit(w) {
		return w
	}
	switch lang {
	case "en":
		return english.Stem(w, true)
	case "es":
		return spanish.Stem(w, true)
	case "fr":
		return french.Stem(w, true)
	case "ru":
		return russian.Stem(w, true)
	case "sv":
		return swedish.Stem(w, true)
	case "no", "nb", "nn", "da":
		return norwegian.Stem(w, true)
	case "hu":
		return hungarian.Stem(w, true)
	case "de":
		return german(w)
	case "ar":
		return arabic(w)
	}
	return stripEnding(w, endings[lang], 4)
}

func hasDigit(w string) bool { return strings.ContainsAny(w, "0123456789") }

// endings are tried longest first; one is taken off. They are inflection only: taking derivation
// off as well joins words that customers mean differently.
var endings = map[string][]string{
	"de": strings.Fields(`innen ern end est ten tet tes ter tem em en er es et st te e n s t`),
	"pt": strings.Fields(`amentos imentos amento imento ações ação ções ando endo indo aram eram ados adas idos idas amos emos imos ção ado ada ido ida ões ães ais eis ar er ir am em ou ei es as os ão a o e s`),
	"it": strings.Fields(`amento imento azione azioni ando endo iamo ato ata ati ate uto uta uti ute ito ita iti ite are ere ire ano ono a e i o`),
	"nl": strings.Fields(`heden tjes pjes ende end tje pje en er es te de s e t`),
	"pl": strings.Fields(`ami ach ego emu owi ów om ie ia ej em ą ę a e i o u y`),
	"tr": strings.Fields(`lardan lerden larin lerin lari leri ları lar ler dan den tan ten nın nin da de yi yı ı i u ü a e`),
}

func stripEnding(w string, list []string, keep int) string {
	for _, e := range list {
		if strings.HasSuffix(w, e) && utf8.RuneCountInString(w)-utf8.RuneCountInString(e) >= keep-1 {
			return strings.TrimSuffix(w, e)
		}
	}
	return w
}

// german writes umlauts as people without the keys for them do, and takes the participle's "ge"
// off: "gekündigt" and "kuendigen" meet in "kundig".
func german(w string) string {
	w = germanLetters.Replace(w)
	stem := stripEnding(w, endings["de"], 4)
	if rest, ok := strings.CutPrefix(stem, "ge"); ok && len(rest) > 4 && strings.HasPrefix(w[len(stem):], "t") {
		return rest
	}
	return stem
}

var germanLetters = strings.NewReplacer("ß", "ss", "ä", "a", "ö", "o", "ü", "u",
	"que", "que", "aue", "aue", "eue", "eue", "ae", "a", "oe", "o", "ue", "u")

// arabic takes off the article with its prefixes and the commonest endings.
func arabic(w string) string {
	w = Fold(w)
	for _, p := range []string{"وال", "بال", "كال", "فال", "لل", "ال"} {
		if strings.HasPrefix(w, p) && utf8.RuneCountInString(w)-utf8.RuneCountInString(p) >= 3 {
			w = strings.TrimPrefix(w, p)
			break
		}
	}
	return stripEnding(w, []string{"ها", "ات", "ون", "ين", "ان", "كم", "نا", "يه", "ه", "ي"}, 4)
}
