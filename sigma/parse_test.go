package sigma_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

var placeholders = map[string][]string{"users": {"alice", "b*b"}, "nets": {"10.0.0.0/8", "192.0.2.0/24"}}

// TestParse holds what rules are parsed to against testdata/parse: each rule file there is followed by the expected output.
func TestParse(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob(filepath.Join("testdata", "parse", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatal("no test data", err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, f := range ar.Files {
				want[f.Name] = string(f.Data)
			}
			out := &txtar.Archive{Comment: ar.Comment}
			for _, f := range ar.Files {
				if strings.HasSuffix(f.Name, ".out") {
					continue
				}
				got := describe(sigma.Parse("f", withHeads(f.Data), sigma.WithPlaceholders(placeholders)))
				name := strings.TrimSuffix(f.Name, ".yml") + ".out"
				if diff := cmp.Diff(want[name], got); diff != "" && !*update {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
				out.Files = append(out.Files, f, txtar.File{Name: name, Data: []byte(got)})
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(out), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// withHeads gives documents that begin with their detection (after comments) a title and a log source, behind the rest so
// that lines stay what they are.
func withHeads(data []byte) []byte {
	docs := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n---\n")
	for i, d := range docs {
		if !strings.Contains(d, "title:") && strings.Contains(d, "detection:") && !strings.Contains(string(data), "action:") {
			docs[i] = d + "\ntitle: t\nlogsource: {product: p}"
		}
	}
	return []byte(strings.Join(docs, "\n---\n") + "\n")
}

// describe writes rules and errors as text.
func describe(rules []*sigma.Rule, errs []error) string {
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "rule %q, line %d\n", r.Title, r.Line)
		if r.ID != "" {
			s := *r
			s.Detection, s.Custom = nil, nil
			fmt.Fprintf(&b, "%+v\n", s)
		}
		switch {
		case r.Detection != nil:
			b.WriteString(sigma.Format(r.Detection.Expr))
		case r.Filter != nil:
			fmt.Fprintf(&b, "filter of %q, any %v\n%s", r.Filter.Rules, r.Filter.Any, sigma.Format(r.Filter.Detection.Expr))
		case r.Correlation != nil:
			fmt.Fprintf(&b, "%s %+v\n", r.Correlation.Type, *r.Correlation)
		}
	}
	for _, err := range errs {
		var pe *sigma.ParseError
		if !errors.As(err, &pe) {
			fmt.Fprintf(&b, "no ParseError: %v\n", err)
			continue
		}
		kind := "error"
		if pe.Unsupported {
			kind = "unsupported"
		}
		fmt.Fprintf(&b, "%s, line %d: %v\n", kind, pe.Line, pe.Err)
	}
	return b.String()
}

// TestAtomLines holds the lines that tests carry against the file.
func TestAtomLines(t *testing.T) {
	t.Parallel()
	rules, errs := sigma.Parse("f", []byte("# one\n---\ntitle: t\nlogsource: {product: p}\ndetection:\n  s:\n    a:\n      - x\n      - y\n  condition: s\n"))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var lines []int
	for _, x := range rules[0].Detection.Expr.(sigma.Or) {
		lines = append(lines, x.(*sigma.Atom).Line)
	}
	if !slices.Equal(lines, []int{8, 9}) {
		t.Errorf("lines %v, want 8 and 9", lines)
	}
}

// TestParseBounds gives the parser what would be large once expanded.
func TestParseBounds(t *testing.T) {
	t.Parallel()
	head := "title: t\nlogsource: {product: p}\n"
	var bomb strings.Builder
	bomb.WriteString("x:\n - &a0 [1,2,3,4,5,6,7,8,9]\n")
	for i := range 8 {
		refs := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ",")
		fmt.Fprintf(&bomb, " - &a%d [%s]\n", i+1, refs)
	}
	dashes := strings.TrimSuffix(strings.Repeat("'-a -b -c -d -e',", 40), ",")
	for name, c := range map[string]struct{ text, want string }{
		"alias bomb":       {head + bomb.String(), "more than 200000 values"},
		"depth":            {head + "x: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), "nested deeper than 64"},
		"size":             {head + "# " + strings.Repeat("x", 9<<20), "larger than 8 MiB"},
		"condition depth":  {head + "detection: {s: {a: 1}, condition: '" + strings.Repeat("(", 5000) + "s" + strings.Repeat(")", 5000) + "'}", "nested deeper than 200"},
		"condition size":   {head + "detection: {s: {a|windash: '-a -b -c -d -e'}, condition: s" + strings.Repeat(" or s", 1000) + "}", "it comes to more than 100000 tests"},
		"conditions size":  {head + "detection: {s: {a|windash: '-a -b -c -d -e'}, condition: [s" + strings.Repeat(", s", 1000) + "]}", "the conditions come to more than 100000 tests"},
		"variants":         {head + "detection: {s: {a|windash: [" + dashes + "]}, condition: s}", "more than 20000 values"},
		"many documents":   {strings.Repeat("---\na: 1\n", 10_002), "more than 10000 documents"},
		"grown by repeats": {"title: t\n" + strings.Repeat("k: [1,2,3]\n", 1) + "---\naction: repeat\nx: [" + strings.Repeat("1,", 150_000) + "1]\n---\naction: repeat\ny: [" + strings.Repeat("1,", 150_000) + "1]\n", "more than 200000 values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := sigma.Parse("f", []byte(c.text))
			if len(errs) == 0 || !strings.Contains(errs[len(errs)-1].Error(), c.want) {
				last := "no error"
				if len(errs) > 0 {
					last = errs[len(errs)-1].Error()
				}
				t.Errorf("got %.300s, want %q", last, c.want)
			}
		})
	}
}
