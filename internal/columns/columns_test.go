package columns_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

func texts(parts [][]byte) (out []string) {
	for _, p := range parts {
		out = append(out, string(p))
	}
	return out
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		`a b  c`:                         {"a", "b", "c"},
		`a "b c" d`:                      {"a", "b c", "d"},
		`a "" "-"`:                       {"a", "", "-"},
		`a "b "q"c" d`:                   {"a", `b "q"c`, "d"},
		`a "b \" c" d`:                   {"a", `b \" c`, "d"},
		`a "b \\" d`:                     {"a", `b \\`, "d"},
		`a "open`:                        {"a", "open"},
		`[02/Mar/2026:10:00:00 +0000] x`: {"02/Mar/2026:10:00:00 +0000", "x"},
		`[2001:db8::9]:443 [::1]:80 [ab] [02/ open`: {"[2001:db8::9]:443", "[::1]:80", "[ab]", "02/ open"},
		``:    nil,
		`   `: nil,
	} {
		if diff := cmp.Diff(want, texts(columns.Split(nil, []byte(line), 0))); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, texts(columns.Split(nil, []byte("a b c d"), 2))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", ""}, texts(columns.SplitTabs(nil, []byte("a\t\tb"), 2))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "", "b"}, texts(columns.SplitTabs(nil, []byte("a\t\tb"), 0))); diff != "" {
		t.Error(diff)
	}
}

func TestFieldName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"cs(User-Agent)": "cs-user-agent", "CS(referer)": "cs-referer", "cs(Host)": "cs-host", "X-Forwarded-For": "x-forwarded-for",
		"cs-protocol-version": "cs-version", "date": "date", "odd(": "odd(",
	} {
		if got := columns.FieldName(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}

// TestFixedHeader says where the columns change in a log that is decoded in chunks, since the chunks behind would not know.
func TestFixedHeader(t *testing.T) {
	t.Parallel()
	header := func(line []byte) ([]string, bool) {
		if line[0] != '!' {
			return nil, false
		}
		return texts(columns.Split(nil, line[1:], 0)), true
	}
	cfg := columns.Config{Names: []string{"x"}, Request: -1, Header: header, Fixed: true}
	log := []byte("!a b\n1 2\n!a b\n3 4\n!b a\n")
	plan := logformat.NewPlan("b")
	dec := cfg.New(plan, logformat.File{Head: log})
	rec := event.NewRecord(1)
	var got []string
	for len(log) > 0 {
		rec.Reset()
		n, err := dec.Next(log, true, rec)
		switch {
		case err != nil:
			got = append(got, err.Error())
		default:
			got = append(got, string(rec.Text(0)))
		}
		log = log[n:]
	}
	want := []string{"no event here", "2", "no event here", "4", "not a record: the columns change within the file; split it here"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
