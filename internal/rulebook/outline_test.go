package rulebook

import (
	"bytes"
	"io/fs"
	"reflect"
	"slices"
	"testing"

	"github.com/gatehouse-sec/gatehouse/rules"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// TestOutline compares the shipped rules as they are read from the outlines of their files with those of the whole files.
func TestOutline(t *testing.T) {
	t.Parallel()
	files, err := ruleFiles(Folder{FS: rules.FS})
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	whole, short := 0, 0
	for _, name := range files {
		data, err := fs.ReadFile(rules.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		brief := outline(data, false)
		whole, short = whole+len(data), short+len(brief)
		if a, b := bytes.Count(data, []byte("\n")), bytes.Count(brief, []byte("\n")); a != b {
			t.Errorf("%s: %d lines, of which the outline has %d", name, a, b)
		}
		want, errs := sigma.Parse(name, data)
		got, briefErrs := sigma.Parse(name, brief)
		if len(errs)+len(briefErrs) > 0 || len(got) != len(want) {
			t.Fatalf("%s: %d rules %v, of the outline %d %v", name, len(want), errs, len(got), briefErrs)
		}
		for i := range want {
			marks := func(r *sigma.Rule) (out []bool) {
				d, err := detailOf(Folder{}, r)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return nil
				}
				var key struct {
					Examples []struct{ Match bool }
				}
				if err := d.node.Decode(&key); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				for _, e := range key.Examples {
					out = append(out, e.Match)
				}
				return out
			}
			if a, b := marks(want[i]), marks(got[i]); !reflect.DeepEqual(a, b) || len(a) < 2 {
				t.Errorf("%s: %s: examples %v, of the outline %v", name, want[i].Title, a, b)
			}
			want[i].Custom, got[i].Custom = nil, nil
			if !reflect.DeepEqual(want[i], got[i]) {
				t.Errorf("%s: %s differs", name, want[i].Title)
			}
		}
	}
	if short*2 > whole {
		t.Errorf("the outlines have %d of %d bytes", short, whole)
	}
}

// TestBrief compares the shipped rules as they are read in brief, and then the rest of them, with those of the whole files.
func TestBrief(t *testing.T) {
	t.Parallel()
	load := func(brief bool) *Book {
		b, err := Load(t.Context(), Folder{FS: rules.FS, Name: "builtin:", Shipped: true, Brief: brief})
		if err != nil || len(b.Skipped)+len(b.Unsupported) > 0 {
			t.Fatalf("%v %v %v", err, b.Skipped, b.Unsupported)
		}
		return b
	}
	whole, brief := load(false), load(true)
	if len(whole.Set.Rules) != len(brief.Set.Rules) {
		t.Fatalf("%d rules, in brief %d", len(whole.Set.Rules), len(brief.Set.Rules))
	}
	said := 0
	for i, want := range whole.Set.Rules {
		short := brief.Set.Rules[i]
		_, next := whole.Whole(want)
		for range 2 { // the second time it is known
			got, gotNext := brief.Whole(short)
			if got.Description != want.Description || !slices.Equal(got.Tags, want.Tags) || !slices.Equal(got.References, want.References) ||
				!slices.Equal(got.FalsePositives, want.FalsePositives) || gotNext != next || got.ID != want.ID || got.File != want.File || next == "" {
				t.Errorf("%s: %s differs: %+v", want.File, want.Title, got)
			}
		}
		if short.Description != "" || len(short.Tags)+len(short.References)+len(short.FalsePositives) > 0 {
			said++
		}
		if !reflect.DeepEqual(matching(want), matching(short)) {
			t.Errorf("%s: %s matches otherwise in brief", want.File, want.Title)
		}
	}
	if said > 0 {
		t.Errorf("of %d rules something is read that is only said of findings", said)
	}
}

// matching is what a rule matches by.
func matching(r *sigma.Rule) sigma.Rule {
	out := *r
	out.Description, out.Author, out.Date, out.Modified, out.Tags, out.References, out.FalsePositives, out.Custom = "", "", "", "", nil, nil, nil, nil
	return out
}
