// Package file reads logs from files, folders, globs and standard input.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/source"
)

// Source yields the files that its paths name.
type Source struct {
	// Paths are files, folders (read recursively), glob patterns, or "-" for Stdin.
	Paths []string
	Stdin io.Reader
}

var _ source.Source = (*Source)(nil)

// ErrNoMatch says that a glob pattern matches no file.
var ErrNoMatch = errors.New("no file matches this pattern")

// Items yields the files path by path, folders in lexical order. A file that several paths name comes once.
// Symbolic links to files are followed; links to folders within a folder are not, so there are no cycles.
func (s *Source) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		seen := make(map[string]bool)
		for _, path := range s.Paths {
			if !s.items(ctx, path, seen, yield) {
				return
			}
		}
	}
}

func (s *Source) items(ctx context.Context, path string, seen map[string]bool, yield func(source.Item, error) bool) bool {
	if path == "-" {
		return yield(s.stdin(), nil)
	}
	if _, err := os.Stat(path); err != nil && hasMeta(path) {
		found, globErr := filepath.Glob(path)
		if globErr != nil {
			return yield(source.Item{Name: path}, fmt.Errorf("pattern %q: %w", path, globErr))
		}
		if len(found) == 0 {
			return yield(source.Item{Name: path}, ErrNoMatch)
		}
		slices.Sort(found)
		for _, f := range found {
			if !walk(ctx, f, seen, yield) {
				return false
			}
		}
		return true
	}
	return walk(ctx, path, seen, yield)
}

func walk(ctx context.Context, root string, seen map[string]bool, yield func(source.Item, error) bool) bool {
	more := true
	behind := realPath(root)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if more = yield(source.Item{Name: path}, unwrapPath(err)); !more {
				return fs.SkipAll
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() && path != root || d.IsDir() && isDir(root) {
			return nil
		}
		item, err := describe(path, d, root, behind)
		if errors.Is(err, errNotAFile) || err == nil && (seen[item.key] || item.Once && path != root) {
			return nil
		}
		seen[item.key] = true
		if more = yield(item.Item, unwrapPath(err)); !more {
			return fs.SkipAll
		}
		return nil
	})
	return more && err == nil
}

type keyed struct {
	source.Item
	key string // the file behind the name
}

var (
	errNotAFile = errors.New("not a regular file")
	errDangling = errors.New("a link to a file that is not there")
)

// describe describes what lies at path within the root of a walk, which leads to behind. Of a regular file, which nearly all
// are, nothing is asked of the system but its size and time.
func describe(path string, d fs.DirEntry, root, behind string) (keyed, error) {
	rel, err := filepath.Rel(root, path)
	if err != nil || !d.Type().IsRegular() {
		return stat(path)
	}
	it := keyed{Item: source.Item{Name: path, Size: -1}, key: filepath.Join(behind, rel)}
	info, err := d.Info()
	if err != nil {
		return it, err
	}
	it.Size, it.ModTime, it.Open = info.Size(), info.ModTime(), opener(path)
	return it, nil
}

// stat describes the file at path, following links. Sockets, devices and links to folders are not files to read; a named
// pipe that was asked for is.
func stat(path string) (keyed, error) {
	it := keyed{Item: source.Item{Name: path, Size: -1}, key: path}
	info, err := os.Stat(path)
	if err != nil {
		if _, linkErr := os.Readlink(path); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
			err = errDangling
		}
		return it, err
	}
	if info.IsDir() || info.Mode()&(fs.ModeSocket|fs.ModeDevice) != 0 {
		return it, errNotAFile
	}
	it.key = realPath(path)
	it.Once = !info.Mode().IsRegular()
	if !it.Once {
		it.Size = info.Size()
		it.ModTime = info.ModTime()
	}
	it.Open = opener(path)
	return it, nil
}

func opener(path string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, unwrapPath(err)
		}
		return f, nil
	}
}

// realPath returns where a path leads, links followed; the path itself if that can't be told.
func realPath(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		if abs, err := filepath.Abs(target); err == nil {
			return abs
		}
	}
	return path
}

func (s *Source) stdin() source.Item {
	in := s.Stdin
	if in == nil {
		in = os.Stdin
	}
	return source.Item{Name: "stdin", Size: -1, Once: true, Open: func() (io.ReadCloser, error) { return io.NopCloser(in), nil }}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func hasMeta(path string) bool { return strings.ContainsAny(path, "*?[") }

// unwrapPath drops the path from an error, which is reported beside the file's name anyway.
func unwrapPath(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
