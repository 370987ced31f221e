// SPDX-License-Identifier: MIT

package text

import "strings"

// functionWords are the little words of each language: what search leaves out and what tells the
// language of a text. Negation stays in for search (see keptWords), because "not arrived" is the
// customer's whole point.
var functionWords = map[string]map[string]bool{
	"en": wordSet(`a about am an and any are as at be been being but by can could did do does doing for from had has have
		he her here hers him his how i if in into is it its just me might must my no not of on or our out please shall she should so
		some than that the their them then there these they this those to too us was we were what when where which who whom
		whose why will with would you your`),
	"es": wordSet(`a al algo ante aquí así aunque como cómo con cual cuál cuando cuándo cuanto cuánto de del desde donde dónde
		el él ella ellos en entre era es esa ese eso esta está están estaba este esto estos fue ha hace han hasta hay he la las le les lo los
		más me mi mis mucho muy ni no nos o para pero por porque puede puedo que qué quien quién se sea ser si sí sin sobre son soy
		su sus también te tengo tiene tu tus un una uno unos y ya yo usted ustedes quiero`),
	"fr": wordSet(`à ai au aux avec avez avoir c ça ce ces cet cette comme comment d dans de des donc du elle elles en est et être
		eu fait il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou où par pas peut peux plus
		pour pourquoi puis qu quand que quel quelle quelles quels qui s sa sans se ses si son sont sur t ta te tes toi ton tu un une vos
		votre vous y été suis veux combien`),
	"de": wordSet(`aber alle als am an auch auf aus bei bin bis bist da damit dann das dass dein deine dem den der des die dies
		diese dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas für gibt habe haben hat hatte hier ich ihr
		ihre ihren im in ist ja kann können könnte man mein meine meinem meinen meiner mich mir mit muss nach nicht noch nur ob
		oder ohne sehr sein seine sich sie sind so soll über um und uns unser unter vom von vor wann war warum was weil wenn wer
		werden wie wieso will wird wir wo wurde zu zum zur welche welcher möchte kein keine`),
	"pt": wordSet(`a à ao aos aquela aquele aqui as às até com como da das de dela dele depois do dos e é ela ele eles em entre era
		essa esse esta está estão este estou eu foi há isso isto já lhe mais mas me meu meus minha minhas muito na não nas nem no nos
		nós num numa o onde os ou para pela pelo por porque posso pode qual quais quando quanto que quem se sem ser seu seus só sou
		sua suas também te tem tenho teu tua um uma você vocês vos quero`),
	"it": wordSet(`a ai al alla alle allo anche avete c che chi ci come con cosa cui d da dai dal dalla de degli dei del della delle dello
		di dove e è ed era essere fa gli ha hai hanno ho i il in io la le lei li lo loro lui ma me mi mia miei mio ne nei nel nella noi non o
		ogni per perché più può posso qual quale quando quanto quello questa questo qui se sei si sia sono su sua sul sulla suo ti tra tu
		tua tuo un una uno vi voglio voi vostro`),
	"nl": wordSet(`aan al als bij dan dat de deze die dit door dus een en er geen had heb hebben heeft het hier hij hoe hun ik in is ja je
		jij jouw jullie kan kunnen maar me met mij mijn moet na naar niet nog nu of om omdat ons onze ook op over te tot u uit uw van
		veel voor waar waarom wanneer want waren was wat we welke wel wie wij wil worden wordt zal ze zich zij zijn zo zonder zou`),
	"ru": wordSet(`а без бы был была были было быть в вам вас ваш ваша ваше во вот все вы где да для до его ее если есть еще же за и из
		или им их к как какой когда который кто ли меня мне могу можно мой моя мое мои моего моей мы на над нас наш не него нет ни но ну о об он она они
		от по под почему при с свой себя сколько со так там то тоже только ты у уже хочу чего чем что чтобы эта эти это этот я`),
	"uk": wordSet(`а але без би був була в вас ваш ви від де для до з за й і із його її їх к коли ли ми мене мені мій на не ні по при про
		с та так там те ти то у хочу це цей чи чому що щоб я як який є`),
	"sv": wordSet(`alla att av blir den denna det detta dig din ditt du där efter eller en ett från för ha hade han har hur här i icke inte
		jag kan man med men mig min mitt mycket ni nu när och om oss på sin så som till upp ut var varför vad vi vid vill är över`),
	"da": wordSet(`af alle at blev bliver da de den der deres det dette dig din dog du efter eller en er et for fra få har havde hun hvad
		hvis hvor hvordan hvorfor han i ikke jeg kan man med meget men mig min mit når og også om op os på sig skal som til ud var
		ved vi vil være`),
	"no": wordSet(`alle at av ble blir da de den der det dette deg din du eller en er et etter for fra få ha har han hun hva hvis hvor
		hvordan hvorfor i ikke jeg kan man med meg men min mitt mye når og også om opp oss på seg skal som til ut var ved vi vil være`),
	"pl": wordSet(`a aby ale bez bo być był była było co czy dla do dlaczego gdy gdzie go i ich ile im ja jak jaka jaki jako je jego jej jest
		jestem już kiedy kto która które który lub ma mam mi mnie moja moje może mogę mój na nad nie nim o od on ona oni oraz po pod przez
		przy są się ta tak tam te tego tej ten to tu tutaj ty tylko w was we wy z za ze że chcę`),
	"tr": wordSet(`ama ancak bana ben beni benim bir bu bunu burada çok da daha de değil diye en gibi hangi hem her için ile ise kadar
		ki kim mı mi mu mü ne neden nasıl nerede olan olarak olur onu sen siz sizin şu var ve veya ya yok zaman istiyorum`),
	"hu": wordSet(`a az egy és ez hogy nem van is meg de ha vagy csak már mi ki kell lehet hogyan mikor hol miért én te ön nekem ezt azt`),
	"id": wordSet(`ada adalah agar akan anda apa apakah atau bagaimana bahwa bisa dalam dan dapat dari dengan di ini itu jika juga
		kami karena ke kenapa kapan mana mengapa oleh pada saya sudah tidak untuk yang`),
	"vi": wordSet(`bạn bao các cho có của cũng đã đang để đến điều được gì khi không là làm lúc mà một này nào nhiều những như ở
		sao sẽ tại tôi trong từ và vào về với`),
	"ar": wordSet(`إلى أن أنا أو أي أين التي الذي ال الى انا ان او اي اين بعد به بها حتى ذلك عن على عند غير في فيه قبل قد كان كانت كل كم كيف
		لا لقد لكن لم لماذا له لها لي ليس ما ماذا متى مع من منذ نعم هذا هذه هل هناك هو هي و يا يكون أريد اريد`),
	"fa": wordSet(`از است این آن با برای به بود تا چه چرا چگونه خود در را شما شود کجا کرد که من ما می و هم یا یک`),
}

// densePairs are the pairs of characters of Chinese and Korean function words. In Japanese what is
// written in hiragana takes their part.
var densePairs = wordSet(`什么 甚么 么是 是什 怎么 么办 怎样 如何 为什 为何 多少 少钱 几个 多久 时候 么时 候可 哪里 哪儿 哪个 哪些 是否 能否 可否
	可以 能不 不能 请问 我们 你们 他们 她们 它们 我的 你的 您的 他的 我想 想要 我要 要怎 该怎 这个 那个 这些 那些 这是 那是 一个 一下 一些 有没 没有 有什 有哪 以及
	或者 如果 因为 所以 但是 还是 不是 就是 的是 是的 了吗 是吗 的吗 呢吗 应该 需要 关于 对于 由于 其中 并且 而且 已经 还有 会不 不会 可能
	어떻 떻게 무엇 언제 어디 왜요 얼마 하는 하나 나요 니다 습니 입니 합니 세요 하고 에서 으로 있나 있는 할수 수있 싶어 싶습`)

// keptWords are function words that search keeps, as they turn a question round.
var keptWords = wordSet(`not no nicht kein keine non ne pas não нет не не niet geen inte ikke nie değil ليس لم out`)

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// politeWords say nothing about what is asked, in the languages where customers write them most.
var politeWords = wordSet(`please thanks thank hello hi hey por favor gracias hola merci bonjour svp bitte danke hallo obrigado obrigada olá grazie ciao`)

func isStop(w, lang string) bool {
	if politeWords[w] {
		return true
	}
	return functionWords[lang][w] && !keptWords[w]
}
