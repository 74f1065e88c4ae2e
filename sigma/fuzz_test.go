package sigma_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

const before = "title: before\nlogsource: {product: p}\ndetection:\n  s: {a: 1}\n  condition: s\n"

// FuzzParse holds four things: whatever the file, rules are whole and errors say where; rules compile; parsing again gives
// the same; and a document before the file changes nothing but the lines.
func FuzzParse(f *testing.F) {
	archives, err := filepath.Glob(filepath.Join("testdata", "parse", "*.txtar"))
	if err != nil || len(archives) == 0 {
		f.Fatal("no test data", err)
	}
	for _, path := range archives {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if strings.HasSuffix(file.Name, ".yml") {
				f.Add(withHeads(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20_000 {
			t.Skip("long files only take longer")
		}
		rules, errs := sigma.Parse("f", data, sigma.WithPlaceholders(placeholders))
		checkRules(t, rules)
		checkErrors(t, errs, 1+bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r"))+otherBreaks(data))
		once := outcome(rules, errs, 0)
		if again := outcome(parsed(data)); again != once {
			t.Fatalf("a second time:\n%s", cmp.Diff(once, again))
		}
		if !utf8.Valid(data) || bytes.Contains(data, []byte("\ufeff")) || bytes.Contains(data, []byte("%")) || bytes.Contains(data, []byte("action")) {
			return // encodings and directives belong to the beginning of a file, and action looks at what is before
		}
		rules, errs = sigma.Parse("f", append([]byte(before+"---\n"), data...), sigma.WithPlaceholders(placeholders))
		if len(rules) == 0 || rules[0].Title != "before" {
			t.Fatal("the document before is lost", errs)
		}
		shifted := outcome(rules[1:], errs, strings.Count(before, "\n")+1)
		if shifted != once {
			t.Fatalf("behind another document:\n%s", cmp.Diff(once, shifted))
		}
	})
}

func parsed(data []byte) ([]*sigma.Rule, []error, int) {
	rules, errs := sigma.Parse("f", data, sigma.WithPlaceholders(placeholders))
	return rules, errs, 0
}

// otherBreaks counts what YAML 1.1 takes for a line break besides CR and LF: NEL, LS and PS.
func otherBreaks(data []byte) int {
	return bytes.Count(data, []byte("\u0085")) + bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029"))
}

func checkRules(t *testing.T, rules []*sigma.Rule) {
	t.Helper()
	for _, r := range rules {
		kinds := 0
		for _, there := range []bool{r.Detection != nil, r.Correlation != nil, r.Filter != nil} {
			if there {
				kinds++
			}
		}
		if kinds != 1 || r.Title == "" || r.File != "f" || r.Line < 1 {
			t.Fatalf("no whole rule: %+v", r)
		}
		if r.Detection == nil {
			continue
		}
		if len(r.Detection.Conditions) == 0 || r.LogSource.Category+r.LogSource.Product+r.LogSource.Service == "" {
			t.Fatalf("no whole rule: %+v", r)
		}
		if n := strings.Count(sigma.Format(r.Detection.Expr), "\n"); n == 0 || n > 200_000 {
			t.Fatalf("%d tests in one rule", n)
		}
		if _, err := sigma.Compile([]*sigma.Rule{r}, sigma.Options{Resolve: func(string) (int, bool) { return 0, true }, Keywords: []int{1}}); err != nil {
			t.Fatal(err)
		}
	}
}

func checkErrors(t *testing.T, errs []error, lines int) {
	t.Helper()
	for _, err := range errs {
		var pe *sigma.ParseError
		if !errors.As(err, &pe) || pe.File != "f" || pe.Line < 1 || pe.Line > lines+1 || pe.Err.Error() == "" {
			t.Fatalf("an error that does not say where, in %d lines: %#v: %v", lines, err, err)
		}
	}
}

// outcome writes what parsing gave, with lines counted from behind some others.
func outcome(rules []*sigma.Rule, errs []error, lines int) string {
	var b strings.Builder
	for _, r := range rules {
		s := *r
		s.Line -= lines
		b.WriteString(describe([]*sigma.Rule{&s}, nil))
	}
	for _, err := range errs {
		var pe *sigma.ParseError
		if !errors.As(err, &pe) {
			continue
		}
		if strings.HasPrefix(pe.Err.Error(), "not YAML") { // the YAML library's lines are not always exact
			fmt.Fprintf(&b, "%v\n", pe.Err)
		} else {
			fmt.Fprintf(&b, "%d %v %v\n", pe.Line-lines, pe.Unsupported, pe.Err)
		}
	}
	return b.String()
}
