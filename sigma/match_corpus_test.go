package sigma_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
	if real := cloudTrail(t); !testing.Short() {
		for i := 0; i < len(real); i += 8 {
			for name := range real[i] {
				if !slices.Contains(names, name) {
					delete(real[i], name)
				}
			}
			events = append(events, real[i])
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

// flat is an event for benchmarks: values by slot.
type flat []sigma.Value

func (f flat) First(slot int) *sigma.Value {
	if v := &f[slot]; v.Kind != sigma.Absent {
		return v
	}
	return nil
}

func (f flat) Next(*sigma.Value) *sigma.Value { return nil }

// flatEvents puts the first values of events under the slots of names.
func flatEvents(names []string, events []fields) []flat {
	out := make([]flat, 0, len(events))
	for _, ev := range events {
		f := make(flat, len(names))
		for i, n := range names {
			if vs := ev[n]; len(vs) > 0 {
				f[i] = sigma.Value{Kind: sigma.String, Text: []byte(vs[0].text)}
				if vs[0].null {
					f[i].Kind = sigma.Null
				}
			}
		}
		out = append(out, f)
	}
	return out
}

var digits = regexp.MustCompile(`[0-9a-f]{4,}`)

// traffic returns n events like the given ones, whose identifiers are all different.
func traffic(events []fields, n int) []fields {
	r := rand.New(rand.NewPCG(1, 2))
	var out []fields
	for i := range n {
		ev := fields{}
		for name, vs := range events[i%len(events)] {
			if name != "eventName" && name != "eventSource" && name != "userAgent" && name != "awsRegion" {
				vs = slices.Clone(vs)
				vs[0].text = digits.ReplaceAllStringFunc(vs[0].text, func(s string) string {
					return fmt.Sprintf("%0*x", len(s), r.Uint64()>>(64-4*min(len(s), 16)))
				})
			}
			ev[name] = vs
		}
		out = append(out, ev)
	}
	return out
}

var combined = regexp.MustCompile(`^(\S+) \S+ (\S+) \[[^]]+\] "(\S+) (\S+)[^"]*" (\d+) (\S+) "([^"]*)" "([^"]*)"`)

// accessLog reads the combined access log under the names of Sigma's taxonomy.
func accessLog(tb testing.TB) []fields {
	tb.Helper()
	f, err := os.Open(skipWithout(tb, "logs", "elastic", "apache_combined_10k.log"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []fields
	for sc := bufio.NewScanner(f); sc.Scan(); {
		m := combined.FindStringSubmatch(sc.Text())
		if m == nil {
			continue
		}
		stem, query, _ := strings.Cut(m[4], "?")
		ev := fields{"keyword": {{text: sc.Text()}}}
		for name, text := range map[string]string{
			"c-ip": m[1], "cs-method": m[3], "c-uri": m[4], "cs-uri-stem": stem, "cs-uri-query": query, "sc-status": m[5],
			"cs-referer": m[7], "c-useragent": m[8], "cs-user-agent": m[8],
		} {
			ev[name] = []val{{text: text}}
		}
		out = append(out, ev)
	}
	return out
}

// known restricts names to those that some event has.
func known(names []string, events []fields) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return !slices.ContainsFunc(events, func(ev fields) bool { return len(ev[n]) > 0 })
	})
}

func benchmarkMatch(b *testing.B, rules []*sigma.Rule, names []string, events []fields) {
	b.Helper()
	names = append(slices.Clone(names), "keyword")
	m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver(names[:len(names)-1]), Keywords: []int{len(names) - 1}})
	if err != nil {
		b.Fatal(err)
	}
	flats := flatEvents(names, events)
	s := m.Scanner()
	matched := 0
	for _, ev := range flats {
		if len(s.Match(ev)) > 0 {
			matched++
		}
	}
	evs := make([]sigma.Event, len(flats))
	for i := range flats {
		evs[i] = flats[i]
	}
	// A decoder has just written what the matcher reads; here it would come from main memory. So each event is read over
	// once before it is matched, and the time that this takes by itself is taken off.
	const rounds = 3
	sum := byte(0)
	start := time.Now()
	for range rounds {
		for _, ev := range flats {
			sum += ev.touch()
		}
	}
	touching := float64(time.Since(start).Nanoseconds()) / float64(rounds*len(flats))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		sum += flats[i].touch()
		s.Match(evs[i])
		if i++; i == len(evs) {
			i = 0
		}
	}
	_ = sum
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)-touching, "ns/event")
	b.ReportMetric(100*float64(matched)/float64(len(evs)), "%matched")
	b.ReportMetric(float64(len(rules)), "rules")
	b.ReportMetric(0, "ns/op")
}

// touch reads an event over.
func (f flat) touch() (sum byte) {
	for i := range f {
		if f[i].Kind == sigma.Absent {
			continue
		}
		for t := f[i].Text; len(t) > 0; t = t[min(64, len(t)):] {
			sum += t[0]
		}
	}
	return sum
}

// BenchmarkMatchCloudTrail measures records of CloudTrail: with the rules for it, with all rules over the fields that the
// records have, and with all rules over all fields.
func BenchmarkMatchCloudTrail(b *testing.B) {
	all := matcherCorpusRules(b)
	own := rulesOf(all, sigma.LogSource{Product: "aws", Service: "cloudtrail"})
	events := traffic(cloudTrail(b), 8000)
	b.Run("own", func(b *testing.B) { benchmarkMatch(b, own, known(atomFields(own), events), events) })
	b.Run("all", func(b *testing.B) { benchmarkMatch(b, all, known(atomFields(all), events), events) })
	b.Run("allfields", func(b *testing.B) { benchmarkMatch(b, all, atomFields(all), events) })
}

// BenchmarkMatchAccessLog measures lines of an access log.
func BenchmarkMatchAccessLog(b *testing.B) {
	all := matcherCorpusRules(b)
	own := rulesOf(all, sigma.LogSource{Category: "webserver"})
	events := accessLog(b)
	b.Run("own", func(b *testing.B) { benchmarkMatch(b, own, known(atomFields(own), events), events) })
	b.Run("all", func(b *testing.B) { benchmarkMatch(b, all, known(atomFields(all), events), events) })
	b.Run("allfields", func(b *testing.B) { benchmarkMatch(b, all, atomFields(all), events) })
}
