package journald_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/journald"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, journald.Format{})
}

func read(tb testing.TB, name string) []byte {
	tb.Helper()
	log, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return log
}

// TestFormsAgree reads the same entries in both forms.
func TestFormsAgree(t *testing.T) {
	t.Parallel()
	fields := logformattest.Fields(journald.Format{})
	text, bad1 := logformattest.All(t, journald.Format{}, read(t, "testdata/json.log"), 1<<20, fields...)
	binary, bad2 := logformattest.All(t, journald.Format{}, read(t, "testdata/export.log"), 1<<20, fields...)
	if diff := cmp.Diff(text, binary); diff != "" || bad1 != 0 || bad2 != 0 {
		t.Errorf("%d and %d bad, %s", bad1, bad2, diff)
	}
}

// TestBroken passes over what is no entry, and goes on behind the next blank line, however the log is read.
func TestBroken(t *testing.T) {
	t.Parallel()
	good := "__CURSOR=a\n__REALTIME_TIMESTAMP=1772445600000000\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=x\n\n"
	for name, broken := range map[string]string{
		"no name":        "__CURSOR=a\nthis is no field\nMESSAGE=" + strings.Repeat("y", 300) + "\n\n",
		"a huge length":  "__CURSOR=a\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffy\n\n",
		"a wrong length": "__CURSOR=a\nMESSAGE\n\x03\x00\x00\x00\x00\x00\x00\x00abcdef\nMESSAGE=y\n\n",
		"a length short": "__CURSOR=a\nMESSAGE\n\x03\x00\x00\x00\x00\x00\x00\x00abcXA=1\nMESSAGE=y\n\n",
		"an empty name":  "__CURSOR=a\n=y\n\n",
	} {
		for window := 1; window < 2*len(good+broken); window++ {
			recs, bad := logformattest.All(t, journald.Format{}, []byte(good+broken+good), window, "message")
			if bad != 1 || len(recs) != 2 || recs[1].Values["message"][0] != "x" {
				t.Errorf("%s, in windows of %d: %d bad, %v", name, window, bad, recs)
			}
		}
	}
	if recs, bad := logformattest.All(t, journald.Format{}, []byte(good+"MESSAGE\n\x09\x00\x00\x00\x00\x00\x00\x00abc"), 1<<20, "message"); len(recs) != 1 || bad != 1 {
		t.Errorf("cut off: %d records, %d bad", len(recs), bad)
	}
}

// TestHugeLength does not wait for the bytes that a length promises.
func TestHugeLength(t *testing.T) {
	t.Parallel()
	plan := logformat.NewPlan("message", "time")
	dec := journald.Format{}.NewDecoder(plan, logformat.File{})
	_, err := dec.Next([]byte("MESSAGE\n\x00\x00\x00\x00\x01\x00\x00\x00abc"), false, event.NewRecord(2))
	if _, ok := errors.AsType[*logformat.RecordError](err); !ok {
		t.Errorf("got %v", err)
	}
}

// TestLayout cuts JSON at lines, and the export format nowhere.
func TestLayout(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]logformat.Layout{"testdata/json.log": logformat.Lines, "testdata/export.log": logformat.Stream} {
		if got := logformat.LayoutOf(journald.Format{}, read(t, name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, journald.Format{}, read(t, "testdata/json.log"))
	logformattest.NoAllocations(t, journald.Format{}, read(t, "testdata/export.log"))
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, journald.Format{})
}

// FuzzExport checks that entries do not depend on how the log was read.
func FuzzExport(f *testing.F) {
	f.Add(read(f, "testdata/export.log"), 64)
	fields := logformattest.Fields(journald.Format{})
	f.Fuzz(func(t *testing.T, log []byte, window int) {
		whole := fmt.Sprint(logformattest.All(t, journald.Format{}, log, len(log)+1, fields...))
		pieces := fmt.Sprint(logformattest.All(t, journald.Format{}, log, max(1, window%1024), fields...))
		if whole != pieces {
			t.Errorf("in windows of %d bytes it is different:\n%s\n%s", window, whole, pieces)
		}
	})
}
