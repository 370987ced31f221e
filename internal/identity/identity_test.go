// SPDX-License-Identifier: MIT

package identity_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/internal/identity"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type bundle struct {
	*identity.Verifier
	private ed25519.PrivateKey
	public  ed25519.PublicKey
	secret  []byte
}

func setup(t testing.TB) bundle {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	b := bundle{private: private, public: public, secret: []byte(strings.Repeat("s", 40))}
	b.Verifier, err = identity.New(identity.Config{
		Keys:     []string{"ed25519:" + base64.StdEncoding.EncodeToString(public), " hs256:" + base64.StdEncoding.EncodeToString(b.secret)},
		Audience: "https://chat.example", Issuer: "https://shop.example", Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	return b
}

// said is a right token's content, changed.
func said(change map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{
		"sub": "customer-7", "name": "Ann", "email": "ann@example.com", "iss": "https://shop.example", "aud": "https://chat.example",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for k, v := range change {
		c[k] = v
		if v == nil {
			delete(c, k)
		}
	}
	return c
}

func signed(t testing.TB, method jwt.SigningMethod, key any, c jwt.MapClaims) string {
	t.Helper()
	text, err := jwt.NewWithClaims(method, c).SignedString(key)
	require.NoError(t, err)
	return text
}

func TestVerify_believes_the_shop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := identity.Person{Subject: "customer-7", Name: "Ann", Email: "ann@example.com", EmailProved: true}
	for name, token := range map[string]string{
		"EdDSA":           signed(t, jwt.SigningMethodEdDSA, b.private, said(nil)),
		"HS256":           signed(t, jwt.SigningMethodHS256, b.secret, said(nil)),
		"a list as aud":   signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"aud": []string{"other", "https://chat.example"}})),
		"just over":       signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"iat": now.Add(-time.Hour).Unix(), "exp": now.Add(-20 * time.Second).Unix()})),
		"a clock ahead":   signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"iat": now.Add(20 * time.Second).Unix()})),
		"the longest day": signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"exp": now.Add(24 * time.Hour).Unix()})),
	} {
		got, err := b.Verify(token)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	got, err := b.Verify(signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"email_verified": false})))
	require.NoError(t, err)
	require.False(t, got.EmailProved, "the shop knows the customer, not the address")
	got, err = b.Verify(signed(t, jwt.SigningMethodEdDSA, b.private, said(map[string]any{"email": nil, "name": nil})))
	require.NoError(t, err)
	require.Equal(t, identity.Person{Subject: "customer-7"}, got)
}

// raw is a token that no library would make.
func raw(head string, c jwt.MapClaims, sign func(string) []byte) string {
	body, _ := json.Marshal(c)
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
}

func mac(key []byte) func(string) []byte {
	return func(text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
}

func TestVerify_refuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stranger, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	ed := func(change map[string]any) string { return signed(t, jwt.SigningMethodEdDSA, b.private, said(change)) }
	nobody := func(string) []byte { return nil }
	right := ed(nil)
	for name, token := range map[string]string{
		"nothing":                       "",
		"no token":                      "hello",
		"alg none":                      signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, said(nil)),
		"alg None":                      raw(`{"alg":"None"}`, said(nil), nobody),
		"no alg":                        raw(`{"typ":"JWT"}`, said(nil), mac(b.secret)),
		"the public key as a secret":    raw(`{"alg":"HS256"}`, said(nil), mac(b.public)),
		"an empty secret":               raw(`{"alg":"HS256"}`, said(nil), mac(nil)),
		"another key":                   signed(t, jwt.SigningMethodEdDSA, stranger, said(nil)),
		"another secret":                signed(t, jwt.SigningMethodHS256, []byte(strings.Repeat("x", 40)), said(nil)),
		"another algorithm":             signed(t, jwt.SigningMethodHS512, b.secret, said(nil)),
		"a key of its own":              raw(`{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}}`, said(nil), func(s string) []byte { return ed25519.Sign(stranger, []byte(s)) }),
		"a demand that is not known":    raw(`{"alg":"EdDSA","crit":["b64"],"b64":false}`, said(nil), func(s string) []byte { return ed25519.Sign(b.private, []byte(s)) }),
		"no signature":                  right[:strings.LastIndex(right, ".")+1],
		"a changed signature":           right[:len(right)-4] + "AAAA",
		"a changed body":                strings.Replace(right, ".", ".A", 1),
		"one that has expired":          ed(map[string]any{"exp": now.Add(-time.Minute).Unix()}),
		"no end":                        ed(map[string]any{"exp": nil}),
		"an end in a year":              ed(map[string]any{"exp": now.Add(365 * 24 * time.Hour).Unix()}),
		"an end that is no time":        ed(map[string]any{"exp": "never"}),
		"an end beyond time":            ed(map[string]any{"exp": 1e300}),
		"no beginning":                  ed(map[string]any{"iat": nil}),
		"made in the future":            ed(map[string]any{"iat": now.Add(time.Hour).Unix()}),
		"not good yet":                  ed(map[string]any{"nbf": now.Add(time.Hour).Unix()}),
		"for somebody else":             ed(map[string]any{"aud": "https://other.example"}),
		"for nobody":                    ed(map[string]any{"aud": nil}),
		"from somebody else":            ed(map[string]any{"iss": "https://other.example"}),
		"about nobody":                  ed(map[string]any{"sub": nil}),
		"about a blank":                 ed(map[string]any{"sub": "  "}),
		"about too much":                ed(map[string]any{"sub": strings.Repeat("x", 201)}),
		"a name with a line in it":      ed(map[string]any{"name": "a\nb"}),
		"an address that is none":       ed(map[string]any{"email": "ann"}),
		"an address with a name":        ed(map[string]any{"email": "Ann <ann@example.com>"}),
		"a subject that is a number":    ed(map[string]any{"sub": 7}),
		"longer than any":               ed(map[string]any{"more": strings.Repeat("x", identity.MaxToken)}),
		"a million dots":                strings.Repeat(".", 1_000_000),
		"an encrypted one":              "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c",
		"a body that is nested deeply":  raw(`{"alg":"EdDSA"}`, jwt.MapClaims{"a": json.RawMessage(strings.Repeat("[", 900) + strings.Repeat("]", 900))}, nobody),
		"white space at the signature":  right + "\n",
		"standard base64 with a filler": right + "=",
	} {
		_, err := b.Verify(token)
		require.True(t, fault.Is(err, "identity_refused"), "%s: %v", name, err)
		f, _ := fault.Of(err)
		require.NotContains(t, f.Message, "ann@example.com", name)
		require.Less(t, len(f.Message), 200, name)
	}
}

func TestVerify_keys_do_not_help_each_other(t *testing.T) {
	t.Parallel()
	b := setup(t)
	only, err := identity.New(identity.Config{
		Keys: []string{"ed25519:" + base64.StdEncoding.EncodeToString(b.public)}, Audience: "https://chat.example", Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	_, err = only.Verify(signed(t, jwt.SigningMethodEdDSA, b.private, said(nil)))
	require.NoError(t, err)
	_, err = only.Verify(raw(`{"alg":"HS256","typ":"JWT"}`, said(nil), mac(b.public)))
	require.True(t, fault.Is(err, "identity_refused"))
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	v, err := identity.New(identity.Config{})
	require.NoError(t, err)
	require.Nil(t, v, "not in use")
	short := base64.StdEncoding.EncodeToString([]byte("short"))
	for _, key := range []string{"", "ed25519:", "ed25519:" + short, "hs256:" + short, "rs256:" + short, "hs256:not base64!"} {
		_, err := identity.New(identity.Config{Keys: []string{key}})
		require.Error(t, err, key)
		require.NotContains(t, err.Error(), short)
	}
	_, err = identity.New(identity.Config{Keys: make([]string, 9)})
	require.Error(t, err)
}

func FuzzVerify(f *testing.F) {
	b := setup(f)
	right := signed(f, jwt.SigningMethodEdDSA, b.private, said(nil))
	f.Add(right)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := b.Verify(token); token != right {
			require.Error(t, err)
		}
	})
}
