// SPDX-License-Identifier: MIT

package llm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"candor/llm"
	"candor/llm/llmtest"
)

// content is an event with a piece of text, given as it stands in JSON.
func content(json string) string {
	return `data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"` + json + `"},"finish_reason":null}]}` + "\n\n"
}

const (
	role   = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}` + "\n\n"
	finish = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	done   = "data: [DONE]\n\n"
)

// garbage is what a provider sends, the text that it gives and the error that names what is wrong.
type garbage struct {
	name, body, text string
	err              error
}

// judge says what is wrong with what a client made of it.
func (g garbage) judge(text string, err error) error {
	switch {
	case text != g.text:
		return fmt.Errorf("%.80q was read and not %.80q", text, g.text)
	case g.err == nil && err != nil, g.err != nil && !errors.Is(err, g.err):
		return fmt.Errorf("ended in %w and not in %w", err, g.err)
	case err != nil && strings.Contains(err.Error(), secret):
		return fmt.Errorf("%w tells the key", err)
	case g.err == nil:
		return nil
	}
	// Before the first token somebody else may be asked.
	if first := g.text == "" && g.err != llm.ErrRejected; errors.Is(err, llm.ErrUnavailable) != first { //nolint:errorlint // the table's own value
		return fmt.Errorf("%w: before the first token: %t", err, first)
	}
	return nil
}

// Fault 6: garbage. Each body gives the text up to the garbage and the error that
// names it, or a complete answer where the garbage does no harm.
func TestFault_garbage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1<<20)
	cases := []garbage{
		{"a well-formed stream is complete", role + content("a") + content("b") + finish + done, "ab", nil},

		{"invalid JSON first", "data: {\"choices\":[{\n\n", "", llm.ErrGarbled},
		{"invalid JSON in the middle loses no word silently", content("a") + "data: {oops}\n\n" + content("b") + finish + done, "a", llm.ErrGarbled},
		{"JSON of another shape", content("a") + "data: [1,2]\n\n" + finish, "a", llm.ErrGarbled},
		{"JSON of another type", content("a") + `data: {"choices":"none"}` + "\n\n" + finish, "a", llm.ErrGarbled},
		{"a bare word", content("a") + "data: pong\n\n" + finish, "a", llm.ErrGarbled},
		{"an HTML page", "<html><body>Bad gateway</body></html>", "", llm.ErrGarbled},
		{"an HTML page after some text", content("a") + "<html>\n", "a", llm.ErrGarbled},
		{"a whole document instead of events", `{"choices":[{"message":{"content":"hi"}}]}`, "", llm.ErrGarbled},
		{"a raw NUL", content("a") + "data: {\"choices\":[\x00]}\n\n" + finish, "a", llm.ErrGarbled},

		{"no choices in an event", content("a") + `data: {"choices":[]}` + "\n\n" + content("b") + finish + done, "ab", nil},
		{"no choices at all", `data: {"choices":[]}` + "\n\n" + done, "", llm.ErrCut},
		{"null for everything", content("a") + `data: {"choices":[{"delta":null,"finish_reason":null}],"usage":null,"error":null}` + "\n\n" + finish, "a", nil},
		{"an escaped NUL and a terminal escape are dropped", content(`a\u0000b\u001b[31m\u0085c\n\t`) + finish, "ab[31mc\n\t", nil},
		{"broken UTF-8 becomes a replacement character", content("a\xff\xfeb") + finish, "a\ufffdb", nil},
		{"a lone surrogate too", content(`a\ud83db`) + finish, "a\ufffdb", nil},
		{"half a character at the end", content("a\xe9\x80") + finish, "a\ufffd", nil},

		{"a line of 1 MB", content("a") + content(long) + finish, "a", llm.ErrTooLong},
		{"a comment of 1 MB", content("a") + ": " + long + "\n\n" + finish, "a", llm.ErrTooLong},

		{"no DONE", content("a") + finish, "a", nil},
		{"two DONE", content("a") + finish + done + done, "a", nil},
		{"text after DONE", content("a") + finish + done + content("b"), "a", nil},
		{"text after the finish reason", content("a") + finish + content("b") + done, "a", nil},
		{"DONE without a finish reason", content("a") + done, "a", llm.ErrCut},
		{"nothing at all", "", "", llm.ErrCut},
		{"blank lines only", strings.Repeat("\n", 1000), "", llm.ErrCut},
		{"no line end after the last line", content("a") + strings.TrimSpace(finish), "a", nil},
		{"half of the last line", content("a") + finish[:len(finish)/2], "a", llm.ErrGarbled},

		{"comments, other fields and CRLF", ": ping\r\nevent: message\r\nid: 7\r\nretry: 5\r\n" + strings.ReplaceAll(content("a")+finish, "\n", "\r\n"), "a", nil},
		{"a thousand pings between two words", content("a") + strings.Repeat(": ping\n\n", 1000) + content("b") + finish, "ab", nil},
		{"empty data", "data:\n\n" + content("a") + "data: \n\n" + finish, "a", nil},
		{"no space after the colon", strings.ReplaceAll(content("a")+finish+done, "data: ", "data:"), "a", nil},
		{"a byte order mark", "\ufeff" + content("a") + finish, "a", nil},

		{"an error event first", `data: {"error":{"message":"` + secret + `","type":"server_error"}}` + "\n\n", "", llm.ErrUnavailable},
		{"an error event in the middle", content("a") + `data: {"error":{"message":"` + secret + `","type":"server_error","code":500}}` + "\n\n" + done, "a", llm.ErrCut},
		{"an error event after a ping", content("a") + ": ping\n\n" + `data: {"error":{"message":"x","type":"server_error"}}` + "\n\n", "a", llm.ErrCut},
		{"an unreadable error event", content("a") + `data: {"error":{"reason":"x"}}` + "\n\n" + finish, "a", llm.ErrCut},
		{"an error event of an older llama.cpp", "error: {\"code\":400,\"message\":\"too long\",\"type\":\"invalid_request_error\"}\n\n" + done, "", llm.ErrRejected},
		{"an error object of an older vLLM", `data: {"object":"error","message":"x","type":"BadRequestError","code":400}` + "\n\n" + done, "", llm.ErrRejected},
		{"an error beside choices", content("a") + `data: {"id":"x","error":{"code":502,"message":"x"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}` + "\n\n" + done, "a", llm.ErrCut},
		{"error as the finish reason", content("a") + strings.ReplaceAll(finish, "stop", "error") + done, "a", llm.ErrCut},

		{"thoughts in their own field", `data: {"choices":[{"delta":{"reasoning_content":"hmm"}}]}` + "\n\n" + content("a") + finish, "a", nil},
		{"thoughts in the text", content(`<thi`) + content(`nk>\nhmm <b></th`) + content(`ink>\n\n`) + content("a") + finish, "a", nil},
		{"thoughts that never end", content(`<think>hmm`) + finish, "", nil},
		{"what only begins like thoughts", content(` <thin`) + finish, " <thin", nil},
		{"a thought later is text", content(`a <think>b</think>`) + finish, "a <think>b</think>", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, wrap := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.OneByteReader, iotest.DataErrReader,
			} {
				client := scripted(func() io.Reader { return wrap(strings.NewReader(c.body)) })
				require.NoError(t, c.judge(ask(t.Context(), client)))
			}
		})
	}

	t.Run("the control: a careless reader takes the rest for an answer", func(t *testing.T) {
		t.Parallel()
		for _, c := range cases {
			if err := c.judge(careless(strings.NewReader(c.body)), nil); c.err != nil {
				require.Error(t, err, c.name)
			}
		}
	})
}

// Memory stays bounded however much garbage comes.
func TestFault_garbage_bounded(t *testing.T) {
	t.Parallel()
	const bound = 64<<10 + 8<<10
	for name, unit := range map[string]string{
		"one endless line":    "a",
		"endless comments":    ": ping\n",
		"endless blank lines": "\n",
		"endless heartbeats":  `data: {"choices":[]}` + "\n\n",
		"an endless thought":  `data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}` + "\n\n",
	} {
		t.Run(name+" is given up at the limit", func(t *testing.T) {
			t.Parallel()
			source := &endless{unit: []byte(unit)}
			client := scripted(func() io.Reader { return source },
				func(c *llm.Config) { c.MaxLineBytes, c.MaxStreamBytes, c.MaxTokens = 16<<10, 64<<10, 1<<20 })
			_, err := ask(t.Context(), client)
			require.ErrorIs(t, err, llm.ErrTooLong)
			require.LessOrEqual(t, source.read, bound)

			// The control: without the limit more is read.
			source = &endless{unit: []byte(unit)}
			client = scripted(func() io.Reader { return source },
				func(c *llm.Config) { c.MaxLineBytes, c.MaxStreamBytes, c.MaxTokens = 1<<20, 1<<20, 1<<20 })
			_, err = ask(t.Context(), client)
			require.Error(t, err)
			require.Greater(t, source.read, bound)
		})
	}
}

// endless repeats unit and counts what is read of it.
type endless struct {
	unit []byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		part := copy(p[n:], e.unit[(e.read+n)%len(e.unit):])
		n += part
	}
	e.read += n
	return n, nil
}

// Fault 7: characters and frames split at every byte.
func TestFault_split(t *testing.T) {
	t.Parallel()
	const text = "Größe: 5 €, 退款五天内到账 🙂 נשלח"

	t.Run("a body cut in two at any byte gives the same text", func(t *testing.T) {
		t.Parallel()
		body := role + content("Größe: 5 €, ") + content("退款五天内到账 ") + content("🙂 נשלח") + finish + done
		for i := range len(body) {
			client := scripted(func() io.Reader {
				return io.MultiReader(strings.NewReader(body[:i]), strings.NewReader(body[i:]))
			})
			got, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, text, got, "cut at %d", i)
		}
	})

	t.Run("slices of 1 to 7 bytes on the wire give the same text", func(t *testing.T) {
		t.Parallel()
		for size := 1; size <= 7; size++ {
			_, client := setup(t, llmtest.Static(llmtest.Reply{Text: text, Slice: size}))
			got, err := ask(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, text, got)
		}
	})

	t.Run("characters split over tokens at any byte are put together", func(t *testing.T) {
		t.Parallel()
		for size := 1; size <= 7; size++ {
			var body strings.Builder
			for part := range slices.Chunk([]byte(text), size) {
				body.WriteString(content(string(part)))
			}
			for _, end := range []string{finish + done, finish} {
				client := scripted(func() io.Reader { return strings.NewReader(body.String() + end) })
				s, err := client.Stream(t.Context(), hello)
				require.NoError(t, err)
				var got strings.Builder
				for {
					delta, err := s.Next()
					if err != nil {
						require.Equal(t, io.EOF, err)
						break
					}
					require.True(t, utf8.ValidString(delta), "every piece is valid by itself")
					got.WriteString(delta)
				}
				s.Close()
				require.Equal(t, text, got.String())
			}
		}
	})
}

// FuzzStream feeds the reader any bytes, in slices of any size.
func FuzzStream(f *testing.F) {
	f.Add([]byte(role+content("a")+finish+done), 3)
	f.Add([]byte(content("a\xe9\x80")+content("\x80")+finish), 1)
	f.Add([]byte("error: {}\n\n: x\ndata: {\"error\":null}\n\ndata:[DONE]"), 7)
	f.Add([]byte(content("<think>")+content("</think> b")+finish), 2)
	f.Add([]byte("<html>\x00\xff\ndata: {\"choices\":[{}]}\n"), 5)
	f.Fuzz(func(t *testing.T, body []byte, size int) {
		size = 1 + (size%64+64)%64
		client := scripted(func() io.Reader { return &sliced{Reader: bytes.NewReader(body), size: size} },
			func(c *llm.Config) { c.MaxLineBytes = 4 << 10 })
		s, err := client.Stream(t.Context(), hello)
		if err == nil {
			defer s.Close()
			var text string
			text, err = read(s)
			require.True(t, utf8.ValidString(text))
			require.NotContains(t, text, "\x00")
		}
		if err == nil {
			require.NotEmpty(t, s.FinishReason(), "only a finish reason makes an answer complete")
			return
		}
		_ = kind(t, err)
		require.Regexp(t, `^[\w .:,-]+$`, err.Error(), "no bytes of the provider's in an error")
	})
}

// sliced is a reader that gives so many bytes at a time.
type sliced struct {
	io.Reader
	size int
}

func (s *sliced) Read(p []byte) (int, error) { return s.Reader.Read(p[:min(len(p), s.size)]) }
