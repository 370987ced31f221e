// SPDX-License-Identifier: MIT

package api

import (
	"time"

	"candor/internal/markdown"
	"candor/knowledge"
)

type articleView struct {
	ID         int64              `json:"id"`
	ExternalID string             `json:"external_id,omitempty"`
	Status     knowledge.State    `json:"status"`
	Owner      *personView        `json:"owner,omitempty"`
	Audience   knowledge.Audience `json:"audience"`
	ReviewBy   *time.Time         `json:"review_by,omitempty"`
	ExpiresAt  *time.Time         `json:"expires_at,omitempty"`
	DetailsRev int64              `json:"details_rev"`
	Overdue    bool               `json:"overdue"`
	Live       *versionView       `json:"live,omitempty"`
	Draft      *draftView         `json:"draft,omitempty"`
	Last       *versionView       `json:"last,omitempty"` // where there is neither
	Source     *sourceView        `json:"translation_of,omitempty"`
	CreatedAt  time.Time          `json:"created_at"`
	UpdatedAt  time.Time          `json:"updated_at"`
}

type personView struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// sourceView is what an article is a translation of.
type sourceView struct {
	ID      int64 `json:"id"`
	Version *int  `json:"version,omitempty"`
}

type versionView struct {
	Version     int         `json:"version"`
	Title       string      `json:"title"`
	Lang        string      `json:"lang"`
	URL         string      `json:"url,omitempty"`
	Body        string      `json:"body,omitempty"`
	HTML        string      `json:"html,omitempty"`
	AskedAs     []string    `json:"asked_as"`
	Chunks      int         `json:"chunks"`
	PublishedAt time.Time   `json:"published_at"`
	PublishedBy *personView `json:"published_by,omitempty"`
	ApprovedBy  *personView `json:"approved_by,omitempty"`
	WrongAt     *time.Time  `json:"wrong_at,omitempty"`
}

type draftView struct {
	Rev       int64       `json:"rev"`
	Title     string      `json:"title"`
	Body      string      `json:"body"`
	Lang      string      `json:"lang"`
	URL       string      `json:"url,omitempty"`
	AskedAs   []string    `json:"asked_as"`
	Author    *personView `json:"author,omitempty"`
	UpdatedAt time.Time   `json:"updated_at"`
	Stage     stageView   `json:"stage"`
}

// stageView is how far the draft is, and who brought it there.
type stageView struct {
	Stage       knowledge.Stage `json:"stage"`
	AskedBy     *personView     `json:"asked_by,omitempty"`
	AskedOf     *personView     `json:"asked_of,omitempty"`
	AskedAt     *time.Time      `json:"asked_at,omitempty"`
	ApprovedBy  *personView     `json:"approved_by,omitempty"`
	ApprovedAt  *time.Time      `json:"approved_at,omitempty"`
	PublishAt   *time.Time      `json:"publish_at,omitempty"`
	ScheduledBy *personView     `json:"scheduled_by,omitempty"`
	Note        string          `json:"note,omitempty"`
	NoteBy      *personView     `json:"note_by,omitempty"`
	Why         *string         `json:"why,omitempty"`
}

// people names accounts.
type people map[int64]string

func (p people) person(id *int64) *personView {
	if id == nil {
		return nil
	}
	return &personView{*id, p[*id]}
}

func showArticle(a knowledge.Article) articleView {
	names := people(a.People)
	v := articleView{
		ID: a.ID, ExternalID: a.ExternalID, Status: a.State(), Owner: names.person(a.OwnerID), Audience: a.Audience,
		ReviewBy: utc(a.ReviewBy), ExpiresAt: utc(a.ExpiresAt), DetailsRev: a.DetailsRev, Overdue: a.Overdue, CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(),
		Live: showVersionOr(a.Live, names), Last: showVersionOr(a.Last, names),
	}
	if a.TranslationOf != nil {
		v.Source = &sourceView{*a.TranslationOf, a.TranslatedVersion}
	}
	if d := a.Draft; d != nil {
		v.Draft = &draftView{
			Rev: d.Revision, Title: d.Title, Body: d.Source, Lang: d.Lang, URL: d.URL, AskedAs: orEmpty(d.Asked), Author: names.person(d.AuthorID),
			UpdatedAt: d.UpdatedAt.UTC(), Stage: showStage(a.Standing, names),
		}
	}
	return v
}

func showStage(s knowledge.Standing, names people) stageView {
	return stageView{
		Stage: s.Stage, AskedBy: names.person(s.AskedBy), AskedOf: names.person(s.AskedOf), AskedAt: utc(s.AskedAt),
		ApprovedBy: names.person(s.ApprovedBy), ApprovedAt: utc(s.ApprovedAt), PublishAt: utc(s.PublishAt), ScheduledBy: names.person(s.ScheduledBy),
		Note: s.Note, NoteBy: names.person(s.NoteBy), Why: s.Why,
	}
}

func showVersionOr(v *knowledge.Version, names people) *versionView {
	if v == nil {
		return nil
	}
	view := showVersion(*v, names)
	return &view
}

func showVersion(v knowledge.Version, names people) versionView {
	view := versionView{
		Version: v.Version, Title: v.Title, Lang: v.Lang, URL: v.URL, Body: v.Source, AskedAs: orEmpty(v.Asked), Chunks: v.Chunks,
		PublishedAt: v.UpdatedAt.UTC(), PublishedBy: names.person(v.PublishedBy), ApprovedBy: names.person(v.ApprovedBy), WrongAt: utc(v.WrongAt),
	}
	if v.PublishedAt != nil {
		view.PublishedAt = v.PublishedAt.UTC()
	}
	if v.Source != "" {
		view.HTML = markdown.HTML(v.Visible())
	}
	return view
}

// listedView is an article in a list.
type listedView struct {
	ID          int64              `json:"id"`
	ExternalID  string             `json:"external_id,omitempty"`
	Status      knowledge.State    `json:"status"`
	Stage       knowledge.Stage    `json:"stage,omitempty"`
	Asked       bool               `json:"review_asked,omitempty"`
	PublishAt   *time.Time         `json:"publish_at,omitempty"`
	Title       string             `json:"title"`
	Lang        string             `json:"lang"`
	URL         string             `json:"url,omitempty"`
	Version     int                `json:"version"`
	HasDraft    bool               `json:"has_draft"`
	Owner       *personView        `json:"owner,omitempty"`
	Audience    knowledge.Audience `json:"audience"`
	ReviewBy    *time.Time         `json:"review_by,omitempty"`
	ExpiresAt   *time.Time         `json:"expires_at,omitempty"`
	Overdue     bool               `json:"overdue,omitempty"`
	Translation *int64             `json:"translation_of,omitempty"`
	Outdated    bool               `json:"outdated,omitempty"`
	UpdatedAt   time.Time          `json:"updated_at"`
}

func showListed(a knowledge.Listed) listedView {
	v := listedView{
		ID: a.ID, ExternalID: a.ExternalID, Status: a.State, Asked: a.Asked, PublishAt: utc(a.PublishAt), Title: a.Title, Lang: a.Lang, URL: a.URL,
		Version: a.Version, HasDraft: a.HasDraft, Audience: a.Audience, ReviewBy: utc(a.ReviewBy), ExpiresAt: utc(a.ExpiresAt), Overdue: a.Overdue,
		Translation: a.TranslationOf, Outdated: a.Outdated, UpdatedAt: a.UpdatedAt.UTC(),
	}
	if a.HasDraft {
		v.Stage = a.Stage
	}
	if a.OwnerID != nil {
		v.Owner = &personView{*a.OwnerID, a.Owner}
	}
	return v
}
