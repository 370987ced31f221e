// SPDX-License-Identifier: MIT

package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/web"
)

// The demo company's offers, as its articles describe them.
var (
	demoPlans = []web.Plan{
		{Name: "Lark M", Price: "19 EUR", Per: "a month", Lead: "Enough for most people, at home and in the EU.", Points: []string{"20 GB of data", "Roaming in the EU included", "Calls and texts included"}, Favourite: true},
		{Name: "Lark Max", Price: "39 EUR", Per: "a month", Lead: "For those who never want to count.", Points: []string{"Unlimited data", "Roaming in the EU included", "Calls and texts included"}},
		{Name: "Fibre 500", Price: "39 EUR", Per: "a month", Lead: "A line for the whole household.", Points: []string{"500 Mbit/s", "Router on loan", "24-month contract"}},
	}
	demoTopics = []web.Topic{
		{Title: "Moving house", Lead: "When to tell us, and what it costs", Question: "I am moving house. What do I have to do?"},
		{Title: "Understanding a bill", Lead: "Due dates, fees and disputed amounts", Question: "When is my bill due?"},
		{Title: "Roaming", Lead: "Prices abroad, country by country", Question: "What does roaming in Switzerland cost?"},
		{Title: "No connection", Lead: "What the lights on the router say", Question: "My internet is not working. What can I do?"},
		{Title: "Changing the plan", Lead: "Up or down, and from when", Question: "How do I change my tariff?"},
		{Title: "Complaints", Lead: "How to make one and what happens then", Question: "How do I make a complaint?"},
	}
)

// demoSuggestions are questions to begin with.
func demoSuggestions() []string {
	var list []string
	for _, topic := range demoTopics[:4] {
		list = append(list, topic.Question)
	}
	return list
}

// demoPage signs a visitor in as the demo's agent, whose desk stands beside the
// chat: the demo's data is nobody's.
func (s *Server) demoPage(c *gin.Context) error {
	if _, err := s.authenticate(c); err != nil {
		secret, err := s.Demo.AgentLink(c.Request.Context())
		if err != nil {
			return err
		}
		if _, err := s.openSession(c, signIn{LinkToken: secret}); err != nil {
			return err
		}
	}
	frame := s.frame(c, "Tour")
	frame.Locale, frame.Dir = "en", "ltr"
	return s.renderPage(c, http.StatusOK, "demo", web.Demo{Frame: frame})
}

func (s *Server) getDemoModel(c *gin.Context) error {
	return ok(c, http.StatusOK, gin.H{"mode": s.Demo.Mode()})
}

// setDemoModel makes the demo's model behave, lie, stall or vanish.
func (s *Server) setDemoModel(c *gin.Context) error {
	body, err := decode[struct {
		Mode string `json:"mode"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	if err := s.Demo.SetMode(body.Mode); err != nil {
		return inField("mode", err)
	}
	return ok(c, http.StatusOK, gin.H{"mode": s.Demo.Mode()})
}

// minutes words a number of seconds for a page.
func minutes(seconds int) string {
	switch {
	case seconds < 60:
		return plural(seconds, "second")
	case seconds < 7200:
		return plural((seconds+59)/60, "minute")
	default:
		return plural((seconds+3599)/3600, "hour")
	}
}

func plural(n int, unit string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", unit)
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
