// SPDX-License-Identifier: MIT

package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"candor/chat"
	"candor/internal/fault"
	"candor/internal/upload"
)

// formOverhead is what the form around a file may add.
const formOverhead = 8 << 10

// readUpload takes the one file of a form, judges it by its content and takes out
// what a picture tells of its maker.
func readUpload(c *gin.Context) (chat.Upload, error) {
	data, name, err := readFile(c)
	if err != nil {
		return chat.Upload{}, err
	}
	file, clean, err := upload.Take(data)
	if err != nil {
		return chat.Upload{}, inField("file", err)
	}
	return chat.Upload{File: file, Name: fileName(name, file.Extension), Data: clean}, nil
}

// readFile takes the one file of a form.
func readFile(c *gin.Context) (data []byte, name string, err error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, upload.MaxSize+formOverhead)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return nil, "", fault.New(fault.KindUnsupported, "form_required", "Please send the file as a form with the field \"file\".")
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, "", uploadFailed(err)
		}
		if part.FormName() != "file" {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(part, upload.MaxSize+1))
		if err != nil {
			return nil, "", uploadFailed(err)
		}
		return data, part.FileName(), nil
	}
}

func uploadFailed(err error) error {
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return fault.New(fault.KindTooLarge, "file_too_large", "The file is larger than %d MB.", upload.MaxSize>>20)
	}
	return fault.New(fault.KindMalformed, "unreadable_body", "The form did not arrive whole, or has no field \"file\".")
}

// fileNameLimit keeps a name readable, in characters.
const fileNameLimit = 100

// fileName makes a name to show of what the sender called the file: no path, no
// control or direction characters, and the extension that the content has.
func fileName(sent, extension string) string {
	name := path.Base(strings.ReplaceAll(sent, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"/|?*`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(strings.TrimSuffix(name, path.Ext(name)), " .")
	if runes := []rune(name); len(runes) > fileNameLimit {
		name = string(runes[:fileNameLimit])
	}
	if name == "" {
		name = "file"
	}
	return name + extension
}

func (s *Server) attachFile(c *gin.Context) error {
	file, err := readUpload(c)
	if err != nil {
		return err
	}
	m, err := s.Bot.Attach(c.Request.Context(), conversation(c).ID, file)
	if err != nil {
		return err
	}
	view, err := s.conversationNow(c.Request.Context(), conversation(c).ID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, messageAccepted{showMessage(m, nil), view})
}

func (s *Server) attachToCase(c *gin.Context) error {
	id, err := number(c, "case_id")
	if err != nil {
		return err
	}
	file, err := readUpload(c)
	if err != nil {
		return err
	}
	m, err := s.Handoff.Attach(c.Request.Context(), id, agent(c), file)
	if err != nil {
		return err
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return err
	}
	view, err := s.conversationNow(c.Request.Context(), k.ConversationID)
	if err != nil {
		return err
	}
	return ok(c, http.StatusCreated, messageAccepted{showMessage(m, nil), view})
}

func (s *Server) getAttachment(c *gin.Context) error { return s.sendFile(c, conversation(c)) }

func (s *Server) getCaseAttachment(c *gin.Context) error {
	conv, err := s.conversationOfCase(c)
	if err != nil {
		return err
	}
	return s.sendFile(c, conv)
}

func (s *Server) conversationOfCase(c *gin.Context) (chat.Conversation, error) {
	id, err := number(c, "case_id")
	if err != nil {
		return chat.Conversation{}, err
	}
	k, err := s.Handoff.Case(c.Request.Context(), id)
	if err != nil {
		return chat.Conversation{}, err
	}
	return s.Chat.Get(c.Request.Context(), k.ConversationID)
}

func (s *Server) sendFile(c *gin.Context, conv chat.Conversation) error {
	a, data, err := s.Chat.OpenAttachment(c.Request.Context(), conv, c.Param("attachment_id"))
	if err != nil {
		return err
	}
	sendBytes(c, a.MediaType, a.Name, data)
	return nil
}

// sendBytes sends a stranger's bytes so that no browser makes more of them than a
// file: of the type that was found, not sniffed, run nowhere, framed nowhere.
func sendBytes(c *gin.Context, media, name string, data []byte) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "private, no-store")
	if c.GetHeader("Origin") == "" {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
	c.Data(http.StatusOK, media, data)
}

// thumbnailSide is the square that a small picture fits into: 160 pixels of a
// page, on screens with two points to each.
const thumbnailSide = 320

// getThumbnail makes a small picture of a file.
func (s *Server) getThumbnail(c *gin.Context) error {
	conv, err := s.conversationOfCase(c)
	if err != nil {
		return err
	}
	a, data, err := s.Chat.OpenAttachment(c.Request.Context(), conv, c.Param("attachment_id"))
	if err != nil {
		return err
	}
	if err := s.unpacking.Acquire(c.Request.Context(), 1); err != nil {
		return err
	}
	defer s.unpacking.Release(1)
	small, err := upload.Thumbnail(data, thumbnailSide)
	if errors.Is(err, upload.ErrNoThumbnail) {
		return fault.NotFound("no_thumbnail", "There is no small picture of this file.").Because(err)
	}
	if err != nil {
		return err
	}
	sendBytes(c, "image/jpeg", strings.TrimSuffix(a.Name, path.Ext(a.Name))+"-small.jpg", small)
	return nil
}
