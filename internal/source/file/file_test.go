package file_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/source/file"
)

// TestEachFileOnce names the files of a folder in several ways: each comes once, by the name under which it was met first.
func TestEachFileOnce(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"a", ".a", "in/b", "in/.b"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"in/link": "b", "in/zlink": "../.a", "folder": "in", "dangling": "nowhere"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ paths, want []string }{
		{[]string{"."}, []string{".a", "a", "dangling: a link to a file that is not there", "in/.b", "in/b"}},
		{[]string{"in/"}, []string{"in/.b", "in/b", "in/zlink"}},
		{[]string{"./in", "in", "in/../in/b", dir + "/in", "in/*"}, []string{"in/.b", "in/b", "in/zlink"}},
		{[]string{"in/b", "folder/b", "folder/.b"}, []string{"in/b", "folder/.b"}},
		{[]string{"in/link", "in"}, []string{"in/link", "in/.b", "in/zlink"}},
	} {
		var got []string
		for item, err := range (&file.Source{Paths: c.paths}).Items(t.Context()) {
			name := item.Name
			if err != nil {
				name += ": " + err.Error()
			} else if item.Size != int64(len(readAll(t, item.Open))) || item.ModTime.IsZero() {
				t.Errorf("%s: size %d, time %v", item.Name, item.Size, item.ModTime)
			}
			got = append(got, name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.paths, diff)
		}
	}
}

func readAll(t *testing.T, open func() (io.ReadCloser, error)) []byte {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
