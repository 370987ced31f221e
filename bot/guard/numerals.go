// SPDX-License-Identifier: MIT

package guard

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// numberWords has the number words of the languages written with spaces, without accents; one only counts where a unit follows,
// for it is an article in most of them.
var numberWords = sync.OnceValue(func() map[string]int {
	words := map[string]int{}
	add := func(from int, list string) {
		for i, w := range strings.Fields(list) {
			for _, form := range strings.Split(w, "|") {
				words[strings.ReplaceAll(form, "_", " ")] = from + i
			}
		}
	}
	tens := func(list, join string, units []string) {
		for i, w := range strings.Fields(list) {
			words[w] = 20 + 10*i
			for n, u := range units {
				words[w+join+u] = 20 + 10*i + n + 1
			}
		}
	}
	en := strings.Fields("one two three four five six seven eight nine")
	add(1, "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens("twenty thirty forty fifty sixty seventy eighty ninety", " ", en)
	es := strings.Fields("uno dos tres cuatro cinco seis siete ocho nueve")
	add(1, "un|uno|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte")
	add(21, "veintiuno|veintiun veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve")
	tens("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", " y ", es)
	pt := strings.Fields("um dois tres quatro cinco seis sete oito nove")
	add(1, "um|uma dois|duas tres quatro cinco seis sete oito nove dez onze doze treze catorze|quatorze quinze dezesseis|dezasseis dezessete|dezassete dezoito dezenove|dezanove")
	tens("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", " e ", pt)
	fr := strings.Fields("un deux trois quatre cinq six sept huit neuf")
	add(1, "un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept dix_huit dix_neuf")
	tens("vingt trente quarante cinquante soixante", " ", fr)
	add(70, "soixante_dix soixante_et_onze soixante_douze soixante_treize soixante_quatorze soixante_quinze soixante_seize soixante_dix_sept soixante_dix_huit soixante_dix_neuf")
	add(80, "quatre_vingts|quatre_vingt quatre_vingt_un quatre_vingt_deux quatre_vingt_trois quatre_vingt_quatre quatre_vingt_cinq quatre_vingt_six quatre_vingt_sept quatre_vingt_huit quatre_vingt_neuf quatre_vingt_dix")
	de := strings.Fields("ein zwei drei vier funf sechs sieben acht neun")
	add(1, "ein|eine|einem|einen|einer|eines|eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn")
	for i, ten := range strings.Fields("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig") {
		words[ten] = 20 + 10*i
		for n, u := range de {
			words[u+"und"+ten] = 20 + 10*i + n + 1
		}
	}
	add(3, "ثلاثه|ثلاث اربعه|اربع خمسه|خمس سته|ست سبعه|سبع ثمانيه|ثماني|ثمان تسعه|تسع عشره|عشر")
	for i, w := range []string{"عشر", "ثلاث", "اربع", "خمس", "ست", "سبع", "ثمان", "تسع"} {
		words[w+"ون"], words[w+"ين"] = 20+10*i, 20+10*i
	}
	add(100, "hundred|cien|ciento|cem|cento|cent|hundert|einhundert|مئه|مائه")
	add(1000, "thousand|mil|mille|tausend|eintausend")
	return words
})

// longestNumber is the most words that make one number.
const longestNumber = 4

// joinNumberWords puts the words of one number together: "twenty", "-", "four".
func joinNumberWords(tokens []string) []string {
	table := numberWords()
	var out []string
	for i := 0; i < len(tokens); {
		joined, used := "", 0
		name := ""
		for n := 0; n < longestNumber*2 && i+n < len(tokens); n++ {
			switch t := tokens[i+n]; {
			case n > 0 && t == "-":
				continue
			case n > 0:
				name += " " + t
			default:
				name = t
			}
			if _, ok := table[name]; ok {
				joined, used = name, n+1
			}
		}
		if used == 0 {
			joined, used = tokens[i], 1
		}
		out, i = append(out, joined), i+used
	}
	return out
}

func wordValue(w string) (string, bool) {
	if n, ok := numberWords()[w]; ok {
		return strconv.Itoa(n), true
	}
	if n, ok := hanValue(w); ok {
		return strconv.Itoa(n), true
	}
	return "", false
}

var (
	hanDigits = map[rune]int{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '兩': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	hanPowers = map[rune]int{'十': 10, '百': 100, '千': 1000, '万': 10000, '萬': 10000}
	hanRun    = regexp.MustCompile(`^[零〇一二两兩三四五六七八九十百千万萬]+`)
	hanUnit   = regexp.MustCompile(`^(?:个|個|ヶ|か|カ|箇)?(?:工作日|营业日|營業日|営業日|天|日|周|週|星期|月|年|小时|小時|時間|分|秒|元|块|円|日元|美元|欧元|%|％|折|成|次|回|人|名|位|张|台|件|项|条|倍|岁|歳|点|時)`)
	// hanCounted is a count in Chinese numerals; as its digits, it is compared as a number, not as words.
	hanCounted = regexp.MustCompile(hanRun.String()[1:] + hanUnit.String()[1:])
	tenFen     = regexp.MustCompile(`^十分[^钟鐘之]`) // "very"
	percentOf  = regexp.MustCompile(`百分之([零〇一二两兩三四五六七八九十百千\d.]+)`)
)

// hanNumber is the number in Chinese numerals that a text begins with, if something is counted by it.
func hanNumber(s string) string {
	run := hanRun.FindString(s)
	if run == "" || !hanUnit.MatchString(s[len(run):]) || tenFen.MatchString(s) {
		return ""
	}
	return run
}

// hanValue reads Chinese numerals: 三十, 一百二十, 二〇二六.
func hanValue(w string) (int, bool) {
	if w == "" || hanRun.FindString(w) != w {
		return 0, false
	}
	total, section, digit, positional := 0, 0, 0, 0
	powers := false
	for _, r := range w {
		if p, ok := hanPowers[r]; ok {
			powers = true
			if p == 10000 {
				total, section, digit = (total+section+digit)*p, 0, 0
				continue
			}
			section, digit = section+max(digit, 1)*p, 0
			continue
		}
		digit = hanDigits[r]
		positional = min(positional*10+digit, 1<<40)
	}
	if !powers {
		return positional, true
	}
	return total + section + digit, true
}
