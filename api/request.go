// SPDX-License-Identifier: MIT

package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"candor/internal/fault"
)

// maxBody is the largest JSON body.
const maxBody = 64 << 10

// decode reads a JSON body strictly: a known media type, UTF-8, no field that is
// not asked for, nothing behind the value.
func decode[T any](c *gin.Context, limit int64) (T, error) {
	var v T
	media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || media != "application/json" {
		return v, errMediaType()
	}
	return v, decodeBody(c, limit, &v)
}

// decodeOptional is decode for a body that may be left out.
func decodeOptional[T any](c *gin.Context) (T, error) {
	var v T
	if c.Request.ContentLength == 0 {
		return v, nil
	}
	return decode[T](c, maxBody)
}

func decodeBody(c *gin.Context, limit int64, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return fault.New(fault.KindTooLarge, "body_too_large", "The request is larger than %d KiB.", limit>>10)
	case err != nil:
		return fault.New(fault.KindMalformed, "unreadable_body", "The request did not arrive whole.")
	case !utf8.Valid(body):
		return fault.New(fault.KindMalformed, "not_utf8", "The request is not valid UTF-8.")
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return unreadable(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.KindMalformed, "unreadable_body", "There is something behind the JSON value.")
	}
	return nil
}

// unreadable says what is wrong with a body without repeating what is in it.
func unreadable(err error) error {
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typed):
		return inField(typed.Field, fault.New(fault.KindMalformed, "unreadable_body", "The field %q is not of the right type.", typed.Field))
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name, _ := strconv.Unquote(strings.TrimPrefix(err.Error(), "json: unknown field "))
		name = strings.ToValidUTF8(name[:min(len(name), 60)], "")
		return inField(name, fault.New(fault.KindMalformed, "unreadable_body", "The field %q is not known here.", name))
	default:
		return fault.New(fault.KindMalformed, "unreadable_body", "The request is not readable JSON.")
	}
}

func errMediaType() error {
	return fault.New(fault.KindUnsupported, "json_required", "Please send JSON, with Content-Type: application/json.")
}

// number reads a path parameter that is a positive number; what is none cannot
// be the number of anything.
func number(c *gin.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.NotFound("not_found", "There is no such %s.", strings.TrimSuffix(name, "_id"))
	}
	return n, nil
}

// queryNumber reads a query parameter within bounds.
func queryNumber(c *gin.Context, name string, fallback, low, high int) (int, error) {
	text := c.Query(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, inField(name, fault.Invalid("invalid_parameter", "%q is a number from %d to %d.", name, low, high))
	}
	return n, nil
}

// ok writes a value as JSON.
func ok(c *gin.Context, status int, v any) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(status, v)
	return nil
}
