// SPDX-License-Identifier: MIT

package llm

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says where the provider is and how long and how much a call may take.
// Zero values mean the defaults given here.
type Config struct {
	BaseURL         string // up to and including the version; empty: https://api.openai.com/v1
	APIKey          string // sent as a bearer token, on Azure deployments as api-key; empty: none
	AzureAPIVersion string // set: BaseURL is an Azure resource and models are deployments
	ChatModel       string // the model that answers
	EmbeddingModel  string // the model that embeds

	// Dimensions is the length every vector must have. 0: that of the first one.
	Dimensions int
	// RequestDimensions asks the provider for vectors of Dimensions. Models named
	// text-embedding-3* are asked in any case; most others do not take it.
	RequestDimensions bool

	FirstTokenTimeout time.Duration // from the call to the first token, retries and waiting included; 10 s
	IdleTimeout       time.Duration // between two tokens; 10 s
	TotalTimeout      time.Duration // for a whole answer; 60 s
	EmbedTimeout      time.Duration // for one embeddings request with its retries; 30 s

	MaxTokens      int   // of an answer unless the request says; 1024. Reasoning models think within it
	MaxLineBytes   int   // of a line of a stream; 256 KiB
	MaxStreamBytes int64 // of a whole stream, or of an embeddings response; 32 MiB
	MaxConcurrent  int   // calls at once, for chat and for embeddings each; more wait; 1024
	EmbedBatch     int   // texts in one embeddings request; 64

	MaxAttempts     int           // requests for one call at most; 3
	RetryWait       time.Duration // the first wait before a retry, doubled for the next, with jitter; 100 ms
	MaxRetryWait    time.Duration // a provider that asks for a longer wait is not asked again in this call; 3 s
	BreakerFailures int           // failures in a row that open the breaker; 5
	BreakerTimeout  time.Duration // from open to the probe; 10 s

	Transport  http.RoundTripper     // nil: one of our own with pooled connections
	Registerer prometheus.Registerer // nil: metrics are counted but not exported
	Logger     *slog.Logger          // nil: nothing is logged
}

const openAIURL = "https://api.openai.com/v1"

// String and LogValue keep the key out of whatever prints a Config.
func (c Config) String() string {
	return "llm.Config{BaseURL:" + safeURL(c.BaseURL) + " ChatModel:" + c.ChatModel + " EmbeddingModel:" + c.EmbeddingModel + "}"
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// safeURL drops what may be secret in an address: user, password and query.
func safeURL(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return raw
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	return strings.TrimSuffix(scheme+"://"+host+"/"+path, "/")
}

// withDefaults fills the zero values.
func (c Config) withDefaults() Config {
	c.APIKey = strings.TrimSpace(c.APIKey)
	c.BaseURL = strings.TrimRight(strings.TrimSpace(c.BaseURL), "/")
	setDefault(&c.BaseURL, openAIURL)
	setDefault(&c.FirstTokenTimeout, 10*time.Second)
	setDefault(&c.IdleTimeout, 10*time.Second)
	setDefault(&c.TotalTimeout, 60*time.Second)
	setDefault(&c.EmbedTimeout, 30*time.Second)
	setDefault(&c.MaxTokens, 1024)
	setDefault(&c.MaxLineBytes, 256<<10)
	setDefault(&c.MaxStreamBytes, 32<<20)
	setDefault(&c.MaxConcurrent, 1024)
	setDefault(&c.EmbedBatch, 64)
	setDefault(&c.MaxAttempts, 3)
	setDefault(&c.RetryWait, 100*time.Millisecond)
	setDefault(&c.MaxRetryWait, 3*time.Second)
	setDefault(&c.BreakerFailures, 5)
	setDefault(&c.BreakerTimeout, 10*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	return c
}

// setDefault sets *p if it is zero.
func setDefault[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}
