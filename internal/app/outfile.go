package app

import (
	"errors"
	"os"
	"path/filepath"
)

// outFile is the file that --output-file names. It is there whole or not at all: what is written stands beside it until it
// is finished. What is no regular file (a device, a named pipe) is written to as it is, since it may not be replaced.
type outFile struct {
	*os.File
	final string // where it is to be; "" if it is there already
}

// createOut begins an output file.
func createOut(name string) (*outFile, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return nil, hinted("name a file in it", "write %s: it is a folder", name)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, hinted("choose a file that you may write to", "write %s: %w", name, unwrapPath(err))
		}
		return &outFile{File: f}, nil
	case err == nil: // a link stays one, and what it leads to is replaced
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".gatehouse-*")
	if err != nil {
		return nil, hinted("choose a folder that exists and that you may write to", "write %s: %w", name, unwrapPath(err))
	}
	return &outFile{File: f, final: name}, nil
}

// finish puts the file in its place, or removes it if something went wrong.
func (o *outFile) finish(err error) error {
	err = errors.Join(err, o.Close())
	if o.final == "" {
		return err
	}
	if err == nil {
		err = os.Rename(o.Name(), o.final) // reports quote logs: os.CreateTemp lets nobody else read them
	}
	if err != nil {
		os.Remove(o.Name()) //nolint:errcheck // the first error is the one to tell
	}
	return err
}
