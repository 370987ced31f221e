// SPDX-License-Identifier: MIT

package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendTimeout bounds the talk with the mail server about one letter.
const sendTimeout = 30 * time.Second

// sender hands letters to a mail server.
type sender struct {
	server Server
	from   mail.Address
	org    func() string
	tls    *tls.Config // nil: the system's authorities
}

// send hands one letter in. id makes the Message-ID, the same in every attempt.
func (s *sender) send(ctx context.Context, id int64, l Letter) error {
	m, err := s.message(id, l)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.server.Host, s.options()...)
	if err != nil {
		return fmt.Errorf("prepare the mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return client.DialAndSendWithContext(ctx, m)
}

func (s *sender) message(id int64, l Letter) (*gomail.Msg, error) {
	org := s.org()
	text, err := l.text(org)
	if err != nil {
		return nil, err
	}
	html, err := l.html(org)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg()
	name := s.from.Name
	if name == "" {
		name = org
	}
	if err := m.FromFormat(name, s.from.Address); err != nil {
		return nil, fmt.Errorf("write the sender: %w", err)
	}
	if err := m.To(l.To); err != nil {
		return nil, errAddress
	}
	m.Subject(oneLine(l.Subject))
	m.SetMessageIDWithValue(fmt.Sprintf("candor-%d@%s", id, s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]))
	m.SetDate()
	m.SetUserAgent("Candor")
	// So that no out-of-office reply and no mailing list answers it (RFC 3834).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}

// oneLine keeps a header one header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (s *sender) options() []gomail.Option {
	options := []gomail.Option{gomail.WithPort(s.server.Port), gomail.WithTimeout(sendTimeout)}
	switch {
	case s.server.Implicit:
		options = append(options, gomail.WithSSL())
	case s.server.Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.tls != nil {
		config := s.tls.Clone()
		config.ServerName = s.server.Host
		options = append(options, gomail.WithTLSConfig(config))
	}
	if s.server.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.server.Username), gomail.WithPassword(s.server.Password))
	}
	return options
}

var errAddress = errors.New("the address is not one that mail can be sent to")

// verdict says what became of an attempt in words that hold nothing personal (a
// server's own words name the address), and whether another may help. A server
// that is down, refuses our password or has no TLS is the operator's matter: the
// letter is kept. Only its refusal of this letter is final.
func verdict(err error) (words string, final bool) {
	if errors.Is(err, errAddress) {
		return "address refused", true
	}
	refused, is := errors.AsType[*gomail.SendError](err)
	if !is {
		return "server not reached, or no agreement on TLS or the password", false
	}
	code := refused.ErrorCode()
	if code == 0 {
		return "connection lost", false
	}
	words = fmt.Sprintf("server answered %d", code)
	if enhanced := refused.EnhancedStatusCode(); enhanced != "" {
		words += " " + enhanced
	}
	// 53x and 50x are about how we talk to the server, not about the letter.
	return words, code >= 550 && code < 560
}
