// SPDX-License-Identifier: MIT

package api_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/chat/chattest"
	"candor/staff"
)

func TestLogo_is_drawn_anew_and_shown_at_once(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss, agent := w.member(t, "Supervisor One", staff.RoleSupervisor), w.member(t, "Agent One", staff.RoleAgent)
	body, kind := form(t, "file", "logo.jpg", photo(t))
	require.Equal(t, http.StatusForbidden, w.call(t, http.MethodPost, "/v1/company/logo", body, bearer(agent.token), kind).status)
	r := w.call(t, http.MethodPost, "/v1/company/logo", body, bearer(boss.token), kind)
	require.Equal(t, http.StatusCreated, r.status, string(r.body))
	var made struct {
		Logo struct {
			Image, URL    string
			Width, Height int
		}
	}
	r.into(t, &made)
	require.Equal(t, []int{96, 128}, []int{made.Logo.Width, made.Logo.Height}, "upright, and as large as it is shown")
	got := w.call(t, http.MethodGet, made.Logo.URL, nil, header{"Origin", "https://shop.example"})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "public, max-age=31536000, immutable", got.header.Get("Cache-Control"))
	require.Equal(t, "cross-origin", got.header.Get("Cross-Origin-Resource-Policy"))
	require.NotContains(t, string(got.body), "GPS")
	drawn, err := png.Decode(bytes.NewReader(got.body))
	require.NoError(t, err)
	require.Equal(t, image.Pt(96, 128), drawn.Bounds().Size())
	require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, "/brand/none.png", nil).status)

	words := func(tag string) reply {
		return w.call(t, http.MethodGet, "/v1/widget/strings?locale=en", nil, header{"If-None-Match", tag})
	}
	before := words("")
	require.Equal(t, "public, no-cache", before.header.Get("Cache-Control"))
	require.NotContains(t, string(before.body), "logo")
	require.Equal(t, http.StatusNotModified, words(before.header.Get("ETag")).status)
	c := chattest.Company()
	c.Brand.Logo = &chat.Logo{Image: made.Logo.Image, Width: 96, Height: 64}
	wrong := boss.put(t, "/v1/company", "0", c)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, string(wrong.body), `"field":"brand.logo"`)
	c.Brand.Logo.Height = 128
	require.Equal(t, http.StatusOK, boss.put(t, "/v1/company", "0", c).status)
	after := words(before.header.Get("ETag"))
	require.Equal(t, http.StatusOK, after.status, "a changed brand is seen at once")
	require.Contains(t, string(after.body), made.Logo.URL)

	_, err = w.DB.Exec(t.Context(), "UPDATE logos SET created_at = now() - interval '2 days'")
	require.NoError(t, err)
	require.NoError(t, w.Chat.CleanLogos(t.Context()))
	require.Equal(t, http.StatusOK, w.call(t, http.MethodGet, made.Logo.URL, nil).status, "settings name it")
	_, err = w.DB.Exec(t.Context(), "DELETE FROM company_versions")
	require.NoError(t, err)
	require.NoError(t, w.Chat.CleanLogos(t.Context()))
	require.Equal(t, http.StatusNotFound, w.call(t, http.MethodGet, made.Logo.URL, nil).status)
}

func TestLogo_refuses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boss := w.member(t, "Supervisor One", staff.RoleSupervisor)
	for code, data := range map[string][]byte{
		"file_type": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "file_empty": {}, "file_too_large": make([]byte, 2<<20),
	} {
		body, kind := form(t, "file", "logo.png", data)
		require.Equal(t, code, w.call(t, http.MethodPost, "/v1/company/logo", body, bearer(boss.token), kind).code(t))
	}
	c := chattest.Company()
	c.Brand.Logo = &chat.Logo{Image: "../../etc", Width: 1, Height: 1}
	require.Contains(t, string(boss.put(t, "/v1/company", "0", c).body), `"field":"brand.logo"`)
}

func TestSettings_brand_in_a_browser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.reads(t, "How the chat looks")
	upload := func(kind string) {
		t.Helper()
		inWindow[bool](t, b, `
			const canvas = document.createElement("canvas");
			canvas.width = 600;
			canvas.height = 120;
			const pen = canvas.getContext("2d");
			pen.fillStyle = "#7a1fa2";
			pen.font = "80px sans-serif";
			pen.fillText("Larkwire", 10, 90);
			const blob = `+quoted(kind)+` === "svg" ? new Blob(["<svg/>"]) : await new Promise((done) => canvas.toBlob(done, "image/webp"));
			const files = new DataTransfer();
			files.items.add(new File([blob], "logo." + `+quoted(kind)+`));
			const input = await until("the field", () => document.querySelector("#settings input[type=file]"));
			input.files = files.files;
			input.dispatchEvent(new Event("change"));
			return true`)
	}
	upload("svg")
	b.reads(t, "Please export an SVG as PNG")
	upload("webp")
	b.reads(t, "This is how it looks")
	require.Equal(t, 480, inWindow[int](t, b, `return (await until("the sketch", () => { const img = document.querySelector(".brand-logo"); return img?.complete && img.naturalWidth; }))`))
	inWindow[bool](t, b, `document.querySelector(".brand-sketch").scrollIntoView({ block: "center" }); return true`)
	b.picture(t, "brand")
	b.press(t, "Save")
	b.reads(t, "Saved as version 1.")

	head := func() string {
		t.Helper()
		return inWindow[string](t, b, `
			const head = await until("the head", () => document.querySelector("candor-chat")?.shadowRoot?.querySelector(".head h1, .head h2"));
			const img = head.querySelector("img");
			if (img) await until("the logo", () => img.complete && img.naturalWidth > 0);
			return (img ? "[" + img.alt + "]" : "") + head.innerText.trim()`)
	}
	b.open(t, "/chat")
	require.Equal(t, "[Example Telecom]", head())
	b.picture(t, "widget_logo")
	b.keepsPolicy(t)

	v, err := w.Chat.CompanyInForce(t.Context())
	require.NoError(t, err)
	v.Company.Brand = chat.Brand{Name: "Ask Example"}
	_, err = w.Chat.ChangeCompany(t.Context(), v.Company, chat.Change{Base: v.Version})
	require.NoError(t, err)
	b.open(t, "/chat")
	require.Equal(t, "Ask Example", head(), "at once, not after an hour")
}
