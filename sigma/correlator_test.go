package sigma_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// match is a matched event of a test: of rule base, at second at, with fields k (the group) and v (a value).
type match struct {
	base int
	at   int64
	id   uint64
	k, v string
}

func (m match) First(slot int) *sigma.Value {
	text := [...]string{m.k, m.v}[slot]
	if text == "" {
		return nil
	}
	return &sigma.Value{Text: []byte(text), Kind: sigma.String}
}

func (match) Next(*sigma.Value) *sigma.Value { return nil }

// correlate runs rules a, b, c (bases 0 to 2) and one correlation over matches added in the order given.
func correlate(t *testing.T, spec *sigma.Correlation, ms []match, workers int) []string {
	t.Helper()
	rules := []*sigma.Rule{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Title: "x", Correlation: spec}}
	c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(ms); i += workers {
				m := ms[i]
				if !c.Correlates(m.base) {
					continue
				}
				var slots []int
				for _, f := range c.Wants(m.base) {
					slots = append(slots, slices.Index([]string{"k", "v"}, f))
				}
				c.Add(m.base, m.at*int64(time.Second), sigma.Ref{Pos: m.id}, m, slots)
			}
		})
	}
	wg.Wait()
	var out []string
	c.Finish(func(a, b sigma.Ref) bool { return a.Pos < b.Pos }, func(h sigma.Hit) bool {
		var ids []string
		for e := range h.Events {
			ids = append(ids, fmt.Sprint(e.Ref.Pos))
		}
		if h.Count != len(ids) {
			t.Errorf("count %d, %d events", h.Count, len(ids))
		}
		out = append(out, fmt.Sprintf("%s: %s", strings.Join(h.Key, "+"), strings.Join(ids, " ")))
		return true
	})
	return out
}

// reference is the slow and obvious way: every run of consecutive events of a group that lies within the timespan and can't
// be made longer is a window; the events of windows that pass are the hit.
func reference(spec *sigma.Correlation, ms []match) []string {
	groups := map[string][]match{}
	for _, m := range ms {
		if m.k != "" && slices.Contains(spec.Rules, string(rune('a'+m.base))) {
			groups[m.k] = append(groups[m.k], m)
		}
	}
	var out []string
	for k, g := range groups {
		slices.SortFunc(g, func(a, b match) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
		span := int64(spec.Timespan / time.Second)
		in := make([]bool, len(g))
		any := false
		for i := range g {
			for j := i; j < len(g); j++ {
				if g[j].at-g[i].at > span || i > 0 && g[j].at-g[i-1].at <= span || j+1 < len(g) && g[j+1].at-g[i].at <= span {
					continue
				}
				if passes(spec, g[i:j+1]) {
					any = true
					for n := i; n <= j; n++ {
						in[n] = true
					}
				}
			}
		}
		if any {
			line := k + ":"
			for i, yes := range in {
				if yes {
					line += fmt.Sprintf(" %d", g[i].id)
				}
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

func passes(spec *sigma.Correlation, window []match) bool {
	kinds, values := map[int]bool{}, map[string]bool{}
	for _, m := range window {
		kinds[m.base] = true
		if m.v != "" {
			values[m.v] = true
		}
	}
	n := 0.0
	switch spec.Type {
	case sigma.EventCount:
		n = float64(len(window))
	case sigma.ValueCount:
		n = float64(len(values))
	case sigma.Temporal:
		return len(kinds) == len(spec.Rules)
	default:
		sum, count := 0.0, 0.0
		for _, m := range window {
			var v float64
			if _, err := fmt.Sscan(m.v, &v); err == nil {
				sum, count = sum+v, count+1
			}
		}
		if count == 0 {
			return false
		}
		if n = sum; spec.Type == sigma.ValueAvg {
			n = sum / count
		}
	}
	for _, c := range spec.Condition {
		ok := map[sigma.Op]bool{
			sigma.Equal: n == c.Bound, sigma.Less: n < c.Bound, sigma.LessEqual: n <= c.Bound, sigma.Greater: n > c.Bound, sigma.GreaterEqual: n >= c.Bound,
		}[c.Op]
		if !ok {
			return false
		}
	}
	return true
}

// TestCorrelationAgreesWithReference runs random correlations over random matches, added in random order by one worker and
// by four.
func TestCorrelationAgreesWithReference(t *testing.T) {
	t.Parallel()
	hits := 0
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 2))
		spec := &sigma.Correlation{
			Type:     pick(r, []sigma.CorrelationType{sigma.EventCount, sigma.ValueCount, sigma.Temporal, sigma.ValueSum, sigma.ValueAvg}),
			Rules:    pick(r, [][]string{{"a"}, {"a", "b"}, {"a", "b", "c"}}),
			GroupBy:  []string{"k"},
			Timespan: time.Duration(1+r.IntN(20)) * time.Second,
		}
		if spec.Type != sigma.Temporal {
			spec.Condition = []sigma.Comparison{{
				Op:    pick(r, []sigma.Op{sigma.GreaterEqual, sigma.GreaterEqual, sigma.Greater, sigma.LessEqual, sigma.Equal}),
				Bound: float64(1 + r.IntN(5)),
			}}
			spec.Fields = []string{"v"}
		}
		if spec.Type == sigma.EventCount {
			spec.Fields = nil
		}
		var ms []match
		for i := range r.IntN(60) {
			ms = append(ms, match{r.IntN(3), int64(r.IntN(60)), uint64(i), pick(r, []string{"x", "y", "z", ""}), pick(r, []string{"1", "2", "3", "", "p"})})
		}
		want := reference(spec, ms)
		for _, workers := range []int{1, 4} {
			r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
			if got := correlate(t, spec, ms, workers); !slices.Equal(got, want) {
				t.Fatalf("seed %d, %d workers, %v over %v:\ngot  %q\nwant %q", seed, workers, spec.Type, ms, got, want)
			}
		}
		hits += len(want)
	}
	if hits < 200 {
		t.Errorf("only %d hits: the test proves little", hits)
	}
}

func TestTemporalOrdered(t *testing.T) {
	t.Parallel()
	spec := &sigma.Correlation{Type: sigma.TemporalOrdered, Rules: []string{"a", "b", "c"}, GroupBy: []string{"k"}, Timespan: 10 * time.Second}
	for name, c := range map[string]struct {
		ms   []match
		want []string
	}{
		"in order":             {[]match{{0, 1, 1, "x", ""}, {1, 2, 2, "x", ""}, {2, 3, 3, "x", ""}}, []string{"x: 1 2 3"}},
		"out of order":         {[]match{{2, 1, 1, "x", ""}, {1, 2, 2, "x", ""}, {0, 3, 3, "x", ""}}, nil},
		"too long":             {[]match{{0, 1, 1, "x", ""}, {1, 2, 2, "x", ""}, {2, 12, 3, "x", ""}}, nil},
		"a later start counts": {[]match{{0, 1, 1, "x", ""}, {0, 6, 2, "x", ""}, {1, 7, 3, "x", ""}, {2, 13, 4, "x", ""}}, []string{"x: 2 3 4"}},
		"one group each":       {[]match{{0, 1, 1, "x", ""}, {1, 2, 2, "y", ""}, {2, 3, 3, "x", ""}}, nil},
	} {
		if got := correlate(t, spec, c.ms, 1); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestChain feeds one correlation's hits to another.
func TestChain(t *testing.T) {
	t.Parallel()
	rules := []*sigma.Rule{
		{Name: "failed"}, {Name: "worked"},
		{Name: "many", Correlation: &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"failed"}, GroupBy: []string{"k"}, Timespan: time.Minute, Condition: []sigma.Comparison{{Op: sigma.GreaterEqual, Bound: 3}}}},
		{Name: "then", Correlation: &sigma.Correlation{Type: sigma.TemporalOrdered, Rules: []string{"many", "worked"}, GroupBy: []string{"k"}, Timespan: time.Hour}},
	}
	c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range []match{{0, 1, 1, "x", ""}, {0, 2, 2, "x", ""}, {0, 3, 3, "x", ""}, {1, 50, 4, "x", ""}, {0, 1, 5, "y", ""}, {1, 50, 6, "y", ""}} {
		c.Add(m.base, m.at*int64(time.Second), sigma.Ref{Pos: uint64(i)}, m, []int{0})
	}
	got := map[int]int{}
	c.Finish(func(a, b sigma.Ref) bool { return a.Pos < b.Pos }, func(h sigma.Hit) bool {
		got[h.Rule] += h.Count
		if h.Key[0] != "x" {
			t.Errorf("hit for %v", h.Key)
		}
		return true
	})
	if got[2] != 3 || got[3] != 4 {
		t.Errorf("events of the hits: %v, want 3 of the first correlation and 4 of the second", got)
	}
}

// TestBoundIsTold fills a correlator beyond its bound.
func TestBoundIsTold(t *testing.T) {
	t.Parallel()
	rules := []*sigma.Rule{{Name: "a"}, {Correlation: &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"a"}, GroupBy: []string{"k"}, Timespan: time.Hour, Condition: []sigma.Comparison{{Op: sigma.GreaterEqual, Bound: 2}}}}}
	c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{MaxBytes: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	const total = 200_000
	for i := range total {
		c.Add(0, int64(i), sigma.Ref{Pos: uint64(i)}, match{k: fmt.Sprintf("198.51.%d", i/2)}, []int{0})
	}
	dropped := c.Dropped()[0]
	kept := int64(0)
	c.Finish(func(a, b sigma.Ref) bool { return a.Pos < b.Pos }, func(h sigma.Hit) bool {
		kept += int64(h.Count)
		if !h.Incomplete {
			t.Error("a hit does not say that matches were left out")
		}
		return true
	})
	if dropped == 0 || kept == 0 || kept+dropped > total || kept+dropped < total-2 {
		t.Errorf("%d kept, %d dropped of %d", kept, dropped, total)
	}
}
