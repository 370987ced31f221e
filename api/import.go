// SPDX-License-Identifier: MIT

package api

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
	"candor/knowledge"
)

// maxImport is the largest import in one request; larger ones are for the
// command line.
const maxImport = 32 << 20

// importNames are what an unnamed body is taken for, by its media type.
var importNames = map[string]string{
	"text/markdown": "import.md", "text/plain": "import.txt", "application/x-ndjson": "import.jsonl", "text/html": "import.html", "text/csv": "import.csv",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "import.docx",
}

// importArticles takes one file as the body, or several as a form.
func (s *Server) importArticles(c *gin.Context) error {
	media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		return errImportType()
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport)
	author := account(c).ID
	if c.Query("publish") == "true" && s.Chat.Company().SecondEyes {
		return fault.Conflict("approval_missing", "Here a colleague looks at each article before it goes live. Import the files as drafts.")
	}
	options := knowledge.ImportOptions{Draft: c.Query("publish") != "true", Author: &author}
	if media == "multipart/form-data" {
		return s.importForm(c, options)
	}
	name, known := importNames[media]
	if !known {
		return errImportType()
	}
	report, err := s.Knowledge.ImportReader(c.Request.Context(), firstOf(c.Query("filename"), name), c.Request.Body, options)
	if err != nil {
		return tooLarge(err)
	}
	return ok(c, http.StatusOK, showImport(report))
}

func (s *Server) importForm(c *gin.Context, options knowledge.ImportOptions) error {
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return errImportType()
	}
	var all knowledge.ImportReport
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return ok(c, http.StatusOK, showImport(all))
		}
		if err != nil {
			return tooLarge(fault.New(fault.KindMalformed, "unreadable_body", "The form did not arrive whole.").Because(err))
		}
		if part.FileName() == "" {
			continue
		}
		report, err := s.Knowledge.ImportReader(c.Request.Context(), part.FileName(), part, options)
		if err != nil {
			return tooLarge(err)
		}
		all.Created += report.Created
		all.Updated += report.Updated
		all.Unchanged += report.Unchanged
		all.Failed += report.Failed
		all.Items = append(all.Items, report.Items...)
	}
}

func tooLarge(err error) error {
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return fault.New(fault.KindTooLarge, "body_too_large", "An import over the network may have %d MiB; use `candor import` for more.", maxImport>>20)
	}
	return err
}

func errImportType() error {
	return fault.New(fault.KindUnsupported, "file_required", "Please send a Markdown, HTML, Word, text, CSV or JSON Lines file, or several as a form.")
}

func showImport(r knowledge.ImportReport) gin.H {
	files := make([]gin.H, len(r.Items))
	for i, item := range r.Items {
		files[i] = gin.H{"name": item.Name, "status": item.Status}
		if item.Line > 0 {
			files[i]["line"] = item.Line
		}
		if item.ArticleID != 0 {
			files[i]["article_id"], files[i]["version"] = item.ArticleID, item.Version
		}
		if item.Error != "" {
			files[i]["error"] = item.Error
		}
	}
	return gin.H{"created": r.Created, "updated": r.Updated, "unchanged": r.Unchanged, "failed": r.Failed, "files": files}
}
