// SPDX-License-Identifier: MIT

package llm

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxDrain bounds what is read after the last event so that the connection can be
// used again.
const maxDrain = 4 << 10

// lines is the body of a stream as go-openai can bear it: go-openai reads lines of
// any length, keeps comments in memory and takes them for parts of errors, loses a
// last line without a line end, and waits for one more line after an error. Each
// Read gives a part of one line.
type lines struct {
	src     io.ReadCloser
	r       *bufio.Reader
	maxLine int
	left    int64 // bytes that may still come

	out   []byte // of the current line, not read yet
	long  []byte // for a line that is longer than r's buffer
	text  []byte // what out is a part of
	blank bool   // the last line given was blank, or none was given
	done  bool   // [DONE] was seen
	err   error
}

func newLines(src io.ReadCloser, maxLine int, maxBytes int64) *lines {
	return &lines{src: src, r: bufio.NewReader(src), maxLine: maxLine, left: maxBytes, blank: true}
}

// Read reads the next bytes of the lines that are kept.
func (l *lines) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		var line []byte
		if line, l.err = l.line(); len(line) > 0 {
			l.out = l.keep(line)
		}
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// Close closes the body. After [DONE] it reads what little is left, so that the
// connection is not thrown away with it.
func (l *lines) Close() error {
	if l.done && l.err == nil {
		_, _ = io.CopyN(io.Discard, l.r, maxDrain)
	}
	return l.src.Close()
}

// line reads one line within the limits. At the end of the body there may be a
// line together with the error.
func (l *lines) line() ([]byte, error) {
	piece, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = l.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			l.long = append(l.long, piece...)
			if len(l.long) > l.maxLine {
				return nil, &Error{Kind: ErrTooLong, Type: "line_bytes"}
			}
			piece, err = l.r.ReadSlice('\n')
		}
		l.long = append(l.long, piece...)
		piece = l.long
	}
	if len(piece) > l.maxLine {
		return nil, &Error{Kind: ErrTooLong, Type: "line_bytes"}
	}
	if l.left -= int64(len(piece)); l.left < 0 {
		return nil, &Error{Kind: ErrTooLong, Type: "stream_bytes"}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		piece = nil // half a line before a broken connection is no line
	}
	return piece, err
}

// keep gives what go-openai is to see of a line: data, and one blank line between.
func (l *lines) keep(line []byte) []byte {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
	if len(line) == 0 {
		if l.blank {
			return nil
		}
		l.blank = true
		return []byte("\n")
	}
	if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
		return l.data(bytes.TrimSpace(data))
	}
	if data, ok := bytes.CutPrefix(line, []byte("error:")); ok { // older llama.cpp
		wrapped := append([]byte(`{"error":`), bytes.TrimSpace(data)...)
		return l.data(append(wrapped, '}'))
	}
	if bytes.ContainsAny(line[:1], "<{[") { // a page or a document, not events
		l.err = garbled("not_a_stream")
	}
	return nil
}

// data gives a data line with its line end; an error, with a blank line after it,
// since go-openai looks at an error only when it has the next line.
func (l *lines) data(data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	l.done = l.done || string(data) == "[DONE]"
	l.blank = bytes.HasPrefix(data, []byte(`{"error":`))
	l.text = append(append(l.text[:0], "data: "...), data...)
	if l.blank {
		l.text = append(l.text, '\n')
	}
	l.text = append(l.text, '\n')
	return l.text
}
