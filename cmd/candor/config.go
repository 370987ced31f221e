// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"candor/bot/confidence"
	"candor/internal/identity"
	"candor/internal/seal"
	"candor/mail"
)

// config is everything an operator sets. docs/configuration.md says the same in
// a table, and a test compares the two.
type config struct {
	DatabaseURL   string `env:"DATABASE_URL"`                  // the main database
	DatabaseFile  string `env:"DATABASE_URL_FILE,file"`        // the same, read from a file
	ReplicaURL    string `env:"CANDOR_REPLICA_URL"`            // a physical replica that searches run on; empty: the main database
	KeystoreURL   string `env:"CANDOR_KEYSTORE_URL"`           // the database of the customers' keys, outside the main one's backups
	KeystoreFile  string `env:"CANDOR_KEYSTORE_URL_FILE,file"` // the same, read from a file
	MasterKey     string `env:"CANDOR_MASTER_KEY"`             // encrypts the customers' keys; `candor keygen` makes one
	MasterKeyFile string `env:"CANDOR_MASTER_KEY_FILE,file"`   // the same, read from a file

	Listen         string   `env:"CANDOR_LISTEN" envDefault:"127.0.0.1:8080"`         // address for customers and staff
	MetricsListen  string   `env:"CANDOR_METRICS_LISTEN" envDefault:"127.0.0.1:9090"` // private address of /metrics; "off": none
	PublicURL      string   `env:"CANDOR_PUBLIC_URL"`                                 // how people reach the gateway; empty: http:// and the address
	TrustedProxies []string `env:"CANDOR_TRUSTED_PROXIES"`                            // networks whose X-Forwarded-For is believed, by commas

	OpenAIKey           string `env:"OPENAI_API_KEY"`                             // key of the model provider
	OpenAIKeyFile       string `env:"OPENAI_API_KEY_FILE,file"`                   // the same, read from a file
	OpenAIBaseURL       string `env:"OPENAI_BASE_URL"`                            // the provider's address up to the version; empty: OpenAI's
	ChatModel           string `env:"CANDOR_CHAT_MODEL" envDefault:"gpt-4o-mini"` // the model that writes answers
	EmbeddingModel      string `env:"CANDOR_EMBEDDING_MODEL"`                     // the model that embeds; empty: the built-in embedder
	EmbeddingDimensions int    `env:"CANDOR_EMBEDDING_DIMENSIONS"`                // length of its vectors; 0: asked of the provider

	SMTPURL  string `env:"CANDOR_SMTP_URL"`           // the mail server: smtp://user:password@host:587 or smtps://…; empty: no mail is sent
	SMTPFile string `env:"CANDOR_SMTP_URL_FILE,file"` // the same, read from a file
	MailFrom string `env:"CANDOR_MAIL_FROM"`          // sender of the mails, with a name or without

	WebhookAllowPrivate []string `env:"CANDOR_WEBHOOK_ALLOW_PRIVATE"` // networks that webhooks may call although they are not public, by commas

	LibraryAllowPrivate []string `env:"CANDOR_LIBRARY_ALLOW_PRIVATE"` // networks that the library may read pages from although they are not public, by commas

	Confidence string `env:"CANDOR_CONFIDENCE_FILE,file"` // what `candor calibrate` wrote; empty: the built-in calibration

	IdentityKeys     []string `env:"CANDOR_IDENTITY_KEYS"`           // keys of the company's shop, which vouches for customers, by commas
	IdentityKeysFile string   `env:"CANDOR_IDENTITY_KEYS_FILE,file"` // the same, read from a file; line by line too
	IdentityAudience string   `env:"CANDOR_IDENTITY_AUDIENCE"`       // whom its tokens are for; empty: the public address
	IdentityIssuer   string   `env:"CANDOR_IDENTITY_ISSUER"`         // whom they are from; empty: anybody who has a key

	FirstTokenTimeout time.Duration `env:"CANDOR_FIRST_TOKEN_TIMEOUT" envDefault:"10s"` // the model must begin to answer within
	IdleTimeout       time.Duration `env:"CANDOR_IDLE_TIMEOUT" envDefault:"10s"`        // and go on within
	AnswerTimeout     time.Duration `env:"CANDOR_ANSWER_TIMEOUT" envDefault:"60s"`      // and end within
	TurnLease         time.Duration `env:"CANDOR_TURN_LEASE" envDefault:"15s"`          // how long a turn of a process that died stays its own
	TurnLimit         int           `env:"CANDOR_TURN_LIMIT" envDefault:"30"`           // turns of the bot in a conversation before a person is called
	DrainTimeout      time.Duration `env:"CANDOR_DRAIN_TIMEOUT" envDefault:"20s"`       // how long a stopping process lets turns finish

	ConversationsPerMinute int    `env:"CANDOR_CONVERSATIONS_PER_MINUTE" envDefault:"30"` // opened from one address; -1: no limit
	MessagesPerMinute      int    `env:"CANDOR_MESSAGES_PER_MINUTE" envDefault:"60"`      // written in one conversation; -1: no limit
	SignInsPerMinute       int    `env:"CANDOR_SIGN_INS_PER_MINUTE" envDefault:"30"`      // tried from one address; -1: no limit
	LogLevel               string `env:"CANDOR_LOG_LEVEL" envDefault:"info"`              // debug, info, warn or error
}

// readConfig reads the environment and says everything that is wrong at once.
func readConfig() (config, error) {
	c, err := readEnvironment()
	if err != nil {
		return c, err
	}
	var wrong []error
	if c.KeystoreURL == "" {
		wrong = append(wrong, errors.New("CANDOR_KEYSTORE_URL is not set: a database for the customers' keys, whose backups are kept apart"))
	}
	if c.MasterKey == "" {
		wrong = append(wrong, errors.New("CANDOR_MASTER_KEY or CANDOR_MASTER_KEY_FILE is not set: make one with `candor keygen` and keep it safe"))
	}
	if _, err := c.level(); err != nil {
		wrong = append(wrong, err)
	}
	if _, _, err := c.mailServer(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := c.webhookNetworks(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := c.libraryNetworks(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := c.calibration(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := c.identity(); err != nil {
		wrong = append(wrong, err)
	}
	return c, errors.Join(append([]error{c.needDatabase()}, wrong...)...)
}

// needDatabase says what is missing when there is no database.
func (c config) needDatabase() error {
	if c.DatabaseURL == "" {
		return errors.New("DATABASE_URL is not set: the address of a PostgreSQL 15+ database with pgvector")
	}
	return nil
}

// readEnvironment reads the environment, secrets in files included.
func readEnvironment() (config, error) {
	c, err := env.ParseAs[config]()
	if err != nil {
		return c, fmt.Errorf("read the environment: %w", err)
	}
	for value, file := range map[*string]string{
		&c.DatabaseURL: c.DatabaseFile, &c.KeystoreURL: c.KeystoreFile, &c.MasterKey: c.MasterKeyFile, &c.OpenAIKey: c.OpenAIKeyFile,
		&c.SMTPURL: c.SMTPFile,
	} {
		if file != "" {
			*value = strings.TrimSpace(file)
		}
	}
	if c.IdentityKeysFile != "" {
		c.IdentityKeys = strings.FieldsFunc(c.IdentityKeysFile, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' })
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Listen
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	return c, nil
}

// hasProvider reports whether a model provider is configured.
func (c config) hasProvider() bool { return c.OpenAIKey != "" || c.OpenAIBaseURL != "" }

// mailServer reads where mails are handed in and who sends them; without an
// address there is none.
func (c config) mailServer() (server mail.Server, from netmail.Address, err error) {
	if c.SMTPURL == "" {
		return server, from, nil
	}
	if server, err = mail.ParseURL(c.SMTPURL); err != nil {
		return server, from, fmt.Errorf("CANDOR_SMTP_URL: %w", err)
	}
	if from, err = mail.ParseFrom(c.MailFrom); err != nil {
		return server, from, fmt.Errorf("CANDOR_MAIL_FROM: %w", err)
	}
	return server, from, nil
}

// webhookNetworks are those that webhooks may call although they are not public.
func (c config) webhookNetworks() ([]netip.Prefix, error) {
	return networks("CANDOR_WEBHOOK_ALLOW_PRIVATE", c.WebhookAllowPrivate)
}

// libraryNetworks are those that pages may be read from although they are not public.
func (c config) libraryNetworks() ([]netip.Prefix, error) {
	return networks("CANDOR_LIBRARY_ALLOW_PRIVATE", c.LibraryAllowPrivate)
}

func networks(variable string, texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no network such as 10.1.0.0/16", variable, text)
		}
		list = append(list, network)
	}
	return list, nil
}

// calibration is how a confidence is told.
func (c config) calibration() (confidence.Calibration, error) {
	if c.Confidence == "" {
		return confidence.Calibration{}, nil
	}
	calibration, err := confidence.Parse([]byte(c.Confidence))
	if err != nil {
		return calibration, fmt.Errorf("CANDOR_CONFIDENCE_FILE: %w", err)
	}
	return calibration, nil
}

// identity checks what the company's shop says of customers; nil where it has no key.
func (c config) identity() (*identity.Verifier, error) {
	v, err := identity.New(identity.Config{Keys: c.IdentityKeys, Audience: cmp.Or(c.IdentityAudience, c.PublicURL), Issuer: c.IdentityIssuer})
	if err != nil {
		return nil, fmt.Errorf("CANDOR_IDENTITY_KEYS: %w", err)
	}
	return v, nil
}

func (c config) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return level, fmt.Errorf("CANDOR_LOG_LEVEL is %q: use debug, info, warn or error", c.LogLevel)
	}
	return level, nil
}

func (c config) masterKey() (seal.MasterKey, error) { return seal.ParseMasterKey(c.MasterKey) }
