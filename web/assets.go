// SPDX-License-Identifier: MIT

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is one file as it is served, hashed and compressed once at start.
type asset struct {
	body, zipped []byte
	kind, etag   string
}

// assets serves the embedded files. Pages name them under a prefix that holds the hash of all of them, so that they may be kept
// for ever and a new release is seen at once; without the prefix, or with an old one, the same files are served to be checked.
type assets struct {
	files  map[string]asset
	prefix string
}

const forEver = "public, max-age=31536000, immutable"

var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func newAssets(files fs.FS) (*assets, error) {
	sum := sha256.New()
	bodies := make(map[string][]byte)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if bodies[name], err = fs.ReadFile(files, name); err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", name, len(bodies[name]), bodies[name])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading assets: %w", err)
	}
	a := &assets{files: make(map[string]asset, len(bodies)), prefix: "static/" + hex.EncodeToString(sum.Sum(nil)[:6])}
	for name, body := range bodies {
		// The loader cannot import by a fixed name what is kept for ever under a changing one.
		if name == "widget.js" {
			body = bytes.ReplaceAll(body, []byte("__ASSETS__"), []byte(a.prefix))
		}
		if a.files[name], err = newAsset(name, body); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func newAsset(name string, body []byte) (asset, error) {
	kind := kinds[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return asset{}, fmt.Errorf("compressing %s: %w", name, err)
	}
	if _, err := z.Write(body); err != nil {
		return asset{}, fmt.Errorf("compressing %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return asset{}, fmt.Errorf("compressing %s: %w", name, err)
	}
	sum := sha256.Sum256(body)
	return asset{body: body, zipped: zipped.Bytes(), kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}, nil
}

// url is the address of a file, good for ever.
func (a *assets) url(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return "/" + a.prefix + "/" + name, nil
}

// ServeHTTP serves /widget.js, /favicon.svg, /favicon.ico and all below /static/.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, kept := a.name(strings.TrimPrefix(path.Clean(r.URL.Path), "/"))
	file, ok := a.files[name]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("ETag", file.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	// The widget runs on the company's own pages, which are another origin.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if kept {
		h.Set("Cache-Control", forEver)
	}
	if strings.Contains(r.Header.Get("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := file.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(file.zipped) < len(file.body) {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader that has left needs no answer
	}
}

// name finds the file behind a path, and whether the path names its content.
func (a *assets) name(p string) (name string, kept bool) {
	switch p {
	case "widget.js":
		return p, false
	case "favicon.ico", "favicon.svg":
		return "img/favicon.svg", false
	}
	if name, ok := strings.CutPrefix(p, a.prefix+"/"); ok {
		return name, true
	}
	name = strings.TrimPrefix(p, "static/")
	if _, ok := a.files[name]; ok {
		return name, false
	}
	_, rest, _ := strings.Cut(name, "/") // the prefix of another release
	return rest, false
}
