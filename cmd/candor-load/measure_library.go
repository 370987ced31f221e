// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"candor/staff"
)

// libraryLimit is what an editor should wait at most, in milliseconds.
const libraryLimit = 200

// editing is an editor at a gateway.
type editing struct {
	client *client
	token  string
}

func (b *bench) editing(ctx context.Context) (editing, error) {
	name := fmt.Sprintf("editor-%d@load.example", b.asked.Add(1))
	account, err := b.world.staff.Add(ctx, name, "Editor", staff.RoleEditor, "")
	if err != nil {
		return editing{}, err
	}
	token, err := b.world.staff.IssueToken(ctx, account.ID, "load")
	return editing{b.clients[0], token}, err
}

func (e editing) get(ctx context.Context, path string, into any) error {
	return e.client.call(ctx, http.MethodGet, path, e.token, nil, into)
}

type listedArticles struct {
	Articles []struct {
		ID int64 `json:"id"`
	} `json:"articles"`
	Next string `json:"next"`
}

// deep is where the list goes on in its middle.
func (e editing) deep(ctx context.Context, articles int) (string, error) {
	var page listedArticles
	for range articles / 2 / 200 {
		if err := e.get(ctx, "/v1/articles?limit=200&cursor="+url.QueryEscape(page.Next), &page); err != nil {
			return "", err
		}
	}
	return url.QueryEscape(page.Next), nil
}

// article publishes a new article and gives its number.
func (e editing) article(ctx context.Context, body string) (int64, error) {
	var a struct {
		ID int64 `json:"id"`
	}
	err := e.client.call(ctx, http.MethodPost, "/v1/articles", e.token, map[string]any{"title": "What an editor writes", "lang": "en", "body": body}, &a)
	return a.ID, err
}

// draft saves a draft of an article.
func (e editing) draft(ctx context.Context, id int64, body string) (rev int64, err error) {
	path := "/v1/articles/" + strconv.FormatInt(id, 10)
	var a struct {
		Draft *struct {
			Rev int64 `json:"rev"`
		} `json:"draft"`
	}
	if err := e.get(ctx, path, &a); err != nil {
		return 0, err
	}
	if a.Draft != nil {
		rev = a.Draft.Rev
	}
	err = e.client.call(ctx, http.MethodPut, path+"/draft", e.token, map[string]any{"title": "What an editor writes", "lang": "en", "body": body, "expected_rev": rev}, &a)
	if err != nil || a.Draft == nil {
		return 0, err
	}
	return a.Draft.Rev, nil
}

func (e editing) publish(ctx context.Context, id, rev int64) error {
	return e.client.call(ctx, http.MethodPost, fmt.Sprintf("/v1/articles/%d/draft/publish", id), e.token, map[string]any{"expected_rev": rev}, nil)
}

// text is what the editor writes the nth time: three sections like those of the others.
func (b *bench) text(n int) string {
	var body strings.Builder
	for i, s := range sections {
		fmt.Fprintf(&body, "## %s\n\n%s %s\n\n", s.heading, fmt.Sprintf(s.fact, "thing of the editor"), strings.Repeat(b.library.common(n+i)+". ", sentencesEach))
	}
	return body.String()
}

// measureLibrary times what an editor does in a large library, through the
// gateway, and customers' turns beside an editor who publishes without a pause.
func measureLibrary(ctx context.Context, b *bench) ([]figure, error) {
	e, err := b.editing(ctx)
	if err != nil {
		return nil, err
	}
	deep, err := e.deep(ctx, b.articleCount())
	if err != nil {
		return nil, err
	}
	id, err := e.article(ctx, b.text(0))
	if err != nil {
		return nil, err
	}
	get := func(path func(n int) string) func(context.Context, int) error {
		return func(ctx context.Context, n int) error { return e.get(ctx, path(n), nil) }
	}
	var revs int64
	steps := []struct {
		name   string
		before func(ctx context.Context, n int) error
		call   func(ctx context.Context, n int) error
	}{
		{"list, first page", nil, get(func(int) string { return "/v1/articles" })},
		{"list, from the middle", nil, get(func(int) string { return "/v1/articles?cursor=" + deep })},
		{"list, by state and language", nil, get(func(int) string { return "/v1/articles?status=published&lang=en" })},
		{"list, nothing fits the state", nil, get(func(int) string { return "/v1/articles?status=archived" })},
		{"list, by a part of the title", nil, get(func(n int) string { return "/v1/articles?q=" + url.QueryEscape(b.library.words[vocabulary/2+n]) })},
		{"list, by a title that none has", nil, get(func(int) string { return "/v1/articles?q=quixotic" })},
		{"search", nil, get(func(n int) string { return "/v1/knowledge/search?q=" + url.QueryEscape(b.library.question(n)) })},
		{"search for common words", nil, get(func(n int) string { return "/v1/knowledge/search?q=" + url.QueryEscape(b.library.common(n)) })},
		{"publish", func(ctx context.Context, n int) (err error) { revs, err = e.draft(ctx, id, b.text(n)); return err }, func(ctx context.Context, _ int) error { return e.publish(ctx, id, revs) }},
	}
	var all []figure
	for _, step := range steps {
		took, err := b.repeated(ctx, step.before, step.call)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		name := fmt.Sprintf("%s, %d articles", step.name, b.articleCount())
		all = append(all, single(name+", p50", "ms", median(took), goal{}), single(name+", p99", "ms", quantile(took, 0.99), atMost("LIB", libraryLimit)))
	}
	beside, err := b.besidePublishing(ctx, e, id)
	return append(all, beside...), err
}

func (b *bench) articleCount() int { return b.library.chunks / sectionsPerArticle }

// repeated times calls one after the other; before is not timed.
func (b *bench) repeated(ctx context.Context, before, call func(ctx context.Context, n int) error) (took []float64, err error) {
	for n := range b.searchCount() {
		if before != nil {
			if err := before(ctx, n); err != nil {
				return nil, err
			}
		}
		start := time.Now()
		if err := call(ctx, n); err != nil {
			return nil, err
		}
		if n > 0 { // the first one warms up
			took = append(took, ms(time.Since(start)))
		}
	}
	return took, nil
}

// besideCallers is how many customers ask at once beside the editor.
const besideCallers = 4

// besidePublishing compares customers' turns beside an editor who publishes
// without a pause with those that nobody disturbs.
func (b *bench) besidePublishing(ctx context.Context, e editing, id int64) ([]figure, error) {
	const alone, beside = "turns alone", "turns beside publishing"
	published := 0.0
	disturbed := b.turnTimes(beside)
	r, err := b.interleave(ctx, b.turnTimes(alone), contender{beside, func(ctx context.Context) (map[string]float64, error) {
		editor, stop := context.WithCancel(ctx)
		var failure error
		var count atomic.Int64
		var done sync.WaitGroup
		start := time.Now()
		done.Go(func() {
			for n := 1; editor.Err() == nil; n++ {
				rev, err := e.draft(ctx, id, b.text(n))
				if err == nil {
					err = e.publish(ctx, id, rev)
				}
				if failure = err; err != nil {
					return
				}
				count.Add(1)
			}
		})
		measured, err := disturbed.round(ctx)
		stop()
		done.Wait()
		published = float64(count.Load()) / time.Since(start).Seconds()
		if err == nil {
			err = failure
		}
		return measured, err
	}})
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d customers at once; %.1f publications a second beside them", besideCallers, published)
	return []figure{
		compare("whole turns beside publishing, p50", "ms", r[beside]["p50"], alone, r[alone]["p50"], goal{}).because("%s", note),
		compare("whole turns beside publishing, p99", "ms", r[beside]["p99"], alone, r[alone]["p99"], goal{}),
		compare("first sentence beside publishing, p50", "ms", r[beside]["first"], alone, r[alone]["first"], goal{}),
	}, nil
}

// turnTimes is a contender that asks, a few customers at once, and times each turn.
func (b *bench) turnTimes(name string) contender {
	return contender{name, func(ctx context.Context) (map[string]float64, error) {
		var mu sync.Mutex
		var whole, first []float64
		errs := make(chan error, besideCallers)
		for range besideCallers {
			go func() {
				errs <- func() error {
					for n := range b.searchCount() / besideCallers {
						talk, err := b.clients[0].open(ctx, "en")
						if err != nil {
							return err
						}
						start := time.Now()
						s, err := b.ask(ctx, talk, n)
						if err != nil {
							return err
						}
						mu.Lock()
						whole, first = append(whole, ms(time.Since(start))), append(first, ms(s.First))
						mu.Unlock()
					}
					return nil
				}()
			}()
		}
		var err error
		for range besideCallers {
			if e := <-errs; e != nil {
				err = e
			}
		}
		return map[string]float64{"p50": median(whole), "p99": quantile(whole, 0.99), "first": median(first)}, err
	}}
}
