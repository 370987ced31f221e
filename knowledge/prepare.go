// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"fmt"
	"strings"

	"candor/internal/fault"
	"candor/knowledge/chunk"
	"candor/knowledge/embed"
	"candor/knowledge/rank"
)

// titlePull is how much the title weighs in a built-in vector against the text.
const titlePull = 2

// prepared is a content cut up, indexed and embedded: all that costs time, done before the transaction.
type prepared struct {
	content Content
	chunks  []chunk.Chunk
	asked   []askedFor
	docs    []rank.Document     // of the chunks, then of the questions
	builtin [][]float32         // vectors of the built-in model, once made
	vectors map[int][][]float32 // by model
	length  int                 // of the article, its title counted once
}

// embed makes the vectors of what was cut up, for all models that are written to. The provider is asked
// once for all; if it fails the articles go live with their built-in vectors alone, and missing tells
// that the others are to be made later.
func (s *Service) embed(ctx context.Context, list []*prepared, models []model) (missing bool) {
	builtin, provider := s.writable(models)
	var texts []string
	for _, p := range list {
		if p.builtin == nil {
			p.builtin = p.embed()
		}
		p.vectors = map[int][][]float32{builtin.ID: p.builtin}
		texts = append(texts, p.texts()...)
	}
	if provider == nil {
		return s.provider != nil
	}
	vectors, err := s.embedAll(ctx, *provider, texts)
	if err != nil {
		s.log.WarnContext(ctx, "the provider does not embed; its vectors follow later", "model", provider.Name, "error", err)
		return true
	}
	for _, p := range list {
		p.vectors[provider.ID], vectors = vectors[:len(p.docs)], vectors[len(p.docs):]
	}
	return false
}

// cut cuts a content up and indexes it.
func cut(c Content) (*prepared, error) {
	p := &prepared{content: c, chunks: chunk.Split(c.Source)}
	if len(p.chunks) == 0 {
		return nil, fault.Invalid("text_missing", "The article has no text that a reader would see.")
	}
	for i, ch := range p.chunks {
		d := rank.Index(c.Title, ch.Headings, chunk.Searchable(ch.Text), c.Lang)
		p.docs = append(p.docs, d)
		p.length += d.Length
		if i > 0 {
			p.length -= d.Title
		}
	}
	p.index(c)
	return p, nil
}

// askedFor is a question in the words of customers, and the chunk that answers it.
type askedFor struct {
	text   string
	chunk  int
	vector []float32
}

// nearEnough is from which similarity a chunk answers a question more than the first one does.
const nearEnough = 0.1

// index writes down the questions that the article answers. Each stands for the chunk that is nearest
// to it, the first one where none is near at all.
func (p *prepared) index(c Content) {
	if len(c.Asked) == 0 {
		return
	}
	near := p.embed()
	for _, q := range c.Asked {
		a := askedFor{text: q, vector: embed.Vector(embed.Part{Text: q, Lang: c.Lang, Weight: 1})}
		best := nearEnough
		for i := range near {
			if c := cosine(a.vector, near[i]); c > best {
				a.chunk, best = i, c
			}
		}
		d := rank.Index(c.Title, nil, q, c.Lang)
		p.asked, p.docs = append(p.asked, a), append(p.docs, d)
		p.length += d.Length - d.Title
	}
}

// embed makes the built-in vectors.
func (p *prepared) embed() [][]float32 {
	out := make([][]float32, len(p.chunks), len(p.chunks)+len(p.asked))
	for i, ch := range p.chunks {
		body := strings.Join(ch.Headings, "\n") + "\n" + chunk.Searchable(ch.Text)
		out[i] = embed.Vector(
			embed.Part{Text: p.content.Title, Lang: p.content.Lang, Weight: titlePull},
			embed.Part{Text: body, Lang: p.content.Lang, Weight: 1})
	}
	for _, a := range p.asked {
		out = append(out, a.vector)
	}
	return out
}

// texts are what a provider embeds.
func (p *prepared) texts() []string {
	out := make([]string, len(p.chunks), len(p.chunks)+len(p.asked))
	for i, ch := range p.chunks {
		out[i] = passageText(p.content.Title, heading(ch.Headings), ch.Text)
	}
	for _, a := range p.asked {
		out = append(out, a.text)
	}
	return out
}

func passageText(title, heading, body string) string {
	if heading != "" && heading != title {
		title += "\n" + heading
	}
	return title + "\n\n" + chunk.Searchable(body)
}

// headingSeparator stands between the headings of a path.
const headingSeparator = " › "

func heading(path []string) string { return strings.Join(path, headingSeparator) }

// embedAll asks the provider for vectors and checks that they are what the model's table takes.
func (s *Service) embedAll(ctx context.Context, m model, texts []string) ([][]float32, error) {
	vectors, err := s.provider.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("%d vectors came for %d texts", len(vectors), len(texts))
	}
	for _, v := range vectors {
		if len(v) != m.Dimensions {
			return nil, fmt.Errorf("a vector of %d dimensions came, the index has %d", len(v), m.Dimensions)
		}
	}
	return vectors, nil
}
