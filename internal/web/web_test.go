package web_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

func values(rec *event.Record, slot int) (got []string) {
	for v := rec.First(slot); v != nil; v = rec.Next(v) {
		got = append(got, string(v.Text))
	}
	return got
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string][3][]string{
		"/a":                {{"/a"}, {"/a"}, nil},
		"/a?":               {{"/a?"}, {"/a"}, {""}},
		"/a+b?c+d":          {{"/a+b?c+d", "/a+b?c d"}, {"/a+b"}, {"c+d", "c d"}},
		"/%2e%2E/x?q=%27+1": {{"/%2e%2E/x?q=%27+1", "/../x?q=' 1"}, {"/%2e%2E/x", "/../x"}, {"q=%27+1", "q=' 1"}},
		"/%252e":            {{"/%252e", "/%2e", "/."}, {"/%252e", "/%2e", "/."}, nil},
		"/%25252e":          {{"/%25252e", "/%252e", "/%2e"}, {"/%25252e", "/%252e", "/%2e"}, nil},
		"/%?%zz%":           {{"/%?%zz%"}, {"/%"}, {"%zz%"}},
		"/?a=1%2B1":         {{"/?a=1%2B1", "/?a=1+1"}, {"/"}, {"a=1%2B1", "a=1+1"}},
		"/?a?b":             {{"/?a?b"}, {"/"}, {"a?b"}},
	} {
		plan := logformat.NewPlan("cs-uri", "cs-uri-stem", "cs-uri-query")
		rec := event.NewRecord(3)
		web.URISlots(plan).Set(rec, []byte(target), nil)
		for i, name := range plan.Fields {
			if diff := cmp.Diff(want[i], values(rec, i)); diff != "" {
				t.Errorf("%s of %s: %s", name, target, diff)
			}
		}
	}
}

// TestParts puts a target together that a log holds in two columns.
func TestParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stem, query string
		want        []string
	}{
		{"/a", "", []string{"/a"}},
		{"/a", "b=%41", []string{"/a?b=%41", "/a?b=A"}},
		{"", "b", []string{"?b"}},
		{"", "", nil},
	} {
		rec := event.NewRecord(1)
		web.URISlots(logformat.NewPlan("cs-uri")).SetParts(rec, []byte(c.stem), []byte(c.query), nil)
		if diff := cmp.Diff(c.want, values(rec, 0)); diff != "" {
			t.Errorf("%s and %s: %s", c.stem, c.query, diff)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`plain`: `plain`, `\x22a\x5C`: `"a\`, `\"q\"`: `"q"`, `\\x41`: `\x41`, `tab\t`: "tab\t", `end\`: `end\`, `\xg1`: `\xg1`, `\x1`: `\x1`,
	} {
		if got := string(web.Unescape(nil, []byte(text))); got != want {
			t.Errorf("%s became %q, want %q", text, got, want)
		}
	}
}
