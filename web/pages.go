// SPDX-License-Identifier: MIT

package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// Frame is what every page is given.
type Frame struct {
	Title  string
	Locale string // BCP 47; the page's lang
	Dir    string // "ltr" or "rtl"
	Org    string // the company's name
	Demo   bool   // runs with --demo: the pages name each other
	Staff  *Staff // signed in, on staff pages
}

// Staff is who is signed in.
type Staff struct {
	Name, Email, Role string
}

// Shop is the demo company's own page, with the widget on it ("shop").
type Shop struct {
	Frame
	Plans   []Plan
	Topics  []Topic
	Service Service
}

// Plan is a tariff on the shop page.
type Plan struct {
	Name, Price, Per string
	Lead             string
	Points           []string
	Favourite        bool
}

// Topic is a subject of help; its question is put into the chat's input.
type Topic struct {
	Title, Lead, Question string
}

// Service is what is promised, in words ("service", and part of others).
type Service struct {
	Frame
	Timezone   string
	Hours      []Hours
	OpenNow    bool
	NextOpen   string // when not open
	Channels   []Channel
	Targets    []Fact
	Measured   []Fact
	Complaints string
}

// Hours are the opening hours of some days.
type Hours struct {
	Days, Times string
}

// Channel is a way to reach the company. Href is a link ("tel:", "mailto:", "https:") or empty.
type Channel struct {
	Kind, Value, Href string
}

// Fact is a name with its value.
type Fact struct {
	Name, Value string
}

// Chat is the full-page chat ("chat").
type Chat struct {
	Frame
	Suggestions []string
	Plain       string // address of the chat without scripts
	Words       map[string]string
}

// PlainChat is the chat for browsers without scripts ("plain"). Forms post to Action: text, client_message_id; with the button
// named "do": "send", "person", "leave", "assistant_on", "assistant_off" or "new".
type PlainChat struct {
	Frame
	Action          string
	Words           map[string]string // as the widget's
	ClientMessageID string            // fresh in every rendering, so that a second click is the same message
	Lines           []Line
	State           string // of the conversation; "bot" before there is one
	Agent           string
	Reference       string
	Place           string // in the queue, in words
	Wait            string // in words
	Assistant       bool   // answers while the customer waits
	Draft           string // what was written, where it could not be sent
	Problem         string // why
	Service         Service
}

// Line is a message or a notice as the plain chat and the transcript show it.
type Line struct {
	Notice   bool // the long notice: Label and Text
	Seq      int64
	Kind     string // "customer", "bot", "agent", "system"
	Author   string
	Label    string // of the bot's messages and of notices
	At       time.Time
	AtWords  string
	Text     string        // as written; shown for customers
	HTML     template.HTML // sanitised; shown for all others
	Partial  string        // in words, where the message is not complete
	Sources  []Source
	Language string
}

// Source is a citation of a Line.
type Source struct {
	Title, Quote, URL string
	Version           int
}

// Transcript is the conversation to keep ("transcript").
type Transcript struct {
	Frame
	Reference string
	Made      string
	Lines     []Line
	Words     map[string]string
}

// SignIn is for staff ("signin"). A one-time link is /signin#TOKEN, read by the page's script; with a LinkToken the page needs none.
// Either way it asks for a click, so that a mail scanner that follows the link uses nothing up. Both forms also work without
// scripts: POST to /signin.
type SignIn struct {
	Frame
	LinkToken string
	Next      string // path to go to afterwards
	Problem   string
}

// Return is the way back into a conversation ("return"). A link from a mail is /return#TOKEN, read by the page's script; it asks for
// a click, so that a mail scanner that follows the link uses nothing up. Without scripts the code is pasted: POST to /return.
type Return struct {
	Frame
	Words   map[string]string
	Problem string
	Sent    bool // a link is on its way, if what was given is right
}

// Desk is the agents' page ("desk").
type Desk struct {
	Frame
}

// Settings is one page of the settings ("settings").
type Settings struct {
	Frame
	Heading, Lead string
	Script        string // the module that fills it, as an asset
	Links         []Link
	MayChange     bool // else the visitor may only look
}

// Link leads to another page.
type Link struct {
	Name, Href string
	Here       bool // it is the page that is shown
}

// Password is where a password is chosen by a link, or such a link is asked for ("password").
type Password struct {
	Frame
}

// Library is the editors' page ("library").
type Library struct {
	Frame
}

// Sources is where editors follow pages and sites ("sources").
type Sources struct {
	Frame
}

// Announcements is where editors publish what is true for a time ("announcements").
type Announcements struct {
	Frame
}

// Demo shows customer and desk side by side ("demo"). The desk is a frame: it asks to sign in unless the visitor is signed in.
type Demo struct {
	Frame
}

// Failure is a page that could not be shown ("failure").
type Failure struct {
	Frame
	Status    int
	Detail    string
	RequestID string
}

func (s *Site) funcs() template.FuncMap {
	return template.FuncMap{
		"asset": s.assetURL,
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"fill":  fill,
		"channel": func(kind string) string {
			if name, ok := channelNames[kind]; ok {
				return name
			}
			return kind
		},
	}
}

var channelNames = map[string]string{"phone": "Telephone", "email": "E-mail", "post": "Post", "shop": "Shop", "web": "Web", "chat": "Chat"}

func (s *Site) assetURL(name string) (string, error) { return s.assets.url(name) }

// fill puts values into the placeholders of a widget text: fill text "ref" .Reference.
func fill(text string, pairs ...any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("filling %q: names and values do not pair", text)
	}
	for i := 0; i < len(pairs); i += 2 {
		text = replacePlaceholder(text, fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text, nil
}

func replacePlaceholder(text, name, value string) string {
	return strings.ReplaceAll(text, "{"+name+"}", value)
}
