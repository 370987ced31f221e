// SPDX-License-Identifier: MIT

// Package upload judges files from strangers by their content: what they are, and
// whether they are that and nothing else. It reads headers and structure and
// unpacks nothing, so a bomb costs what its bytes cost. It keeps no state.
package upload

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"candor/internal/fault"
)

const (
	// MaxSize is the largest file.
	MaxSize = 10 << 20
	// maxPixels is the largest picture; a page that shows it needs four bytes for each.
	maxPixels = 40_000_000
	maxSide   = 20_000
)

// File is what a file was found to be.
type File struct {
	MediaType     string
	Extension     string
	Width, Height int // of pictures
}

// Check says what a file is, or why it is not taken. Neither its name nor what
// the sender calls it counts.
func Check(data []byte) (File, error) {
	switch {
	case len(data) == 0:
		return File{}, fault.Invalid("file_empty", "The file is empty.")
	case len(data) > MaxSize:
		return File{}, fault.New(fault.KindTooLarge, "file_too_large", "The file is larger than %d MB.", MaxSize>>20)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return picture(data, File{MediaType: "image/png", Extension: ".png"}, png.DecodeConfig, wholePNG)
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return picture(data, File{MediaType: "image/jpeg", Extension: ".jpg"}, jpeg.DecodeConfig, wholeJPEG)
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return picture(data, File{MediaType: "image/gif", Extension: ".gif"}, gif.DecodeConfig, wholeGIF)
	case bytes.HasPrefix(data, []byte("%PDF-1.")), bytes.HasPrefix(data, []byte("%PDF-2.")):
		if !bytes.Contains(data[max(0, len(data)-1024):], []byte("%%EOF")) {
			return File{}, errBroken()
		}
		return File{MediaType: "application/pdf", Extension: ".pdf"}, nil
	}
	return File{}, fault.New(fault.KindUnsupported, "file_type", "Please send a picture (JPEG, PNG or GIF) or a PDF.")
}

func picture(data []byte, f File, config func(io.Reader) (image.Config, error), whole func([]byte) bool) (File, error) {
	c, err := config(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return File{}, errBroken()
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return File{}, fault.Invalid("image_too_large", "The picture has more than %d million pixels.", maxPixels/1_000_000)
	}
	if !whole(data) {
		return File{}, errBroken()
	}
	f.Width, f.Height = c.Width, c.Height
	return f, nil
}

func errBroken() error {
	return fault.Invalid("file_broken", "The file is damaged, or holds something else besides.")
}

// wholePNG walks the chunks: the last one ends the file, so that no archive or
// page stands behind it.
func wholePNG(data []byte) bool {
	for at := 8; at+12 <= len(data); {
		length := int(binary.BigEndian.Uint32(data[at:]))
		next := at + 12 + length
		if length > len(data) || next > len(data) {
			return false
		}
		if string(data[at+4:at+8]) == "IEND" {
			return next == len(data)
		}
		at = next
	}
	return false
}

// wholeJPEG allows what cameras put behind the picture (previews, depth), as long
// as it ends like a picture too.
func wholeJPEG(data []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(data, "\x00"), []byte("\xff\xd9")) && !archived(data)
}

func wholeGIF(data []byte) bool { return data[len(data)-1] == 0x3b && !archived(data) }

// archived: does the file end like a ZIP archive?
func archived(data []byte) bool {
	return bytes.Contains(data[max(0, len(data)-(1<<16)):], []byte("PK\x05\x06"))
}
