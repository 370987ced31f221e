// SPDX-License-Identifier: MIT

package knowledge

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"candor/internal/fault"
	"candor/internal/text"
	"candor/knowledge/chunk"
	"candor/knowledge/convert"
)

// item is one article of an import, or why it is none.
type item struct {
	name                string // of the file
	line                int    // of a JSON Lines file
	size                int64
	externalID          string
	content             Content
	reviewBy, expiresAt *time.Time
	audience            Audience // "": as it is
	whole               bool     // an export: it says all there is to say of the article
	draft               bool     // not to be published
	relations
	err error
}

// maxLine is the largest line of a JSON Lines file: a source may double in size when it is escaped.
const maxLine = 3 * MaxSource

// formats are the kinds of files that are taken, by extension.
var formats = map[string]func(name string, r io.Reader) iter.Seq[item]{
	".md": markdownFile, ".markdown": markdownFile, ".mdx": markdownFile,
	".txt": textFile, ".text": textFile,
	".jsonl": jsonLines, ".ndjson": jsonLines, ".csv": csvFile, ".tsv": csvFile,
	".html": document(htmlDocument), ".htm": document(htmlDocument), ".docx": document(convert.Docx),
}

func supported(name string) bool { return formats[strings.ToLower(path.Ext(name))] != nil }

// items reads the articles of a file.
func items(name string, r io.Reader) iter.Seq[item] {
	if read := formats[strings.ToLower(path.Ext(name))]; read != nil {
		return read(name, inUTF8(r))
	}
	return func(yield func(item) bool) {
		yield(item{name: name, err: fault.Invalid("format_unknown", "Files of this kind cannot be imported; Markdown, HTML, Word (.docx), plain text, CSV and JSON Lines can.")})
	}
}

// inUTF8 reads text that some editors save in UTF-16, which its first two bytes tell.
func inUTF8(r io.Reader) io.Reader {
	buffered := bufio.NewReader(r)
	head, _ := buffered.Peek(2) // what is wrong with the file shows when it is read
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.Equal(head, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case !bytes.Equal(head, []byte{0xff, 0xfe}):
		return buffered
	}
	data, err := io.ReadAll(io.LimitReader(buffered, 2*maxDocument+1))
	switch {
	case err != nil:
		return unreadable{err}
	case len(data) > 2*maxDocument:
		return unreadable{fault.Invalid("article_too_large", "The file is larger than %d MiB. Save it as UTF-8 and try again.", 2*maxDocument>>20)}
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	decoded := string(utf16.Decode(units))
	if len(data)%2 != 0 || strings.ContainsRune(decoded, utf8.RuneError) && !slices.Contains(units, uint16(utf8.RuneError)) {
		return unreadable{fault.Invalid("invalid_utf16", "The text begins as UTF-16 and is none. Save the file as UTF-8 and try again.")}
	}
	return strings.NewReader(strings.TrimPrefix(decoded, "\uFEFF"))
}

// unreadable is a file of which nothing can be read, and why.
type unreadable struct{ err error }

func (u unreadable) Read([]byte) (int, error) { return 0, u.err }

// whole reads a file that is one article.
func whole(name string, r io.Reader, read func(source string) item) iter.Seq[item] {
	return func(yield func(item) bool) {
		data, err := io.ReadAll(io.LimitReader(r, MaxSource+maxFrontMatter+1))
		it := item{err: err}
		switch {
		case err != nil:
		case len(data) > MaxSource+maxFrontMatter:
			it.err = fault.Invalid("article_too_large", "The file is larger than %d MiB.", MaxSource>>20)
		default:
			if it.err = checkText(string(data)); it.err == nil {
				it = read(string(data))
			}
		}
		it.name, it.size = name, int64(len(data))
		if it.externalID == "" {
			it.externalID = name
		}
		yield(it)
	}
}

func markdownFile(name string, r io.Reader) iter.Seq[item] {
	return whole(name, r, func(source string) item {
		m, err := readFrontMatter(source)
		if err != nil {
			return item{err: err}
		}
		it := item{externalID: m.ID, reviewBy: m.ReviewBy, expiresAt: m.ExpiresAt, audience: m.Audience, whole: m.exported, draft: m.Draft}
		it.relations = relations{owner: m.Owner, translationOf: m.TranslationOf, outdated: m.Outdated}
		it.content = Content{Title: m.Title, Lang: m.Lang, URL: m.URL, Source: unexport(source, m), Asked: m.Asked}
		if !m.exported { // an export says all there is to say: no language is none
			it.content.complete(name)
		}
		return it
	})
}

func textFile(name string, r io.Reader) iter.Seq[item] {
	return whole(name, r, func(source string) item {
		it := item{content: Content{Source: source}}
		line, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(source, "\uFEFF")), "\n")
		if line = strings.TrimSpace(line); utf8.RuneCountInString(line) <= maxTextTitle {
			it.content.Title = line
		}
		it.content.complete(name)
		return it
	})
}

// maxTextTitle is the longest first line of a plain text that is taken for its title, in characters.
const maxTextTitle = 120

// complete fills in what a file did not say: the title from the first heading or the file's name, the
// language from the text.
func (c *Content) complete(name string) {
	if c.Title == "" {
		c.Title = firstHeading(c.Source)
	}
	if c.Title == "" {
		c.Title = strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(strings.TrimSuffix(path.Base(name), path.Ext(name))))
	}
	if c.Lang == "" {
		c.Lang = text.DetectLang(chunk.Visible(c.Source))
	}
}

func firstHeading(source string) string {
	for _, c := range chunk.Split(source) {
		if len(c.Headings) > 0 {
			return c.Headings[0]
		}
	}
	return ""
}

// jsonLines reads one article a line.
func jsonLines(name string, r io.Reader) iter.Seq[item] {
	return func(yield func(item) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
		for n := 1; ; n++ {
			line, size, err := readLine(lines)
			if n == 1 {
				line = bytes.TrimPrefix(line, []byte("\uFEFF"))
			}
			if size > 0 && (len(bytes.TrimSpace(line)) > 0 || size > maxLine) {
				it := jsonItem(line, size)
				it.name, it.line, it.size = name, n, size
				if !yield(it) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(item{name: name, line: n, err: fmt.Errorf("read the file: %w", err)})
				return
			}
		}
	}
}

// readLine reads up to the next line feed. Of a line that is too long it keeps nothing but the size.
func readLine(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		size += int64(len(part))
		if size <= maxLine {
			line = append(line, part...)
		} else {
			line = nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, size, err
		}
	}
}

func jsonItem(line []byte, size int64) item {
	if size > maxLine {
		return item{err: fault.Invalid("article_too_large", "The line is longer than %d MiB.", maxLine>>20)}
	}
	if err := checkText(string(line)); err != nil { // the JSON decoder would put replacement characters instead
		return item{err: err}
	}
	var fields struct {
		ID    any    `json:"id"`
		Title string `json:"title"`
		Body  string `json:"body"`
		Lang  string `json:"lang"`
		URL   string `json:"url"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return item{err: fault.Invalid("json_broken", "The line is not a JSON object of the form {id, title, body, lang, url}: %s.", jsonTrouble(err))}
	}
	it := item{content: Content{Title: strings.TrimSpace(fields.Title), Lang: fields.Lang, URL: fields.URL, Source: fields.Body}}
	switch id := fields.ID.(type) {
	case string:
		it.externalID = id
	case float64:
		it.externalID = string(bytes.TrimSpace(rawID(line)))
	}
	if it.externalID == "" {
		it.err = fault.Invalid("id_missing", "The article has no id; without one a second import could not find it again.")
		return it
	}
	it.content.complete(it.externalID)
	return it
}

// rawID is a number as it is written, since a float64 does not keep a long one.
func rawID(line []byte) []byte {
	var fields struct {
		ID json.RawMessage `json:"id"`
	}
	_ = json.Unmarshal(line, &fields) // it has been read once
	return fields.ID
}

// jsonTrouble says what is wrong without the names of Go types.
func jsonTrouble(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Sprintf("%s must not be a %s", wrong.Field, wrong.Value)
	}
	return strings.TrimSuffix(err.Error(), ".")
}
