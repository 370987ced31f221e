// SPDX-License-Identifier: MIT

package guard

import (
	"regexp"
	"strings"

	"candor/internal/text"
)

// negations are the words that deny, in all languages, without accents.
var negations = wordSet(`not no never neither nor none nothing nobody cannot non nunca jamas ni ningun ninguna ninguno tampoco nadie nada
	pas jamais aucun aucune rien kein keine keinen keinem keiner keines nicht nie niemals weder nichts nao nenhum nenhuma nem ninguem لا لن لم ليس ليست غير ولا`)

// withoutWords deny what follows, unless that is a cost: free of charge is no denial.
var withoutWords = wordSet("without ohne sans sin sem بدون دون")

var (
	costWords = regexp.MustCompile(`^(?:charge|charges|cost|costs|fee|fees|extra|additional|kosten|zusatz\w*|aufpreis|frais|coste|costes|costo|cargo|cargos|custo|custos|taxa|رسوم|تكلفه)`)
	// notOnly and its like deny nothing.
	harmless = regexp.MustCompile(`\b(?:not only|no later than|no more than|no less than|no earlier than|not more than|not less than|no problem|nicht nur|no solo|non seulement|pas seulement|nao so|nao apenas|no mas tarde|a no ser|` +
		`nicht spater als|nicht mehr als|pas plus tard|pas plus de|no mas de|nao mais de|n'importe|costs? (?:you )?nothing)\b|ne \S+ que\b`)
	contracted = regexp.MustCompile(`\b(?:ca|wo|do|does|did|is|are|was|were|has|have|had|would|could|should|sha|must|need)n['’]t\b|\bn['’]\S+ pas\b`)
	// Chinese and Japanese deny inside the row of characters.
	hanDenial   = regexp.MustCompile(`不|没|沒|无|無|未|非|勿|禁止|ない|ません|できず|ず、`)
	hanHarmless = regexp.MustCompile(`不仅|不但|不同|不过|不久|差不多|不断|对不起|不管|不论|无论|無論|非常|除非|无线|無線|无忧|未来|未満|未满|是非|不足|少ない|かもしれない|かもしれません|` +
		`なければならない|なければなりません|なければいけません|ないといけません|ないように|不客气|不少于|不超过|不晚于|不得不|问题不大|無料|无障碍`)
)

// isNegation tells whether an index term is a word that denies.
func isNegation(t string) bool { return negations[t] || withoutWords[t] }

// negated tells whether a clause denies something; two denials cancel each other out.
func negated(s, lang string) bool {
	s = text.Normalize(s)
	if lang == "zh" || lang == "ja" {
		return len(hanDenial.FindAllString(hanHarmless.ReplaceAllString(s, " "), -1))%2 == 1
	}
	s = text.Fold(contracted.ReplaceAllString(s, " not "))
	s = harmless.ReplaceAllString(s, " ")
	count := 0
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t.,;:!?()[]\"'’-«»„“”*/", r) })
	for i, w := range words {
		switch {
		case w == "no" && lang == "pt": // "in the"
		case negations[w]:
			count++
		case withoutWords[w] && (i+1 >= len(words) || !costWords.MatchString(words[i+1])):
			count++
		}
	}
	return count > 0
}
