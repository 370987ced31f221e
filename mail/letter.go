// SPDX-License-Identifier: MIT

package mail

import (
	"fmt"
	"html/template"
	"strings"

	"candor/prompts"
)

// Letter is a mail in words: plain text, from which its HTML is made.
type Letter struct {
	To      string // the address alone
	Locale  prompts.Locale
	Subject string
	Lines   []string // paragraphs
	Link    string   // an address to open, or ""
	Label   string   // what the link does, in words
}

// Every letter says whose it is and that nobody wrote it by hand.
func (l Letter) footer(org string) (string, error) {
	return prompts.Render(l.Locale, prompts.MailFooter, prompts.Args{"org": org})
}

// text is the letter as plain text.
func (l Letter) text(org string) (string, error) {
	footer, err := l.footer(org)
	if err != nil {
		return "", err
	}
	parts := append([]string{}, l.Lines...)
	if l.Link != "" {
		parts = append(parts, l.Label+":\n"+l.Link)
	}
	return strings.Join(append(parts, "-- \n"+footer), "\n\n") + "\n", nil
}

// page is simple on purpose: no picture, no script, nothing that is loaded, so
// that opening the letter tells nobody anything.
var page = template.Must(template.New("letter").Parse(`<!DOCTYPE html>
<html lang="{{.Locale}}" dir="{{.Dir}}">
<head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em">
{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Link}}<p><a href="{{.Link}}">{{.Label}}</a></p>
<p style="font-size:14px">{{.Link}}</p>
{{end}}<hr>
<p style="font-size:14px">{{.Footer}}</p>
</body>
</html>
`))

func (l Letter) html(org string) (string, error) {
	footer, err := l.footer(org)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = page.Execute(&b, struct {
		Letter
		Dir, Footer string
	}{l, l.Locale.Dir(), footer})
	if err != nil {
		return "", fmt.Errorf("write a letter: %w", err)
	}
	return b.String(), nil
}
