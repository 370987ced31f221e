// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"strconv"
	"time"

	"candor/chat"
	"candor/handoff"
	"candor/internal/markdown"
)

// The JSON shapes of openapi.yaml that customers and staff share.

type conversationView struct {
	ID                    string      `json:"id"`
	State                 chat.State  `json:"state"`
	Owner                 chat.Owner  `json:"owner"`
	Epoch                 int         `json:"epoch"`
	Locale                string      `json:"locale"`
	Reference             string      `json:"reference,omitempty"`
	CreatedAt             time.Time   `json:"created_at"`
	LastSeq               int         `json:"last_seq"`
	Queue                 *placeView  `json:"queue,omitempty"`
	PromisedBy            *time.Time  `json:"promised_by,omitempty"`
	Agent                 *authorName `json:"agent,omitempty"`
	AssistantWhileWaiting bool        `json:"assistant_while_waiting"`
	ReplyByEmail          bool        `json:"reply_by_email,omitempty"`
	ReturnAsked           bool        `json:"return_asked,omitempty"`
	Rating                *ratingView `json:"rating,omitempty"` // whom the customer is asked about

	typing bool
}

type authorName struct {
	Name string `json:"name"`
}

type placeView struct {
	Position int       `json:"position"`
	Wait     *waitView `json:"wait,omitempty"`
	Nobody   bool      `json:"nobody,omitempty"`
}

type waitView struct {
	P10 int `json:"p10_s"`
	P90 int `json:"p90_s"`
}

// conversationNow reads a conversation as it stands and shows it.
func (s *Server) conversationNow(ctx context.Context, id int64) (conversationView, error) {
	c, err := s.Chat.Get(ctx, id)
	if err != nil {
		return conversationView{}, err
	}
	return s.showConversation(ctx, c)
}

func (s *Server) showConversation(ctx context.Context, c chat.Conversation) (conversationView, error) {
	v := conversationView{
		ID: c.PublicID, State: c.State, Owner: c.Owner, Epoch: c.Epoch, Locale: c.Locale,
		CreatedAt: c.CreatedAt.UTC(), LastSeq: c.LastSeq,
	}
	st, err := s.Handoff.Status(ctx, c)
	if err == nil {
		v.Rating, err = s.ratingOf(ctx, c)
	}
	if err != nil || st.Case == nil {
		return v, err
	}
	v.Reference, v.AssistantWhileWaiting, v.typing = st.Case.Reference, st.Assist, st.Typing
	v.ReplyByEmail = st.Case.ReplyByEmailAt != nil
	v.ReturnAsked = st.Asked && c.State != chat.StateResolved && c.State != chat.StateClosed
	if c.Owner == chat.OwnerQueue {
		v.Queue = showPlace(st.Place)
	}
	if c.State == chat.StateAwaitingHours {
		v.PromisedBy = utc(st.Case.DueAt)
	}
	if c.Owner == chat.OwnerAgent && st.AgentName != "" {
		v.Agent = &authorName{st.AgentName}
	}
	return v, nil
}

func showPlace(p handoff.Place) *placeView {
	if p.Position == 0 {
		return nil
	}
	return &placeView{Position: p.Position, Wait: showWait(p.Wait), Nobody: p.Nobody}
}

func showWait(w *handoff.Wait) *waitView {
	if w == nil {
		return nil
	}
	return &waitView{P10: int(w.P10.Seconds()), P90: int(w.P90.Seconds())}
}

type messageView struct {
	Seq             int             `json:"seq"`
	Author          authorView      `json:"author"`
	Automated       bool            `json:"automated"`
	Disclosure      *disclosureRef  `json:"disclosure,omitempty"`
	Event           string          `json:"event,omitempty"`
	Text            string          `json:"text"`
	HTML            string          `json:"html"`
	Partial         bool            `json:"partial,omitempty"`
	Citations       []chat.Citation `json:"citations"`
	Attachments     []fileView      `json:"attachments,omitempty"`
	Corrects        []int           `json:"corrects,omitempty"`
	Turn            string          `json:"turn,omitempty"`
	ClientMessageID string          `json:"client_message_id,omitempty"`
	CreatedAt       time.Time       `json:"created_at"`
}

type fileView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
}

type authorView struct {
	Type chat.Author `json:"type"`
	Name string      `json:"name,omitempty"`
}

type disclosureRef struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type disclosureView struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Text      string `json:"text"`
	Locale    string `json:"locale"`
	BeforeSeq *int   `json:"before_seq,omitempty"`
}

// showMessage renders a message. What people wrote is shown as text: only the
// bot's, the system's and agents' words are Markdown. labels are the short
// labels of the conversation's notices, by id.
func showMessage(m chat.Message, labels map[string]string) messageView {
	v := messageView{
		Seq: m.Seq, Author: authorView{Type: m.Author, Name: m.AgentName}, Automated: m.Automated, Event: m.Event,
		Text: m.Text, Partial: m.Partial, Citations: m.Citations, Corrects: m.Corrects, ClientMessageID: m.ClientMessageID, CreatedAt: m.CreatedAt.UTC(),
	}
	if v.Citations == nil {
		v.Citations = []chat.Citation{}
	}
	if m.DisclosureID != "" {
		v.Disclosure = &disclosureRef{ID: m.DisclosureID, Label: labels[m.DisclosureID]}
	}
	if m.TurnID != 0 {
		v.Turn = strconv.FormatInt(m.TurnID, 10)
	}
	for _, a := range m.Attachments {
		v.Attachments = append(v.Attachments, fileView{a.ID, a.Name, a.MediaType, a.Size, a.Width, a.Height})
	}
	if m.Author == chat.AuthorCustomer || len(m.Attachments) > 0 {
		v.HTML = markdown.Escape(m.Text)
	} else {
		v.HTML = markdown.HTML(m.Text)
	}
	return v
}

func showMessages(list []chat.Message, labels map[string]string) []messageView {
	views := make([]messageView, len(list))
	for i, m := range list {
		views[i] = showMessage(m, labels)
	}
	return views
}

func showDisclosure(d chat.Disclosure) disclosureView {
	return disclosureView{ID: d.ID, Label: d.Label, Text: d.Text, Locale: d.Locale}
}

// placeDisclosure is showDisclosure with the place where the notice stands.
func placeDisclosure(d chat.Disclosure) disclosureView {
	v := showDisclosure(d)
	v.BeforeSeq = &d.BeforeSeq
	return v
}

// showDisclosures gives the notices with their places, and their labels by id.
func showDisclosures(list []chat.Disclosure) ([]disclosureView, map[string]string) {
	views, labels := make([]disclosureView, len(list)), map[string]string{}
	for i, d := range list {
		views[i] = placeDisclosure(d)
		labels[d.ID] = d.Label
	}
	return views, labels
}

type pageView struct {
	Messages     []messageView    `json:"messages"`
	Disclosures  []disclosureView `json:"disclosures"`
	Conversation conversationView `json:"conversation"`
}

// page reads messages after a seq with all that belongs to them.
func (s *Server) page(ctx context.Context, c chat.Conversation, after, limit int) (pageView, error) {
	messages, err := s.Chat.Messages(ctx, c, after, limit)
	if err != nil {
		return pageView{}, err
	}
	list, err := s.Chat.Disclosures(ctx, c)
	if err != nil {
		return pageView{}, err
	}
	now, err := s.showConversation(ctx, c)
	disclosures, labels := showDisclosures(list)
	return pageView{showMessages(messages, labels), disclosures, now}, err
}

// labels are the short labels of a conversation's notices, by id.
func (s *Server) labels(ctx context.Context, c chat.Conversation) (map[string]string, error) {
	list, err := s.Chat.Disclosures(ctx, c)
	_, labels := showDisclosures(list)
	return labels, err
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
