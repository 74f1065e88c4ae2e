package sigma_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

var corpus = filepath.Join("..", "..", "shared", "corpus")

// skipWithout skips a test whose part of the corpus is not there.
func skipWithout(tb testing.TB, parts ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{corpus}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skip("corpus/" + strings.Join(parts, "/") + " is absent")
	}
	return path
}

var loadOnce = sync.OnceValues(func() ([]*sigma.Rule, error) {
	var rules []*sigma.Rule
	err := filepath.WalkDir(filepath.Join(corpus, "sigma"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, _ := sigma.Parse(path, data)
		for _, r := range parsed {
			if r.Detection != nil {
				rules = append(rules, r)
			}
		}
		return nil
	})
	return rules, err
})

// matcherCorpusRules returns the rules of SigmaHQ that can be loaded.
func matcherCorpusRules(tb testing.TB) []*sigma.Rule {
	tb.Helper()
	skipWithout(tb, "sigma")
	rules, err := loadOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

func rulesOf(rules []*sigma.Rule, source sigma.LogSource) []*sigma.Rule {
	var out []*sigma.Rule
	for _, r := range rules {
		if r.LogSource.Applies(source) {
			out = append(out, r)
		}
	}
	return out
}

// atomsOf returns the atoms of an expression.
func atomsOf(e sigma.Expr, out []*sigma.Atom) []*sigma.Atom {
	switch e := e.(type) {
	case sigma.And:
		for _, x := range e {
			out = atomsOf(x, out)
		}
	case sigma.Or:
		for _, x := range e {
			out = atomsOf(x, out)
		}
	case sigma.SameElement:
		for _, x := range e {
			out = atomsOf(x, out)
		}
	case sigma.Not:
		out = atomsOf(e.X, out)
	case *sigma.Atom:
		out = append(out, e)
	}
	return out
}

// atomFields returns the names of the fields that rules ask for.
func atomFields(rules []*sigma.Rule) []string {
	seen := map[string]bool{}
	for _, r := range rules {
		for _, a := range atomsOf(r.Detection.Expr, nil) {
			if a.Field != "" {
				seen[a.Field] = true
			}
			if a.Op == sigma.FieldRef {
				seen[a.Text] = true
			}
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// cloudTrail reads the records of the stratus logs, flattened: what lies in arrays has its place there.
func cloudTrail(tb testing.TB) []fields {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(skipWithout(tb, "logs", "stratus"), "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []fields
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var records []any
		if err := dec.Decode(&records); err != nil {
			tb.Fatal(err)
		}
		for _, r := range records {
			ev, arrays := fields{}, uint32(0)
			flatten(ev, "", r, 0, &arrays)
			out = append(out, ev)
		}
	}
	return out
}

func flatten(ev fields, path string, v any, elem uint32, arrays *uint32) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			flatten(ev, strings.TrimPrefix(path+"."+name, "."), x, elem, arrays)
		}
	case []any:
		array := *arrays
		if elem == 0 {
			*arrays++
		}
		for i, x := range v {
			e := elem
			if elem == 0 {
				e = array<<16 + uint32(i) + 1
			}
			flatten(ev, path, x, e, arrays)
		}
	case nil:
		ev[path] = append(ev[path], val{null: true, elem: elem})
	default:
		ev[path] = append(ev[path], val{text: fmt.Sprint(v), elem: elem})
	}
}

// satisfying returns a text that passes the atom more often than not.
func satisfying(r *rand.Rand, a *sigma.Atom) string {
	around := func(before, after bool, text string) string {
		if before && r.IntN(2) == 0 {
			text = pick(r, []string{`C:\Windows\System32\`, "/", "x ", "--", "ſK", "http://"}) + text
		}
		if after && r.IntN(2) == 0 {
			text += pick(r, []string{".exe", " -enc", "?id=1", "x", "é"})
		}
		return text
	}
	text := a.Text
	switch a.Op {
	case sigma.Contains:
		text = around(true, true, text)
	case sigma.StartsWith:
		text = around(false, true, text)
	case sigma.EndsWith:
		text = around(true, false, text)
	case sigma.Glob:
		text = ""
		for _, p := range a.Glob {
			switch p.Kind {
			case sigma.Literal:
				text += p.Text
			case sigma.Any:
				text += pick(r, []string{"", "a", `\x\`, "é."})
			case sigma.One:
				text += pick(r, []string{"q", "ß"})
			}
		}
	case sigma.Regexp:
		text = around(true, true, strings.NewReplacer(`\s+`, " ", `\s`, " ", `.*`, "ab", `\.`, ".", `\\`, `\`, `\d`, "7", "^", "", "$", "", "(?i)", "").Replace(text))
	case sigma.CIDR:
		text = a.Net.Addr().Next().String()
	case sigma.NumberEqual, sigma.Less, sigma.LessEqual, sigma.Greater, sigma.GreaterEqual:
		text = strconv.FormatFloat(a.Number+float64(r.IntN(3)-1), 'f', -1, 64)
	}
	switch r.IntN(4) {
	case 0:
		text = strings.ToUpper(text)
	case 1:
		text = strings.ToLower(text)
	}
	return text
}

// TestMatcherAgreesWithReferenceOnCorpus compiles all of SigmaHQ together and gives it events that were made of the rules'
// own values, and real ones.
func TestMatcherAgreesWithReferenceOnCorpus(t *testing.T) {
	t.Parallel()
	rules := matcherCorpusRules(t)
	names := atomFields(rules)
	m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver(names), Keywords: []int{keywordSlot}})
	if err != nil {
		t.Fatal(err)
	}
	events := synthesised(rules, 60)
	if recorded := cloudTrail(t); !testing.Short() {
		for i := 0; i < len(recorded); i += 8 {
			for name := range recorded[i] {
				if !slices.Contains(names, name) {
					delete(recorded[i], name)
				}
			}
			events = append(events, recorded[i])
		}
	}
	s := m.Scanner()
	matched := 0
	for n, ev := range events {
		var want []int
		for i, rule := range rules {
			if refMatch(rule.Detection.Expr, ev) {
				want = append(want, i)
			}
		}
		if got := s.Match(eventOf(names, ev)); !slices.Equal(got, want) {
			t.Errorf("event %d %v:\n got %v\nwant %v", n, ev, got, want)
		}
		matched += len(want)
	}
	t.Logf("%d rules, %d fields, %d events, %d matches", len(rules), len(names), len(events), matched)
	if matched < len(events)/4 {
		t.Errorf("only %d matches: the test proves little", matched)
	}
}

func synthesised(rules []*sigma.Rule, n int) []fields {
	var events []fields
	r := rand.New(rand.NewPCG(7, 7))
	for range n {
		ev := fields{}
		for range 1 + r.IntN(2) {
			for _, a := range atomsOf(pick(r, rules).Detection.Expr, nil) {
				name := a.Field
				if name == "" {
					name = "keyword"
				}
				if len(ev[name]) == 0 && r.IntN(8) > 0 {
					ev[name] = []val{{text: satisfying(r, a)}}
				}
			}
		}
		events = append(events, ev)
	}
	return events
}
