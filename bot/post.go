// SPDX-License-Identifier: MIT

package bot

import (
	"context"
	"fmt"
	"slices"

	"candor/bot/triage"
	"candor/chat"
	"candor/handoff"
	"candor/internal/text"
	"candor/prompts"
)

// Message is what a customer writes.
type Message struct {
	Text            string
	ClientMessageID string // makes repeating safe; may be empty
}

// Posted is what became of it so far.
type Posted struct {
	Message chat.Message
	Turn    int64 // the turn that was opened for it; 0 when code has answered, or a turn is open already
}

// Post takes in what a customer wrote. It is committed, together with what code
// decides about it, before anything else happens: a person who is wanted is in
// the queue when Post returns, with the model provider down as well. What is
// left for the bot to answer runs as a turn after Post has returned.
func (s *Service) Post(ctx context.Context, conversationID int64, m Message) (Posted, error) {
	if err := chat.CheckText(m.Text); err != nil {
		return Posted{}, err
	}
	verdict := triage.Detect(m.Text)
	var posted Posted
	var turn *chat.Turn
	err := s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		known, err := l.FindPosted(ctx, chat.AuthorCustomer, m.ClientMessageID, m.Text)
		if err != nil || known != nil {
			if known != nil {
				posted.Message = *known
			}
			return err
		}
		posted.Message, turn, err = s.take(ctx, l, m, verdict)
		return err
	})
	if err != nil {
		return Posted{}, err
	}
	if turn != nil {
		posted.Turn = turn.ID
		s.start(*turn)
	}
	return posted, nil
}

// AskForPerson is the button: a person, now. note is what it is about, if the
// customer said so; it is read like any message.
func (s *Service) AskForPerson(ctx context.Context, conversationID int64, note string) error {
	button := triage.Verdict{}
	if note != "" {
		if err := chat.CheckText(note); err != nil {
			return err
		}
		button = triage.Detect(note)
	}
	button.HumanRequest = triage.Finding{Hit: true, Score: 1, Rule: "button"}
	return s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		if note != "" {
			_, _, err := s.take(ctx, l, Message{Text: note}, button)
			return err
		}
		if err := s.Handoff.RefuseBlockedTx(ctx, l); err != nil {
			return err
		}
		if l.State == chat.StateResolved {
			return s.Handoff.WroteTx(ctx, l)
		}
		if l.Owner == chat.OwnerAgent {
			return nil // a person is here
		}
		if err := l.StopTurn(ctx); err != nil {
			return err
		}
		return s.callPerson(ctx, l, chat.Message{}, button)
	})
}

// Leave is the undo: "I did not ask for a person". When triage had taken a
// question for a request for a person, the bot answers it now.
func (s *Service) Leave(ctx context.Context, conversationID int64) error {
	var turn *chat.Turn
	err := s.Chat.Lock(ctx, conversationID, func(l *chat.Locked) error {
		k, err := s.Handoff.LeaveTx(ctx, l)
		if err != nil || k == nil || k.Reason != handoff.ReasonCustomerRequest || len(k.Evidence) == 0 || k.Evidence[0].MessageSeq == 0 {
			return err
		}
		m, err := s.Chat.MessageTx(ctx, l, k.Evidence[0].MessageSeq)
		if err != nil || len(text.Terms(m.Text, l.Locale)) < askingTerms {
			return err
		}
		l.Unsettle(m.Seq)
		turn, err = l.OpenTurn(ctx, s.holder(), s.Lease)
		return err
	})
	if err == nil && turn != nil {
		s.start(*turn)
	}
	return err
}

// askingTerms is how many words it takes to ask something besides for a person.
const askingTerms = 4

// take writes the message and does at once what code decides. It gives the turn
// that was opened, nil when none is needed.
func (s *Service) take(ctx context.Context, l *chat.Locked, m Message, v triage.Verdict) (chat.Message, *chat.Turn, error) {
	s.followLanguage(l, m.Text)
	grave := v.Complaint.Hit || v.Safety.Hit
	if !grave { // what is grave is received from everybody
		if err := s.Handoff.RefuseBlockedTx(ctx, l); err != nil {
			return chat.Message{}, nil, err
		}
	}
	wanted := grave || v.HumanRequest.Hit || v.Sensitive.Hit
	if wanted && l.Owner != chat.OwnerAgent {
		// What the bot was saying ends before the request, not after it.
		if err := l.StopTurn(ctx); err != nil {
			return chat.Message{}, nil, err
		}
	}
	_, _, fixed := s.fixedReply(v)
	posted, err := l.PostCustomer(ctx, chat.CustomerMessage{
		Text: m.Text, ClientMessageID: m.ClientMessageID, NoTurn: fixed && !asksMore(m.Text, v),
	})
	if err != nil {
		return chat.Message{}, nil, err
	}
	if err := s.Handoff.WroteTx(ctx, l); err != nil {
		return chat.Message{}, nil, err
	}
	// While an agent is there only what is grave is more than a message to them.
	if grave || wanted && l.Owner != chat.OwnerAgent {
		return posted, nil, s.callPerson(ctx, l, posted, v)
	}
	may, err := l.BotMayAnswer(ctx)
	if err != nil || !may {
		if err == nil && v.AskedIfHuman.Hit && l.Owner == chat.OwnerQueue {
			err = s.notice(l, prompts.DisclosureAsked, nil) // true whoever has the word
		}
		return posted, nil, err
	}
	turn, err := s.answerByCode(ctx, l, posted, v)
	return posted, turn, err
}

// asksMore reports whether a question may stand beside "are you a person?".
func asksMore(message string, v triage.Verdict) bool {
	return v.AskedIfHuman.Hit && len(text.Sentences(message)) > 1
}

// call is a finding that wants a person.
type call struct {
	finding  triage.Finding
	detector string
	reason   handoff.Reason
}

// calls are the findings that want a person when they hit, the gravest first.
func calls(v triage.Verdict) []call {
	return []call{
		{v.Safety, "safety", handoff.ReasonSafety},
		{v.Complaint, "complaint", handoff.ReasonComplaint},
		{v.Sensitive, "sensitive", handoff.ReasonSensitiveTopic},
		{v.HumanRequest, "human_request", handoff.ReasonCustomerRequest},
	}
}

// callPerson hands off for what triage found, the gravest first.
func (s *Service) callPerson(ctx context.Context, l *chat.Locked, m chat.Message, v triage.Verdict) error {
	r := handoff.Request{}
	for _, f := range calls(v) {
		if !f.finding.Hit || l.Owner == chat.OwnerAgent && f.reason != handoff.ReasonSafety && f.reason != handoff.ReasonComplaint {
			continue
		}
		if r.Reason == "" {
			r.Reason = f.reason
		}
		if f.reason == handoff.ReasonComplaint {
			r.Complaint = &m
		}
		r.Evidence = append(r.Evidence, handoff.Evidence{
			MessageSeq: m.Seq, Detector: f.detector, Score: f.finding.Score, Threshold: triage.Threshold, Rule: f.finding.Rule,
		})
	}
	if v.Safety.Hit {
		advice, err := prompts.Safety(prompts.Locale(l.Locale), v.Safety.Kind())
		if err != nil {
			return err
		}
		if _, err := l.PostSystem("safety_advice", advice); err != nil {
			return err
		}
	}
	_, err := s.Handoff.OpenTx(ctx, l, r)
	return err
}

// answerByCode answers what needs no model, hands off what no model can help
// with, and opens a turn for the rest.
func (s *Service) answerByCode(ctx context.Context, l *chat.Locked, m chat.Message, v triage.Verdict) (*chat.Turn, error) {
	if key, args, ok := s.fixedReply(v); ok {
		if err := s.say(ctx, l, key, args); err != nil {
			return nil, err
		}
		if !asksMore(m.Text, v) {
			return nil, nil //nolint:nilnil // answered: no turn is needed
		}
		return l.OpenTurn(ctx, s.holder(), s.Lease)
	}
	if found, err := s.loops(ctx, l, m); err != nil || found != nil {
		if err == nil {
			_, err = s.Handoff.OpenTx(ctx, l, *found)
		}
		return nil, err
	}
	return l.OpenTurn(ctx, s.holder(), s.Lease)
}

func (s *Service) fixedReply(v triage.Verdict) (prompts.Key, prompts.Args, bool) {
	org := prompts.Args{"org": s.Chat.Company().Name}
	switch {
	case v.AskedIfHuman.Hit:
		return prompts.DisclosureAsked, nil, true
	case v.Greeting.Hit:
		return prompts.SmallGreeting, org, true
	case v.Thanks.Hit:
		return prompts.SmallThanks, org, true
	case v.Bye.Hit:
		return prompts.SmallBye, org, true
	}
	return "", nil, false
}

// loopMemory is how many of the customer's last messages are held against a new one.
const loopMemory = 6

// loops asks for a person when the customer goes in circles or the bot has had
// its share of turns.
func (s *Service) loops(ctx context.Context, l *chat.Locked, m chat.Message) (*handoff.Request, error) {
	history, err := s.Chat.History(ctx, l, m.Seq)
	if err != nil {
		return nil, err
	}
	if history.Turns >= s.TurnLimit {
		return &handoff.Request{Reason: handoff.ReasonTurnLimit, Evidence: []handoff.Evidence{{
			MessageSeq: m.Seq, Detector: "turn_limit", Score: float64(history.Turns), Threshold: float64(s.TurnLimit),
		}}}, nil
	}
	if f := triage.Loop(history.Customer[max(0, len(history.Customer)-loopMemory):], m.Text); f.Hit {
		return &handoff.Request{Reason: handoff.ReasonLoop, Evidence: []handoff.Evidence{{
			MessageSeq: m.Seq, Detector: "loop", Score: f.Score, Threshold: triage.Threshold, Rule: f.Rule,
		}}}, nil
	}
	return nil, nil //nolint:nilnil // no loop: the usual case
}

// followLanguage answers people in the language they write, where there is
// wording for it; notices and labels follow.
func (s *Service) followLanguage(l *chat.Locked, message string) {
	lang := prompts.Locale(text.DetectLang(message))
	if slices.Contains(prompts.Locales(), lang) {
		l.Locale = string(lang)
	}
}

// say posts a text of the wording as the bot's, under its notice.
func (s *Service) say(ctx context.Context, l *chat.Locked, key prompts.Key, args prompts.Args) error {
	words, err := s.Chat.Wording().Render(prompts.Locale(l.Locale), key, args)
	if err != nil {
		return err
	}
	d, err := l.Disclosure(ctx)
	if err != nil {
		return err
	}
	if _, err := l.PostBot(ctx, d, chat.BotMessage{Text: words}); err != nil {
		return fmt.Errorf("say %s: %w", key, err)
	}
	return nil
}

func (s *Service) notice(l *chat.Locked, key prompts.Key, args prompts.Args) error {
	words, err := s.Chat.Wording().Render(prompts.Locale(l.Locale), key, args)
	if err != nil {
		return err
	}
	_, err = l.PostSystem("notice", words)
	return err
}
