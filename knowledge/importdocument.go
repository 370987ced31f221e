// SPDX-License-Identifier: MIT

package knowledge

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"candor/internal/fault"
	"candor/knowledge/convert"
)

// maxDocument is the largest page or Word file; most of it is not text.
const maxDocument = 20 << 20

// document reads a file that has to be made Markdown first. Its source is that Markdown.
func document(read func(data []byte) (convert.Document, error)) func(name string, r io.Reader) iter.Seq[item] {
	return func(name string, r io.Reader) iter.Seq[item] {
		return func(yield func(item) bool) {
			data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
			it := item{err: err}
			switch {
			case err != nil:
			case len(data) > maxDocument:
				it.err = fault.Invalid("article_too_large", "The file is larger than %d MiB.", maxDocument>>20)
			default:
				it = documentItem(name, data, read)
			}
			it.name, it.size, it.externalID = name, int64(len(data)), name
			yield(it)
		}
	}
}

func documentItem(name string, data []byte, read func(data []byte) (convert.Document, error)) item {
	d, err := read(data)
	if err != nil {
		return item{err: err}
	}
	it := item{content: Content{Title: d.Title, Lang: d.Lang, URL: d.URL, Source: d.Markdown}}
	if it.err = checkText(d.Markdown); it.err != nil {
		return it
	}
	it.content.doubt()
	it.content.complete(name)
	return it
}

// doubt drops what a document says of itself and cannot be, since nobody can mend it there.
func (c *Content) doubt() {
	if !validLang(c.Lang) {
		c.Lang = ""
	}
	if !validURL(c.URL) {
		c.URL = ""
	}
	if title := []rune(c.Title); len(title) > maxTitle {
		c.Title = string(title[:maxTitle])
	}
}

func htmlDocument(data []byte) (convert.Document, error) {
	return convert.HTML(data, "text/html", nil)
}

// csvColumns are the names that a column may have, the article's first.
var csvColumns = map[string][]string{
	"id": {"id", "external_id"}, "title": {"title", "question"}, "body": {"body", "answer", "text", "content"},
	"lang": {"lang", "language", "locale"}, "url": {"url"},
}

// csvFile reads one article a row; the first row names the columns.
func csvFile(name string, r io.Reader) iter.Seq[item] {
	return func(yield func(item) bool) {
		data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
		switch {
		case err != nil:
		case len(data) > maxDocument:
			err = fault.Invalid("article_too_large", "The file is larger than %d MiB.", maxDocument>>20)
		default:
			err = checkText(string(data))
		}
		if err != nil {
			yield(item{name: name, err: err})
			return
		}
		rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
		rows.Comma, rows.FieldsPerRecord, rows.LazyQuotes = separator(data), -1, false
		head, err := rows.Read()
		columns, missing := columnsOf(head)
		if err != nil || missing != "" {
			yield(item{name: name, line: 1, err: fault.Invalid("csv_broken", "The first line must name the columns: id, title, body, and lang or url if there are any%s.", missing)})
			return
		}
		csvRows(name, rows, columns, yield)
	}
}

func csvRows(name string, rows *csv.Reader, columns map[string]int, yield func(item) bool) {
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		it := item{name: name}
		if len(row) > 0 {
			it.line, _ = rows.FieldPos(0)
		}
		if err != nil {
			if wrong, is := errors.AsType[*csv.ParseError](err); is {
				it.line = wrong.StartLine
			}
			it.err = fault.Invalid("csv_broken", "The rest of the file cannot be read: a quote is missing or one too many in this row.")
			yield(it)
			return
		}
		it.read(row, columns)
		if !yield(it) {
			return
		}
	}
}

// read takes an article from a row.
func (it *item) read(row []string, columns map[string]int) {
	field := func(column string) string {
		if i, has := columns[column]; has && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	it.externalID = field("id")
	it.content = Content{Title: field("title"), Lang: field("lang"), URL: field("url"), Source: field("body")}
	it.size = int64(len(it.content.Source))
	if it.externalID == "" {
		it.err = fault.Invalid("id_missing", "The article has no id; without one a second import could not find it again.")
		return
	}
	it.content.complete(it.externalID)
}

// columnsOf finds the columns by name; missing says which are not there.
func columnsOf(head []string) (columns map[string]int, missing string) {
	columns = map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		for column, names := range csvColumns {
			for _, n := range names {
				if _, has := columns[column]; n == name && !has {
					columns[column] = i
				}
			}
		}
	}
	for _, column := range []string{"id", "title", "body"} {
		if _, has := columns[column]; !has {
			missing += fmt.Sprintf("; %s is missing", column)
		}
	}
	return columns, missing
}

// separator is what the first line has most of: comma, semicolon or tab.
func separator(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	best := ','
	for _, mark := range ";\t" {
		if bytes.Count(line, []byte(string(mark))) > bytes.Count(line, []byte(string(best))) {
			best = mark
		}
	}
	return best
}
