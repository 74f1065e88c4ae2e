package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Peer does the work that Gatehouse is held against, as a process of its own: "json" decodes the lines of a file into
// maps, "gunzip" unpacks all files of a folder, with as many goroutines as there are cores.
func Peer(name, path string) error {
	switch name {
	case "json":
		return decodeMaps(path)
	case "gunzip":
		return gunzipAll(path)
	}
	return fmt.Errorf("no peer is called %q", name)
}

func decodeMaps(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 1<<20), 1<<24)
	for s.Scan() {
		var event map[string]any
		if err := json.Unmarshal(s.Bytes(), &event); err != nil {
			return err
		}
	}
	return s.Err()
}

func gunzipAll(dir string) error {
	files := make(chan string)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for name := range files {
				if err := gunzip(name); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files <- name
		}
		return err
	})
	close(files)
	wg.Wait()
	return errors.Join(err, failed)
}

func gunzip(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = io.Copy(io.Discard, z)
	return err
}
