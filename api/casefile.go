// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"candor/bot"
	"candor/chat"
	"candor/handoff"
	"candor/internal/fault"
)

type caseView struct {
	ID             string             `json:"id"`
	Reference      string             `json:"reference"`
	ConversationID string             `json:"conversation_id"`
	Reason         handoff.Reason     `json:"reason"`
	Priority       string             `json:"priority"`
	Language       string             `json:"language"`
	OpenedAt       time.Time          `json:"opened_at"`
	WaitingSince   time.Time          `json:"waiting_since"`
	ClaimedAt      *time.Time         `json:"claimed_at,omitempty"`
	ResolvedAt     *time.Time         `json:"resolved_at,omitempty"`
	Position       int                `json:"position,omitempty"`
	State          chat.State         `json:"state"`
	Assignee       *staffRef          `json:"assignee,omitempty"`
	Team           string             `json:"team,omitempty"`
	SnoozedUntil   *time.Time         `json:"snoozed_until,omitempty"`
	EscalatedAt    *time.Time         `json:"escalated_at,omitempty"`
	Around         *aroundView        `json:"around,omitempty"`
	Cause          *causeView         `json:"cause,omitempty"`
	MergedInto     string             `json:"merged_into,omitempty"`
	Blocked        *blockView         `json:"blocked,omitempty"`
	BlockedAlike   *time.Time         `json:"same_address_blocked_until,omitempty"`
	Outcome        string             `json:"outcome,omitempty"`
	Evidence       []handoff.Evidence `json:"evidence"`
	Complaint      *complaintView     `json:"complaint,omitempty"`
	Channel        string             `json:"channel,omitempty"`
	ReplyByEmail   bool               `json:"reply_by_email,omitempty"`
	Promises       []promiseView      `json:"promises,omitempty"`
	Continues      string             `json:"continues,omitempty"`
	Clocks         []clockView        `json:"clocks"`
}

// promiseView is a person who was promised by a date.
type promiseView struct {
	PromisedAt time.Time  `json:"promised_at"`
	DueAt      time.Time  `json:"due_at"`
	Seq        int        `json:"message_id"`
	KeptAt     *time.Time `json:"kept_at,omitempty"`
	BrokenAt   *time.Time `json:"broken_at,omitempty"`
	DroppedAt  *time.Time `json:"dropped_at,omitempty"`
}

type complaintView struct {
	Issue      string    `json:"issue"`
	ReceivedAt time.Time `json:"received_at"`
	DueAt      time.Time `json:"due_at"`
}

// deskRecord is the case file: why, what was said, what the bot found and decided.
type deskRecord struct {
	Case         *caseView        `json:"case,omitempty"`
	Conversation conversationView `json:"conversation"`
	Packet       *handoff.Packet  `json:"packet,omitempty"`
	Messages     []messageView    `json:"messages"`
	Disclosures  []disclosureView `json:"disclosures"`
	Turns        []turnView       `json:"turns"`
}

func (s *Server) showCase(ctx context.Context, conv chat.Conversation, k handoff.Case) (caseView, error) {
	v := caseView{
		ID: strconv.FormatInt(k.ID, 10), Reference: k.Reference, ConversationID: conv.PublicID, Reason: k.Reason,
		Priority: priorityName(k.Priority), Language: k.Language, OpenedAt: k.EnqueuedAt.UTC(), WaitingSince: k.EnqueuedAt.UTC(),
		ClaimedAt: utc(k.ClaimedAt), ResolvedAt: utc(k.ResolvedAt), State: conv.State, Evidence: k.Evidence, Team: k.Team,
		SnoozedUntil: utc(k.SnoozedUntil), EscalatedAt: utc(k.EscalatedAt),
	}
	if k.Outcome != nil {
		v.Outcome = *k.Outcome
	}
	place, err := s.Handoff.Place(ctx, k)
	if err != nil {
		return v, err
	}
	v.Position, v.ReplyByEmail = place.Position, k.ReplyByEmailAt != nil
	if v.Channel, err = s.Handoff.Channel(ctx, k.ID); err != nil {
		return v, err
	}
	if err := s.showPromises(ctx, &v, conv, k); err != nil {
		return v, err
	}
	around, err := s.around(ctx, k)
	if err != nil {
		return v, err
	}
	v.Around, v.MergedInto = &around, idText(k.MergedInto)
	if err := s.showTies(ctx, &v, conv, k); err != nil {
		return v, err
	}
	clocks, err := s.Handoff.Clocks(ctx, k)
	if err != nil {
		return v, err
	}
	v.Clocks = showClocks(clocks)
	if k.AgentID != nil {
		st, err := s.Handoff.Status(ctx, conv)
		if err != nil {
			return v, err
		}
		v.Assignee = &staffRef{strconv.FormatInt(*k.AgentID, 10), st.AgentName}
	}
	complaint, err := s.Handoff.Complaint(ctx, k.ID)
	if err != nil || complaint == nil {
		return v, err
	}
	m, err := s.Chat.Message(ctx, conv, complaint.MessageSeq)
	v.Complaint = &complaintView{Issue: m.Text, ReceivedAt: complaint.ReceivedAt.UTC(), DueAt: complaint.DueAt.UTC()}
	return v, err
}

// showPromises adds what was promised, and the conversation before this one.
func (s *Server) showPromises(ctx context.Context, v *caseView, conv chat.Conversation, k handoff.Case) error {
	promises, err := s.Handoff.Promises(ctx, k.ID)
	if err != nil {
		return err
	}
	for _, p := range promises {
		v.Promises = append(v.Promises, promiseView{p.PromisedAt.UTC(), p.DueAt.UTC(), p.ToldSeq, utc(p.KeptAt), utc(p.BrokenAt), utc(p.DroppedAt)})
	}
	before, known, err := s.Chat.Continues(ctx, conv)
	if known {
		v.Continues = before.PublicID
	}
	return err
}

// idText is an id in JSON; "" for none.
func idText(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

func (s *Server) getCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return err
	}
	conv, err := s.Chat.Get(c.Request.Context(), k.ConversationID)
	if err != nil {
		return err
	}
	return s.replyFile(c, conv, &k)
}

// getLive is the record of a conversation, with its newest case if it has one.
func (s *Server) getLive(c *gin.Context) error {
	conv, err := s.Chat.Find(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	k, err := s.Handoff.Latest(c.Request.Context(), conv.ID)
	if fault.Is(err, "case_not_found") {
		return s.replyFile(c, conv, nil)
	}
	if err != nil {
		return err
	}
	return s.replyFile(c, conv, &k)
}

// fileLimit is how much of a conversation a case file shows.
const fileLimit = 1000

func (s *Server) replyFile(c *gin.Context, conv chat.Conversation, k *handoff.Case) error {
	ctx := c.Request.Context()
	messages, err := s.Chat.Messages(ctx, conv, max(0, conv.LastSeq-fileLimit), fileLimit)
	if err != nil {
		return err
	}
	notices, err := s.Chat.Disclosures(ctx, conv)
	if err != nil {
		return err
	}
	disclosures, labels := showDisclosures(notices)
	file := deskRecord{Messages: showMessages(messages, labels), Disclosures: disclosures}
	if file.Conversation, err = s.showConversation(ctx, conv); err != nil {
		return err
	}
	if file.Turns, err = s.turns(ctx, conv, messages); err != nil {
		return err
	}
	if k != nil {
		view, err := s.showCase(ctx, conv, *k)
		if err != nil {
			return err
		}
		packet, err := s.packet(ctx, conv, *k, messages, file.Turns)
		if err != nil {
			return err
		}
		file.Case, file.Packet = &view, &packet
	}
	return ok(c, http.StatusOK, file)
}

// packet is what an agent needs to know before the first word.
func (s *Server) packet(ctx context.Context, conv chat.Conversation, k handoff.Case, messages []chat.Message, turns []turnView) (handoff.Packet, error) {
	from := handoff.PacketSources{Case: k, Conversation: conv, Messages: messages}
	var err error
	if from.Profile, err = s.Chat.Profile(ctx, conv); err != nil {
		return handoff.Packet{}, err
	}
	if from.Complaint, err = s.Handoff.Complaint(ctx, k.ID); err != nil {
		return handoff.Packet{}, err
	}
	if from.Later, err = s.Handoff.LaterEvidence(ctx, conv, k); err != nil {
		return handoff.Packet{}, err
	}
	if from.Earlier, err = s.Handoff.Earlier(ctx, conv, k); err != nil {
		return handoff.Packet{}, err
	}
	for _, t := range turns {
		turn := handoff.PacketTurn{
			FromSeq: t.FromSeq, ToSeq: t.ToSeq, MessageSeq: t.MessageSeq, Outcome: t.Outcome, Confidence: t.Confidence, Threshold: t.Threshold,
		}
		if len(t.Passages) > 0 {
			turn.BestTitle = t.Passages[0].Title
		}
		for _, sentence := range t.Sentences {
			if !sentence.Shown {
				turn.Held++
			}
		}
		from.Turns = append(from.Turns, turn)
	}
	return handoff.NewPacket(from), nil
}

type turnView struct {
	ID         string         `json:"id"`
	Epoch      int            `json:"epoch"`
	FromSeq    int            `json:"from_seq"`
	ToSeq      int            `json:"to_seq"`
	MessageSeq int            `json:"message_seq,omitempty"`
	StartedAt  time.Time      `json:"started_at"`
	EndedAt    time.Time      `json:"ended_at"`
	Outcome    chat.Outcome   `json:"outcome"`
	Reason     string         `json:"reason,omitempty"`
	Model      string         `json:"model,omitempty"`
	Prompt     string         `json:"prompt,omitempty"`
	Confidence float64        `json:"confidence"`
	Threshold  float64        `json:"threshold"`
	Query      string         `json:"query,omitempty"`
	Notices    []noticeView   `json:"announcements,omitempty"`
	Passages   []passageView  `json:"passages"`
	Sentences  []sentenceView `json:"sentences"`
	Timings    any            `json:"timings"`
	Usage      any            `json:"usage,omitempty"`
}

type sentenceView struct {
	Index     int     `json:"index"`
	Text      string  `json:"text"`
	Shown     bool    `json:"shown"`
	BlockedBy string  `json:"blocked_by,omitempty"`
	Why       string  `json:"why,omitempty"`
	Chunks    []int64 `json:"chunks"`
}

// turns shows the decision records of a conversation.
func (s *Server) turns(ctx context.Context, conv chat.Conversation, messages []chat.Message) ([]turnView, error) {
	entries, err := s.Chat.Decisions(ctx, conv, chat.EntryDecision)
	if err != nil {
		return nil, err
	}
	said := map[int64]int{}
	for _, m := range messages {
		if m.TurnID != 0 {
			said[m.TurnID] = m.Seq
		}
	}
	views := make([]turnView, 0, len(entries))
	for _, e := range entries {
		var r bot.Record
		var p bot.Private
		if err := json.Unmarshal(e.Body, &r); err != nil {
			return nil, err
		}
		if e.Private != nil {
			if err := json.Unmarshal(e.Private, &p); err != nil {
				return nil, err
			}
		}
		views = append(views, showTurn(r, p, e.At, said[r.Turn]))
	}
	return views, nil
}

func showTurn(r bot.Record, p bot.Private, at time.Time, messageSeq int) turnView {
	v := turnView{
		ID: turnID(r.Turn), Epoch: r.Epoch, FromSeq: r.FromSeq, ToSeq: r.ToSeq, MessageSeq: messageSeq,
		StartedAt: at.Add(-time.Duration(r.Timings.TotalMS) * time.Millisecond).UTC(), EndedAt: at.UTC(),
		Outcome: r.Outcome, Reason: string(r.Reason), Model: r.Answerer, Prompt: r.Prompt,
		Confidence: r.Confidence, Threshold: r.Threshold, Query: p.Query,
		Passages: []passageView{}, Sentences: []sentenceView{}, Timings: r.Timings,
	}
	if r.Usage != nil {
		v.Usage = r.Usage
	}
	for _, n := range r.Notices {
		v.Notices = append(v.Notices, noticeView(n))
	}
	cited := map[int64]bool{}
	for i, sentence := range r.Sentences {
		view := sentenceView{Index: i, Shown: sentence.Shown, BlockedBy: sentence.BlockedBy, Chunks: sentence.Chunks}
		if view.Chunks == nil {
			view.Chunks = []int64{}
		}
		if i < len(p.Sentences) {
			view.Text, view.Why = p.Sentences[i], p.Evidence[i]
		}
		for _, chunk := range sentence.Chunks {
			cited[chunk] = cited[chunk] || sentence.Shown
		}
		v.Sentences = append(v.Sentences, view)
	}
	for _, passage := range r.Passages {
		v.Passages = append(v.Passages, passageView{
			ChunkID: passage.ChunkID, ArticleID: passage.ArticleID, Version: passage.Version, ExternalID: passage.ExternalID,
			Title: passage.Title, Heading: passage.Heading, Text: passage.Text, VectorScore: passage.VectorScore, TextScore: passage.TextScore,
			TextNorm: passage.TextNorm, Coverage: passage.Coverage, Fused: passage.Fused,
			VectorRank: passage.VectorRank, TextRank: passage.TextRank, Cited: cited[passage.ChunkID],
		})
	}
	return v
}

// listLive shows the conversations that the bot is having now.
func (s *Server) listLive(c *gin.Context) error {
	limit, err := queryNumber(c, "limit", pageSize, 1, maxPage)
	if err != nil {
		return err
	}
	list, err := s.Chat.Live(c.Request.Context(), limit)
	if err != nil {
		return err
	}
	views := make([]gin.H, len(list))
	for i, l := range list {
		views[i] = gin.H{
			"id": l.PublicID, "state": l.State, "owner": l.Owner, "epoch": l.Epoch, "locale": l.Locale, "last_seq": l.LastSeq,
			"last_message_at": l.UpdatedAt.UTC(), "preview": l.Preview, "turn_open": l.TurnOpen,
		}
	}
	return ok(c, http.StatusOK, gin.H{"conversations": views})
}

// fingerprint tells two queues apart without keeping either.
func fingerprint(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return string(sum[:])
}
