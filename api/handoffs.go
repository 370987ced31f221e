// SPDX-License-Identifier: MIT

package api

import (
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"candor/bot"
	"candor/chat"
	"candor/internal/fault"
	"candor/internal/markdown"
	"candor/knowledge"
	"candor/prompts"
)

// maxComment is the longest comment on an answer, in characters.
const maxComment = 1000

// requestPerson is the button: one action, no question asked.
func (s *Server) requestPerson(c *gin.Context) error {
	body, err := decodeOptional[struct {
		Note string `json:"note"`
	}](c)
	if err != nil {
		return err
	}
	before := conversation(c).LastSeq
	if err := s.Bot.AskForPerson(c.Request.Context(), conversation(c).ID, body.Note); err != nil {
		return err
	}
	return s.since(c, before)
}

// leaveQueue is "I did not ask for a person".
func (s *Server) leaveQueue(c *gin.Context) error {
	before := conversation(c).LastSeq
	watch := s.watch(conversation(c).ID)
	defer watch.Close()
	if err := s.Bot.Leave(c.Request.Context(), conversation(c).ID); err != nil {
		return err
	}
	return s.awaitTurn(c, watch, before+1, http.StatusOK)
}

// since answers with what a call brought into the conversation.
func (s *Server) since(c *gin.Context, seq int) error {
	now, err := s.Chat.Get(c.Request.Context(), conversation(c).ID)
	if err != nil {
		return err
	}
	page, err := s.page(c.Request.Context(), now, seq, maxPage)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, turnResult{page.Messages, page.Conversation})
}

type newConsent struct {
	Purpose   chat.Purpose `json:"purpose"`
	Given     *bool        `json:"given"`
	TextShown string       `json:"text_shown"`
	Locale    string       `json:"locale"`
}

func (s *Server) recordConsent(c *gin.Context) error {
	body, err := decode[newConsent](c, maxBody)
	if err != nil {
		return err
	}
	switch {
	case body.Given == nil:
		return inField("given", fault.Invalid("consent_incomplete", "Please say whether the consent is given: true or false."))
	case len([]rune(body.TextShown)) > maxComment:
		return inField("text_shown", fault.Invalid("consent_incomplete", "The text that was shown is longer than %d characters.", maxComment))
	case body.Locale == "":
		return inField("locale", fault.Invalid("consent_incomplete", "Please say in which language the text was shown."))
	}
	consent := chat.Consent{Purpose: body.Purpose, Given: *body.Given, TextShown: body.TextShown, Locale: string(prompts.Match(body.Locale))}
	if err := s.Bot.Consent(c.Request.Context(), conversation(c).ID, consent); err != nil {
		return err
	}
	view, err := s.conversationNow(c.Request.Context(), conversation(c).ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, gin.H{"purpose": body.Purpose, "given": *body.Given, "conversation": view})
}

// followUp is "it is solved" or "it is not" after a case was resolved.
func (s *Server) followUp(c *gin.Context) error {
	body, err := decode[struct {
		newMessage

		Solved *bool `json:"solved"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if body.Solved == nil {
		return inField("solved", fault.Invalid("follow_up_incomplete", "Please say whether it is solved: true or false."))
	}
	if *body.Solved && body.Text != "" {
		return inField("text", fault.Invalid("follow_up_conflict", "What is solved needs no text; write a message instead."))
	}
	if err := body.check(); err != nil {
		return err
	}
	before := conversation(c).LastSeq
	m := bot.Message{Text: body.Text, ClientMessageID: body.ClientMessageID}
	if err := s.Bot.FollowUp(c.Request.Context(), conversation(c).ID, *body.Solved, m); err != nil {
		return err
	}
	return s.since(c, before)
}

func (s *Server) giveFeedback(c *gin.Context) error {
	seq, err := number(c, "seq")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Helpful *bool  `json:"helpful"`
		Comment string `json:"comment"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if body.Helpful == nil {
		return inField("helpful", fault.Invalid("feedback_incomplete", "Please say whether the answer helped: true or false."))
	}
	if len([]rune(body.Comment)) > maxComment {
		return inField("comment", fault.Invalid("comment_too_long", "The comment is longer than %d characters.", maxComment))
	}
	err = s.Chat.Lock(c.Request.Context(), conversation(c).ID, func(l *chat.Locked) error {
		return l.Feedback(c.Request.Context(), int(seq), *body.Helpful, body.Comment)
	})
	if err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type sourceQuote struct {
	Seq  int    `json:"seq"`
	Text string `json:"text"`
}

// getSource gives the version of an article that an answer here rests on, and
// no other.
func (s *Server) getSource(c *gin.Context) error {
	id, err := number(c, "article_id")
	if err != nil {
		return err
	}
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	quotes, err := s.quotes(c, id, int(version))
	if err != nil {
		return err
	}
	v, err := s.Knowledge.Version(c.Request.Context(), id, int(version))
	if err != nil {
		return err
	}
	announced, err := s.Knowledge.AnnouncedText(c.Request.Context(), id, int(version), conversation(c).Locale)
	if err != nil {
		return err
	}
	if announced != nil {
		v.Title, v.Lang, v.Source = announced.Title, announced.Lang, announced.Text
	}
	may, err := s.Bot.MayRead(c.Request.Context(), conversation(c), id)
	if err != nil {
		return err
	}
	view := gin.H{
		"article_id": id, "version": version, "title": v.Title, "lang": v.Lang, "live": may && v.State == knowledge.StatePublished,
		"html": markdown.HTML(v.Visible()), "quotes": quotes,
	}
	if !may {
		view["html"] = quoted(quotes)
	}
	if v.URL != "" && may {
		view["url"] = v.URL
	}
	if v.PublishedAt != nil {
		view["published_at"] = v.PublishedAt.UTC()
	}
	return ok(c, http.StatusOK, view)
}

// quoted is all that is left to show of an article that is not for this customer
// any more: what they were told stays theirs.
func quoted(quotes []sourceQuote) string {
	var out strings.Builder
	for _, q := range quotes {
		out.WriteString("<blockquote>" + html.EscapeString(q.Text) + "</blockquote>")
	}
	return out.String()
}

func (s *Server) quotes(c *gin.Context, articleID int64, version int) ([]sourceQuote, error) {
	messages, err := s.Chat.Citing(c.Request.Context(), conversation(c), articleID, version)
	if err != nil {
		return nil, err
	}
	var quotes []sourceQuote
	for _, m := range messages {
		for _, citation := range m.Citations {
			q := sourceQuote{m.Seq, markdown.Plain(citation.Quote)}
			if citation.ArticleID == articleID && citation.Version == version && !slices.Contains(quotes, q) {
				quotes = append(quotes, q)
			}
		}
	}
	if len(quotes) == 0 {
		return nil, fault.NotFound("source_not_found", "No answer in this conversation rests on that version.")
	}
	return quotes, nil
}
