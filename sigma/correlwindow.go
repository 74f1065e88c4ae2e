package sigma

import (
	"math"
	"slices"
	"strconv"
)

// groupEvent is a match within its group.
type groupEvent struct {
	HitEvent
	kind  int // which of the correlation's rules matched
	value uint32
	num   float64 // value as a number; NaN if it is none
}

// episode is a run of a group's events, [from, to), in which the correlation holds: the union of windows that overlap.
type episode struct {
	from, to int
	value    float64 // the most that was computed
}

// episodes returns where a correlation holds in the events of one group, which are in time order.
//
// A window is a longest run of events that lie within the timespan (last minus first not more than it). The condition is
// put to every such window; those that pass and share events are one episode. For a lower bound this is the same as
// looking back from every event; for an upper bound (lt, lte, eq) it is what keeps the first event of a burst from
// passing as a small count.
func (p *correlationPlan) episodes(events []groupEvent) []episode {
	if p.spec.Type == TemporalOrdered {
		return p.ordered(events)
	}
	w := p.window()
	var out []episode
	span := int64(p.spec.Timespan)
	from := 0
	for to := range events {
		w.add(&events[to])
		for events[to].Time-events[from].Time > span {
			w.remove(&events[from])
			from++
		}
		if to+1 < len(events) && events[to+1].Time-events[from].Time <= span {
			continue // the next event belongs to the window too
		}
		if v, ok := w.result(p); ok {
			out = extend(out, episode{from, to + 1, v})
		}
	}
	return out
}

// extend adds a window to the episodes before it.
func extend(out []episode, e episode) []episode {
	if n := len(out); n > 0 && e.from < out[n-1].to {
		out[n-1].to = max(out[n-1].to, e.to)
		out[n-1].value = max(out[n-1].value, e.value)
		return out
	}
	return append(out, e)
}

// ordered finds the runs in which the rules match in the order of the list within the timespan. start[k] is the latest
// event that begins a run which has come as far as rule k: the latest, since it leaves the most time.
func (p *correlationPlan) ordered(events []groupEvent) []episode {
	need := len(p.bases)
	for _, c := range p.spec.Condition {
		switch c.Op {
		case GreaterEqual, Equal:
			need = min(need, int(c.Bound))
		case Greater:
			need = min(need, int(c.Bound)+1)
		}
	}
	need = max(need, 1)
	start := make([]int, need)
	for i := range start {
		start[i] = -1
	}
	var out []episode
	for i := range events {
		for k := need - 1; k >= 0; k-- {
			if p.bases[k] != events[i].Base {
				continue
			}
			if k == 0 {
				start[0] = i
			} else if s := start[k-1]; s >= 0 && events[i].Time-events[s].Time <= int64(p.spec.Timespan) {
				start[k] = s
			} else {
				continue
			}
			if k == need-1 {
				out = extend(out, episode{start[k], i + 1, float64(need)})
			}
		}
	}
	return out
}

// window is what is computed over the events of a window as it moves.
type window struct {
	n      int
	kinds  []int          // events of each rule
	values map[uint32]int // events of each value
	sorted []float64      // numbers, ascending
	sum    float64
	typ    CorrelationType
}

func (p *correlationPlan) window() *window {
	return &window{kinds: make([]int, len(p.bases)), values: map[uint32]int{}, typ: p.spec.Type}
}

func (w *window) add(e *groupEvent) {
	w.n++
	w.kinds[e.kind]++
	switch w.typ {
	case ValueCount:
		if e.value != 0 {
			w.values[e.value]++
		}
	case ValueSum, ValueAvg, ValuePercentile:
		if !math.IsNaN(e.num) {
			i, _ := slices.BinarySearch(w.sorted, e.num)
			w.sorted = slices.Insert(w.sorted, i, e.num)
			w.sum += e.num
		}
	}
}

func (w *window) remove(e *groupEvent) {
	w.n--
	w.kinds[e.kind]--
	switch w.typ {
	case ValueCount:
		if e.value != 0 {
			if w.values[e.value]--; w.values[e.value] == 0 {
				delete(w.values, e.value)
			}
		}
	case ValueSum, ValueAvg, ValuePercentile:
		if !math.IsNaN(e.num) {
			i, _ := slices.BinarySearch(w.sorted, e.num)
			w.sorted = slices.Delete(w.sorted, i, i+1)
			w.sum -= e.num
		}
	}
}

// result computes the correlation's value over the window, and whether it passes the condition.
func (w *window) result(p *correlationPlan) (float64, bool) {
	if w.n == 0 {
		return 0, false
	}
	var v float64
	switch w.typ {
	case EventCount:
		v = float64(w.n)
	case ValueCount:
		v = float64(len(w.values))
	case Temporal:
		kinds := 0
		for _, n := range w.kinds {
			if n > 0 {
				kinds++
			}
		}
		if p.expr != nil {
			return float64(kinds), w.presence(p.expr)
		}
		if len(p.spec.Condition) == 0 {
			return float64(kinds), kinds == len(p.bases)
		}
		v = float64(kinds)
	default:
		if len(w.sorted) == 0 {
			return 0, false
		}
		v = w.statistic(p)
	}
	for _, c := range p.spec.Condition {
		if !compare(c.Op, v, c.Bound) {
			return v, false
		}
	}
	return v, true
}

// statistic computes over the window's numbers. The percentile is the nearest rank: the least number that at least so many
// per cent of them do not exceed.
func (w *window) statistic(p *correlationPlan) float64 {
	switch w.typ {
	case ValueAvg:
		return w.sum / float64(len(w.sorted))
	case ValuePercentile:
		rank := int(math.Ceil(p.spec.Percentile / 100 * float64(len(w.sorted))))
		return w.sorted[max(rank, 1)-1]
	}
	return w.sum
}

// presence evaluates an extended temporal condition: a rule's name holds if it matched in the window.
func (w *window) presence(e Expr) bool {
	switch e := e.(type) {
	case *Atom:
		return w.kinds[int(e.Number)] > 0
	case Not:
		return !w.presence(e.X)
	case And:
		return !slices.ContainsFunc(e, func(x Expr) bool { return !w.presence(x) })
	case Or:
		return slices.ContainsFunc(e, w.presence)
	}
	return false
}

func numberOf(text []byte) float64 {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}
