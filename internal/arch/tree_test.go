// SPDX-License-Identifier: MIT

package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// module is how our own import paths begin.
const module = "candor/"

// tree is the part of a repository that the checks read.
type tree struct {
	sources []source
	fset    *token.FileSet
}

// source is one file: of Go with its syntax, of other languages only with its text.
type source struct {
	path   string
	text   string
	syntax *ast.File
}

func (s source) isTestFile() bool { return strings.HasSuffix(s.path, "_test.go") }
func (s source) folder() string   { return path.Dir(s.path) }
func (s source) lines() int       { return strings.Count(s.text, "\n") }

// forTests: is this a test, or part of a package that only tests import?
func (s source) forTests() bool { return s.isTestFile() || isTestHelper(s.folder()) }

// isTestHelper: is this the folder of a package that only tests import, as chat/chattest? The fake provider is none: it
// also stands behind the demo and the load generator.
func isTestHelper(folder string) bool {
	return strings.HasSuffix(folder, "test") && folder != fakeProvider
}

// imports are the import paths of a Go file.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // the parser accepted it
		paths = append(paths, p)
	}
	return paths
}

// readTree reads the Go, JavaScript and CSS files below a folder, without what is hidden, made or test data.
func readTree(root fs.FS) (tree, error) {
	t := tree{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(name):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		return t.add(root, name)
	})
	return t, err
}

func skipped(folder string) bool {
	base := path.Base(folder)
	return folder != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "bin" || base == "node_modules")
}

func (t *tree) add(root fs.FS, name string) error {
	extension := path.Ext(name)
	if extension != ".go" && extension != ".js" && extension != ".css" {
		return nil
	}
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	s := source{path: name, text: string(text)}
	if extension == ".go" {
		if s.syntax, err = parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return fmt.Errorf("parsing %s: %w", name, err)
		}
	}
	t.sources = append(t.sources, s)
	return nil
}

// goFiles are the files that have syntax.
func (t tree) goFiles() []source {
	var files []source
	for _, s := range t.sources {
		if s.syntax != nil {
			files = append(files, s)
		}
	}
	return files
}

// repository reads the tree that this test stands in.
func repository(t *testing.T) tree {
	t.Helper()
	read, err := readTree(os.DirFS("../.."))
	require.NoError(t, err)
	require.NotEmpty(t, read.goFiles())
	return read
}

// synthetic makes a tree of the files given: path, text, path, text, ...
func synthetic(t *testing.T, files ...string) tree {
	t.Helper()
	made := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		made[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	read, err := readTree(made)
	require.NoError(t, err)
	return read
}

// lines makes a text of n lines.
func lines(n int) string { return strings.Repeat("\n", n) }

func TestReadTree_leaves_out_what_is_not_ours(t *testing.T) {
	t.Parallel()
	read := synthetic(t,
		"chat/a.go", "package chat\n",
		"web/app.js", "",
		".data/x/b.go", "not go at all",
		"bot/testdata/c.go", "not go at all",
		"README.md", "")
	require.Len(t, read.sources, 2)
	require.Len(t, read.goFiles(), 1)
}
