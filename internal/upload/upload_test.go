// SPDX-License-Identifier: MIT

package upload_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/internal/upload"
)

func made(t testing.TB, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, encode(&b, image.NewPaletted(image.Rect(0, 0, 40, 30), nil)))
	return b.Bytes()
}

func samples(t testing.TB) map[string][]byte {
	t.Helper()
	var pictured bytes.Buffer
	require.NoError(t, png.Encode(&pictured, image.NewGray(image.Rect(0, 0, 40, 30))))
	return map[string][]byte{
		"image/png": pictured.Bytes(),
		"image/jpeg": made(t, func(b *bytes.Buffer, _ image.Image) error {
			return jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 40, 30)), nil)
		}),
		"image/gif": made(t, func(b *bytes.Buffer, _ image.Image) error {
			return gif.Encode(b, image.NewGray(image.Rect(0, 0, 40, 30)), nil)
		}),
		"image/webp":      webpOf(40, 30),
		"application/pdf": []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"),
	}
}

func TestTake_takes_pictures_and_PDF(t *testing.T) {
	t.Parallel()
	for media, data := range samples(t) {
		f, clean, err := upload.Take(data)
		require.NoError(t, err, media)
		require.Equal(t, data, clean, "there was nothing to take out")
		require.Equal(t, media, f.MediaType)
		if media != "application/pdf" {
			require.Equal(t, []int{40, 30}, []int{f.Width, f.Height})
		}
	}
}

// sized is a PNG whose header promises more pixels than its bytes hold.
func sized(width, height uint32) []byte {
	header := make([]byte, 13)
	binary.BigEndian.PutUint32(header, width)
	binary.BigEndian.PutUint32(header[4:], height)
	header[8], header[9] = 8, 0
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		name string
		body []byte
	}{{"IHDR", header}, {"IDAT", bytes.Repeat([]byte{0}, 100)}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		body := append([]byte(c.name), c.body...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

func TestTake_refuses(t *testing.T) {
	t.Parallel()
	s := samples(t)
	page := []byte("<!DOCTYPE html><script>alert(1)</script>")
	archive := []byte("PK\x03\x04aaaaPK\x05\x06" + strings.Repeat("\x00", 18))
	joined := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"nothing":                                   {nil, "file_empty"},
		"a file that is too large":                  {joined(s["application/pdf"], make([]byte, upload.MaxSize)), "file_too_large"},
		"a page that calls itself PNG":              {page, "file_type"},
		"an SVG":                                    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "file_type"},
		"an XML page":                               {[]byte("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>"), "file_type"},
		"an archive":                                {archive, "file_type"},
		"a program":                                 {[]byte("MZ\x90\x00"), "file_type"},
		"the first bytes of a PNG only":             {joined([]byte("\x89PNG\r\n\x1a\n"), page), "file_broken"},
		"a PNG with a page behind it":               {joined(s["image/png"], page), "file_broken"},
		"a PNG with an archive":                     {joined(s["image/png"], archive), "file_broken"},
		"a PNG that was cut":                        {s["image/png"][:len(s["image/png"])-5], "file_broken"},
		"a JPEG with a page behind it":              {joined(s["image/jpeg"], page), "file_broken"},
		"a JPEG that is an archive too":             {joined(s["image/jpeg"], archive, []byte("\xff\xd9")), "file_broken"},
		"a GIF that is a script":                    {[]byte("GIF89a=1/*\x00\x00\x00\x00\x00*/;alert(1)"), "image_too_large"}, // "=1" and "/*" as sides
		"a WebP with a page behind it":              {joined(s["image/webp"], page), "file_broken"},
		"a WebP that was cut":                       {s["image/webp"][:len(s["image/webp"])-2], "file_broken"},
		"a WebP too large to show":                  {webpOf(16_383, 16_383), "image_too_large"},
		"a WebP whose frame is larger than it says": {webpWith(webpOf(16_383, 16_383), 0, 40, 30), "file_broken"},
		"a HEIC picture":                            {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "file_heic"},
		"an AVIF picture":                           {[]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif"), "file_heic"},
		"a film":                                    {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), "file_type"},
		"a GIF with a page behind it":               {joined(s["image/gif"], page), "file_broken"},
		"a PDF behind a page":                       {joined(page, s["application/pdf"]), "file_type"},
		"a PDF without its end":                     {[]byte("%PDF-1.7\n"), "file_broken"},
		"a picture too large to show":               {sized(19_999, 19_999), "image_too_large"},
		"a picture too wide to show":                {sized(1<<30, 1), "image_too_large"},
		"a picture without a side":                  {sized(0, 10), "file_broken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := upload.Take(c.data)
			f, is := fault.Of(err)
			require.True(t, is, "%v", err)
			require.Equal(t, c.code, f.Code)
		})
	}
}

func FuzzTake(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	f.Add(photo(f, 6))
	f.Add(webpWith(webpOf(40, 30), 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, clean, err := upload.Take(data)
		if err != nil {
			return
		}
		if found.MediaType != "application/pdf" {
			require.Positive(t, found.Width*found.Height)
		}
		again, same, err := upload.Take(clean)
		require.NoError(t, err, "what was cleaned is taken again")
		require.Equal(t, found, again)
		require.Equal(t, clean, same)
		if found.Width*found.Height < 1_000_000 {
			_, _ = upload.Thumbnail(clean, 64)
		}
	})
}
