// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"time"

	"candor/internal/fault"
	"candor/internal/markdown"
)

// PreviewedPage is a page as it would be taken over.
type PreviewedPage struct {
	URL, Title, Lang string
	Excerpt          string // the beginning, as plain text
	Bytes            int
	Code, Message    string // why it would not be taken over
}

// SourcePreview is what a source would bring.
type SourcePreview struct {
	URL   string // as it would be kept
	Found int    // pages that are known so far; those that only other pages lead to are not
	Pages []PreviewedPage
}

const (
	previewPages   = 5
	previewTimeout = 45 * time.Second
	excerptLength  = 280 // characters
)

// PreviewSource reads the first pages of a source and writes nothing.
func (s *Service) PreviewSource(ctx context.Context, c Source) (SourcePreview, error) {
	if err := c.check(); err != nil {
		return SourcePreview{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, previewTimeout)
	defer cancel()
	scope, err := c.scope()
	if err != nil {
		return SourcePreview{}, err
	}
	visit, err := s.web.Visit(ctx, scope)
	if err != nil {
		return SourcePreview{}, err
	}
	listed, err := visit.Listed(ctx, c.MaxPages)
	if err != nil {
		return SourcePreview{}, err
	}
	next := &frontier{seen: map[string]bool{}, most: c.MaxPages}
	next.add(scope.Start.String())
	next.add(listed...)
	p := SourcePreview{URL: c.URL}
	for len(next.todo) > 0 && len(p.Pages) < previewPages && ctx.Err() == nil {
		address := next.todo[0]
		next.todo = next.todo[1:]
		g := s.readPage(ctx, visit, scope, c.Lang, pageRow{URL: address})
		if g.page.Gone {
			g.err = fault.Invalid("page_missing", "The page is not there.")
		}
		if g.err != nil && len(p.Pages) == 0 && len(listed) == 0 {
			return SourcePreview{}, g.err
		}
		if scope.Site && len(listed) == 0 {
			next.add(g.links...)
		}
		p.Pages = append(p.Pages, previewed(address, g))
	}
	p.Found = len(next.seen)
	return p, nil
}

func previewed(address string, g got) PreviewedPage {
	p := PreviewedPage{URL: address, Title: g.content.Title, Lang: g.content.Lang, Bytes: len(g.content.Source)}
	if g.err != nil {
		p.Code, p.Message = "failed", "The page could not be read."
		if f, ok := fault.Of(g.err); ok {
			p.Code, p.Message = f.Code, f.Message
		}
		return p
	}
	plain := []rune(markdown.Plain(g.content.Source))
	p.Excerpt = string(plain[:min(len(plain), excerptLength)])
	return p
}
