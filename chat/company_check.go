// SPDX-License-Identifier: MIT

package chat

import (
	"fmt"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"candor/internal/calendar"
	"candor/internal/fault"
	"candor/internal/text"
	"candor/prompts"
)

// Limits of what a company says of itself.
const (
	maxName         = 80
	maxScope        = 300
	maxAddress      = 200
	maxChannels     = 12
	maxTeams        = 40
	maxHolidays     = 200
	maxResponse     = 14 * 24 * 60 // minutes
	maxComplaint    = 90           // days
	maxResolution   = 60 * 24 * 60 // minutes
	maxSilent       = 24 * 60      // minutes
	minChannels     = 2            // besides this chat, named in every notice of a queue
	maxOpeningSpans = 70
)

// ChannelKinds are the ways to reach a company that there are words for.
func ChannelKinds() []string { return []string{"phone", "email", "post", "shop", "web"} }

// handoffReasons are the reasons of handoffs, as the cases have them.
var handoffReasons = []string{
	"customer_request", "low_confidence", "no_knowledge", "complaint", "sensitive_topic", "safety", "loop", "guardrail",
	"provider_error", "turn_limit", "rule", "agent_takeover",
}

var (
	teamID   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	language = regexp.MustCompile(`^[a-z]{2,3}$`)
	skill    = regexp.MustCompile(`^[\p{Ll}\p{Lo}0-9][\p{Ll}\p{Lo}0-9 _-]{0,39}$`)
)

// findings gathers all that is wrong, so that it is told at once.
type findings []fault.Field

func (f *findings) add(field, format string, args ...any) {
	*f = append(*f, fault.Field{Name: field, Message: fmt.Sprintf(format, args...)})
}

func (f *findings) when(wrong bool, field, format string, args ...any) {
	if wrong {
		f.add(field, format, args...)
	}
}

// Check says everything that is wrong with the settings, for the one who made
// them: a fault that names each field.
func (c Company) Check() error {
	var f findings
	f.line("name", c.Name, maxName, "The company needs the name that customers know it by.")
	f.when(!slices.Contains(prompts.Locales(), prompts.Locale(c.Locale)), "locale", "Choose one of the languages there is wording for: %v.", prompts.Locales())
	f.zone("time_zone", c.TimeZone, true)
	f.calendar("", c.Hours, c.Holidays)
	f.when(len(c.Hours) == 0, "hours", "Without opening hours no person would ever be promised: add at least one span.")
	f.channels(c.Channels)
	f.targets("targets", c.Targets)
	f.line("scope", c.Scope, maxScope, "Say in one sentence what the assistant can help with.")
	f.teams(c)
	f.wording(c.Wording)
	f.brand(c.Brand)
	f.when(!slices.Contains([]string{"", "automatic", "round_robin", "manual"}, c.Assignment), "assignment", "Cases are given automatic, round_robin or manual.")
	f.when(c.SilentMinutes < 0 || c.SilentMinutes > maxSilent, "silent_minutes", "A number of minutes up to %d; 0 is the usual one.", maxSilent)
	if len(f) == 0 {
		return nil
	}
	return fault.Invalid("company_invalid", "The settings are not complete yet: %s", f[0].Message).In(f...)
}

func (f *findings) line(field, value string, limit int, missing string) {
	switch {
	case strings.TrimSpace(value) == "":
		f.add(field, "%s", missing)
	case !text.CleanLine(value):
		f.add(field, "Please write it in one line, without control characters.")
	case utf8.RuneCountInString(value) > limit:
		f.add(field, "Please keep it to %d characters.", limit)
	}
}

func (f *findings) zone(field, name string, needed bool) {
	if name == "" && !needed {
		return
	}
	_, err := time.LoadLocation(name)
	f.when(err != nil || name == "" || name == "Local", field, "Choose a time zone by its name, for example Europe/Madrid.")
}

// calendar checks each span and each holiday by itself, so that each has its message.
func (f *findings) calendar(prefix string, hours []calendar.Opening, holidays []calendar.Holiday) {
	f.when(len(hours) > maxOpeningSpans, prefix+"hours", "At most %d spans, please.", maxOpeningSpans)
	f.when(len(holidays) > maxHolidays, prefix+"holidays", "At most %d holidays, please.", maxHolidays)
	for i, o := range hours {
		field := fmt.Sprintf("%shours.%d", prefix, i)
		if err := (calendar.Calendar{Hours: []calendar.Opening{o}}).Check(); err != nil {
			f.add(field, "%s.", capital(err.Error()))
			continue
		}
		for _, earlier := range hours[:i] {
			if earlier.Day == o.Day && earlier.From < o.To && o.From < earlier.To {
				f.add(field, "%s: %s to %s and %s to %s overlap.", o.Day, earlier.From, earlier.To, o.From, o.To)
			}
		}
	}
	for i, h := range holidays {
		field := fmt.Sprintf("%sholidays.%d", prefix, i)
		if err := (calendar.Calendar{Holidays: []calendar.Holiday{h}}).Check(); err != nil {
			f.add(field, "%s.", capital(err.Error()))
		}
		f.line(field+".name", h.Name, maxName, "A holiday needs its name: customers are told why nobody is there.")
		f.when(slices.ContainsFunc(holidays[:i], func(e calendar.Holiday) bool { return e.Date == h.Date && (e.From == "" || h.From == "") }),
			field, "%s is there already.", h.Date)
	}
}

func (f *findings) channels(list []Channel) {
	f.when(len(list) < minChannels, "channels", "Customers need at least two ways to reach you other than this chat.")
	f.when(len(list) > maxChannels, "channels", "At most %d channels, please.", maxChannels)
	for i, channel := range list {
		field := fmt.Sprintf("channels.%d", i)
		f.when(!slices.Contains(ChannelKinds(), channel.Kind), field+".kind", "Choose one of %s.", strings.Join(ChannelKinds(), ", "))
		f.line(field+".address", channel.Address, maxAddress, "Say how you are reached there.")
		switch channel.Kind {
		case "email":
			_, err := mail.ParseAddress(channel.Address)
			f.when(channel.Address != "" && err != nil, field+".address", "This is not an e-mail address.")
		case "web":
			f.when(channel.Address != "" && !strings.HasPrefix(channel.Address, "https://"), field+".address", "An address on the web begins with https://")
		case "phone":
			f.when(channel.Address != "" && !strings.ContainsAny(channel.Address, "0123456789"), field+".address", "This is not a telephone number.")
		}
	}
}

func (f *findings) targets(field string, t Targets) {
	f.when(t.FirstResponseMinutes < 1 || t.FirstResponseMinutes > maxResponse, field+".first_response_minutes", "A number of minutes from 1 to %d.", maxResponse)
	f.when(t.ComplaintDays < 1 || t.ComplaintDays > maxComplaint, field+".complaint_days", "A number of days from 1 to %d.", maxComplaint)
	f.minutes(field, PriorityTargets{t.AckMinutes, 0, t.NextResponseMinutes, t.ResolutionMinutes})
	for priority, p := range t.Priorities {
		f.when(!slices.Contains([]string{"low", "normal", "high", "urgent"}, priority), field+".priorities", "Priorities are low, normal, high and urgent.")
		f.minutes(field+".priorities."+priority, p)
	}
}

// minutes of opening hours; 0 leaves them open.
func (f *findings) minutes(field string, p PriorityTargets) {
	for name, value := range map[string]int{
		"ack_minutes": p.AckMinutes, "first_response_minutes": p.FirstResponseMinutes,
		"next_response_minutes": p.NextResponseMinutes, "resolution_minutes": p.ResolutionMinutes,
	} {
		f.when(value < 0 || value > maxResolution, field+"."+name, "A number of minutes up to %d; 0 is the usual one.", maxResolution)
	}
}

func (f *findings) teams(c Company) {
	f.when(len(c.Teams) > maxTeams, "teams", "At most %d teams, please.", maxTeams)
	for i, t := range c.Teams {
		field := fmt.Sprintf("teams.%d", i)
		f.when(!teamID.MatchString(t.ID), field+".id", "An id is a lower-case word, for example billing: letters a to z, digits, - and _.")
		f.when(slices.ContainsFunc(c.Teams[:i], func(e Team) bool { return e.ID == t.ID }), field+".id", "There is a team %q already.", t.ID)
		f.line(field+".name", t.Name, maxName, "A team needs a name.")
		f.zone(field+".time_zone", t.TimeZone, false)
		f.calendar(field+".", t.Hours, t.Holidays)
		f.when(t.Skill != "" && !skill.MatchString(t.Skill), field+".skill", "A skill is a short lower-case word.")
		if t.Targets != nil {
			f.targets(field+".targets", *t.Targets)
		}
		for _, l := range t.Languages {
			f.when(!language.MatchString(l), field+".languages", "%q is not a language like en or de.", l)
		}
		for _, r := range t.Reasons {
			f.when(!slices.Contains(handoffReasons, r), field+".reasons", "%q is not a reason of a handoff.", r)
		}
		f.escalation(c, i)
	}
}

// wording names each text that is not right, as "wording.en.small.greeting".
func (f *findings) wording(own prompts.Own) {
	for _, l := range slices.Sorted(maps.Keys(own)) {
		for _, k := range slices.Sorted(maps.Keys(own[l])) {
			if err := prompts.CheckOwn(l, k, own[l][k]); err != nil {
				f.add(fmt.Sprintf("wording.%s.%s", l, k), "%s.", capital(err.Error()))
			}
		}
	}
}

// escalation follows the ladder upwards: it must end.
func (f *findings) escalation(c Company, i int) {
	field := fmt.Sprintf("teams.%d.escalates_to", i)
	path := []string{c.Teams[i].ID}
	for next := c.Teams[i].EscalatesTo; next != ""; {
		at := slices.IndexFunc(c.Teams, func(t Team) bool { return t.ID == next })
		if at < 0 {
			f.when(len(path) == 1, field, "There is no team %q.", next)
			return
		}
		if slices.Contains(path, next) {
			f.add(field, "The ladder goes round in a circle: %s.", strings.Join(append(path, next), " → "))
			return
		}
		path, next = append(path, next), c.Teams[at].EscalatesTo
	}
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[size:]
}
