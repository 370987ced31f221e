// SPDX-License-Identifier: MIT

package upload

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a picture is to be turned and mirrored to be upright, after
// EXIF: 1 is upright, 6 a quarter to the right. 0: nothing is said.
type orientation uint16

const orientationTag = 0x0112

// known keeps what EXIF knows.
func (o orientation) known() orientation {
	if o < 1 || o > 8 {
		return 0
	}
	return o
}

func (o orientation) upright() bool   { return o <= 1 }
func (o orientation) onItsSide() bool { return o >= 5 && o <= 8 }

// readOrientation finds it in an EXIF block (a TIFF header and its first
// directory), with or without the six bytes that JPEG puts before it.
func readOrientation(block []byte) orientation {
	block = bytes.TrimPrefix(block, []byte("Exif\x00\x00"))
	if len(block) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(block[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	start := int(order.Uint32(block[4:]))
	if start < 8 || start > len(block)-2 {
		return 0
	}
	const entry = 12
	for at, n := start+2, int(order.Uint16(block[start:])); n > 0 && at+entry <= len(block); at, n = at+entry, n-1 {
		if order.Uint16(block[at:]) == orientationTag {
			return orientation(order.Uint16(block[at+8:])).known()
		}
	}
	return 0
}

// block is an EXIF block that says this and nothing else.
func (o orientation) block() []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01") // a directory with one entry
	b = binary.BigEndian.AppendUint16(b, orientationTag)
	b = append(b, 0, 3, 0, 0, 0, 1) // one short number
	b = binary.BigEndian.AppendUint16(b, uint16(o))
	return append(b, 0, 0, 0, 0, 0, 0) // the rest of the value; no directory follows
}

// turn makes a picture upright.
func (o orientation) turn(from image.Image) image.Image {
	if o.upright() {
		return from
	}
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if o.onItsSide() {
		w, h = h, w
	}
	to := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := o.from(x, y, w, h)
			to.Set(x, y, from.At(b.Min.X+fx, b.Min.Y+fy))
		}
	}
	return to
}

// from says which point of the picture as it is stored is seen at a point of the
// upright one, which is w by h.
func (o orientation) from(x, y, w, h int) (fx, fy int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	default:
		return x, y
	}
}
