// SPDX-License-Identifier: MIT

package upload_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"candor/internal/fault"
	"candor/internal/upload"
)

// told are pictures that tell where they were made.
func told(t *testing.T) map[string][]byte {
	t.Helper()
	var drawn bytes.Buffer
	require.NoError(t, png.Encode(&drawn, scene()))
	painted := drawn.Bytes()
	at := bytes.Index(painted, []byte("IDAT")) - 4
	painted = bytes.Join([][]byte{
		painted[:at], chunk("eXIf", exif(6)), chunk("tEXt", []byte("Comment\x00"+place)), chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+place)),
		chunk("tIME", []byte{7, 0xe8, 1, 2, 3, 4, 5}), chunk("prVt", []byte(place)), painted[at:],
	}, nil)
	var moved bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.White, color.Black})
	require.NoError(t, gif.EncodeAll(&moved, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{5, 5}}))
	film := moved.Bytes()
	words := append([]byte{0x21, 0xfe, byte(len(place))}, place...)
	xmp := append([]byte{0x21, 0xff, 11}, "XMP DataXMP"...)
	xmp = append(append(append(xmp, byte(len(place))), place...), 0)
	film = bytes.Join([][]byte{film[:len(film)-1], words, {0}, xmp, {0x3b}}, nil)
	return map[string][]byte{"image/jpeg": photo(t, 6), "image/png": painted, "image/gif": film, "image/webp": webpWith(webpOf(40, 30), 6)}
}

func TestTake_takes_out_what_a_picture_tells(t *testing.T) {
	t.Parallel()
	for media, data := range told(t) {
		require.Contains(t, string(data), place, "the control: it is told")
		f, clean, err := upload.Take(data)
		require.NoError(t, err, media)
		require.Equal(t, media, f.MediaType)
		for _, word := range []string{place, "xmpmeta", "tEXt", "tIME", "prVt", "XMP"} {
			require.NotContains(t, string(clean), word, media)
		}
		require.Less(t, len(clean), len(data))
		again, same, err := upload.Take(clean)
		require.NoError(t, err, media)
		require.Equal(t, f, again)
		require.Equal(t, clean, same)
		if media == "image/gif" {
			require.Equal(t, []int{40, 30}, []int{f.Width, f.Height})
			film, err := gif.DecodeAll(bytes.NewReader(clean))
			require.NoError(t, err)
			require.Len(t, film.Image, 2)
			require.Zero(t, film.LoopCount, "it goes on for ever, as before")
			continue
		}
		require.Equal(t, []int{30, 40}, []int{f.Width, f.Height}, "as it is seen: %s", media)
	}
}

func TestTake_leaves_the_pixels_as_they_were(t *testing.T) {
	t.Parallel()
	all := told(t)
	for media, decode := range map[string]func([]byte) (image.Image, error){
		"image/jpeg": func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		"image/png":  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		"image/webp": func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	} {
		_, clean, err := upload.Take(all[media])
		require.NoError(t, err)
		before, err := decode(all[media])
		require.NoError(t, err, media)
		after, err := decode(clean)
		require.NoError(t, err, media)
		require.Equal(t, before, after, media)
	}
}

// red and blue of a thumbnail, roughly.
func colourAt(t *testing.T, thumbnail []byte, x, y int) string {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(thumbnail))
	require.NoError(t, err)
	r, _, b, _ := img.At(x, y).RGBA()
	if r > b {
		return "red"
	}
	return "blue"
}

func TestThumbnail_is_upright(t *testing.T) {
	t.Parallel()
	const low, right, down = 4, 36, 26
	for turn, c := range map[int]struct{ width, height, x, y int }{ // where the red corner is seen
		1: {40, 30, low, low}, 2: {40, 30, right, low}, 3: {40, 30, right, down}, 4: {40, 30, low, down},
		5: {30, 40, low, low}, 6: {30, 40, down, low}, 7: {30, 40, down, right}, 8: {30, 40, low, right},
	} {
		_, clean, err := upload.Take(photo(t, turn))
		require.NoError(t, err)
		small, err := upload.Thumbnail(clean, 200)
		require.NoError(t, err)
		size, err := jpeg.DecodeConfig(bytes.NewReader(small))
		require.NoError(t, err)
		require.Equal(t, []int{c.width, c.height}, []int{size.Width, size.Height}, "turn %d", turn)
		require.Equal(t, "red", colourAt(t, small, c.x, c.y), "turn %d", turn)
		require.Equal(t, "blue", colourAt(t, small, c.width-1-c.x, c.height-1-c.y), "turn %d", turn)
	}
}

func TestThumbnail_is_small_and_bounded(t *testing.T) {
	t.Parallel()
	small, err := upload.Thumbnail(webpOf(3000, 1000), 256)
	require.NoError(t, err)
	size, err := jpeg.DecodeConfig(bytes.NewReader(small))
	require.NoError(t, err)
	require.Equal(t, []int{256, 85}, []int{size.Width, size.Height})
	for name, data := range map[string][]byte{
		"a PDF": []byte("%PDF-1.7\n%%EOF\n"), "more than memory may hold": webpOf(6000, 6000), "nothing": nil, "half a PNG": sized(100, 100),
	} {
		_, err := upload.Thumbnail(data, 256)
		require.ErrorIs(t, err, upload.ErrNoThumbnail, name)
	}
}

func TestLogo_is_drawn_anew(t *testing.T) {
	t.Parallel()
	drawn, size, err := upload.Logo(photo(t, 6))
	require.NoError(t, err)
	require.Equal(t, image.Pt(30, 40), size)
	img, err := png.Decode(bytes.NewReader(drawn))
	require.NoError(t, err)
	require.Equal(t, size, img.Bounds().Size())
	require.NotContains(t, string(drawn), place)
	_, size, err = upload.Logo(webpOf(4000, 1000))
	require.NoError(t, err)
	require.Equal(t, image.Pt(480, 120), size)
	for code, data := range map[string][]byte{
		"file_type":       []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"image_too_small": webpOf(8, 8),
		"file_too_large":  make([]byte, 2<<20),
		"file_heic":       []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
		"file_empty":      nil,
		"file_broken":     sized(100, 100),
	} {
		_, _, err := upload.Logo(data)
		require.True(t, fault.Is(err, code), "%s: %v", code, err)
	}
}
