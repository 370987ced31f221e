// SPDX-License-Identifier: MIT

package web_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/prompts"
)

// scripts are the modules by their path.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, pattern := range []string{"static/*.js", "static/*/*.js"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			body, err := os.ReadFile(name)
			require.NoError(t, err)
			all[name] = string(body)
		}
	}
	require.Greater(t, len(all), 25)
	return all
}

var (
	calls       = regexp.MustCompile("[\"`](?:\\$\\{(?:this\\.|CandorChat\\.)?base\\})?/?(v1/[^\"`?]*|demo/[^\"`?]*|service)[\"`?]")
	ofCustomer  = regexp.MustCompile("this\\.url\\([\"`]([^\"`?]*)")
	placeholder = regexp.MustCompile(`\$?\{[^}]*\}`)
	query       = regexp.MustCompile(`([^/])\$\{[^}]*\}$`) // at the end of a path, not a part of it
)

// shape makes addresses of scripts and of the contract comparable.
func shape(path string) string {
	return placeholder.ReplaceAllString("/"+strings.TrimPrefix(query.ReplaceAllString(path, "$1"), "/"), "{}")
}

func TestScripts_call_only_what_the_contract_has(t *testing.T) {
	t.Parallel()
	known := make(map[string]bool)
	for path := range document(t).Paths.Map() {
		known[shape(path)] = true
	}
	found := 0
	check := func(name, path string) {
		found++
		require.True(t, known[shape(path)], "%s calls %s", name, path)
	}
	for name, body := range scripts(t) {
		for _, m := range calls.FindAllStringSubmatch(body, -1) {
			check(name, m[1])
		}
		for _, m := range ofCustomer.FindAllStringSubmatch(body, -1) {
			check(name, "v1/conversations/{id}"+m[1])
		}
	}
	require.Greater(t, found, 20)
	require.False(t, known[shape("/v1/conversations/${id}/nonsense")])
}

var wordKey = regexp.MustCompile(`\bwords(?:\(\))?\.t\(\s*(?:[^"()]*\? )?"([a-z_.]+)"(?: : "([a-z_.]+)")?`)

func TestWidget_uses_only_words_there_are(t *testing.T) {
	t.Parallel()
	known := make(map[string]bool)
	for key := range prompts.UI(prompts.English) {
		known[key] = true
	}
	found := 0
	for name, body := range scripts(t) {
		for _, m := range wordKey.FindAllStringSubmatch(body, -1) {
			for _, key := range m[1:] {
				if key != "" {
					found++
					require.True(t, known[key], "%s uses %q", name, key)
				}
			}
		}
	}
	require.Greater(t, found, 50)
}

func TestScripts_put_html_in_by_one_function(t *testing.T) {
	t.Parallel()
	sinks := regexp.MustCompile(`\.(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)\b|document\.write|\beval\(|new Function|setAttribute\("(on|style)`)
	for name, body := range scripts(t) {
		hits := sinks.FindAllString(body, -1)
		if name == filepath.Join("static", "shared", "dom.js") {
			require.Equal(t, []string{".innerHTML"}, hits)
			continue
		}
		require.Empty(t, hits, name)
	}
}

var tokenLine = regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`)

// luminance as WCAG 2.2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestTokens_have_contrast(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("static/css/tokens.css")
	require.NoError(t, err)
	schemes := []map[string]string{{}, {}}
	for _, m := range tokenLine.FindAllStringSubmatch(string(body), -1) {
		schemes[0][m[1]], schemes[1][m[1]] = m[2], m[3]
	}
	grounds := []string{"paper", "surface", "raised", "sunken"}
	pairs := map[string][]string{
		"ink":       append(grounds, "mark", "bot-soft", "person-soft", "bad-soft", "warn-soft", "good-soft"),
		"ink-soft":  append(grounds, "bot-soft", "person-soft"),
		"ink-faint": {"paper", "surface", "sunken"},
		"brand":     {"paper", "surface", "raised", "brand-soft"}, "on-brand": {"brand", "brand-strong"},
		"bot": {"surface", "bot-soft"}, "person": {"surface", "paper", "person-soft"},
		"good": {"surface", "good-soft"}, "warn": {"surface", "warn-soft"}, "bad": {"surface", "paper", "bad-soft"},
	}
	for i, scheme := range []string{"light", "dark"} {
		colours := schemes[i]
		require.Greater(t, len(colours), 20)
		for text, backs := range pairs {
			for _, back := range backs {
				require.GreaterOrEqual(t, contrast(t, colours[text], colours[back]), 4.5, "%s: %s on %s", scheme, text, back)
			}
		}
		for _, edge := range []string{"line-strong", "focus"} {
			for _, back := range []string{"paper", "surface"} {
				require.GreaterOrEqual(t, contrast(t, colours[edge], colours[back]), 3.0, "%s: %s on %s", scheme, edge, back)
			}
		}
	}
	require.Less(t, contrast(t, "#777777", "#888888"), 4.5)
}
