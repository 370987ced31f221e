// SPDX-License-Identifier: MIT

package upload_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where a photo was taken, in words that must not be found again.
const place = "GPS 40.4168 N 3.7038 W"

// exif is a block with a device, a place and the way to turn the picture.
func exif(turn int) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	entries := []struct {
		tag, kind uint16
		count     uint32
		value     uint32
	}{{0x010f, 2, uint32(len(place)), 200}, {0x0112, 3, 1, uint32(turn)}, {0x8825, 4, 1, 150}}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, e.kind)
		b = binary.LittleEndian.AppendUint32(b, e.count)
		b = binary.LittleEndian.AppendUint32(b, e.value)
	}
	b = append(b, make([]byte, 200-len(b))...)
	return append(b, place...)
}

// scene is 40 by 30, blue with a red corner at the top left.
func scene() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			img.Set(x, y, color.NRGBA{B: 0xff, A: 0xff})
			if x < 16 && y < 16 {
				img.Set(x, y, color.NRGBA{R: 0xff, A: 0xff})
			}
		}
	}
	return img
}

func segment(marker byte, body []byte) []byte {
	out := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(out, body...)
}

// photo is the scene as a telephone sends it: with all that it tells, a comment
// and a second picture behind it that tells the same.
func photo(t testing.TB, turn int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, scene(), &jpeg.Options{Quality: 95}))
	plain := b.Bytes()
	told := segment(0xe1, append([]byte("Exif\x00\x00"), exif(turn)...))
	told = append(told, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+place))...)
	told = append(told, segment(0xfe, []byte(place))...)
	whole := append([]byte{0xff, 0xd8}, told...)
	whole = append(whole, plain[2:]...)
	return append(append(append(whole, 0xff, 0xd8), told...), plain[2:]...)
}

// chunk is one of PNG.
func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	named := append([]byte(name), body...)
	return binary.BigEndian.AppendUint32(append(out, named...), crc32.ChecksumIEEE(named))
}

// bits are written from the lowest, as WebP reads them.
type bits struct {
	out []byte
	n   int
}

func (b *bits) add(value, n int) {
	for i := range n {
		if b.n%8 == 0 {
			b.out = append(b.out, 0)
		}
		b.out[b.n/8] |= byte(value>>i&1) << (b.n % 8)
		b.n++
	}
}

// symbol announces a code with one word, which takes no room later.
func (b *bits) symbol(value int) {
	b.add(1, 1)
	b.add(0, 1)
	b.add(1, 1)
	b.add(value, 8)
}

// webpOf is a lossless picture of one colour: a few bytes, however large it is.
func webpOf(width, height int) []byte {
	b := bits{out: []byte{0x2f}, n: 8}
	b.add(width-1, 14)
	b.add(height-1, 14)
	b.add(0, 4) // no transparency, version 0
	b.add(0, 3) // nothing transformed, no cache, one set of codes
	for _, value := range []int{0x20, 0xc0, 0x40, 0xff, 0} {
		b.symbol(value)
	}
	return riff(webpChunk("VP8L", b.out))
}

func webpChunk(name string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	return append(append(out, body...), make([]byte, len(body)%2)...)
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// webpWith is a picture in the form that tells of its maker, and of a size.
func webpWith(plain []byte, turn int, size ...int) []byte {
	width, height := 40, 30
	if len(size) == 2 {
		width, height = size[0], size[1]
	}
	head := []byte{0x0c, 0, 0, 0}
	for _, side := range []int{width - 1, height - 1} {
		head = append(head, byte(side), byte(side>>8), byte(side>>16))
	}
	return riff(webpChunk("VP8X", head), plain[12:], webpChunk("EXIF", exif(turn)), webpChunk("XMP ", []byte(place)), webpChunk("ABCD", []byte(place)))
}
