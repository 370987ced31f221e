// SPDX-License-Identifier: MIT

package llm

import (
	"net/http"
	"net/url"
	"sync/atomic"

	openai "github.com/sashabaranov/go-openai"
)

// Client talks to one provider. Make it with New, end it with Close.
type Client struct {
	cfg     Config // without its secrets
	api     *openai.Client
	http    *http.Client
	chat    *operation
	embed   *operation
	metrics *metrics

	quirks     atomic.Uint32 // parameters that the provider was found not to take
	dimensions atomic.Int64  // of the vectors, once known
}

// New returns a client. It does not connect; a base URL that is none shows as
// ErrRejected at the first call.
func New(cfg Config) *Client {
	cfg = cfg.withDefaults()
	c := &Client{metrics: newMetrics(cfg.Registerer)}
	c.http = &http.Client{
		Transport: cfg.Transport,
		// A redirect would send the prompt and the key to an address nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	conf := openai.DefaultConfig(cfg.APIKey)
	if cfg.AzureAPIVersion != "" {
		conf = openai.DefaultAzureConfig(cfg.APIKey, cfg.BaseURL)
		conf.APIVersion = cfg.AzureAPIVersion
		conf.AzureModelMapperFunc = func(model string) string { return model }
	}
	conf.BaseURL = cfg.BaseURL
	conf.HTTPClient = &doer{http: c.http, maxLine: cfg.MaxLineBytes, maxBytes: cfg.MaxStreamBytes, badURL: !validURL(cfg.BaseURL)}
	c.api = openai.NewClientWithConfig(conf)
	cfg.APIKey, cfg.BaseURL = "", safeURL(cfg.BaseURL)
	c.cfg = cfg
	c.chat = newOperation("chat", cfg, c.metrics)
	c.embed = newOperation("embed", cfg, c.metrics)
	c.dimensions.Store(int64(cfg.Dimensions))
	return c
}

// Close closes idle connections. Streams that are still open go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ChatModel is the name of the model that answers.
func (c *Client) ChatModel() string { return c.cfg.ChatModel }

// Available reports whether a chat call would be let through now: false while the
// breaker is open or the provider has asked to be left alone.
func (c *Client) Available() bool { return c.chat.available() }

// validURL reports whether s is an absolute HTTP address.
func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
