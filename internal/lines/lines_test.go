package lines_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// feed gives text to a framer through a window that holds at most size bytes and grows like a reader's buffer.
func feed(t *testing.T, text string, size int) (got []string, bad int) {
	t.Helper()
	var f lines.Framer
	rec := event.NewRecord(0)
	window, given := "", 0
	for {
		if given < len(text) && len(window) < size {
			more := min(size-len(window), len(text)-given)
			window += text[given : given+more]
			given += more
		}
		if window == "" {
			return got, bad
		}
		n, err := f.Next([]byte(window), given == len(text), rec, func(line []byte, _ *event.Record) error {
			got = append(got, string(line))
			return nil
		})
		window = window[n:]
		var re *logformat.RecordError
		switch {
		case errors.As(err, &re):
			bad++
		case errors.Is(err, logformat.ErrShort):
			size *= 2
		}
	}
}

func TestFraming(t *testing.T) {
	t.Parallel()
	text := "\uFEFFone\r\n\n  \ntwo\n" + strings.Repeat("x", lines.Max+10) + "\nthree"
	for _, size := range []int{1, 7, 4096, 8 << 20} {
		got, bad := feed(t, text, size)
		if diff := cmp.Diff([]string{"one", "two", "three"}, got); diff != "" {
			t.Errorf("window of %d: %s", size, diff)
		}
		if bad != 1 {
			t.Errorf("window of %d: %d bad records, want 1", size, bad)
		}
	}
}

// FuzzFramer compares what comes out of any text, whole and in windows, with a plain split.
func FuzzFramer(f *testing.F) {
	f.Add("\uFEFFone\r\n\n  \ntwo\nthree")
	f.Fuzz(func(t *testing.T, text string) {
		var want []string
		for line := range strings.SplitSeq(text, "\n") {
			line = strings.TrimPrefix(strings.TrimSuffix(line, "\r"), "\uFEFF")
			if strings.Trim(line, " \t\x00") != "" {
				want = append(want, line)
			}
		}
		for _, size := range []int{1, 5, len(text) + 1} {
			if got, _ := feed(t, text, size); !cmp.Equal(want, got) {
				t.Errorf("window of %d: %q, want %q", size, got, want)
			}
		}
	})
}
