// SPDX-License-Identifier: MIT

package upload

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	scale "golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"candor/internal/fault"
)

const (
	// maxUnpacked bounds the memory that a picture may take while it is made small.
	maxUnpacked  = 128 << 20
	thumbQuality = 82
	maxLogo      = 1 << 20
	minLogo      = 16
	// A logo fits into this, for screens with two points to a pixel.
	logoWidth  = 480
	logoHeight = 128
)

// ErrNoThumbnail says that a file has none: it is no picture, moves, or is too
// large to be unpacked here.
var ErrNoThumbnail = errors.New("there is no small picture of this")

// Thumbnail is a picture made small and upright, as JPEG: within a square of that
// side. What is transparent is white.
func Thumbnail(data []byte, side int) ([]byte, error) {
	from, turned, err := unpack(data)
	if err != nil {
		return nil, err
	}
	small := turned.turn(fit(from, side, side))
	flat := image.NewNRGBA(small.Bounds())
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), small, small.Bounds().Min, draw.Over)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: thumbQuality}); err != nil {
		return nil, fmt.Errorf("write a small picture: %w", err)
	}
	return out.Bytes(), nil
}

// unpack decodes a picture that fits into memory.
func unpack(data []byte) (image.Image, orientation, error) {
	f, is := formatOf(data)
	if !is {
		return nil, 0, ErrNoThumbnail
	}
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide || c.Width*c.Height*depth(c.ColorModel) > maxUnpacked {
		return nil, 0, ErrNoThumbnail
	}
	_, turned, whole := f.strip(data)
	if !whole {
		return nil, 0, ErrNoThumbnail
	}
	var from image.Image
	switch reader := bytes.NewReader(data); f.MediaType {
	case "image/png":
		from, err = png.Decode(reader)
	case "image/jpeg":
		from, err = jpeg.Decode(reader)
	case "image/gif":
		from, err = gif.Decode(reader) // its first frame
	default:
		from, err = webp.Decode(reader)
	}
	if err != nil {
		return nil, 0, errors.Join(ErrNoThumbnail, err)
	}
	return from, turned, nil
}

// depth is how many bytes a point takes in memory, at most.
func depth(m color.Model) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	default:
		return 4
	}
}

// fit makes a picture smaller until it is within a box; a small one stays.
func fit(from image.Image, width, height int) image.Image {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if w <= width && h <= height {
		return from
	}
	share := min(float64(width)/float64(w), float64(height)/float64(h))
	to := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(w)*share)), max(1, int(float64(h)*share))))
	scale.BiLinear.Scale(to, to.Bounds(), from, b, scale.Src, nil)
	return to
}

// Logo makes what is shown of a company's logo: drawn anew as PNG, so that only
// its points are left, and no larger than it is shown. SVG is not taken: it is a
// document that can run scripts and call other addresses.
func Logo(data []byte) (drawn []byte, size image.Point, err error) {
	if len(data) > maxLogo {
		return nil, size, fault.New(fault.KindTooLarge, "file_too_large", "The logo is larger than %d MB.", maxLogo>>20)
	}
	file, _, err := Take(data)
	if f, is := fault.Of(err); is && f.Code == "file_type" || err == nil && (file.MediaType == "application/pdf" || file.MediaType == "image/gif") {
		return nil, size, fault.New(fault.KindUnsupported, "file_type", "A logo is a PNG, JPEG or WebP picture. Please export an SVG as PNG, %d pixels high.", logoHeight)
	}
	if err != nil {
		return nil, size, err
	}
	from, turned, err := unpack(data)
	if err != nil {
		return nil, size, errBroken().Because(err)
	}
	width, height := logoWidth, logoHeight
	if turned.onItsSide() {
		width, height = height, width
	}
	picture := turned.turn(fit(from, width, height))
	if size = picture.Bounds().Size(); size.X < minLogo || size.Y < minLogo {
		return nil, size, fault.Invalid("image_too_small", "The logo has fewer than %d pixels on a side, or is far too long.", minLogo)
	}
	var out bytes.Buffer
	err = pngOf(&out, picture)
	return out.Bytes(), size, err
}

func pngOf(to *bytes.Buffer, from image.Image) error {
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(to, from); err != nil {
		return fmt.Errorf("write a logo: %w", err)
	}
	return nil
}
