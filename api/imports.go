// SPDX-License-Identifier: MIT

package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/knowledge"
)

type importView struct {
	ID        string           `json:"id"`
	SourceID  string           `json:"source_id,omitempty"`
	Name      string           `json:"name"`
	Author    string           `json:"author,omitempty"`
	State     string           `json:"state"`
	Step      string           `json:"step"`
	Found     int              `json:"found"`
	Done      int              `json:"done"`
	Created   int              `json:"created"`
	Updated   int              `json:"updated"`
	Unchanged int              `json:"unchanged"`
	Conflicts int              `json:"conflicts"`
	Gone      int              `json:"gone"`
	Failed    int              `json:"failed"`
	Published int              `json:"published"`
	Code      string           `json:"code,omitempty"`
	Error     string           `json:"error,omitempty"`
	CreatedAt time.Time        `json:"created_at"`
	EndedAt   *time.Time       `json:"ended_at,omitempty"`
	Check     *importCheckView `json:"check,omitempty"`

	Interruptions int  `json:"interruptions"`
	Interrupted   bool `json:"interrupted"`
}

type importCheckView struct {
	Worse        int             `json:"worse"`
	Drafts       int             `json:"drafts"`
	Questions    json.RawMessage `json:"questions"`
	CheckedAt    time.Time       `json:"checked_at"`
	Reason       string          `json:"reason,omitempty"`
	Acknowledged bool            `json:"acknowledged"`
}

func showImportRow(im knowledge.Import) importView {
	v := importView{
		ID: strconv.FormatInt(im.ID, 10), Name: im.Name, Author: im.Author, State: im.State, Step: im.Step, Found: im.Found, Done: im.Done,
		Created: im.Created, Updated: im.Updated, Unchanged: im.Unchanged, Conflicts: im.Conflicts, Gone: im.Gone, Failed: im.Failed, Published: im.Published,
		CreatedAt: im.CreatedAt.UTC(), EndedAt: utc(im.EndedAt), Interruptions: im.Interruptions, Interrupted: im.Interrupted,
	}
	if im.SourceID != nil {
		v.SourceID = strconv.FormatInt(*im.SourceID, 10)
	}
	if im.Code != nil && im.Message != nil {
		v.Code, v.Error = *im.Code, *im.Message
	}
	return v
}

// answerImport shows an import with what the golden questions said to it.
func (s *Server) answerImport(ctx context.Context, im knowledge.Import) (importView, error) {
	v := showImportRow(im)
	check, err := s.Knowledge.ImportCheck(ctx, im.ID, nil)
	if err != nil || check == nil {
		return v, err
	}
	v.Check = &importCheckView{
		Worse: check.Worse, Drafts: len(check.Drafts), Questions: check.Results, CheckedAt: check.CreatedAt.UTC(), Acknowledged: check.AcknowledgedAt != nil,
	}
	if check.Reason != nil {
		v.Check.Reason = *check.Reason
	}
	return v, nil
}

func (s *Server) listImports(c *gin.Context) error {
	source, err := queryNumber(c, "source_id", 0, 0, 1<<53)
	if err != nil {
		return err
	}
	list, err := s.Knowledge.Imports(c.Request.Context(), int64(source))
	if err != nil {
		return err
	}
	views := make([]importView, len(list))
	for i, im := range list {
		views[i] = showImportRow(im)
	}
	return ok(c, http.StatusOK, gin.H{"imports": views})
}

func (s *Server) beginImport(c *gin.Context) error {
	body, err := decode[struct {
		Name string `json:"name"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	by := account(c).ID
	im, err := s.Knowledge.BeginImport(c.Request.Context(), body.Name, &by)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, showImportRow(im))
}

// importOf reads the import that an address names.
func (s *Server) importOf(c *gin.Context) (knowledge.Import, error) {
	id, err := number(c, "import_id")
	if err != nil {
		return knowledge.Import{}, err
	}
	return s.Knowledge.Import(c.Request.Context(), id)
}

func (s *Server) getImport(c *gin.Context) error {
	im, err := s.importOf(c)
	if err != nil {
		return err
	}
	v, err := s.answerImport(c.Request.Context(), im)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, v)
}

// importFiles takes some of the files of an import as drafts.
func (s *Server) importFiles(c *gin.Context) error {
	im, err := s.importOf(c)
	if err != nil {
		return err
	}
	if im.SourceID != nil {
		return fault.Conflict("import_of_source", "This import is of a source; files go into one of their own.")
	}
	report, err := s.readImport(c, knowledge.ImportOptions{Draft: true, ImportID: im.ID})
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showImport(report))
}

// publishImport takes the drafts of an import through the gate.
func (s *Server) publishImport(c *gin.Context) error {
	im, err := s.importOf(c)
	if err != nil {
		return err
	}
	if im.EndedAt == nil {
		return fault.Conflict("import_running", "The import is still running; wait until it has ended.")
	}
	body, err := decode[struct {
		Reason string `json:"reason"`
	}](c, maxBody)
	if err != nil {
		return err
	}
	by := account(c).ID
	if s.Chat.Company().SecondEyes && im.AuthorID != nil && *im.AuthorID == by {
		return errSecondEyes()
	}
	publish := func(ctx context.Context, progress func(done, all int)) (any, error) {
		return s.publishDrafts(ctx, im.ID, &by, strings.TrimSpace(body.Reason), progress)
	}
	if strings.Contains(c.GetHeader("Accept"), "text/event-stream") {
		return s.streamProgress(c, "import.done", publish)
	}
	view, err := publish(c.Request.Context(), nil)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, view)
}

func (s *Server) publishDrafts(ctx context.Context, id int64, by *int64, reason string, progress func(done, all int)) (importView, error) {
	state, err := s.gate().PublishImport(ctx, id, by, reason, progress)
	if err != nil {
		return importView{}, err
	}
	im, err := s.Knowledge.SetImportState(ctx, id, state)
	if err != nil {
		return importView{}, err
	}
	return s.answerImport(ctx, im)
}

func (s *Server) cancelImport(c *gin.Context) error {
	id, err := number(c, "import_id")
	if err != nil {
		return err
	}
	im, err := s.Knowledge.CancelImport(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return ok(c, http.StatusOK, showImportRow(im))
}

// getImportReport is what became of each page or file, as a table.
func (s *Server) getImportReport(c *gin.Context) error {
	im, err := s.importOf(c)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="import-`+strconv.FormatInt(im.ID, 10)+`.csv"`)
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusOK)
	out := csv.NewWriter(c.Writer)
	_ = out.Write([]string{"name", "line", "outcome", "code", "message", "article_id", "at"}) // Flush has the error
	err = s.Knowledge.ImportLines(c.Request.Context(), im.ID, func(l knowledge.ImportLine) error {
		article := ""
		if l.ArticleID != nil {
			article = strconv.FormatInt(*l.ArticleID, 10)
		}
		return out.Write([]string{cell(l.Name), strconv.Itoa(l.Line), l.Outcome, l.Code, cell(l.Message), article, l.At.UTC().Format(time.RFC3339)})
	})
	if err != nil {
		panic(http.ErrAbortHandler) // half a report must not look like a whole one
	}
	out.Flush()
	return nil
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(s string) string {
	if strings.ContainsAny(firstOf(s, " ")[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

// streamProgress tells how far a run of the golden questions is, and at the end what came of it.
func (s *Server) streamProgress(c *gin.Context, event string, run func(ctx context.Context, progress func(done, all int)) (any, error)) error {
	progress := make(chan checkProgress, 1)
	type outcome struct {
		view any
		err  error
	}
	finished := make(chan outcome, 1)
	go func() {
		view, err := run(c.Request.Context(), func(done, all int) {
			select {
			case progress <- checkProgress{done, all}:
			default: // the reader is slow; a later one tells as much
			}
		})
		finished <- outcome{view, err}
	}()
	var out *sse
	for {
		select {
		case p := <-progress:
			if out == nil {
				out = startSSE(c)
			}
			if err := out.event("check.progress", 0, p); err != nil {
				continue // the run ends with the request's context
			}
			_ = out.flush()
		case result := <-finished:
			if out == nil && result.err != nil {
				return result.err
			}
			if out == nil {
				out = startSSE(c)
			}
			if result.err != nil {
				return s.endStream(c, out, result.err)
			}
			if err := out.event(event, 0, result.view); err != nil {
				return err
			}
			return out.flush()
		}
	}
}
