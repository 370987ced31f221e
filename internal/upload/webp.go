// SPDX-License-Identifier: MIT

package upload

import (
	"encoding/binary"
	"image"
	"slices"
)

// webpKept are the chunks that make the picture.
var webpKept = []string{"VP8 ", "VP8L", "VP8X", "ALPH", "ICCP", "ANIM", "ANMF"}

// Flags of the chunk VP8X.
const (
	webpXMP  = 0x04
	webpExif = 0x08
)

const (
	webpHead  = 12
	webpFrame = 8 // name and length of a chunk
)

// webpWalk is what was found on the way through the chunks.
type webpWalk struct {
	clean  []byte
	flags  int // where those of VP8X stand in clean; -1: there is none
	canvas image.Point
	drawn  bool // there is a frame
	turned orientation
}

// stripWebP walks the chunks; the length at the head is that of the file.
func stripWebP(data []byte) (clean []byte, turned orientation, whole bool) {
	if int64(binary.LittleEndian.Uint32(data[4:]))+webpFrame != int64(len(data)) || archived(data) {
		return nil, 0, false
	}
	w := webpWalk{clean: append(make([]byte, 0, len(data)), data[:webpHead]...), flags: -1}
	for at := webpHead; at < len(data); {
		if at+webpFrame > len(data) {
			return nil, 0, false
		}
		length := int(binary.LittleEndian.Uint32(data[at+4:]))
		next := at + webpFrame + length + length&1
		if length > len(data) || next > len(data) {
			return nil, 0, false
		}
		if !w.take(string(data[at:at+4]), data[at+webpFrame:at+webpFrame+length], at == webpHead) {
			return nil, 0, false
		}
		if slices.Contains(webpKept, string(data[at:at+4])) {
			w.clean = append(w.clean, data[at:next]...)
		}
		at = next
	}
	return w.end(), w.turned, w.drawn
}

// take looks at a chunk. A frame has the size that the head says, so that nothing
// larger than what was judged is unpacked later.
func (w *webpWalk) take(name string, body []byte, first bool) bool {
	switch name {
	case "VP8X":
		if len(body) < 10 || !first {
			return false
		}
		w.flags = len(w.clean) + webpFrame
		w.canvas = image.Pt(1+uint24(body[4:]), 1+uint24(body[7:]))
	case "EXIF":
		w.turned = readOrientation(body)
	case "ANMF":
		w.drawn = true
	case "VP8 ", "VP8L":
		size, ok := webpSize(name, body)
		if !ok || w.drawn || w.flags >= 0 && size != w.canvas {
			return false
		}
		w.drawn = true
	}
	return true
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// webpSize reads the size that a frame gives of itself.
func webpSize(name string, body []byte) (image.Point, bool) {
	const side = 1<<14 - 1
	switch {
	case name == "VP8 " && len(body) >= 10 && string(body[3:6]) == "\x9d\x01\x2a":
		return image.Pt(int(binary.LittleEndian.Uint16(body[6:])&side), int(binary.LittleEndian.Uint16(body[8:])&side)), true
	case name == "VP8L" && len(body) >= 5 && body[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(body[1:])
		return image.Pt(int(bits&side)+1, int(bits>>14&side)+1), true
	}
	return image.Point{}, false
}

// end says at the head what there is now: no words, and no EXIF but the way to turn it.
func (w *webpWalk) end() []byte {
	if w.flags < 0 {
		w.turned = 0 // only the extended form may say it
	} else {
		w.clean[w.flags] &^= webpExif | webpXMP
	}
	if !w.turned.upright() {
		w.clean[w.flags] |= webpExif
		block := w.turned.block()
		w.clean = append(w.clean, "EXIF"...)
		w.clean = binary.LittleEndian.AppendUint32(w.clean, uint32(len(block)))
		w.clean = append(w.clean, block...)
	}
	binary.LittleEndian.PutUint32(w.clean[4:], uint32(len(w.clean)-webpFrame))
	return w.clean
}
