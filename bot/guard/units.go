// SPDX-License-Identifier: MIT

package guard

import (
	"strconv"
	"strings"
	"sync"

	"candor/internal/text"
)

// unitWords names what is counted, by the word for it in any language, without accents.
var unitWords = sync.OnceValue(func() map[string]string {
	units := map[string]string{}
	for unit, list := range map[string]string{
		"day":     "day days tag tage tagen dia dias jour jours 天 日 يوم ايام يوما يومين",
		"workday": "werktag werktage werktagen arbeitstag arbeitstage arbeitstagen workday workdays weekday weekdays",
		"week":    "week weeks woche wochen semana semanas semaine semaines 周 週 اسبوع اسابيع اسبوعا اسبوعين",
		"month":   "month months monat monate monaten monats mes meses mois 月 شهر اشهر شهور شهرا شهرين",
		"year":    "year years jahr jahre jahren jahres ano anos an ans annee annees 年 سنه سنوات عام اعوام عاما سنتين",
		"hour":    "hour hours hrs h stunde stunden hora horas heure heures ساعه ساعات ساعتين",
		"minute":  "minute minutes min mins minuten minuto minutos 分 دقيقه دقائق دقيقتين",
		"second":  "second seconds sec sekunde sekunden segundo segundos seconde secondes 秒 ثانيه ثوان",
		"percent": "% ٪ percent prozent",
		"eur":     "€ eur euro euros يورو",
		"usd":     "$ usd dollar dollars dolar dolares دولار us$",
		"gbp":     "£ gbp pound pounds pfund libra libras",
		"cny":     "yuan rmb cny 元 块",
		"jpy":     "yen jpy 円",
		"brl":     "reais brl r$",
		"sar":     "ريال riyal riyals sar",
		"aed":     "درهم dirham dirhams aed",
		"egp":     "جنيه",
		"gb":      "gb gigabyte gigabytes",
		"mb":      "mb megabyte megabytes",
		"tb":      "tb terabyte",
		"mbps":    "mbps mbit",
		"km":      "km kilometer kilometers kilometre kilometres kilometros quilometros",
		"kg":      "kg kilogram kilograms kilo kilos",
	} {
		for _, w := range strings.Fields(list) {
			units[w] = unit
		}
	}
	return units
})

// between are the words that may stand between a number and its unit, or between the two ends of a span.
var between = wordSet("- – — ~ to and or bis und oder a à y o e ou et 至 到 から 或 和 الي او و working business calendar full consecutive whole more further additional " +
	"个 個 ヶ か カ 箇 人民 de kalender volle weitere")

// workMarks turn days into working days.
var workMarks = wordSet("working business habiles laborables uteis ouvrables ouvres 工作 营业 営業 عمل")

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[text.Fold(w)] = true
	}
	return set
}

// unitAround finds what the number at words[i] counts: the next unit, or a currency before it.
func unitAround(words []string, i int) string {
	units, work := unitWords(), false
	if i > 0 {
		if words[i-1] == "$" && i > 1 && words[i-2] == "r" {
			return "brl"
		}
		switch words[i-1] {
		case "$", "€", "£", "eur", "usd", "gbp", "brl", "rmb":
			return units[words[i-1]]
		}
	}
	for n := i + 1; n < len(words) && n <= i+6; n++ {
		w := words[n]
		pair := w
		if n+1 < len(words) {
			pair += words[n+1]
		}
		switch {
		case workMarks[w] || workMarks[pair]:
			work = true
			if workMarks[pair] {
				n++
			}
			continue
		case pair == "小时" || pair == "小時" || pair == "時間" || pair == "时间":
			return "hour"
		case pair == "percent" || pair == "percento" || pair == "porcento" || pair == "porciento" || pair == "pourcent":
			return "percent"
		}
		if unit, ok := units[w]; ok {
			if unit == "day" && (work || n+1 < len(words) && workMarks[words[n+1]]) {
				return "workday"
			}
			return unit
		}
		if !between[w] && valuesOf(w) == nil {
			break
		}
	}
	return ""
}

// calendar has the names of months and weekdays in all languages, without accents.
var calendar = sync.OnceValue(func() map[string]fact {
	names := map[string]fact{}
	add := func(unit, list string) {
		for i, forms := range strings.Fields(list) {
			for _, name := range strings.Split(forms, "|") {
				f := names[name]
				f.unit, f.source, f.values = unit, name, append(f.values, strconv.Itoa(i+1))
				names[name] = f
			}
		}
	}
	add("month name", "january|jan february|feb march april|apr may june|jun july|jul august|aug september|sept october|oct november|nov december|dec")
	add("month name", "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre")
	add("month name", "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")
	add("month name", "januar februar marz april mai juni juli august september oktober november dezember")
	add("month name", "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro")
	add("month name", "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر")
	add("weekday", "monday|mon|mondays tuesday|tue|tues|tuesdays wednesday|wed|wednesdays thursday|thu|thurs|thursdays friday|fri|fridays saturday|sat|saturdays sunday|sun|sundays")
	add("weekday", "lunes martes miercoles jueves viernes sabado|sabados domingo|domingos")
	add("weekday", "lundi mardi mercredi jeudi vendredi samedi dimanche")
	add("weekday", "montag|montags|mo dienstag|dienstags mittwoch|mittwochs|mi donnerstag|donnerstags freitag|freitags|fr samstag|samstags|sonnabend sonntag|sonntags")
	add("weekday", "segunda terca quarta quinta sexta")
	add("weekday", "الاثنين الثلاثاء الاربعاء الخميس الجمعه السبت الاحد")
	return names
})

// months lists the months beside a number and the weekdays of a text.
func months(words []string) []fact {
	var out []fact
	for i, w := range words {
		f, ok := calendar()[w]
		if !ok || f.unit == "month name" && !numberNear(words, i) || len(w) <= 3 && f.unit == "weekday" && !weekdayNear(words, i) {
			continue
		}
		out = append(out, f)
	}
	return out
}

func numberNear(words []string, i int) bool {
	for n := max(0, i-3); n < min(len(words), i+3); n++ {
		if n != i && valuesOf(words[n]) != nil {
			return true
		}
	}
	return false
}

func weekdayNear(words []string, i int) bool {
	for n := max(0, i-2); n < min(len(words), i+3); n++ {
		if f, ok := calendar()[words[n]]; ok && n != i && f.unit == "weekday" {
			return true
		}
	}
	return false
}
