package projection_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// frames returns the value of n in each record of a log that is given in windows of a few bytes, and "bad" for what is none.
func frames(t *testing.T, log string, window int) (out []string) {
	t.Helper()
	f := projection.Framer{Wrappers: []string{"list", "more"}, Outer: []string{"outer"}}
	w := projection.NewWalker(projection.Compile([]string{"n"}, projection.Options{}))
	rec := event.NewRecord(1)
	size := window
	for pos := 0; pos < len(log); {
		end := min(pos+size, len(log))
		rec.Reset()
		n, err := f.Next([]byte(log[pos:end]), end == len(log), func(buf []byte) (int, error) { return w.Object(buf, rec) })
		pos += n
		var re *logformat.RecordError
		switch {
		case err == nil:
			out = append(out, string(rec.Text(0)))
		case errors.Is(err, logformat.ErrShort):
			size *= 2
		case errors.As(err, &re):
			out = append(out, "bad")
		case !errors.Is(err, logformat.ErrSkip):
			t.Fatal(err)
		}
	}
	return out
}

// TestWrappers looks for records inside what wraps them, whatever stands before and behind the list.
func TestWrappers(t *testing.T) {
	t.Parallel()
	for log, want := range map[string][]string{
		`{"list":[{"n":1},{"n":2}]}`:                                                                        {"1", "2"},
		`{"list":[{"n":1}],"next":"a","stats":{"n":7,"x":[1]},"done":true}`:                                 {"1"},
		`{"meta":{"n":7},"tags":["a",{}],"s":"x\"y","list":[{"n":1}],"more":[{"n":2}]}`:                     {"1", "2"},
		`{"took":3,"_shards":{"n":7},"outer":{"total":{"n":9},"list":[{"n":1},{"n":2}],"max":1.5}}`:         {"1", "2"},
		"{\n \"list\" : [ {\"n\" : 1 } ],\n \"next\" :\n  null\n}\n{\"list\":[]}\n{\"list\":[{\"n\":3}]}\n": {"1", "3"},
		`{"tags":["a"],"list":[{"n":1}]}` + "\n" + `{"tags":[{}],"list":[{"o":{},"list":[{"n":3}],"n":2}]}`: {"1", "2"},
		`[{"n":1},{"n":2}]`:              {"1", "2"},
		`{"n":1,"list":{"n":2}}`:         {"1"},
		`{"n":1,"outer":[{"n":2}]}`:      {"1"},
		`"next":"a"` + "\n" + `{"n":1}`:  {"bad", "1"},
		`{"list":[{"n":1}],"next":"open`: {"1", "bad"},
	} {
		for _, window := range []int{1, 7, 1 << 20} {
			if diff := cmp.Diff(want, frames(t, log, window)); diff != "" {
				t.Errorf("%s in windows of %d: %s", log, window, diff)
			}
		}
	}
}

// TestSeparator takes what separates a record from the next together with it, and no more.
func TestSeparator(t *testing.T) {
	t.Parallel()
	w, rec := projection.NewWalker(projection.Compile([]string{"n"}, projection.Options{})), event.NewRecord(1)
	for log, want := range map[string]int{
		`{"n":1}`: 7, "{\"n\":1}\n{\"n\":2}": 8, "{\"n\":1}\r\n{\"n\":2}": 7, `{"n":1},{"n":2}`: 8, `{"n":1}{"n":2}`: 7, "{\"n\":1}\n\n": 8,
	} {
		for _, lines := range []bool{false, true} {
			rec.Reset()
			f := projection.Framer{Lines: lines}
			n, err := f.Next([]byte(log), true, func(buf []byte) (int, error) { return w.Object(buf, rec) })
			if n != want || err != nil || string(rec.Text(0)) != "1" {
				t.Errorf("%q: %d bytes, %v, n is %s", log, n, err, rec.Text(0))
			}
		}
	}
}

// TestGarbageLine counts a line that is no JSON once, however little of it is there at first.
func TestGarbageLine(t *testing.T) {
	t.Parallel()
	log := []byte("{\"n\":1}\n" + "a line of something else, longer than what is there at first\n" + "{\"n\":2}\n")
	for _, size := range []int{1, 10, len(log)} {
		f := projection.Framer{Lines: true}
		good, bad := 0, 0
		for pos, window := 0, size; pos < len(log); {
			end := min(pos+window, len(log))
			n, err := f.Next(log[pos:end], end == len(log), projection.Length)
			pos += n
			var re *logformat.RecordError
			switch {
			case err == nil:
				good++
			case errors.As(err, &re):
				bad++
			case errors.Is(err, logformat.ErrShort):
				window *= 2
			}
		}
		if good != 2 || bad != 1 {
			t.Errorf("in windows of %d: %d good and %d bad", size, good, bad)
		}
	}
}
