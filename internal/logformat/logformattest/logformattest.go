// Package logformattest is the tests that every log format passes.
package logformattest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Record is a decoded record, copied.
type Record struct {
	Values map[string][]string
	Class  int
	Time   int64
	Timed  bool
}

// All decodes a whole log, given whole, or in windows of at most window bytes that grow as a reader's buffer does.
func All(tb testing.TB, f logformat.Format, log []byte, window int, fields ...string) (recs []Record, bad int) {
	tb.Helper()
	return decode(tb, f, logformat.NewPlan(append(fields, f.Info().Needs...)...), log, window)
}

// Later decodes a whole log as All does, with all fields that may wait left to Finish, which is called twice: each set of
// rules that may match a record calls it.
func Later(tb testing.TB, f logformat.Format, log []byte, fields ...string) (recs []Record, bad int) {
	tb.Helper()
	plan := logformat.NewPlan()
	for _, name := range fields {
		plan.AddLater(name)
	}
	for _, name := range f.Info().Needs {
		plan.Add(name)
	}
	return decode(tb, f, plan, log, len(log)+1)
}

func decode(tb testing.TB, f logformat.Format, plan *logformat.Plan, log []byte, window int) (recs []Record, bad int) {
	tb.Helper()
	dec := f.NewDecoder(plan, logformat.File{Head: log[:min(len(log), 64<<10)]})
	finisher, finishes := dec.(logformat.Finisher)
	rec := event.NewRecord(len(plan.Fields))
	size := window
	for pos := 0; ; {
		end := min(pos+size, len(log))
		buf, last := log[pos:end:end], end == len(log)
		if len(buf) == 0 {
			return recs, bad
		}
		rec.Reset()
		n, err := dec.Next(buf, last, rec)
		if n < 0 || n > len(buf) || n == 0 && (last || err == nil) {
			tb.Fatalf("took %d of %d bytes with %v", n, len(buf), err)
		}
		pos += n
		var re *logformat.RecordError
		switch {
		case err == nil:
			if finishes {
				finisher.Finish(rec)
				finisher.Finish(rec)
			}
			recs = append(recs, record(plan, dec, rec))
		case errors.As(err, &re):
			bad++
		case errors.Is(err, logformat.ErrShort):
			size *= 2
		case !errors.Is(err, logformat.ErrSkip):
			tb.Fatal(err)
		}
	}
}

func record(plan *logformat.Plan, dec logformat.Decoder, rec *event.Record) Record {
	r := Record{Values: map[string][]string{}, Class: int(rec.Class)}
	for i, name := range plan.Fields {
		for v := rec.First(i); v != nil; v = rec.Next(v) {
			r.Values[name] = append(r.Values[name], string(v.Text))
		}
	}
	r.Time, r.Timed = dec.Time(rec)
	return r
}

// Decodes checks that a log is recognised, and that each of its n records has a time and the values wanted.
func Decodes(t *testing.T, f logformat.Format, log string, n int, want map[string]string) {
	t.Helper()
	if sure := f.Sniff([]byte(log)); sure < 10 {
		t.Errorf("not recognised: %d", sure)
	}
	var fields []string
	for name := range want {
		if !f.Info().Has(name) {
			t.Errorf("field %s is not documented", name)
		}
		fields = append(fields, name)
	}
	for _, window := range []int{1 << 20, 64} {
		recs, bad := All(t, f, []byte(log), window, fields...)
		if len(recs) != n || bad != 0 {
			t.Fatalf("window of %d: %d records and %d bad ones, want %d and none", window, len(recs), bad, n)
		}
		for i, r := range recs {
			if !r.Timed {
				t.Errorf("record %d has no time", i)
			}
			for name, v := range want {
				if len(r.Values[name]) == 0 || r.Values[name][0] != v {
					t.Errorf("record %d: %s is %q, want %q", i, name, r.Values[name], v)
				}
			}
		}
	}
}

// Fuzz begins with testdata/*.log and checks that decoding any bytes ends, takes no more than there is, and gives the same
// records where fields may wait, and where the format is cut at lines, whole as in pieces.
func Fuzz(f *testing.F, format logformat.Format) {
	fields := Fields(format)
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range logs {
		log, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(log)
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		format.Sniff(log)
		whole, bad := All(t, format, log, len(log)+1, fields...)
		later, badLater := Later(t, format, log, fields...)
		if diff := cmp.Diff(whole, later); diff != "" || bad != badLater {
			t.Errorf("finished later it is different: %d and %d bad, %s", bad, badLater, diff)
		}
		if logformat.LayoutOf(format, log) != logformat.Lines {
			return
		}
		pieces, badPieces := All(t, format, log, 16, fields...)
		if diff := cmp.Diff(whole, pieces); diff != "" || bad != badPieces {
			t.Errorf("in pieces it is different: %d and %d bad, %s", bad, badPieces, diff)
		}
	})
}
