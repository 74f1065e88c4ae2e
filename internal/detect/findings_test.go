package detect_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudtrail"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// files are logs in memory, by name.
type files map[string]string

var _ source.Source = files(nil)

// Items yields the files in the order of their names.
func (fs files) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(fs)) {
			open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(fs[name])), nil }
			if !yield(source.Item{Name: name, Size: int64(len(fs[name])), Open: open}, nil) {
				return
			}
		}
	}
}

func ruleSet(t *testing.T, text string) *sigma.RuleSet {
	t.Helper()
	rules, errs := sigma.Parse("rules.yml", []byte(text))
	set, more := sigma.NewRuleSet(rules)
	if errs = append(errs, more...); len(errs) > 0 {
		t.Fatal(errs)
	}
	return set
}

func run(t *testing.T, cfg detect.Config, src source.Source) *detect.Result {
	t.Helper()
	cfg.Ingest.Formats = []logformat.Format{cloudtrail.Format{}, access.Format{}, jsonlines.Format{}}
	res, err := detect.Run(t.Context(), cfg, src)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// counts is how many events each rule's findings have, by the rule's title.
func counts(res *detect.Result) map[string]int {
	out := map[string]int{}
	for _, f := range res.Findings {
		out[f.Rule.Title] += f.Count
	}
	return out
}

// everyCorrelation is a rule of each type of correlation, with a chain, a rule that reports beside what it feeds, groups and
// aliases.
const everyCorrelation = `
title: get
name: get
logsource: {category: webserver}
detection: {s: {cs-method: GET}, condition: s}
---
title: missing
name: missing
logsource: {category: webserver}
detection: {s: {sc-status: 404}, condition: s}
---
title: post
name: post
logsource: {category: webserver}
detection: {s: {cs-method: POST}, condition: s}
---
title: many
name: many
correlation: {type: event_count, rules: [missing], group-by: [c-ip], timespan: 30s, condition: {gte: 4}}
---
title: few
correlation: {type: event_count, rules: [missing], group-by: [c-ip], timespan: 10s, condition: {gt: 1, lte: 2}}
---
title: spread
correlation: {type: value_count, rules: [missing, post], group-by: [c-ip], timespan: 1m, condition: {field: cs-uri-stem, gte: 3}, generate: true}
---
title: volume
correlation: {type: value_sum, rules: [get], group-by: [cs-uri-stem], timespan: 1m, condition: {field: sc-bytes, gt: 4000}}
---
title: mean
correlation: {type: value_avg, rules: [get], group-by: [c-ip], timespan: 20s, condition: {field: sc-bytes, lt: 300}}
---
title: percentile
correlation: {type: value_percentile, rules: [get], group-by: [c-ip], timespan: 40s, condition: {field: sc-bytes, gte: 900, percentile: 90}}
---
title: both
correlation: {type: temporal, rules: [missing, post], group-by: [ip], timespan: 5s, aliases: {ip: {missing: c-ip, post: c-ip}}}
---
title: inOrder
correlation: {type: temporal_ordered, rules: [many, post], group-by: [c-ip], timespan: 30s}
---
title: neither
correlation: {type: temporal, rules: [get, post], group-by: [c-ip], timespan: 8s, condition: get and not post}
`

// webLines are lines of an access log, at least so many seconds apart.
func webLines(r *rand.Rand, n, apart int) []string {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var out []string
	for i := range n {
		at = at.Add(time.Duration(apart+r.IntN(3)) * time.Second)
		out = append(out, fmt.Sprintf(`192.0.2.%d - - [%s] "%s /%c HTTP/1.1" %d %d "-" "%d"`, r.IntN(4), at.Format("02/Jan/2006:15:04:05 -0700"),
			[]string{"GET", "GET", "GET", "POST"}[r.IntN(4)], 'a'+r.IntN(5), []int{200, 200, 404}[r.IntN(3)], r.IntN(1000), i))
	}
	return out
}

// essence is what must not depend on how the events were read: everything but places.
func essence(t *testing.T, res *detect.Result) []string {
	t.Helper()
	var out []string
	for _, f := range res.Findings {
		for i := range f.Evidence {
			f.Evidence[i].File, f.Evidence[i].Line, f.Evidence[i].Offset = "", 0, 0
		}
		slices.SortFunc(f.Evidence, func(a, b finding.Evidence) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Raw, b.Raw), cmp.Compare(a.Rule, b.Rule))
		})
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// TestSameFindings: the same events spread over files in any order, in chunks of any size, with any number of workers give the
// same findings, for every type of correlation. No two of them are at one time: which of such is first, files tell.
func TestSameFindings(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, everyCorrelation)
	r := rand.New(rand.NewPCG(11, 12))
	lines := webLines(r, 600, 1)
	const all = 10_000 // evidence is compared in full: which events are quoted of many at one second is not told by time
	want := run(t, detect.Config{Rules: set, Evidence: all, Ingest: ingest.Config{Workers: 1}}, files{"a.log": strings.Join(lines, "\n")})
	for _, rule := range set.Rules {
		if n := counts(want)[rule.Title]; (n > 0) != set.Reports(rule) {
			t.Fatalf("rule %s found %d events, so that the test proves little", rule.Title, n)
		}
	}
	for round := range 12 {
		parts := make([][]string, 1+r.IntN(6))
		for _, l := range lines {
			k := r.IntN(len(parts))
			parts[k] = append(parts[k], l)
		}
		src := files{}
		for i, p := range parts {
			if round%2 == 1 {
				r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
			}
			src[fmt.Sprint(r.IntN(1000), i)] = strings.Join(p, "\n")
		}
		in := ingest.Config{Workers: 1 + r.IntN(4), Chunk: 1 << (8 + r.IntN(9))}
		got := run(t, detect.Config{Rules: set, Evidence: all, Ingest: in}, src)
		if diff := gocmp.Diff(essence(t, want), essence(t, got)); diff != "" {
			t.Fatalf("round %d, %d files, %d workers, chunks of %d: %s", round, len(parts), in.Workers, in.Chunk, diff)
		}
	}
}

// reordered yields files in another order than that of their names.
type reordered struct {
	files
	r *rand.Rand
}

// Items yields the files.
func (o reordered) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		var items []source.Item
		for it, err := range o.files.Items(ctx) {
			if err != nil {
				yield(it, err)
				return
			}
			items = append(items, it)
		}
		o.r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}
}

// TestSameFindingsAtOneTime: of events at one time that which stands first in its file, or in the file whose name is first,
// is first, whichever file is read first; so all is the same, places included.
func TestSameFindingsAtOneTime(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, everyCorrelation)
	r := rand.New(rand.NewPCG(21, 22))
	lines := webLines(r, 600, 0)
	src := files{}
	for i := range 6 {
		src[fmt.Sprint(i, ".log")] = strings.Join(lines[i*100:(i+1)*100], "\n")
	}
	var want *detect.Result
	for range 8 {
		in := ingest.Config{Workers: 1 + r.IntN(4), Chunk: 1 << (8 + r.IntN(9))}
		got := run(t, detect.Config{Rules: set, Timeline: true, Ingest: in}, reordered{src, r})
		if want == nil {
			want = got
		}
		if diff := gocmp.Diff(want.Findings, got.Findings); diff != "" {
			t.Fatal(diff)
		}
		if diff := gocmp.Diff(want.Matches, got.Matches); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestMemoryBound: where correlation reaches its memory, that is said, on the run and on the findings it touches; rules that
// do not correlate lose nothing.
func TestMemoryBound(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, `
title: missing
name: missing
logsource: {category: webserver}
detection: {s: {sc-status: 404}, condition: s}
---
title: many
correlation: {type: event_count, rules: [missing], group-by: [c-ip], timespan: 30s, condition: {gte: 4}}
---
title: plain
logsource: {category: webserver}
detection: {s: {sc-status: 404}, condition: s}
`)
	var lines strings.Builder
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	const n = 30_000
	for i := range n {
		fmt.Fprintf(&lines, "10.%d.%d.%d - - [%s] \"GET /a HTTP/1.1\" 404 5 \"-\" \"x\"\n", i/5>>16, i/5>>8&255, i/5&255, at.Add(time.Duration(i)*time.Millisecond).Format("02/Jan/2006:15:04:05 -0700"))
	}
	bounded := run(t, detect.Config{Rules: set, CorrelationBytes: 1 << 20}, files{"a.log": lines.String()})
	free := run(t, detect.Config{Rules: set}, files{"a.log": lines.String()})
	if len(free.Summary.Warnings) > 0 && strings.Contains(strings.Join(free.Summary.Warnings, "\n"), "memory bound") {
		t.Errorf("without a bound: %v", free.Summary.Warnings)
	}
	if counts(bounded)["plain"] != n {
		t.Errorf("a rule that does not correlate found %d of %d", counts(bounded)["plain"], n)
	}
	if counts(bounded)["many"] == 0 {
		t.Error("nothing was correlated under the bound")
	}
	said := strings.Join(bounded.Summary.Warnings, "\n")
	if !strings.Contains(said, "memory bound") || !strings.Contains(said, `rule "missing"`) {
		t.Errorf("warnings: %s", said)
	}
}

// TestLogSource: a rule sees only records of its log source, whatever fields others have; generic JSON counts as what it is
// said to be.
func TestLogSource(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, `
title: cloudtrail
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ListBuckets}, condition: s}
---
title: azure
logsource: {product: azure}
detection: {s: {eventName: ListBuckets}, condition: s}
---
title: keyword in web logs
logsource: {category: webserver}
detection: {k: [ListBuckets], condition: k}
---
title: absence in web logs
logsource: {category: webserver}
detection: {s: {nosuch: null}, condition: s}
`)
	trail := `{"eventVersion":"1.08","eventTime":"2026-03-02T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","userIdentity":{"type":"Root"}}`
	generic := `{"time":"2026-03-02T10:00:00Z","eventName":"ListBuckets"}`
	web := webLines(rand.New(rand.NewPCG(1, 1)), 2, 1)
	src := files{"t.json": trail, "g.json": generic, "w.log": strings.Join(web, "\n")}
	for _, c := range []struct {
		as   sigma.LogSource
		want map[string]int
	}{
		{sigma.LogSource{}, map[string]int{"cloudtrail": 1, "absence in web logs": 2}},
		{sigma.LogSource{Product: "azure"}, map[string]int{"cloudtrail": 1, "azure": 1, "absence in web logs": 2}},
		{sigma.LogSource{Category: "webserver"}, map[string]int{"cloudtrail": 1, "keyword in web logs": 1, "absence in web logs": 3}},
	} {
		if diff := gocmp.Diff(c.want, counts(run(t, detect.Config{Rules: set, LogSource: c.as}, src))); diff != "" {
			t.Errorf("generic JSON as %+v: %s", c.as, diff)
		}
	}
}

// TestSpan: Since is included, Until is not, and an event without a time is looked at all the same.
func TestSpan(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, "title: any\nlogsource: {product: p}\ndetection: {s: {a|exists: true}, condition: s}\n")
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var lines []string
	for i := range 10 {
		lines = append(lines, fmt.Sprintf(`{"time":%q,"a":%d}`, at.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i))
	}
	lines = append(lines, `{"a":"whenever"}`)
	cfg := detect.Config{Rules: set, LogSource: sigma.LogSource{Product: "p"}, Since: at.Add(2 * time.Minute), Until: at.Add(5 * time.Minute)}
	res := run(t, cfg, files{"a.json": strings.Join(lines, "\n")})
	if counts(res)["any"] != 4 || res.Summary.Outside != 7 {
		t.Errorf("%d events, %d outside", counts(res)["any"], res.Summary.Outside)
	}
}

// TestUntimed: what has no time can't be correlated, and that is said.
func TestUntimed(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, `
title: base
name: base
logsource: {product: p}
detection: {s: {a|exists: true}, condition: s}
---
title: two
correlation: {type: event_count, rules: [base], timespan: 1m, condition: {gte: 2}}
`)
	text := strings.Repeat(`{"time":"2026-03-02T10:00:00Z","a":1}`+"\n", 2) + strings.Repeat(`{"a":1}`+"\n", 3)
	res := run(t, detect.Config{Rules: set, LogSource: sigma.LogSource{Product: "p"}}, files{"a.json": text})
	if counts(res)["two"] != 2 || !strings.Contains(strings.Join(res.Summary.Warnings, "\n"), "3 matched events have no readable time") {
		t.Errorf("%v, %v", counts(res), res.Summary.Warnings)
	}
}

// TestEvidence: as many events are quoted as asked for, with the line that they stand in, and a burst is one finding.
func TestEvidence(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, everyCorrelation)
	lines := webLines(rand.New(rand.NewPCG(4, 4)), 500, 0)
	res := run(t, detect.Config{Rules: set, Evidence: 3, Timeline: true, Ingest: ingest.Config{Workers: 3, Chunk: 1000}}, files{"a.log": strings.Join(lines, "\n")})
	perRule := map[string]int{}
	for _, f := range res.Findings {
		kinds := map[string]bool{} // a correlation quotes one of each rule it refers to in any case
		for _, e := range f.Evidence {
			kinds[e.Rule] = true
		}
		if len(f.Evidence) == 0 || len(f.Evidence) > 3+len(kinds)-1 {
			t.Errorf("%s: %d events quoted of %d", f.Rule.Title, len(f.Evidence), f.Count)
		}
		for _, e := range f.Evidence {
			if e.File != "a.log" || e.Raw != lines[e.Line-1] {
				t.Errorf("%s: line %d is not %s", f.Rule.Title, e.Line, e.Raw)
			}
		}
		perRule[f.Rule.Title] += f.Count
	}
	matches := map[string]int{}
	for _, m := range res.Matches {
		matches[m.Rule.Title]++
	}
	if diff := gocmp.Diff(perRule, matches); diff != "" {
		t.Errorf("the timeline is not the findings' events: %s", diff)
	}
}
