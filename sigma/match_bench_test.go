package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

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
	data, err := os.ReadFile(skipWithout(tb, "logs", "elastic", "apache_combined_10k.log"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []fields
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		m := combined.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		stem, query, _ := strings.Cut(m[4], "?")
		ev := fields{"keyword": {{text: line}}}
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
