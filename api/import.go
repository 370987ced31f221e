// SPDX-License-Identifier: MIT

package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

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

// importArticles takes one file as the body, or several as a form. What is to be
// published goes through the gate first.
func (s *Server) importArticles(c *gin.Context) error {
	author := account(c).ID
	publish := c.Query("publish") == "true"
	if _, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil {
		return errImportType()
	}
	if publish && s.Chat.Company().SecondEyes {
		return errSecondEyes()
	}
	im, err := s.Knowledge.BeginImport(c.Request.Context(), c.Query("filename"), &author)
	if err != nil {
		return err
	}
	report, err := s.readImport(c, knowledge.ImportOptions{Draft: true, ImportID: im.ID})
	if err != nil {
		return err
	}
	shown := showImport(report)
	shown["import_id"], shown["state"] = strconv.FormatInt(im.ID, 10), "drafts"
	if !publish {
		return ok(c, http.StatusOK, shown)
	}
	view, err := s.publishDrafts(c.Request.Context(), im.ID, &author, strings.TrimSpace(c.Query("reason")), nil)
	if err != nil {
		return err
	}
	shown["state"] = "published"
	if view.State == knowledge.ImportHeld {
		shown["state"] = view.State
	}
	if view.Check != nil {
		shown["check"] = view.Check
	}
	return ok(c, http.StatusOK, shown)
}

func errSecondEyes() error {
	return fault.Conflict("approval_missing", "Here a colleague looks at each article before it goes live. Leave what you import as drafts; a colleague can publish the import.")
}

// readImport reads the files of a request.
func (s *Server) readImport(c *gin.Context, options knowledge.ImportOptions) (knowledge.ImportReport, error) {
	media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		return knowledge.ImportReport{}, errImportType()
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport)
	if media == "multipart/form-data" {
		return s.importForm(c, options)
	}
	name, known := importNames[media]
	if !known {
		return knowledge.ImportReport{}, errImportType()
	}
	report, err := s.Knowledge.ImportReader(c.Request.Context(), firstOf(c.Query("filename"), name), c.Request.Body, options)
	return report, tooLarge(err)
}

func (s *Server) importForm(c *gin.Context, options knowledge.ImportOptions) (knowledge.ImportReport, error) {
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return knowledge.ImportReport{}, errImportType()
	}
	report, err := s.Knowledge.ImportFiles(c.Request.Context(), func() (string, io.Reader, error) {
		for {
			part, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				return "", nil, err
			}
			if err != nil {
				return "", nil, fault.New(fault.KindMalformed, "unreadable_body", "The form did not arrive whole.").Because(err)
			}
			if name := partName(part); name != "" {
				return name, part, nil
			}
		}
	}, options)
	return report, tooLarge(err)
}

// partName is a part's name with the folders it lies in, which FileName leaves out.
// What leads out of them is taken out where the file is read.
func partName(part *multipart.Part) string {
	_, values, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || part.FileName() == "" {
		return part.FileName()
	}
	return values["filename"]
}

func tooLarge(err error) error {
	if err == nil {
		return nil
	}
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
		if len(item.Notes) > 0 {
			files[i]["notes"] = item.Notes
		}
	}
	return gin.H{"created": r.Created, "updated": r.Updated, "unchanged": r.Unchanged, "failed": r.Failed, "files": files}
}
