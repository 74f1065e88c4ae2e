package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

func byPos(a, b sigma.Ref) bool { return a.Pos < b.Pos }

// feed adds matches with several workers, worker w taking every so many-th.
func feed(c *sigma.Correlator, ms []match, workers int) {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			adder := c.Adder()
			for i := w; i < len(ms); i += workers {
				m := ms[i]
				var slots []int
				for _, f := range c.Wants(m.base) {
					slots = append(slots, slices.Index(testFields, f))
				}
				adder.Add(m.base, m.at*int64(time.Second), sigma.Ref{Pos: m.id}, newEvent(m), slots)
			}
		})
	}
	wg.Wait()
}

func correlator(tb testing.TB, specs ...*sigma.Correlation) *sigma.Correlator {
	tb.Helper()
	rules := []*sigma.Rule{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}}
	for i, s := range specs {
		rules = append(rules, &sigma.Rule{Name: fmt.Sprintf("x%d", i), Title: "x", Correlation: s})
	}
	c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// hits returns the hits of the correlations by their rules' numbers, which are 4, 5, … .
func hits(tb testing.TB, c *sigma.Correlator) map[int][]refHit {
	tb.Helper()
	out := map[int][]refHit{}
	c.Finish(byPos, func(h sigma.Hit) bool {
		r := refHit{
			Key: strings.ToLower(strings.Join(h.Key, "+")), Windows: h.Windows, Value: h.Value,
			First: h.First / int64(time.Second), Last: h.Last / int64(time.Second),
		}
		last := h.First
		for e := range h.Events {
			r.Events = append(r.Events, e.Ref.Pos)
			if e.Time < last || e.Base > 3 {
				tb.Errorf("event %v after time %d", e, last)
			}
			last = e.Time
		}
		if h.Count != len(r.Events) {
			tb.Errorf("count %d, %d events", h.Count, len(r.Events))
		}
		out[h.Rule] = append(out[h.Rule], r)
		return true
	})
	return out
}

func printed(hs []refHit) []string {
	var out []string
	for _, h := range hs {
		out = append(out, h.String())
	}
	slices.Sort(out)
	return out
}

func randomSpec(r *rand.Rand) *sigma.Correlation {
	spec := &sigma.Correlation{
		Type:     sigma.CorrelationType(r.IntN(7)),
		Rules:    pick(r, [][]string{{"a"}, {"a", "b"}, {"a", "b", "c"}, {"c", "a"}}),
		GroupBy:  pick(r, [][]string{{"k"}, {"k"}, {"k", "l"}, nil}),
		Timespan: time.Duration(r.IntN(20)) * time.Second,
	}
	one := func() sigma.Comparison {
		return sigma.Comparison{
			Op:    pick(r, []sigma.Op{sigma.GreaterEqual, sigma.GreaterEqual, sigma.Greater, sigma.LessEqual, sigma.Less, sigma.Equal, sigma.NotEqual}),
			Bound: float64(1 + r.IntN(5)),
		}
	}
	switch spec.Type {
	case sigma.Temporal, sigma.TemporalOrdered:
		spec.Rules = pick(r, [][]string{{"a", "b"}, {"a", "b", "c"}, {"c", "a", "b"}, {"a", "b", "a"}, {"a", "a"}})
		switch r.IntN(3) {
		case 0:
			spec.Rules = []string{"a", "b", "c"}
			spec.Expr = pick(r, []string{"a and not b", "a or b", "a and (b or c)", "not c"})
			return spec
		case 1:
			return spec
		}
	case sigma.ValueCount:
		spec.Fields = pick(r, [][]string{{"v"}, {"v", "w"}})
	case sigma.ValueSum, sigma.ValueAvg, sigma.ValuePercentile:
		spec.Fields = []string{"v"}
		spec.Percentile = float64(pick(r, []int{0, 10, 25, 50, 55, 75, 99, 100}))
	}
	spec.Condition = []sigma.Comparison{one()}
	if r.IntN(4) == 0 {
		spec.Condition = append(spec.Condition, one())
	}
	return spec
}

func randomMatches(r *rand.Rand, n int) []match {
	var ms []match
	several := func(words []string) []string {
		var out []string
		for range pick(r, []int{0, 1, 1, 1, 1, 1, 1, 2, 3}) {
			out = append(out, pick(r, words))
		}
		return out
	}
	for i := range n {
		m := match{base: r.IntN(4), at: int64(r.IntN(60)), id: uint64(i), vals: map[string][]string{
			"k": several([]string{"x", "X", "y", "\u212a", "k", "<null>"}),
			"l": several([]string{"p", "q", "Q\xff\x00", ""}),
			"v": several([]string{"1", "2", "2.5", "-3", "1e1", "0x10", "P", "p", "Inf", "<null>"}),
			"w": several([]string{"s", "t", "T"}),
		}}
		ms = append(ms, m)
		if r.IntN(5) == 0 { // another rule matches the same event
			m.base = (m.base + 1) % 4
			ms = append(ms, m)
		}
	}
	return ms
}

// TestCorrelationAgreesWithReference runs random correlations, several at once, over random matches, added in random order
// by one worker and by four.
func TestCorrelationAgreesWithReference(t *testing.T) {
	t.Parallel()
	found := map[sigma.CorrelationType]int{}
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 2))
		var specs []*sigma.Correlation
		for range 4 {
			specs = append(specs, randomSpec(r))
		}
		ms := randomMatches(r, r.IntN(50))
		var want [][]string
		for _, s := range specs {
			hs := reference(s, ms)
			found[s.Type] += len(hs)
			want = append(want, printed(hs))
		}
		for _, workers := range []int{1, 4} {
			r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
			c := correlator(t, specs...)
			feed(c, ms, workers)
			got := hits(t, c)
			for i, s := range specs {
				if g := printed(got[4+i]); !slices.Equal(g, want[i]) {
					t.Fatalf("seed %d, %d workers, %+v:\ngot  %s\nwant %s", seed, workers, s, strings.Join(g, "\n     "), strings.Join(want[i], "\n     "))
				}
			}
		}
	}
	for typ := range sigma.ValuePercentile + 1 {
		if found[typ] < 200 {
			t.Errorf("only %d hits of %s: the test proves little", found[typ], typ)
		}
	}
}

// TestOrderOfHits runs the same matches twice and compares everything a caller can see, in the order in which he sees it.
func TestOrderOfHits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 3))
	specs := []*sigma.Correlation{
		{Type: sigma.EventCount, Rules: []string{"a", "b"}, GroupBy: []string{"k", "l"}, Timespan: 9 * time.Second, Condition: atLeast(2)},
		{Type: sigma.ValueCount, Rules: []string{"x0"}, GroupBy: []string{"k"}, Fields: []string{"l"}, Timespan: time.Minute, Condition: atLeast(1)},
		{Type: sigma.Temporal, Rules: []string{"x1", "c"}, GroupBy: []string{"v"}, Timespan: time.Minute},
	}
	ms := randomMatches(r, 500)
	for i := range ms {
		ms[i].at = int64(r.IntN(2000))
	}
	var first []string
	for run := range 10 {
		r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
		c := correlator(t, specs...)
		feed(c, ms, 1+run%4)
		var seen []string
		c.Finish(byPos, func(h sigma.Hit) bool {
			seen = append(seen, fmt.Sprint(h.Rule, h.Key, h.First, h.Last, h.Count, h.Value, h.Windows, slices.Collect(h.Events)))
			return true
		})
		seen = append(seen, fmt.Sprint(c.Leftovers(), c.Dropped()))
		if run == 0 {
			first = seen
		}
		if !slices.Equal(seen, first) {
			t.Fatalf("run %d differs:\n%s\nfrom\n%s", run, strings.Join(seen, "\n"), strings.Join(first, "\n"))
		}
	}
	if len(first) < 20 {
		t.Errorf("only %d hits", len(first))
	}
}

func atLeast(n float64) []sigma.Comparison {
	return []sigma.Comparison{{Op: sigma.GreaterEqual, Bound: n}}
}

// at makes a match by rule base at a second, in group k.
func matchAt(base int, second int64, id uint64, k string) match {
	return match{base, second, id, map[string][]string{"k": {k}}}
}

func TestTemporalOrdered(t *testing.T) {
	t.Parallel()
	abc := []string{"a", "b", "c"}
	for name, c := range map[string]struct {
		rules []string
		ms    []match
		want  string
	}{
		"in order":                   {abc, []match{matchAt(0, 1, 1, "x"), matchAt(1, 2, 2, "x"), matchAt(2, 3, 3, "x")}, "[1 2 3]"},
		"out of order":               {abc, []match{matchAt(2, 1, 1, "x"), matchAt(1, 2, 2, "x"), matchAt(0, 3, 3, "x")}, "[]"},
		"too long":                   {abc, []match{matchAt(0, 1, 1, "x"), matchAt(1, 2, 2, "x"), matchAt(2, 12, 3, "x")}, "[]"},
		"as long as may be":          {abc, []match{matchAt(0, 1, 1, "x"), matchAt(1, 2, 2, "x"), matchAt(2, 11, 3, "x")}, "[1 2 3]"},
		"a later start counts":       {abc, []match{matchAt(0, 1, 1, "x"), matchAt(0, 6, 2, "x"), matchAt(1, 7, 3, "x"), matchAt(2, 13, 4, "x")}, "[2 3 4]"},
		"one group each":             {abc, []match{matchAt(0, 1, 1, "x"), matchAt(1, 2, 2, "y"), matchAt(2, 3, 3, "x")}, "[]"},
		"one time, in order of Ref":  {abc, []match{matchAt(0, 1, 1, "x"), matchAt(1, 1, 2, "x"), matchAt(2, 1, 3, "x")}, "[1 2 3]"},
		"one time, against Ref":      {abc, []match{matchAt(0, 1, 3, "x"), matchAt(1, 1, 2, "x"), matchAt(2, 1, 1, "x")}, "[]"},
		"one event is not before":    {[]string{"a", "b"}, []match{matchAt(0, 1, 1, "x"), matchAt(1, 1, 1, "x")}, "[]"},
		"twice the same rule":        {[]string{"a", "a"}, []match{matchAt(0, 1, 1, "x"), matchAt(0, 2, 2, "x")}, "[1 2]"},
		"once is not twice":          {[]string{"a", "a"}, []match{matchAt(0, 1, 1, "x")}, "[]"},
		"what lies before is shown":  {[]string{"a", "b"}, []match{matchAt(0, 1, 1, "x"), matchAt(0, 2, 2, "x"), matchAt(1, 3, 3, "x")}, "[1 2 3]"},
		"what is outside is not":     {[]string{"a", "b"}, []match{matchAt(1, 1, 1, "x"), matchAt(0, 2, 2, "x"), matchAt(1, 3, 3, "x"), matchAt(0, 4, 4, "x")}, "[2 3]"},
		"times at both ends of time": {[]string{"a", "b"}, []match{matchAt(0, -9e9, 1, "x"), matchAt(1, 9e9, 2, "x")}, "[]"},
	} {
		spec := &sigma.Correlation{Type: sigma.TemporalOrdered, Rules: c.rules, GroupBy: []string{"k"}, Timespan: 10 * time.Second}
		cor := correlator(t, spec)
		feed(cor, c.ms, 1)
		got := []uint64{}
		for _, h := range hits(t, cor)[4] {
			got = append(got, h.Events...)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// TestPercentileRank has the ranks that arithmetic with fractions of 100 gets wrong.
func TestPercentileRank(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    float64
		n    int
		want float64
	}{{55, 100, 55}, {99.9, 1000, 999}, {7, 100, 7}, {0, 10, 1}, {100, 10, 10}, {50, 1, 1}, {50, 2, 1}, {51, 2, 2}, {29, 100, 29}, {4.4, 750, 33}, {2.2, 1500, 33}} {
		spec := &sigma.Correlation{
			Type: sigma.ValuePercentile, Rules: []string{"a"}, Fields: []string{"v"}, Percentile: c.p, Timespan: time.Hour, Condition: atLeast(-1),
		}
		cor := correlator(t, spec)
		var ms []match
		for i := range c.n {
			ms = append(ms, match{0, int64(i), uint64(i), map[string][]string{"v": {strconv.Itoa(c.n - i)}}})
		}
		feed(cor, ms, 1)
		if h := hits(t, cor)[4]; len(h) != 1 || h[0].Value != c.want {
			t.Errorf("percentile %v of 1 to %d: %v, want %v", c.p, c.n, h, c.want)
		}
	}
}

// TestSumForgetsWhole lets a number that swallows the others leave the window.
func TestSumForgetsWhole(t *testing.T) {
	t.Parallel()
	spec := &sigma.Correlation{
		Type: sigma.ValueSum, Rules: []string{"a"}, Fields: []string{"v"}, Timespan: 10 * time.Second, Condition: []sigma.Comparison{{Op: sigma.Equal, Bound: 3.5}},
	}
	c := correlator(t, spec)
	var ms []match
	for i, v := range []string{"1e18", "0.5", "1", "2"} {
		ms = append(ms, match{0, int64(i * 4), uint64(i), map[string][]string{"v": {v}}})
	}
	feed(c, ms, 1)
	if h := hits(t, c)[4]; len(h) != 1 || fmt.Sprint(h[0].Events) != "[1 2 3]" {
		t.Errorf("got %v", h)
	}
}

// TestKeys has keys that could be mixed up, and long ones.
func TestKeys(t *testing.T) {
	t.Parallel()
	spec := &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"a"}, GroupBy: []string{"k", "l"}, Timespan: time.Hour, Condition: atLeast(1)}
	c := correlator(t, spec)
	long := strings.Repeat("long", 5000)
	keys := [][2]string{
		{"a\xff\x00b", "c"}, {"Kelvin \u212a", "k"}, {"a", "b\xff\x00c"}, {"\xff", "\xff\xff"}, {"\xff\xff", "\xff"}, {"", "x"}, {"x", ""}, {"Ä", "ß"}, {long + "A", "1"}, {long + "b", "1"},
	}
	var ms []match
	for i, k := range keys {
		ms = append(ms, match{0, 1, uint64(2 * i), map[string][]string{"k": {k[0]}, "l": {k[1]}}})
		ms = append(ms, match{0, 1, uint64(2*i + 1), map[string][]string{"k": {upper(k[0])}, "l": {k[1]}}})
	}
	feed(c, ms, 1)
	seen := 0
	c.Finish(byPos, func(h sigma.Hit) bool {
		seen++
		ids := slices.Collect(h.Events)
		if len(ids) != 2 || ids[0].Ref.Pos/2 != ids[1].Ref.Pos/2 {
			t.Errorf("key %.40q has events %v", h.Key, ids)
			return true
		}
		want := keys[ids[0].Ref.Pos/2]
		if len(want[0]) < 100 && (h.Key[1] != want[1] || h.Key[0] != min(want[0], upper(want[0]))) {
			t.Errorf("key %q, want %q", h.Key, want)
		}
		if len(h.Key[0]) > 5000 {
			t.Errorf("a key of %d bytes", len(h.Key[0]))
		}
		return true
	})
	if seen != len(keys) {
		t.Errorf("%d groups, want %d", seen, len(keys))
	}
}

// upper leaves what is no UTF-8 as it is.
func upper(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToUpper(strings.ReplaceAll(s, "ß", "\x00")), "\x00", "ß")
}

func TestLeftovers(t *testing.T) {
	t.Parallel()
	sum := &sigma.Correlation{Type: sigma.ValueSum, Rules: []string{"a"}, GroupBy: []string{"k"}, Fields: []string{"v"}, Timespan: time.Hour, Condition: atLeast(1)}
	c := correlator(t, sum)
	var crowd []string
	for i := range 1000 {
		crowd = append(crowd, fmt.Sprint("k", i))
	}
	var ms []match
	for i, vals := range []map[string][]string{
		{"v": {"1"}}, {"k": {"<null>"}, "v": {"1"}}, {"k": {"x"}}, {"k": {"x"}, "v": {"p"}}, {"k": {"x"}, "v": {"p", "2"}}, {"k": crowd, "v": {"1"}},
	} {
		ms = append(ms, match{0, int64(i), uint64(i), vals})
	}
	feed(c, ms, 1)
	if n := len(hits(t, c)[4]); n != 257 {
		t.Errorf("%d groups, want x and 256 of the crowd", n)
	}
	if got, want := c.Leftovers()[4], (sigma.Leftover{Ungrouped: 2, Crowded: 1, Valueless: 1, NonNumeric: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNewCorrelatorRefuses(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]*sigma.Correlation{
		"no rules":         {},
		"unknown rule":     {Rules: []string{"nobody"}},
		"itself":           {Rules: []string{"x0"}},
		"negative time":    {Rules: []string{"a"}, Timespan: -1},
		"two fields":       {Rules: []string{"a"}, Type: sigma.ValueSum, Fields: []string{"v", "w"}},
		"no field":         {Rules: []string{"a"}, Type: sigma.ValueCount},
		"percentile":       {Rules: []string{"a"}, Type: sigma.ValuePercentile, Fields: []string{"v"}, Percentile: 101},
		"unknown in Expr":  {Rules: []string{"a"}, Type: sigma.Temporal, Expr: "a and b"},
		"unknown type":     {Rules: []string{"a"}, Type: 99},
		"too many fields":  {Rules: []string{"a"}, GroupBy: make([]string, 65)},
		"a broken bracket": {Rules: []string{"a"}, Type: sigma.Temporal, Expr: "(a"},
	} {
		if _, err := sigma.NewCorrelator([]*sigma.Rule{{Name: "a"}, {Name: "x0", Title: "t", Correlation: spec}}, sigma.CorrelatorOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
