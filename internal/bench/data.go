package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gatehouse-sec/gatehouse/internal/simulate"
)

// log is a made-up log and how much there is of it.
type log struct {
	path  string
	bytes int64
	lines int64
	files int64
}

// lines makes a log of a kind as one file, in folder dir.
func lines(dir, kind string, size int64) (log, error) {
	l := log{path: filepath.Join(dir, fmt.Sprintf("%s-%d.log", kind, size)), files: 1}
	s, err := simulate.New(kind, 1, simulate.Start())
	if err != nil {
		return l, err
	}
	f, err := os.Create(l.path)
	if err != nil {
		return l, fmt.Errorf("make a log to measure with: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = errors.Join(s.Write(io.MultiWriter(w, &l), size), w.Flush(), f.Close())
	return l, err
}

// Write counts.
func (l *log) Write(p []byte) (int, error) {
	l.bytes += int64(len(p))
	l.lines += int64(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// bucket makes CloudTrail as AWS delivers it and returns the folder; bytes are of the files as they lie.
func bucket(dir string, size int64) (log, error) {
	l := log{path: filepath.Join(dir, "bucket")}
	s, err := simulate.New("cloudtrail", 1, simulate.Start())
	if err != nil {
		return l, err
	}
	if err := s.Deliver(l.path, size); err != nil {
		return l, err
	}
	err = filepath.WalkDir(l.path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			l.bytes += info.Size()
			l.files++
		}
		return err
	})
	return l, err
}

// guesses makes an sshd log with a refused password from each of so many addresses.
func guesses(dir string, addresses int64) (log, error) {
	l := log{path: filepath.Join(dir, "guesses.log"), files: 1}
	f, err := os.Create(l.path)
	if err != nil {
		return l, fmt.Errorf("make a log to measure with: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = errors.Join(simulate.Guesses(io.MultiWriter(w, &l), addresses), w.Flush(), f.Close())
	return l, err
}
