// SPDX-License-Identifier: MIT

package consequences_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/consequences"
	"candor/chat"
	"candor/mail/mailtest"
)

func TestCorrect_writes_by_mail_to_whom_agreed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	agreed := b.told(t, "de", chat.Profile{Email: "agreed@example.com", EmailProved: true}, 1)
	b.agree(t, agreed, true)
	silent := b.told(t, "en", chat.Profile{Email: "silent@example.com"}, 1)
	withdrawn := b.told(t, "en", chat.Profile{Email: "withdrawn@example.com"}, 1)
	b.agree(t, withdrawn, true)
	b.agree(t, withdrawn, false)
	later := b.told(t, "en", chat.Profile{Email: "later@example.com"}, 1)
	b.agree(t, later, true)
	refused := b.told(t, "en", chat.Profile{Email: "refused@example.com"}, 1)
	b.agree(t, refused, true)
	b.server.Refuse(func(to string) error {
		if strings.HasPrefix(to, "refused@") {
			return mailtest.Code(550, 5, 1, 1, "no such mailbox")
		}
		return nil
	})
	p, err := b.svc.Preview(t.Context(), b.marking())
	require.NoError(t, err)
	require.Equal(t, []int{5, 3}, []int{p.Conversations, p.Reachable})
	x := b.mark(t)
	b.correct(t)
	require.Equal(t, 3, b.delivery(t, x.ID).MailWaiting)
	b.agree(t, later, false) // before the letter goes out
	n, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, n)
	letter := b.server.Letter(t)
	require.Equal(t, "agreed@example.com", letter.To)
	require.Contains(t, letter.Body, "Sie k")
	require.NotContains(t, letter.Body, "steht die Berichtigung selbst nicht")
	require.Contains(t, letter.Body, "https://desk.example.com/return#")
	require.True(t, b.server.Empty())
	require.Equal(t, consequences.Delivery{Conversations: 5, Posted: 5, Mailed: 1, MailFailed: 1}, b.delivery(t, x.ID))
	require.Len(t, b.corrections(t, silent), 1)
	require.NoError(t, b.svc.Shown(t.Context(), silent.ID, b.corrections(t, silent)[0].Seq))
	require.Equal(t, 1, b.delivery(t, x.ID).Shown)
	require.Empty(t, b.Violations(t))
}

func TestCorrect_waits_for_no_letter_that_will_not_go_out(t *testing.T) {
	t.Parallel()
	b := setup(t)
	redacted := b.told(t, "en", chat.Profile{Email: "redacted@example.com"}, 1)
	b.agree(t, redacted, true)
	erased := b.told(t, "en", chat.Profile{Email: "erased@example.com"}, 1)
	b.agree(t, erased, true)
	x := b.mark(t)
	b.correct(t)
	require.Equal(t, 2, b.delivery(t, x.ID).MailWaiting)
	seq := b.corrections(t, redacted)[0].Seq
	b.lock(t, redacted.ID, func(l *chat.Locked) error { return l.Redact(t.Context(), seq, "It named somebody.", b.editor) })
	require.NoError(t, b.Chat.Erase(t.Context(), erased.CustomerID, nil, func(context.Context, *chat.Locked) error { return nil }))
	_, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.True(t, b.server.Empty())
	require.Zero(t, b.delivery(t, x.ID).MailWaiting, "the page that waits for the letters would wait for ever")
	require.Empty(t, b.Violations(t))
}

func TestCorrect_tells_an_address_that_nobody_proved_nothing_of_the_matter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, reference := range []string{"", "R-7"} {
		c := b.told(t, "en", chat.Profile{Email: "ann" + reference + "@example.com"}, 1)
		b.agree(t, c, true)
		if reference == "" {
			continue
		}
		_, err := b.DB.Exec(t.Context(), `
			INSERT INTO cases (reference, conversation_id, reason, evidence, language, enqueued_at, ready_at, updated_at)
			VALUES ($2, $1, 'customer_request', '[]', 'en', now(), now(), now())`, c.ID, reference)
		require.NoError(t, err)
	}
	b.mark(t)
	b.correct(t)
	n, err := b.mail.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	for range n {
		letter := b.server.Letter(t)
		require.NotContains(t, letter.Body, "14 days")
		require.NotContains(t, letter.Body, "Returns")
		require.Contains(t, letter.Body, "Example Telecom has corrected something")
		require.Contains(t, letter.Body, "https://desk.example.com/return#")
		require.Equal(t, strings.Contains(letter.To, "R-7"), strings.Contains(letter.Body, "Your reference: R-7"), letter.To)
	}
	require.True(t, b.server.Empty())
}
