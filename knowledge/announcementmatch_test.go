// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/text"
	"candor/knowledge"
)

// announcedTopics are announcements with questions that are about them.
var announcedTopics = map[string]struct {
	announcement knowledge.Announcement
	asked        []string
}{
	"outage": {
		knowledge.Announcement{
			Texts: []knowledge.AnnouncementText{
				{Lang: "en", Text: "Internet and television are down in Leeds since this morning. Our technicians are at work; we expect the end of the outage at 18:00."},
				{Lang: "de", Text: "In Leeds sind seit heute Morgen Internet und Fernsehen gestört. Wir rechnen mit dem Ende der Störung um 18 Uhr."},
				{Lang: "zh", Text: "利兹的互联网和电视服务今天早上中断，预计18点恢复。"},
			},
			About: []string{"My internet is not working", "There is no internet in Leeds", "Is there an outage?", "Mein Internet geht nicht", "Gibt es gerade eine Störung?", "网络断了"},
		},
		[]string{"Is the internet down in Leeds?", "my internet isn't working", "is there an outage at the moment", "Warum geht mein Internet nicht?", "Gibt es eine Störung in Leeds?", "我的网络断了怎么办"},
	},
	"holiday": {
		knowledge.Announcement{
			Texts: []knowledge.AnnouncementText{{Lang: "en", Text: "Our shops stay closed on Monday, 3 May. From Tuesday on they open at nine as usual."}},
			About: []string{"Are you open on Monday?", "Is the shop closed on the holiday?", "¿Está abierta la tienda el lunes?", "Le magasin est-il ouvert lundi ?"},
		},
		[]string{"are your shops open on Monday?", "Is the shop closed on 3 May?", "¿Está abierta su tienda este lunes?", "Votre magasin est-il ouvert lundi ?"},
	},
	"delivery": {
		knowledge.Announcement{
			Texts: []knowledge.AnnouncementText{{Lang: "en", Text: "Because of the snow, parcels arrive up to two days later this week."}},
			About: []string{"Where is my parcel?", "My delivery is late", "Onde está a minha encomenda?", "荷物はいつ届きますか", "أين طردي؟"},
		},
		[]string{"where is my parcel", "why is my delivery so late?", "Onde está minha encomenda?", "荷物はいつ届くのでしょうか", "أين هو طردي؟"},
	},
}

// unrelated are questions about none of them, some with their words.
var unrelated = []string{
	"How do I change my password?", "What does roaming in Switzerland cost?", "When is my bill due?", "Can I return a lamp that I have used?",
	"I want to cancel my contract", "Which television channels are in the family package?", "How much does the fast internet tariff cost?",
	"How do I become a business customer?", "Do you sell gift vouchers?", "What is the warranty on a router?", "Where do I find my customer number?",
	"Wie kündige ich meinen Vertrag?", "Was kostet der Tarif für Studierende?", "Wo finde ich meine Rechnung?", "¿Cómo cambio mi contraseña?",
	"¿Es caro el envío al extranjero?", "Comment résilier mon abonnement ?", "Como altero o meu endereço?", "如何修改我的密码", "发票怎么开", "料金はいくらですか",
	"パスワードを変更したい", "كيف أغير كلمة المرور؟", "ما هي ساعات خدمة العملاء؟", "thanks, that helped", "hello", "Tell me a joke",
}

// noLibrary matches announcements that name no article: nothing is read.
var noLibrary = new(knowledge.Service)

func about(t *testing.T, a knowledge.Announcement, question string) knowledge.AnnouncementMatch {
	t.Helper()
	m, err := noLibrary.MatchAnnouncement(t.Context(), a, question, knowledge.Result{Lang: text.DetectLang(question)}, false)
	require.NoError(t, err)
	return m
}

func TestAnnouncement_is_for_the_questions_about_it(t *testing.T) {
	t.Parallel()
	for name, topic := range announcedTopics {
		for _, q := range topic.asked {
			m := about(t, topic.announcement, q)
			require.Equal(t, "question", m.How, "%s: %q scores %.2f", name, q, m.Score)
		}
	}
}

func TestAnnouncement_is_not_for_other_questions(t *testing.T) {
	t.Parallel()
	for name, topic := range announcedTopics {
		others := unrelated
		for other, o := range announcedTopics {
			if other != name {
				others = append(slices.Clip(others), o.asked...)
			}
		}
		for _, q := range others {
			m := about(t, topic.announcement, q)
			require.Empty(t, m.How, "%s: %q scores %.2f", name, q, m.Score)
		}
	}
}

func TestAnnouncement_leaves_the_question_to_a_better_article(t *testing.T) {
	t.Parallel()
	a := announcedTopics["delivery"].announcement
	found := knowledge.Result{Lang: "en", Features: knowledge.Features{Nearness: 1}}
	m, err := noLibrary.MatchAnnouncement(t.Context(), a, "Where is my delivery address kept?", found, true)
	require.NoError(t, err)
	require.Empty(t, m.How)
	require.InDelta(t, 0.58, m.Threshold, 1e-9)
}

func TestAnnouncement_withholds_what_it_stands_in_for(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	old := l.publish("Opening hours", "Our shops open at nine.")
	l.publish("Refunds", "A refund takes five days.")
	now, err := l.Now(t.Context())
	require.NoError(t, err)
	a, err := l.Announce(t.Context(), knowledge.Announcement{
		Texts: []knowledge.AnnouncementText{{Lang: "en", Text: "On Sunday everything is different."}}, Overrides: []int64{old.ID}, ExpiresAt: now.Add(time.Hour),
	})
	require.NoError(t, err)
	ask := func() (knowledge.Result, []knowledge.AnnouncementMatch) {
		q := knowledge.Query{Text: "When do your shops open?"}
		found, err := l.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, "Opening hours", found.Passages[0].Title)
		matches, err := l.AnnouncedFor(t.Context(), q, &found, true)
		require.NoError(t, err)
		return found, matches
	}
	found, matches := ask()
	require.Empty(t, found.Passages)
	require.True(t, found.Withheld)
	require.Equal(t, "article", matches[0].How)

	_, err = l.EndAnnouncement(t.Context(), a.ID, 0)
	require.NoError(t, err)
	found, matches = ask()
	require.Len(t, found.Passages, 1)
	require.Empty(t, matches)
}
