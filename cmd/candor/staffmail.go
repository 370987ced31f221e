// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"

	"candor/api"
	"candor/mail"
	"candor/prompts"
	"candor/staff"
)

// staffMail mails members of staff links by which they choose a password.
type staffMail struct {
	mail      *mail.Service
	staff     *staff.Service
	publicURL string
}

const mailStaffPassword = "staff_password"

type passwordMail struct {
	Invited bool `json:"invited"`
}

// newStaffMail is nil where no mail server is set.
func newStaffMail(letters *mail.Service, people *staff.Service, publicURL string) api.StaffMail {
	if !letters.Enabled() {
		return nil
	}
	s := &staffMail{mail: letters, staff: people, publicURL: publicURL}
	letters.Handle(mailStaffPassword, mail.Handler{Compose: s.compose})
	return s
}

// SendPasswordLink queues the letter. The link that was shown is not in it: the
// outbox holds no secrets, so the letter gets a link of its own when it is sent.
// Choosing a password by one of them ends the other.
func (s *staffMail) SendPasswordLink(ctx context.Context, to staff.Account, _ string, invited bool) error {
	return s.mail.Queue(ctx, mail.Queued{
		Kind: mailStaffPassword, Account: to.ID, Data: passwordMail{invited}, Once: fmt.Sprintf("%s/%d", mailStaffPassword, to.ID),
	})
}

func (s *staffMail) compose(ctx context.Context, o mail.Outgoing) (*mail.Letter, error) {
	var about passwordMail
	if err := json.Unmarshal(o.Data, &about); err != nil || o.Account == nil {
		return nil, fmt.Errorf("read a letter to staff: %w", err)
	}
	m, err := s.staff.Member(ctx, *o.Account)
	if err != nil || m.DisabledAt != nil {
		return nil, err // nobody to tell
	}
	secret, err := s.staff.PasswordLink(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	l := &mail.Letter{
		To: m.Email, Locale: prompts.English, Link: s.publicURL + "/password#" + secret, Label: "Choose a password",
		Subject: "A new password for the desk",
		Lines:   []string{"Somebody asked for a link by which you choose a new password. If it was not you, do nothing: your password stays as it is.", "The link works once, within a day."},
	}
	if about.Invited {
		l.Subject = "Your account at the desk"
		l.Lines = []string{"You were invited to the desk as " + m.Name + ". Please choose a password.", "The link works once, within a day."}
	}
	return l, nil
}
