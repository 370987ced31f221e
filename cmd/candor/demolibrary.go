// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"time"

	"candor/internal/fault"
	"candor/knowledge"
	"candor/staff"
)

// demoWork is what editors of the demo company are at: one article of each kind
// that the library shows.
func (a *app) demoWork(ctx context.Context, accounts []staff.Account) error {
	var editor, supervisor staff.Account
	for _, account := range accounts {
		switch account.Role {
		case staff.RoleEditor:
			editor = account
		case staff.RoleSupervisor:
			supervisor = account
		}
	}
	for _, step := range []func(context.Context, staff.Account, staff.Account) error{a.demoScheduled, a.demoDue, a.demoTranslations, a.demoStaffOnly, a.demoInReview} {
		if err := step(ctx, editor, supervisor); err != nil {
			return fmt.Errorf("make the demo's library: %w", err)
		}
	}
	return nil
}

// demoScheduled goes live by itself in a week.
func (a *app) demoScheduled(ctx context.Context, editor, supervisor staff.Account) error {
	made, err := a.knowledge.CreateArticle(ctx, "demo/opening-hours-of-the-shops", knowledge.Content{
		Title: "Opening hours of the shops at the end of the year", Lang: "en",
		Source: "# Opening hours of the shops at the end of the year\n\nOn the last day of the year all shops close at 14:00. On the first day of the new year they stay closed.\n",
		Asked:  []string{"Is the shop open on New Year's Eve?"},
	}, &editor.ID)
	if err != nil {
		return known(err)
	}
	if made, err = a.knowledge.Approve(ctx, made.ID, made.Draft.Revision, supervisor.ID, "Checked with the shops."); err != nil {
		return err
	}
	_, err = a.knowledge.Schedule(ctx, made.ID, made.Draft.Revision, knowledge.Plan{By: editor.ID, At: time.Now().Add(7 * 24 * time.Hour).Truncate(time.Hour)})
	return err
}

// known lets what an earlier start of the demo has made stand.
func known(err error) error {
	if fault.Is(err, "external_id_taken") {
		return nil
	}
	return err
}

// demoDue has to be looked at within two weeks.
func (a *app) demoDue(ctx context.Context, editor, _ staff.Account) error {
	article, err := a.knowledge.ArticleByExternalID(ctx, "en/roaming-switzerland")
	if err != nil || article.ReviewBy != nil {
		return err
	}
	by := time.Now().Add(14 * 24 * time.Hour).Truncate(24 * time.Hour)
	_, err = a.knowledge.SetDetails(ctx, article.ID, knowledge.Details{OwnerID: &editor.ID, Audience: knowledge.ForEveryone, ReviewBy: &by})
	return err
}

// demoTranslations joins the pages that the demo has in two languages.
func (a *app) demoTranslations(ctx context.Context, _, _ staff.Account) error {
	for _, name := range []string{"roaming-switzerland", "esim", "moving-house"} {
		english, err := a.knowledge.ArticleByExternalID(ctx, "en/"+name)
		if err != nil {
			return err
		}
		chinese, err := a.knowledge.ArticleByExternalID(ctx, "zh/"+name)
		if err != nil || chinese.TranslationOf != nil || english.Live == nil {
			return err
		}
		if _, err := a.knowledge.SetTranslation(ctx, chinese.ID, &english.ID, &english.Live.Version); err != nil {
			return err
		}
	}
	return nil
}

// demoStaffOnly is what agents know and customers are not told.
func (a *app) demoStaffOnly(ctx context.Context, editor, _ staff.Account) error {
	made, err := a.knowledge.CreateArticle(ctx, "demo/goodwill", knowledge.Content{
		Title: "How much goodwill an agent may give", Lang: "en",
		Source: "# How much goodwill an agent may give\n\nAn agent may credit up to 20 EUR as goodwill after an outage without asking. Above that a supervisor decides.\n",
	}, &editor.ID)
	if err != nil {
		return known(err)
	}
	if _, err := a.knowledge.SetDetails(ctx, made.ID, knowledge.Details{OwnerID: &editor.ID, Audience: knowledge.ForStaff}); err != nil {
		return err
	}
	_, err = a.knowledge.PublishDraft(ctx, made.ID, made.Draft.Revision)
	return err
}

// demoInReview waits for the supervisor.
func (a *app) demoInReview(ctx context.Context, editor, supervisor staff.Account) error {
	made, err := a.knowledge.CreateArticle(ctx, "demo/second-sim", knowledge.Content{
		Title: "A second SIM card for the same number", Lang: "en",
		Source: "# A second SIM card for the same number\n\nYou may use one number on two devices. The second SIM card costs 4 EUR a month.\n",
	}, &editor.ID)
	if err != nil {
		return known(err)
	}
	_, err = a.knowledge.AskReview(ctx, made.ID, made.Draft.Revision, editor.ID, &supervisor.ID, "Is the price right?")
	return err
}
