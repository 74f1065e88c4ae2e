package report_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// documented reads the tables of docs/output.md: under each heading, "there" and type of each member.
func documented(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| `([a-z_]+)` \\| ([a-z ]+) \\| ([a-z ]+) \\|")
	out := map[string]map[string]string{}
	head := "output"
	for line := range strings.Lines(string(text)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			head = strings.TrimSpace(h)
			continue
		}
		if m := row.FindStringSubmatch(line); m != nil {
			if out[head] == nil {
				out[head] = map[string]string{}
			}
			out[head][m[1]] = m[3] + ", " + map[bool]string{true: "always", false: "may be left out"}[m[2] == "always"]
		}
	}
	return out
}

// shapes are the types behind the headings of docs/output.md.
var shapes = map[reflect.Type]string{
	reflect.TypeFor[finding.Finding]():   "finding",
	reflect.TypeFor[finding.Rule]():      "rule",
	reflect.TypeFor[finding.Tactic]():    "technique",
	reflect.TypeFor[finding.Entity]():    "entity",
	reflect.TypeFor[finding.Evidence]():  "evidence",
	reflect.TypeFor[finding.Summary]():   "summary",
	reflect.TypeFor[finding.RuleCount](): "rules",
	reflect.TypeFor[finding.FileError](): "error",
	reflect.TypeFor[finding.Bucket]():    "bucket",
}

// typeName is what docs/output.md calls a type.
func typeName(t reflect.Type) string {
	switch {
	case shapes[t] != "":
		return shapes[t]
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == reflect.TypeFor[finding.Severity](), t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.Map:
		return typeName(t.Elem()) + " by " + typeName(t.Key())
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "number"
	}
	return "unknown: " + t.String()
}

// docs/output.md names exactly the members that the JSON has, with their types and whether they are always there.
func TestOutputIsDocumented(t *testing.T) {
	t.Parallel()
	docs := documented(t)
	delete(docs, "output") // the object itself, which TestJSON decodes member by member
	got := map[string]map[string]string{}
	for shape, name := range shapes {
		got[name] = map[string]string{}
		for f := range shape.Fields() {
			member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if member == "-" {
				continue
			}
			there := "always"
			if options != "" {
				there = "may be left out"
			}
			got[name][member] = typeName(f.Type) + ", " + there
		}
	}
	if d := cmp.Diff(got, docs); d != "" {
		t.Errorf("docs/output.md (-code +page):\n%s", d)
	}
}
