// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/staff"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))))
	return b.Bytes()
}

// form is a form with one file.
func form(t *testing.T, field, name string, data []byte) ([]byte, header) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	require.NoError(t, err)
	_, err = part.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes(), header{"Content-Type", w.FormDataContentType()}
}

type attached struct {
	Message struct {
		Seq         int
		Event, HTML string
		Attachments []struct {
			ID, Name  string
			MediaType string `json:"media_type"`
			Size      int
			Width     int
		}
	}
	Conversation struct{ State string }
}

func (c customer) attach(t *testing.T, name string, data []byte) (attached, reply) {
	t.Helper()
	body, kind := form(t, "file", name, data)
	r := c.w.call(t, http.MethodPost, c.path("/attachments"), body, bearer(c.token), kind)
	var a attached
	if r.status == http.StatusCreated {
		r.into(t, &a)
	}
	return a, r
}

func TestAttachment_goes_to_the_two_sides_only(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	data := picture(t)
	a, r := c.attach(t, `C:\me\<b>bill</b>.svg`, data)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	file := a.Message.Attachments[0]
	require.Equal(t, "image/png", file.MediaType, "what it is, not what it is called")
	require.Equal(t, "b.png", file.Name)
	require.Equal(t, 40, file.Width)

	path := c.path("/attachments/" + file.ID)
	got := w.call(t, http.MethodGet, path, nil, bearer(c.token))
	require.Equal(t, data, got.body)
	require.Equal(t, "image/png", got.header.Get("Content-Type"))
	require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	require.Equal(t, "sandbox; default-src 'none'; frame-ancestors 'none'", got.header.Get("Content-Security-Policy"))
	require.True(t, strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment"))

	t.Run("another customer does not get it", func(t *testing.T) { //nolint:paralleltest // one after the other
		other := w.customer(t)
		require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, other.path("/attachments/"+file.ID), nil, bearer(other.token)).status)
		require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, path, nil, bearer(other.token)).status)
		require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, path, nil).status)
	})
	t.Run("the agent sees it and sends one back", func(t *testing.T) { //nolint:paralleltest // one after the other
		c.says(t, "I want to speak to a person")
		agent := w.member(t, "Agent 1", staff.RoleAgent)
		k := agent.queue(t)[0]
		require.Equal(t, data, agent.call(t, http.MethodGet, "/v1/cases/"+k.ID+"/attachments/"+file.ID, nil).body)
		body, kind := form(t, "file", "answer.pdf", []byte("%PDF-1.7\n%%EOF\n"))
		post := func() reply {
			return w.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/attachments", body, bearer(agent.token), kind)
		}
		require.Equal(t, http.StatusConflict, post().status, "only who has the case")
		require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+k.ID+"/claim", nil).status)
		require.Equal(t, http.StatusCreated, post().status)
		editor := w.member(t, "Editor 1", staff.RoleEditor)
		require.Equal(t, http.StatusForbidden, editor.call(t, http.MethodGet, "/v1/cases/"+k.ID+"/attachments/"+file.ID, nil).status)
	})
	require.Empty(t, w.Violations(t))
}

func TestAttachment_to_the_bot_is_answered_by_the_bot(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	a, _ := c.attach(t, "router.png", picture(t))
	all := c.transcript(t).Messages
	require.Equal(t, "attachment", all[len(all)-2].Event)
	require.Equal(t, "bot", all[len(all)-1].Author.Type)
	require.NotNil(t, all[len(all)-1].Disclosure)
	require.Equal(t, "bot", a.Conversation.State)
	require.Empty(t, w.Violations(t))
}

func TestAttachment_is_sealed_and_goes_with_its_message(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	data := append([]byte("%PDF-1.7\nmy secret words\n"), bytes.Repeat([]byte("x"), 600<<10)...)
	data = append(data, "%%EOF"...)
	a, r := c.attach(t, "private.pdf", data)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var chunks int
	var plain bool
	err := w.DB.QueryRow(t.Context(), "SELECT count(*), bool_or(position('my secret words'::bytea IN sealed) > 0) FROM attachment_chunks").Scan(&chunks, &plain)
	require.NoError(t, err)
	require.Equal(t, 3, chunks)
	require.False(t, plain)

	conv, err := w.Chat.Find(t.Context(), c.id)
	require.NoError(t, err)
	by := w.Account(t, "boss@example.com", "Supervisor 1", "supervisor")
	require.NoError(t, w.Chat.Lock(t.Context(), conv.ID, func(l *chat.Locked) error {
		return l.Redact(t.Context(), a.Message.Seq, "sent by mistake", by)
	}))
	r = w.call(t, http.MethodGet, c.path("/attachments/"+a.Message.Attachments[0].ID), nil, bearer(c.token))
	require.Equal(t, http.StatusNotFound, r.status)
	require.NoError(t, w.DB.QueryRow(t.Context(), "SELECT count(*) FROM attachment_chunks").Scan(&chunks))
	require.Zero(t, chunks)

	b, _ := c.attach(t, "second.png", picture(t))
	require.NoError(t, w.desk.Erase(t.Context(), conv.CustomerID, nil))
	r = w.call(t, http.MethodGet, c.path("/attachments/"+b.Message.Attachments[0].ID), nil, bearer(c.token))
	require.Equal(t, http.StatusConflict, r.status, "with the key the file is gone")
	require.Empty(t, w.Violations(t))
}

func TestAttachment_that_was_exchanged_in_the_database_is_not_given_out(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	a, _ := c.attach(t, "a.png", picture(t))
	b, _ := c.attach(t, "b.pdf", []byte("%PDF-1.7\n%%EOF\n"))
	_, err := w.DB.Exec(t.Context(), `
		UPDATE attachment_chunks x
		SET sealed = y.sealed
		FROM attachment_chunks y
		WHERE x.attachment_id = (SELECT id FROM attachments WHERE public_id = $1) AND y.attachment_id = (SELECT id FROM attachments WHERE public_id = $2)`,
		a.Message.Attachments[0].ID, b.Message.Attachments[0].ID)
	require.NoError(t, err)
	r := w.call(t, http.MethodGet, c.path("/attachments/"+a.Message.Attachments[0].ID), nil, bearer(c.token))
	require.Equal(t, http.StatusInternalServerError, r.status)
}

func TestAttachment_refuses_what_is_none(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	t.Run("a page that is called a picture", func(t *testing.T) { //nolint:paralleltest // one after the other
		_, r := c.attach(t, "cat.png", []byte("<script>alert(1)</script>"))
		require.Equal(t, http.StatusUnsupportedMediaType, r.status)
	})
	t.Run("more than ten megabytes", func(t *testing.T) { //nolint:paralleltest // one after the other
		_, r := c.attach(t, "big.pdf", append([]byte("%PDF-1.7"), make([]byte, 10<<20)...))
		require.Equal(t, http.StatusRequestEntityTooLarge, r.status)
	})
	t.Run("another field", func(t *testing.T) { //nolint:paralleltest // one after the other
		body, kind := form(t, "picture", "a.png", picture(t))
		require.Equal(t, http.StatusBadRequest, w.call(t, http.MethodPost, c.path("/attachments"), body, bearer(c.token), kind).status)
	})
	t.Run("no form", func(t *testing.T) { //nolint:paralleltest // one after the other
		r := w.call(t, http.MethodPost, c.path("/attachments"), map[string]any{}, bearer(c.token))
		require.Equal(t, http.StatusUnsupportedMediaType, r.status)
	})
	t.Run("the thirty-first file", func(t *testing.T) { //nolint:paralleltest // one after the other
		for range 30 {
			_, r := c.attach(t, "a.png", picture(t))
			require.Equal(t, http.StatusCreated, r.status)
		}
		_, r := c.attach(t, "a.png", picture(t))
		require.Equal(t, http.StatusConflict, r.status)
		require.Equal(t, "too_many_files", r.code(t))
	})
}

// photo is a picture lying on its side that tells where it was taken.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 400, 300)), nil))
	told := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS 40.4168 N"
	return bytes.Join([][]byte{{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(told) + 2)}, []byte(told), b.Bytes()[2:]}, nil)
}

func TestAttachment_tells_nothing_of_where_it_was_made(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	sent := photo(t)
	require.Contains(t, string(sent), "GPS")
	a, r := c.attach(t, "holiday.heic", sent)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	file := a.Message.Attachments[0]
	require.Equal(t, "holiday.jpg", file.Name)
	require.Equal(t, 300, file.Width, "as it is seen")
	got := w.call(t, http.MethodGet, c.path("/attachments/"+file.ID), nil, bearer(c.token))
	require.NotContains(t, string(got.body), "GPS")

	c.says(t, "I want to speak to a person")
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	id := agent.queue(t)[0].ID
	require.Equal(t, http.StatusOK, agent.call(t, http.MethodPost, "/v1/cases/"+id+"/claim", nil).status)
	body, kind := form(t, "file", "answer.jpg", sent)
	r = w.call(t, http.MethodPost, "/v1/cases/"+id+"/attachments", body, bearer(agent.token), kind)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var answer attached
	r.into(t, &answer)
	path := "/v1/cases/" + id + "/attachments/" + answer.Message.Attachments[0].ID
	require.NotContains(t, string(agent.call(t, http.MethodGet, path, nil).body), "GPS", "an agent's place neither")

	small := agent.call(t, http.MethodGet, path+"/thumbnail", nil)
	require.Equal(t, http.StatusOK, small.status)
	require.Equal(t, "image/jpeg", small.header.Get("Content-Type"))
	require.Equal(t, "private, no-store", small.header.Get("Cache-Control"))
	size, err := jpeg.DecodeConfig(bytes.NewReader(small.body))
	require.NoError(t, err)
	require.Equal(t, []int{240, 320}, []int{size.Width, size.Height})
	require.Equal(t, http.StatusUnauthorized, w.call(t, http.MethodGet, path+"/thumbnail", nil, bearer(c.token)).status, "not for the customer")
	require.Empty(t, w.Violations(t))
}

func TestAttachment_that_has_no_small_picture(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.customer(t)
	a, _ := c.attach(t, "a.pdf", []byte("%PDF-1.7\n%%EOF\n"))
	c.says(t, "I want to speak to a person")
	agent := w.member(t, "Agent 1", staff.RoleAgent)
	path := "/v1/cases/" + agent.queue(t)[0].ID + "/attachments/"
	r := agent.call(t, http.MethodGet, path+a.Message.Attachments[0].ID+"/thumbnail", nil)
	require.Equal(t, "no_thumbnail", r.code(t))
	require.Equal(t, "file_not_found", agent.call(t, http.MethodGet, path+"none/thumbnail", nil).code(t))
	_, r = c.attach(t, "a.jpg", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	require.Equal(t, "file_heic", r.code(t))
	require.Contains(t, string(r.body), "JPEG")
}
