// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// event is one server-sent event and when it was here whole.
type event struct {
	name string
	data []byte
	at   time.Time
}

func (e event) read(into any) error {
	if err := json.Unmarshal(e.data, into); err != nil {
		return fmt.Errorf("read event %s: %w", e.name, err)
	}
	return nil
}

// events reads a stream of server-sent events.
type events struct{ lines *bufio.Reader }

func newEvents(r io.Reader) *events { return &events{bufio.NewReaderSize(r, 32<<10)} }

// next gives the next event with data. io.EOF is an end between events; inside
// one it is io.ErrUnexpectedEOF.
func (s *events) next() (event, error) {
	var e event
	for {
		line, err := s.line()
		if errors.Is(err, io.EOF) && (len(line) > 0 || len(e.data) > 0) {
			return e, io.ErrUnexpectedEOF
		}
		if err != nil {
			return e, err
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			e.name = string(value)
		case "data":
			e.data = append(e.data, value...)
		case "": // an empty line ends the event, a comment is nothing
			if len(line) == 0 && len(e.data) > 0 {
				e.at = time.Now()
				return e, nil
			}
		}
	}
}

// line reads a line of any length, without its end.
func (s *events) line() ([]byte, error) {
	var whole []byte
	for {
		part, err := s.lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			whole = append(whole, part...)
			continue
		}
		if whole == nil {
			whole = part
		} else {
			whole = append(whole, part...)
		}
		return bytes.TrimRight(whole, "\r\n"), err
	}
}
