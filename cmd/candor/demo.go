// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"candor/bot"
	"candor/chat"
	"candor/handoff"
	"candor/internal/calendar"
	"candor/internal/fault"
	"candor/llm"
	"candor/llm/llmtest"
	"candor/prompts"
	"candor/staff"
)

//go:embed demo/articles
var demoArticles embed.FS

// demoCompany is invented, and always open.
func demoCompany() chat.Company {
	c := chat.Company{
		Name: "Larkwire", Locale: "en", TimeZone: "Europe/Madrid",
		Channels: []chat.Channel{{Kind: "phone", Address: "0800 555 0100"}, {Kind: "email", Address: "help@larkwire.example"}},
		Targets:  chat.Targets{FirstResponseMinutes: 3, ComplaintDays: 14},
		Scope:    "tariffs, bills, moving house, faults, roaming and television",
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		c.Hours = append(c.Hours, calendar.Opening{Day: day, From: "00:00", To: "24:00"})
	}
	return c
}

// demoStaff are the roles of the demo, by role and not by name.
var demoStaff = []staff.Account{
	{Email: "agent@larkwire.example", Name: "Agent 1", Role: staff.RoleAgent},
	{Email: "editor@larkwire.example", Name: "Editor 1", Role: staff.RoleEditor},
	{Email: "supervisor@larkwire.example", Name: "Supervisor 1", Role: staff.RoleSupervisor},
}

// prepareDemo loads the demo company where it is not there yet, prints a sign-in
// link per role and, unless a provider is configured, puts a model in its place
// that visitors can make lie, stall or vanish.
func (a *app) prepareDemo(ctx context.Context, out io.Writer) (*demoModel, error) {
	fresh := a.chat.Company().Name == ""
	if fresh {
		if err := chat.SaveCompany(ctx, a.db, demoCompany(), "demo"); err != nil {
			return nil, err
		}
		a.chat.SetCompany(demoCompany())
	}
	if err := a.loadDemoArticles(ctx, out); err != nil {
		return nil, err
	}
	accounts, err := a.demoAccounts(ctx)
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := a.demoWork(ctx, accounts); err != nil {
			return nil, err
		}
		if err := a.demoHistory(ctx, accounts[0]); err != nil {
			return nil, fmt.Errorf("make the demo's history: %w", err)
		}
	}
	for _, account := range accounts {
		link, err := a.signInLink(ctx, account)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "%-10s signs in once at %s\n", account.Role, link)
	}
	model, err := a.startDemoModel(accounts[0])
	if model != nil {
		fmt.Fprintf(out, "The five-minute tour: %s/demo\n", a.config.PublicURL)
	}
	return model, err
}

func (a *app) loadDemoArticles(ctx context.Context, out io.Writer) error {
	articles, err := fs.Sub(demoArticles, "demo/articles")
	if err != nil {
		return err
	}
	report, err := a.knowledge.ImportFS(ctx, articles, nil)
	if err != nil {
		return fmt.Errorf("load the demo's articles: %w", err)
	}
	if n := report.Created + report.Updated; n > 0 {
		fmt.Fprintf(out, "%d articles of the demo company are loaded.\n", n)
	}
	return nil
}

func (a *app) demoAccounts(ctx context.Context) ([]staff.Account, error) {
	var accounts []staff.Account
	for _, wanted := range demoStaff {
		account, err := a.staff.ByEmail(ctx, wanted.Email)
		if fault.Is(err, "account_not_found") {
			account, err = a.staff.Add(ctx, wanted.Email, wanted.Name, wanted.Role, "")
		}
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

// demoTalk is what customers of the demo said before the visitor came; those at
// the end still wait.
var demoTalk = []struct {
	locale, text string
	waits        bool
}{
	{"en", "I would like to speak to a person about my contract, please.", false},
	{"zh", "我想找人工客服问一下账单。", false},
	{"en", "This is the third time I complain: I was charged twice in October and nobody has paid the money back.", true},
	{"zh", "转人工，我的宽带已经断了两天了。", true},
	{"en", "Could a person call me about the installation at my new office?", true},
}

// demoHistory has some customers ask for a person, and an agent answer some of
// them, through the same doors that real ones use.
func (a *app) demoHistory(ctx context.Context, account staff.Account) error {
	agent := chat.Agent{ID: account.ID, Name: account.Name}
	talk := a.newBot(nil)
	defer talk.Drain(ctx)
	for _, d := range demoTalk {
		created, err := a.chat.Create(ctx, d.locale, chat.Profile{})
		if err != nil {
			return err
		}
		if _, err := talk.Post(ctx, created.Conversation.ID, bot.Message{Text: d.text}); err != nil {
			return err
		}
		k, err := a.handoff.Latest(ctx, created.Conversation.ID)
		if err != nil {
			return fmt.Errorf("%q is no request for a person: %w", d.text, err)
		}
		if d.waits {
			continue
		}
		if err := a.demoAnswer(ctx, k, agent, d.locale, ""); err != nil {
			return err
		}
	}
	return a.demoQuestions(ctx, agent)
}

func (a *app) demoAnswer(ctx context.Context, k handoff.Case, agent chat.Agent, locale, reply string) error {
	if _, err := a.handoff.Claim(ctx, k.ID, agent); err != nil {
		return err
	}
	switch {
	case reply != "":
	case locale == string(prompts.Chinese):
		reply = "感谢您的等待，我已经为您查看，问题已经处理好了。"
	default:
		reply = "Thank you for waiting. I have looked into it, and everything is in order now."
	}
	if _, err := a.handoff.Reply(ctx, k.ID, agent, reply, ""); err != nil {
		return err
	}
	_, err := a.handoff.Resolve(ctx, k.ID, agent, "solved", "")
	return err
}

// demoModel is a model provider on loopback that a visitor can change. With a
// real provider configured, or none wanted, it is not there.
type demoModel struct {
	server *llmtest.Server
	client *llm.Client
	staff  *staff.Service
	agent  staff.Account

	mu   sync.Mutex
	mode string
}

// demoCadence is how fast the demo's model writes: slow enough to watch a
// take-over in mid-stream.
const demoCadence = 120 * time.Millisecond

// demoModes are the manners there are.
var demoModes = map[string]llmtest.Behaviour{
	"honest":   paced(llmtest.Honest()),
	"lies":     paced(llmtest.Liar()),
	"stalls":   llmtest.Staller(),
	"vanishes": llmtest.Vanisher(),
}

func paced(b llmtest.Behaviour) llmtest.Behaviour {
	return func(r llmtest.Request) llmtest.Reply {
		reply := b(r)
		reply.Cadence = demoCadence
		return reply
	}
}

// startDemoModel starts the model and lets the bot answer through it.
func (a *app) startDemoModel(agent staff.Account) (*demoModel, error) {
	if a.model != nil {
		return nil, nil //nolint:nilnil // the operator brought a provider: there is nothing to switch
	}
	m := &demoModel{server: llmtest.New(demoModes["honest"]), mode: "honest", staff: a.staff, agent: agent}
	m.server.Forget() // what visitors ask is nobody's to keep
	if err := m.server.Listen("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the demo's model: %w", err)
	}
	c := a.modelConfig()
	c.BaseURL, c.ChatModel = m.server.URL(), "demo"
	c.FirstTokenTimeout, c.IdleTimeout, c.BreakerTimeout = 4*time.Second, 4*time.Second, 2*time.Second
	m.client = llm.New(c)
	a.bot = a.newBot(m.client)
	return m, nil
}

// Mode is how the model behaves now.
func (m *demoModel) Mode() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode
}

// SetMode makes it honest, or lie, stall or vanish.
func (m *demoModel) SetMode(mode string) error {
	behaviour, ok := demoModes[mode]
	if !ok {
		return fault.Invalid("unknown_mode", "The model can be honest, lies, stalls or vanishes.")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mode = mode
	m.server.SetBehaviour(behaviour)
	return nil
}

// AgentLink is the secret of a one-time link of the demo's agent.
func (m *demoModel) AgentLink(ctx context.Context) (string, error) {
	return m.staff.IssueLink(ctx, m.agent.ID)
}

func (m *demoModel) close() {
	if m == nil {
		return
	}
	m.client.Close()
	m.server.Close()
}
