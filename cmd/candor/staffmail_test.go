// SPDX-License-Identifier: MIT

package main

import (
	"log/slog"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/mail"
	"candor/mail/mailtest"
	"candor/postgres/pgtest"
	"candor/staff"
)

func TestStaffMail(t *testing.T) {
	t.Parallel()
	db, server := pgtest.DB(t), mailtest.Start(t)
	people := staff.New(db)
	letters := mail.New(mail.Config{
		DB: db, Server: mail.Server{Host: server.Host, Port: server.Port, Username: mailtest.Username, Password: mailtest.Password},
		From: netmail.Address{Address: "desk@example.com"}, Org: func() string { return "Example Telecom" }, TLS: server.Client,
		Logger: slog.New(slog.DiscardHandler),
	})
	post := newStaffMail(letters, people, "https://desk.example")
	require.Nil(t, newStaffMail(mail.New(mail.Config{DB: db}), people, ""), "without a server nothing is promised")
	a, shown, err := people.Invite(t.Context(), 0, "new@example.com", "Agent New", staff.RoleAgent)
	require.NoError(t, err)
	require.NoError(t, post.SendPasswordLink(t.Context(), a, "https://desk.example/password#"+shown, true))
	n, err := letters.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	body := strings.NewReplacer("=\r\n", "", "=\n", "").Replace(server.Letter(t).Body) // lines that were folded
	found := regexp.MustCompile(`https://desk\.example/password#(cp_\w+)`).FindStringSubmatch(body)
	require.NotNil(t, found, body)
	require.NotEqual(t, shown, found[1], "what was shown did not go through the outbox")
	_, _, err = people.ChoosePassword(t.Context(), found[1], "correct horse battery")
	require.NoError(t, err)
	_, _, err = people.ChoosePassword(t.Context(), shown, "correct horse battery")
	require.Error(t, err, "the other link has ended with it")

	boss, err := people.Add(t.Context(), "boss@example.com", "Boss", staff.RoleSupervisor, "")
	require.NoError(t, err)
	require.NoError(t, post.SendPasswordLink(t.Context(), a, "", false))
	require.NoError(t, people.Disable(t.Context(), boss.ID, a.ID))
	_, err = letters.Deliver(t.Context())
	require.NoError(t, err)
	require.True(t, server.Empty(), "who is disabled meanwhile is not told")
}
