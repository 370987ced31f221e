// SPDX-License-Identifier: MIT

package upload

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

const pngHead = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks that make the picture: pixels, colours, movement. The
// rest is words, times and places.
var pngKept = []string{
	"IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "hIST", "pHYs", "cICP", "acTL", "fcTL", "fdAT",
}

// stripPNG walks the chunks: the last one ends the file, so that no archive or
// page stands behind it.
func stripPNG(data []byte) (clean []byte, turned orientation, whole bool) {
	const frame = 12 // length, name and checksum
	clean = append(make([]byte, 0, len(data)), pngHead...)
	for at := len(pngHead); at+frame <= len(data); {
		length := int(binary.BigEndian.Uint32(data[at:]))
		next := at + frame + length
		if length > len(data) || next > len(data) {
			return nil, 0, false
		}
		name, body := string(data[at+4:at+8]), data[at+8:at+8+length]
		switch {
		case name == "IEND":
			if !turned.upright() {
				clean = appendPNG(clean, "eXIf", turned.block())
			}
			return append(clean, data[at:next]...), turned, next == len(data)
		case name == "eXIf":
			turned = readOrientation(body)
		case slices.Contains(pngKept, name):
			clean = append(clean, data[at:next]...)
		}
		at = next
	}
	return nil, 0, false
}

func appendPNG(to []byte, name string, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(body)))
	start := len(to)
	to = append(append(to, name...), body...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[start:]))
}

// Markers of JPEG.
const (
	jpegSOS  = 0xda
	jpegEOI  = 0xd9
	jpegAPP0 = 0xe0
	jpegAPPn = 0xef
	jpegCOM  = 0xfe
)

// stripJPEG walks the segments of the picture. What cameras put behind it
// (previews, depth) is cut off; it has to end like a picture, so that no page or
// archive stood there.
func stripJPEG(data []byte) (clean []byte, turned orientation, whole bool) {
	if !bytes.HasSuffix(bytes.TrimRight(data, "\x00"), []byte{0xff, jpegEOI}) || archived(data) {
		return nil, 0, false
	}
	kept := make([]byte, 0, len(data))
	for at := 2; at+2 <= len(data); {
		if data[at] != 0xff {
			return nil, 0, false
		}
		marker := data[at+1]
		switch {
		case marker == 0xff: // a byte that fills
			at++
			continue
		case marker == jpegEOI:
			return joinJPEG(kept, turned), turned, true
		case at+4 > len(data):
			return nil, 0, false
		}
		next := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if next < at+4 || next > len(data) {
			return nil, 0, false
		}
		body := data[at+4 : next]
		if marker == jpegAPP0+1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && turned == 0 {
			turned = readOrientation(body)
		}
		if keptOfJPEG(marker, body) {
			kept = append(kept, data[at:next]...)
		}
		if marker == jpegSOS {
			end := endOfScan(data, next)
			kept = append(kept, data[next:end]...)
			next = end
		}
		at = next
	}
	return nil, 0, false
}

// keptOfJPEG: the tables and frames, and what says how colours are meant.
func keptOfJPEG(marker byte, body []byte) bool {
	switch marker {
	case jpegAPP0 + 2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case jpegAPP0 + 14:
		return bytes.HasPrefix(body, []byte("Adobe"))
	default:
		return (marker < jpegAPP0 || marker > jpegAPPn) && marker != jpegCOM
	}
}

// endOfScan finds the marker that ends the coded pixels.
func endOfScan(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if data[at] == 0xff && data[at+1] != 0 && (data[at+1] < 0xd0 || data[at+1] > 0xd7) {
			return at
		}
	}
	return len(data)
}

func joinJPEG(kept []byte, turned orientation) []byte {
	out := make([]byte, 0, len(kept)+64)
	out = append(out, 0xff, 0xd8)
	if !turned.upright() {
		block := append([]byte("Exif\x00\x00"), turned.block()...)
		out = append(out, 0xff, jpegAPP0+1)
		out = binary.BigEndian.AppendUint16(out, uint16(len(block)+2))
		out = append(out, block...)
	}
	return append(append(out, kept...), 0xff, jpegEOI)
}

// stripGIF walks the blocks; the trailer ends the file.
func stripGIF(data []byte) (clean []byte, turned orientation, whole bool) {
	const head = 13
	if len(data) < head || archived(data) {
		return nil, 0, false
	}
	at := head + palette(data[10])
	clean = append(make([]byte, 0, len(data)), data[:min(at, len(data))]...)
	for at < len(data) {
		var next int
		keep := true
		switch data[at] {
		case 0x3b:
			return append(clean, 0x3b), 0, at+1 == len(data)
		case 0x2c:
			if at+10 > len(data) {
				return nil, 0, false
			}
			next = endOfBlocks(data, at+10+palette(data[at+9])+1)
		case 0x21:
			next = endOfBlocks(data, at+2)
			keep = keptOfGIF(data[at:])
		default:
			return nil, 0, false
		}
		if next > len(data) {
			return nil, 0, false
		}
		if keep {
			clean = append(clean, data[at:next]...)
		}
		at = next
	}
	return nil, 0, false
}

// keptOfGIF: the timing of a frame, and how often all are shown; no words.
func keptOfGIF(extension []byte) bool {
	return len(extension) > 1 && extension[1] == 0xf9 ||
		len(extension) > 14 && extension[1] == 0xff && (string(extension[3:14]) == "NETSCAPE2.0" || string(extension[3:14]) == "ANIMEXTS1.0")
}

// palette is the length of the colours that a packed byte announces.
func palette(packed byte) int {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (packed&7 + 1)
}

// endOfBlocks walks blocks, each with its length before it, to behind the empty one.
func endOfBlocks(data []byte, at int) int {
	for at < len(data) {
		if data[at] == 0 {
			return at + 1
		}
		at += 1 + int(data[at])
	}
	return len(data) + 1
}
