// SPDX-License-Identifier: MIT

// Package identity checks what the company's own shop says of a customer who is
// signed in there: a JSON Web Token that the shop signs and its page hands over.
// A key is good for one algorithm, so that a public key is never taken for a
// secret. It keeps no state; a Verifier is safe for concurrent use.
package identity

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"candor/internal/fault"
)

const (
	// MaxToken is the longest token, in bytes.
	MaxToken = 4096
	// MaxLife is how long after its making a token may be good at most: one that is
	// found later opens nothing.
	MaxLife    = 24 * time.Hour
	leeway     = 30 * time.Second
	maxKeys    = 8
	minSecret  = 32
	maxSubject = 200
	maxName    = 200
	maxEmail   = 254
)

// Config says whose word counts, and about whom it has to be.
type Config struct {
	// Keys are "ed25519:BASE64" (a public key of 32 bytes) or "hs256:BASE64" (a
	// shared secret of 32 bytes or more). Several: a key is being changed.
	Keys     []string
	Audience string // what aud has to name
	Issuer   string // what iss has to be; "": anything
	Now      func() time.Time
}

// Verifier checks tokens.
type Verifier struct {
	keys   map[string][]jwt.VerificationKey // by algorithm
	parser *jwt.Parser
	now    func() time.Time
}

// Person is who the shop says that the customer is.
type Person struct {
	Subject string // the shop's own name for them, which stays
	Name    string
	Email   string
	// EmailProved: the shop says that the address is theirs. It does unless it says
	// "email_verified": false.
	EmailProved bool
}

// New makes a Verifier; nil where there are no keys.
func New(c Config) (*Verifier, error) {
	if len(c.Keys) == 0 {
		return nil, nil //nolint:nilnil // identities are not in use: not an error
	}
	if len(c.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys are more than %d", len(c.Keys), maxKeys)
	}
	v := &Verifier{keys: map[string][]jwt.VerificationKey{}, now: c.Now}
	if v.now == nil {
		v.now = time.Now
	}
	for i, text := range c.Keys {
		algorithm, key, err := parseKey(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err) // never the key itself
		}
		v.keys[algorithm] = append(v.keys[algorithm], key)
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg(), jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithAudience(c.Audience), jwt.WithLeeway(leeway), jwt.WithTimeFunc(v.now),
	}
	if c.Issuer != "" {
		options = append(options, jwt.WithIssuer(c.Issuer))
	}
	v.parser = jwt.NewParser(options...)
	return v, nil
}

func parseKey(text string) (algorithm string, key jwt.VerificationKey, err error) {
	kind, encoded, _ := strings.Cut(text, ":")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", nil, errors.New("what stands after the colon is not base64")
	}
	switch {
	case kind == "ed25519" && len(raw) == ed25519.PublicKeySize:
		return jwt.SigningMethodEdDSA.Alg(), ed25519.PublicKey(raw), nil
	case kind == "hs256" && len(raw) >= minSecret:
		return jwt.SigningMethodHS256.Alg(), raw, nil
	}
	return "", nil, fmt.Errorf("it is neither ed25519: with %d bytes nor hs256: with %d bytes or more", ed25519.PublicKeySize, minSecret)
}

// claims are what a token says.
type claims struct {
	jwt.RegisteredClaims

	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified *bool  `json:"email_verified"`
}

// Verify says who a token is about, or why it is not believed.
func (v *Verifier) Verify(token string) (Person, error) {
	if len(token) > MaxToken {
		return Person{}, refuse(nil, "it is longer than %d bytes", MaxToken)
	}
	if strings.ContainsFunc(token, foreign) {
		return Person{}, refuse(nil, "it is not a signed JSON Web Token")
	}
	var c claims
	if _, err := v.parser.ParseWithClaims(token, &c, v.keyOf); err != nil {
		return Person{}, refuse(err, "%s", reason(err))
	}
	switch {
	case c.IssuedAt == nil:
		return Person{}, refuse(nil, "it does not say when it was made (iat)")
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > MaxLife:
		return Person{}, refuse(nil, "it is good for more than %d hours", int(MaxLife.Hours()))
	}
	return c.person()
}

// foreign runes stand in no token; base64 would pass over the ends of lines.
func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// keyOf gives the keys of the algorithm that a token names, and no others.
func (v *Verifier) keyOf(t *jwt.Token) (any, error) {
	if _, is := t.Header["crit"]; is {
		return nil, errors.New("it asks for what is not known here (crit)")
	}
	keys := v.keys[t.Method.Alg()]
	if len(keys) == 0 {
		return nil, errors.New("there is no key of that algorithm")
	}
	return jwt.VerificationKeySet{Keys: keys}, nil
}

func (c claims) person() (Person, error) {
	p := Person{Subject: strings.TrimSpace(c.Subject), Name: strings.TrimSpace(c.Name), Email: strings.TrimSpace(c.Email)}
	switch {
	case p.Subject == "" || len(p.Subject) > maxSubject || !printable(p.Subject):
		return Person{}, refuse(nil, "it does not say whom it is about (sub, at most %d bytes)", maxSubject)
	case len(p.Name) > maxName || !printable(p.Name):
		return Person{}, refuse(nil, "the name is longer than %d bytes, or has control characters in it", maxName)
	case p.Email == "":
		return p, nil
	}
	if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > maxEmail {
		return Person{}, refuse(nil, "its address is not an e-mail address")
	}
	p.EmailProved = c.EmailVerified == nil || *c.EmailVerified
	return p, nil
}

func printable(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

func refuse(cause error, format string, args ...any) error {
	return fault.Invalid("identity_refused", "The identity token is not believed: %s.", fmt.Sprintf(format, args...)).Because(cause)
}

// reason words what the library found, without what stands in the token.
func reason(err error) string {
	for _, known := range []struct {
		err  error
		text string
	}{
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenRequiredClaimMissing, "it has no end (exp) or is for nobody (aud)"},
		{jwt.ErrTokenUsedBeforeIssued, "it was made in the future"},
		{jwt.ErrTokenNotValidYet, "it is not good yet"},
		{jwt.ErrTokenInvalidAudience, "it is for somebody else (aud)"},
		{jwt.ErrTokenInvalidIssuer, "it is from somebody else (iss)"},
		{jwt.ErrTokenSignatureInvalid, "it is not signed with a key that is known here"},
		{jwt.ErrTokenUnverifiable, "it is not signed with a key that is known here"},
	} {
		if errors.Is(err, known.err) {
			return known.text
		}
	}
	return "it is not a signed JSON Web Token"
}
