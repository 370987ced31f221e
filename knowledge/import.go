// SPDX-License-Identifier: MIT

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"candor/internal/fault"
)

// ImportOptions say what becomes of what is imported.
type ImportOptions struct {
	Draft    bool           // save drafts for an editor to publish, instead of publishing
	ImportID int64          // import that the report is kept with; 0: of none
	Author   *int64         // account that imports; nil for the operator
	Progress func(Progress) // called after each batch and at the end; may be nil
}

// Progress is how far an import has come.
type Progress struct {
	Name       string // file that was read last
	Items      int    // articles done, failed ones included
	Failed     int
	Bytes      int64
	TotalBytes int64 // 0 if not known
}

// ImportStatus is what became of one article.
type ImportStatus string

// What an import can make of an article.
const (
	ImportCreated   ImportStatus = "created"
	ImportUpdated   ImportStatus = "updated"
	ImportUnchanged ImportStatus = "unchanged"
	ImportFailed    ImportStatus = "failed"
)

// ImportedItem is what became of one article of an import.
type ImportedItem struct {
	Name       string
	Line       int // of a JSON Lines file, else 0
	ExternalID string
	Status     ImportStatus
	ArticleID  int64
	Version    int
	Code       string // of what failed
	Error      string // a sentence for the person who imports
	// Notes are sentences about what was left as it is, though the article was imported.
	Notes []string `json:",omitempty"`
}

// ImportReport is what became of an import. One article that fails harms no other.
type ImportReport struct {
	Created, Updated, Unchanged, Failed int
	Skipped                             int // files of a folder that are of no known kind
	Items                               []ImportedItem
}

// ImportPaths imports files and folders. A folder's files are taken where their kind is known, and keep
// their path in the folder as id where they do not say another.
func (s *Service) ImportPaths(ctx context.Context, paths []string, o ImportOptions) (ImportReport, error) {
	im := newImporter(s, o)
	type root struct {
		fsys  fs.FS
		names []string
	}
	var roots []root
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return ImportReport{}, fmt.Errorf("import: %w", err)
		}
		fsys, file := os.DirFS(filepath.Dir(p)), filepath.Base(p) // a file that is named may be a link to anywhere
		if info.IsDir() {
			within, err := os.OpenRoot(p) // of a folder, nothing that leads out of it
			if err != nil {
				return ImportReport{}, fmt.Errorf("import: %w", err)
			}
			defer within.Close() //nolint:errcheck // it was only read
			fsys, file = within.FS(), "."
		}
		names, err := im.walk(fsys, file)
		if err != nil {
			return ImportReport{}, fmt.Errorf("import: %w", err)
		}
		roots = append(roots, root{fsys, names})
	}
	for _, r := range roots {
		if err := im.files(ctx, r.fsys, r.names); err != nil {
			return im.report, err
		}
	}
	return im.report, im.finish(ctx)
}

// ImportFS imports all files of known kinds in fsys and publishes them.
func (s *Service) ImportFS(ctx context.Context, fsys fs.FS, progress func(Progress)) (ImportReport, error) {
	im := newImporter(s, ImportOptions{Progress: progress})
	names, err := im.walk(fsys, ".")
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	if err := im.files(ctx, fsys, names); err != nil {
		return im.report, err
	}
	return im.report, im.finish(ctx)
}

// ImportReader imports one file from r; its name's extension tells its kind.
func (s *Service) ImportReader(ctx context.Context, name string, r io.Reader, o ImportOptions) (ImportReport, error) {
	return s.ImportFiles(ctx, func() (string, io.Reader, error) {
		file := r
		if r = nil; file == nil {
			return "", nil, io.EOF
		}
		return name, file, nil
	}, o)
}

// ImportFiles imports the files that next gives, until it gives io.EOF. Each is read before the next one is asked for.
func (s *Service) ImportFiles(ctx context.Context, next func() (name string, r io.Reader, err error), o ImportOptions) (ImportReport, error) {
	im := newImporter(s, o)
	for {
		name, r, err := next()
		if errors.Is(err, io.EOF) {
			return im.report, im.finish(ctx)
		}
		if err != nil { // what came whole before it is kept
			return im.report, errors.Join(err, im.finish(ctx))
		}
		if err := im.file(ctx, cleanName(name), r); err != nil {
			return im.report, err
		}
	}
}

// cleanName is a path that leads nowhere but into the folder that was sent.
func cleanName(name string) string {
	name = norm.NFC.String(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(strings.ToValidUTF8(name, "-"), `\`, "/")), "/"))
	if name == "" {
		return "file"
	}
	return name
}

// walk lists the files below root and adds up their sizes. A file that is named is always taken, so
// that its kind can be complained about; hidden files and folders of a folder never are, nor what is no file.
func (im *importer) walk(fsys fs.FS, root string) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != root && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case name != root && (!supported(name) || entry.Type()&^fs.ModeSymlink != 0):
			im.report.Skipped++
			return nil
		case name != root && entry.Type() != 0:
			if info, err := fs.Stat(fsys, name); err == nil && !info.Mode().IsRegular() {
				im.report.Skipped++
				return nil
			}
		}
		if info, err := entry.Info(); err == nil {
			im.progress.TotalBytes += info.Size()
		}
		names = append(names, name)
		return nil
	})
	return names, err
}

func (im *importer) files(ctx context.Context, fsys fs.FS, names []string) error {
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			im.fail(item{name: name}, unopened(name, err))
			continue
		}
		err = im.file(ctx, norm.NFC.String(name), f) // however the computer writes it
		_ = f.Close()                                // it was only read
		if err != nil {
			return err
		}
	}
	return nil
}

// unopened says why a file cannot be opened.
func unopened(name string, err error) error {
	var link *fs.PathError
	switch {
	case !utf8.ValidString(name):
		return fault.Invalid("name_invalid", "The name of the file is not UTF-8. Give it another name and try again.")
	case errors.Is(err, fs.ErrPermission):
		return fault.Invalid("file_unreadable", "The file may not be read.")
	case errors.As(err, &link) && !errors.Is(err, fs.ErrNotExist):
		return fault.Invalid("file_elsewhere", "The file is a link that leads out of the folder. Name what it leads to, if that is meant.")
	}
	return fault.Invalid("file_unreadable", "The file cannot be opened; it may have been moved meanwhile.")
}

func (im *importer) file(ctx context.Context, name string, r io.Reader) error {
	for it := range items(name, r) {
		if err := im.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}
