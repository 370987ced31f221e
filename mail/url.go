// SPDX-License-Identifier: MIT

package mail

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
)

// Server is where letters are handed in.
type Server struct {
	Host               string
	Port               int
	Username, Password string
	Implicit           bool // TLS from the first byte (smtps://)
	Plain              bool // no TLS at all; passwords are refused then
}

// ParseURL reads smtp://user:password@host:587, where STARTTLS is demanded,
// smtps://host:465 or, for a relay on the same machine or a network of one's own,
// smtp://host:25?tls=none.
func ParseURL(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		// The address may hold a password: it is not repeated.
		return Server{}, errors.New("the mail server's address is not smtp://user:password@host:port or smtps://…")
	}
	s := Server{Host: u.Hostname(), Port: 587, Implicit: u.Scheme == "smtps", Username: u.User.Username()}
	s.Password, _ = u.User.Password()
	if s.Implicit {
		s.Port = 465
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, fmt.Errorf("the mail server's port %q is none", port)
		}
	}
	switch tls := u.Query().Get("tls"); tls {
	case "":
	case "none":
		s.Plain = true
	default:
		return Server{}, fmt.Errorf("tls=%q of the mail server's address is not known: only none is", tls)
	}
	if s.Plain && (s.Implicit || s.Username != "") {
		return Server{}, errors.New("a mail server with tls=none can have neither smtps:// nor a password")
	}
	return s, nil
}

// Address is host:port.
func (s Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// ParseFrom reads the sender: an address, with a name or without.
func ParseFrom(text string) (mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return mail.Address{}, fmt.Errorf("the sender %q is not an e-mail address", text)
	}
	return *a, nil
}
