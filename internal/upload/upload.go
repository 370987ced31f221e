// SPDX-License-Identifier: MIT

// Package upload judges files from strangers by their content: what they are,
// and whether they are that and nothing else. What a picture tells of its maker
// (place, time, device) is taken out; its pixels stay as they are. Taking a file
// reads headers and structure and unpacks nothing, so a bomb costs what its bytes
// cost; only [Thumbnail] and [Logo] unpack, within bounds. It keeps no state.
package upload

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/webp"

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
	Width, Height int // of pictures, as they are seen
}

// format is a kind of picture: how its size is read, and how it is stripped.
type format struct {
	File
	config func(io.Reader) (image.Config, error)
	// strip gives the picture without what it tells of its maker, and how it is to
	// be turned; false: it is damaged, or something else besides.
	strip func([]byte) (clean []byte, turned orientation, whole bool)
}

var (
	pngFormat  = format{File{MediaType: "image/png", Extension: ".png"}, png.DecodeConfig, stripPNG}
	jpegFormat = format{File{MediaType: "image/jpeg", Extension: ".jpg"}, jpeg.DecodeConfig, stripJPEG}
	gifFormat  = format{File{MediaType: "image/gif", Extension: ".gif"}, gif.DecodeConfig, stripGIF}
	webpFormat = format{File{MediaType: "image/webp", Extension: ".webp"}, webp.DecodeConfig, stripWebP}
)

// formatOf finds a picture's format by its first bytes.
func formatOf(data []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(data, []byte(pngHead)):
		return pngFormat, true
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return jpegFormat, true
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return gifFormat, true
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return webpFormat, true
	}
	return format{}, false
}

// Take says what a file is and gives the bytes to keep of it, or says why it is
// not taken. Neither its name nor what the sender calls it counts.
func Take(data []byte) (File, []byte, error) {
	switch {
	case len(data) == 0:
		return File{}, nil, fault.Invalid("file_empty", "The file is empty.")
	case len(data) > MaxSize:
		return File{}, nil, fault.New(fault.KindTooLarge, "file_too_large", "The file is larger than %d MB.", MaxSize>>20)
	case bytes.HasPrefix(data, []byte("%PDF-1.")), bytes.HasPrefix(data, []byte("%PDF-2.")):
		if !bytes.Contains(data[max(0, len(data)-1024):], []byte("%%EOF")) {
			return File{}, nil, errBroken()
		}
		return File{MediaType: "application/pdf", Extension: ".pdf"}, data, nil
	case isHEIC(data):
		return File{}, nil, fault.New(fault.KindUnsupported, "file_heic",
			"This is a HEIC or AVIF picture, which many programs cannot show. Please send it as JPEG: share a screenshot of it, or choose “Most Compatible” in your phone's camera settings.")
	}
	f, is := formatOf(data)
	if !is {
		return File{}, nil, fault.New(fault.KindUnsupported, "file_type", "Please send a picture (JPEG, PNG, WebP or GIF) or a PDF.")
	}
	return f.take(data)
}

func (f format) take(data []byte) (File, []byte, error) {
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return File{}, nil, errBroken()
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return File{}, nil, fault.Invalid("image_too_large", "The picture has more than %d million pixels.", maxPixels/1_000_000)
	}
	clean, turned, whole := f.strip(data)
	if !whole {
		return File{}, nil, errBroken()
	}
	file := f.File
	file.Width, file.Height = c.Width, c.Height
	if turned.onItsSide() {
		file.Width, file.Height = c.Height, c.Width
	}
	return file, clean, nil
}

func errBroken() *fault.Fault {
	return fault.Invalid("file_broken", "The file is damaged, or holds something else besides.")
}

// isHEIC recognises the pictures that phones make and few programs show.
func isHEIC(data []byte) bool {
	return len(data) >= 12 && string(data[4:8]) == "ftyp" &&
		slices.Contains([]string{"heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis"}, string(data[8:12]))
}

// archived: does the file end like a ZIP archive?
func archived(data []byte) bool {
	return bytes.Contains(data[max(0, len(data)-(1<<16)):], []byte("PK\x05\x06"))
}
