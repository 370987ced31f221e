// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"candor/staff"
)

// staffCall is what `candor staff` was asked for.
type staffCall struct {
	email, name, role string
	asJSON            bool
}

const staffWords = "add, invite, link, reset, role, disable, enable, token or list"

// staffCommand keeps accounts.
func staffCommand(ctx context.Context, args []string, io streams) error {
	if len(args) == 0 {
		return usageError("say what to do: " + staffWords)
	}
	var c staffCall
	set := flags("staff "+args[0], io)
	set.StringVar(&c.email, "email", "", "address of the account")
	set.StringVar(&c.name, "name", "", "name that customers see; for a token, what it is for")
	set.StringVar(&c.role, "role", "agent", "agent, editor, supervisor or compliance")
	set.BoolVar(&c.asJSON, "json", false, "print JSON")
	if err := parse(set, args[1:]); err != nil {
		return err
	}
	a, err := openApp(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	switch args[0] {
	case "add":
		added, err := a.staff.Add(ctx, c.email, c.name, staff.Role(c.role), "")
		if err != nil {
			return err
		}
		return a.printLink(ctx, io, added, c.asJSON)
	case "invite":
		invited, secret, err := a.staff.Invite(ctx, 0, c.email, c.name, staff.Role(c.role))
		if err != nil {
			return err
		}
		return a.printPasswordLink(io, invited, secret, c.asJSON)
	case "list":
		return a.printStaff(ctx, io, c.asJSON)
	case "link", "reset", "role", "disable", "enable", "token":
		return a.changeStaff(ctx, io, args[0], c)
	}
	return usageError(fmt.Sprintf("there is no %q: use %s", args[0], staffWords))
}

// changeStaff does something to an account that there is.
func (a *app) changeStaff(ctx context.Context, io streams, action string, c staffCall) error {
	found, err := a.staff.ByAnyEmail(ctx, c.email)
	if err != nil {
		return err
	}
	done := map[string]string{"email": found.Email, "done": action}
	switch action {
	case "link":
		return a.printLink(ctx, io, found, c.asJSON)
	case "reset":
		secret, err := a.staff.ResetLink(ctx, 0, found.ID)
		if err != nil {
			return err
		}
		return a.printPasswordLink(io, found, secret, c.asJSON)
	case "role":
		if err := a.staff.SetRole(ctx, 0, found.ID, staff.Role(c.role)); err != nil {
			return err
		}
		done["role"] = c.role
		return show(io, c.asJSON, done, found.Email+" is "+c.role+" now.")
	case "disable":
		if err := a.staff.Disable(ctx, 0, found.ID); err != nil {
			return err
		}
		return show(io, c.asJSON, done, found.Email+" is disabled; sessions and tokens have ended.")
	case "enable":
		if err := a.staff.Enable(ctx, 0, found.ID); err != nil {
			return err
		}
		return show(io, c.asJSON, done, found.Email+" may sign in again.")
	default:
		token, err := a.staff.CreateToken(ctx, 0, found.ID, cmp.Or(c.name, "made at a terminal"))
		if err != nil {
			return err
		}
		return show(io, c.asJSON, map[string]string{"email": found.Email, "token": token}, token)
	}
}

func (a *app) printLink(ctx context.Context, io streams, account staff.Account, asJSON bool) error {
	link, err := a.signInLink(ctx, account)
	if err != nil {
		return err
	}
	return show(io, asJSON, map[string]string{"email": account.Email, "role": string(account.Role), "link": link},
		fmt.Sprintf("%s signs in once, within a day, at\n%s", account.Email, link))
}

func (a *app) signInLink(ctx context.Context, account staff.Account) (string, error) {
	secret, err := a.staff.IssueLink(ctx, account.ID)
	// Behind the #, the secret is in no server's log.
	return a.config.PublicURL + "/signin#" + secret, err
}

func (a *app) printPasswordLink(io streams, account staff.Account, secret string, asJSON bool) error {
	link := a.config.PublicURL + "/password#" + secret
	return show(io, asJSON, map[string]string{"email": account.Email, "role": string(account.Role), "link": link},
		fmt.Sprintf("%s chooses a password once, within a day, at\n%s", account.Email, link))
}

func (a *app) printStaff(ctx context.Context, io streams, asJSON bool) error {
	list, err := a.staff.List(ctx)
	if err != nil {
		return err
	}
	var lines []string
	for _, account := range list {
		lines = append(lines, fmt.Sprintf("%-12s %-32s %s", account.Role, account.Email, account.Name))
	}
	return show(io, asJSON, list, strings.Join(lines, "\n"))
}
