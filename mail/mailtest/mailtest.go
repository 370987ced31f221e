// SPDX-License-Identifier: MIT

// Package mailtest is a mail server for tests: a whole one, speaking SMTP with
// STARTTLS and passwords on a socket, that keeps what it takes and refuses what
// it is told to.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// The account that the server knows.
const (
	Username = "candor"
	Password = "open sesame"
)

// Received is a letter that the server took.
type Received struct {
	From, To string
	TLS      bool
	User     string
	Header   mail.Header
	Body     string // both parts, as they came
}

// Server is a mail server that runs.
type Server struct {
	Host string
	Port int
	// Client trusts the server's certificate.
	Client *tls.Config
	// Authority is the certificate as a file has it, for a process of its own.
	Authority []byte

	mu      sync.Mutex
	refuse  func(to string) error
	letters chan Received
	server  *smtp.Server
	socket  net.Listener
}

// Start runs a server until the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	certificate, pool := authority(tb)
	s := &Server{Authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), letters: make(chan Received, 100), Client: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	s.server.Domain = "mail.example.com"
	s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.server.MaxMessageBytes = 1 << 20
	s.server.ReadTimeout, s.server.WriteTimeout = 10*time.Second, 10*time.Second
	s.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	address, ok := listener.Addr().(*net.TCPAddr)
	require.True(tb, ok)
	s.Host, s.Port, s.socket = "127.0.0.1", address.Port, listener
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.server.Serve(listener) // ends with Close
	}()
	tb.Cleanup(func() {
		s.Close()
		<-done
	})
	return s
}

// Close takes the server down. The socket goes first: the server knows it only
// once it serves.
func (s *Server) Close() {
	_ = s.socket.Close()
	_ = s.server.Close()
}

// Refuse makes the server answer recipients with what fn says; nil takes all.
func (s *Server) Refuse(fn func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = fn
}

// Code is a refusal with an SMTP code, its enhanced code and words of the server.
func Code(code int, class, subject, detail int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: words}
}

// Letter gives the next letter that the server took.
func (s *Server) Letter(tb testing.TB) Received {
	tb.Helper()
	select {
	case l := <-s.letters:
		return l
	case <-time.After(30 * time.Second):
		tb.Fatal("no letter came")
	case <-tb.Context().Done():
	}
	return Received{}
}

// Empty reports whether no letter is left.
func (s *Server) Empty() bool { return len(s.letters) == 0 }

type session struct {
	server *Server
	conn   *smtp.Conn
	user   string
	letter Received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != Username || password != Password {
			return smtp.ErrAuthFailed
		}
		s.user = username
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.letter = Received{From: from, User: s.user}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.To = to
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.refuse != nil {
		return s.server.refuse(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return errors.New("not a message")
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	_, s.letter.TLS = s.conn.TLSConnectionState()
	s.letter.Header = m.Header
	s.letter.Body = strings.ReplaceAll(strings.ReplaceAll(string(body), "=\r\n", ""), "=3D", "=")
	s.server.letters <- s.letter
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func authority(tb testing.TB) (tls.Certificate, *x509.CertPool) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(tb, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(tb, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
