package sigma_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// match is a matched event of a test, by rule base (a, b, c, …), at a second; id orders events of one time.
type match struct {
	base int
	at   int64
	id   uint64
	vals map[string][]string
}

// evOf shows a match as an event with the fields k, l, v, w in this order.
type evOf struct {
	values [4][]sigma.Value
}

var testFields = []string{"k", "l", "v", "w"}

func newEvent(m match) *evOf {
	e := &evOf{}
	for f, name := range testFields {
		for i, text := range m.vals[name] {
			v := sigma.Value{Text: []byte(text), Kind: sigma.String, Elem: uint32(f)}
			if text == "<null>" {
				v.Kind = sigma.Null
			}
			v.Next = int32(i + 1)
			e.values[f] = append(e.values[f], v)
		}
	}
	return e
}

func (e *evOf) First(slot int) *sigma.Value {
	if len(e.values[slot]) == 0 {
		return nil
	}
	return &e.values[slot][0]
}

func (e *evOf) Next(v *sigma.Value) *sigma.Value {
	if vs := e.values[v.Elem]; int(v.Next) < len(vs) {
		return &vs[v.Next]
	}
	return nil
}

// combos returns every combination of the lowered values of some fields, each once.
func (m match) combos(fields []string) [][]string {
	out := [][]string{{}}
	for _, f := range fields {
		var next [][]string
		seen := map[string]bool{}
		for _, v := range m.vals[f] {
			if low := strings.ToLower(v); v != "<null>" && !seen[low] {
				seen[low] = true
				for _, head := range out {
					next = append(next, append(slices.Clone(head), low))
				}
			}
		}
		out = next
	}
	return out
}

// refHit is a hit as the reference has it.
type refHit struct {
	Key         string
	Windows     int
	Value       float64
	First, Last int64
	Events      []uint64
	episodes    [][2]int
	group       []match
}

func precedes(a, b match) bool { return a.at < b.at || a.at == b.at && a.id < b.id }

// reference is the slow and obvious way: every run of consecutive events of a group that lies within the timespan and can't
// be made longer is a window; the events of windows that pass are the hit, and those that have events in common an episode.
func reference(spec *sigma.Correlation, ms []match) []refHit {
	groups := map[string][]match{}
	for _, m := range ms {
		if !slices.Contains(spec.Rules, name(m)) || !takesPart(spec, m) {
			continue
		}
		for _, key := range m.combos(spec.GroupBy) {
			k := strings.Join(key, "+")
			groups[k] = append(groups[k], m)
		}
	}
	var out []refHit
	for k, g := range groups {
		slices.SortStableFunc(g, func(a, b match) int {
			of := func(m match) int { return slices.Index(spec.Rules, name(m)) }
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(of(a), of(b)))
		})
		if h := refGroup(spec, g); h.Windows > 0 {
			h.Key = k
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b refHit) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

func refGroup(spec *sigma.Correlation, g []match) refHit {
	h := refHit{Value: -1e300, group: g}
	span := int64(spec.Timespan / time.Second)
	// An ordered correlation's windows begin with the first rule and end with the last one.
	ordered := spec.Type == sigma.TemporalOrdered && spec.Expr == "" && spec.Condition == nil
	in := make([]bool, len(g))
	for i := range g {
		for j := i; j < len(g) && g[j].at-g[i].at <= span; j++ {
			if ordered {
				if name(g[i]) != spec.Rules[0] || name(g[j]) != spec.Rules[len(spec.Rules)-1] {
					continue
				}
			} else if i > 0 && g[j].at-g[i-1].at <= span || j+1 < len(g) && g[j+1].at-g[i].at <= span {
				continue
			}
			v, ok := refWindow(spec, g[i:j+1])
			if !ok {
				continue
			}
			h.Value = max(h.Value, v)
			if n := len(h.episodes); n > 0 && i < h.episodes[n-1][1] {
				h.episodes[n-1][1] = max(h.episodes[n-1][1], j+1)
			} else {
				h.episodes = append(h.episodes, [2]int{i, j + 1})
			}
			for n := i; n <= j; n++ {
				in[n] = true
			}
		}
	}
	for i, yes := range in {
		if yes {
			if h.Events == nil {
				h.First = g[i].at
			}
			h.Last = g[i].at
			h.Events = append(h.Events, g[i].id)
		}
	}
	h.Windows = len(h.episodes)
	return h
}

func name(m match) string { return string(rune('a' + m.base)) }

func takesPart(spec *sigma.Correlation, m match) bool {
	switch spec.Type {
	case sigma.ValueCount:
		return len(m.combos(spec.Fields)) > 0
	case sigma.ValueSum, sigma.ValueAvg, sigma.ValuePercentile:
		return len(refNumbers(spec, m)) > 0
	}
	return true
}

func refNumbers(spec *sigma.Correlation, m match) []float64 {
	var out []float64
	for _, v := range m.combos(spec.Fields) {
		if n, err := strconv.ParseFloat(v[0], 64); err == nil && !strings.ContainsAny(v[0], "xXiIpP_") {
			out = append(out, n)
		}
	}
	return out
}

func refWindow(spec *sigma.Correlation, window []match) (float64, bool) {
	kinds, values := map[string]bool{}, map[string]bool{}
	var numbers []float64
	for _, m := range window {
		kinds[name(m)] = true
		switch spec.Type {
		case sigma.ValueCount:
			for _, v := range m.combos(spec.Fields) {
				values[strings.Join(v, "\x00")] = true
			}
		case sigma.ValueSum, sigma.ValueAvg, sigma.ValuePercentile:
			numbers = append(numbers, refNumbers(spec, m)...)
		}
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	v := 0.0
	switch spec.Type {
	case sigma.EventCount:
		v = float64(len(window))
	case sigma.ValueCount:
		v = float64(len(values))
	case sigma.Temporal:
		v = float64(len(kinds))
	case sigma.TemporalOrdered:
		v = float64(longestRun(spec.Rules, window, 0, nil))
	case sigma.ValueSum:
		v = sum
	case sigma.ValueAvg:
		v = sum / float64(len(numbers))
	case sigma.ValuePercentile:
		slices.Sort(numbers)
		for i, n := range numbers {
			if float64(i+1)*100 >= spec.Percentile*float64(len(numbers)) {
				v = n
				break
			}
		}
	}
	if spec.Expr != "" {
		inOrder := spec.Type == sigma.Temporal || int(v) >= len(kinds)
		return v, inOrder && map[string]bool{
			"a and not b": kinds["a"] && !kinds["b"], "a or b": kinds["a"] || kinds["b"], "a and (b or c)": kinds["a"] && (kinds["b"] || kinds["c"]),
			"not c": !kinds["c"],
		}[spec.Expr]
	}
	if len(spec.Condition) == 0 {
		distinct := map[string]bool{}
		for _, r := range spec.Rules {
			distinct[r] = true
		}
		if spec.Type == sigma.Temporal {
			return v, len(kinds) == len(distinct)
		}
		return v, int(v) == len(spec.Rules)
	}
	for _, c := range spec.Condition {
		ok := map[sigma.Op]bool{
			sigma.Equal: v == c.Bound, sigma.NotEqual: v != c.Bound, sigma.Less: v < c.Bound, sigma.LessEqual: v <= c.Bound, sigma.Greater: v > c.Bound, sigma.GreaterEqual: v >= c.Bound,
		}[c.Op]
		if !ok {
			return v, false
		}
	}
	return v, true
}

// longestRun tries every way to go on.
func longestRun(rules []string, window []match, step int, last *match) int {
	best := 0
	for k := step; k < len(rules); k++ {
		for i := range window {
			if name(window[i]) == rules[k] && (last == nil || precedes(*last, window[i])) {
				best = max(best, 1+longestRun(rules, window, k+1, &window[i]))
				break // a later one leaves less to follow
			}
		}
	}
	return best
}

func (h refHit) String() string {
	return fmt.Sprintf("%s: %v in %d, value %g, %d to %d", h.Key, h.Events, h.Windows, h.Value, h.First, h.Last)
}
