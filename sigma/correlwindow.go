package sigma

import (
	"math"
	"slices"
)

// series is the matches of one group in the order of time, as the evaluation of windows sees them. Finish makes one of the
// matches that it has kept; nothing here asks where they came from.
type series interface {
	len() int
	time(i int) int64
	input(i int) int                       // which of the rules that the correlation refers to matched
	joined(i int) bool                     // match i is not after match i-1: it has the same time and Ref
	values(i int, to []uint32) []uint32    // appends the numbers of the values to count
	tally() *tally                         // empty, to count them with
	numbers(i int, to []float64) []float64 // appends the numbers to compute with
}

// episode is a run of matches, [from, to), in which a correlation holds: windows that pass and have matches in common.
type episode struct {
	from, to int
	value    float64 // the most that was computed over one window
}

// criteria is what a correlation asks of a window.
type criteria struct {
	typ         CorrelationType
	span        uint64 // ns
	comparisons []Comparison
	percentile  float64
	inputs      int   // how many rules it refers to
	steps       []int // its list of rules: their inputs
	expr        Expr  // condition over rule names: atoms whose Number is an input; nil: none
}

// episodes calls yield with the episodes of a series in their order, until it returns false.
//
// met, if it is not nil, is called before that with each match of the episode at which the condition is met already by what
// lies within the timespan before it. For conditions that more matches can break that is only known at the end of a window.
func (p *criteria) episodes(s series, met func(i int), yield func(episode) bool) {
	m := p.measure(s)
	from, to, n := 0, 0, s.len()
	early := met != nil && p.growing()
	var e episode
	for to < n {
		m.add(to)
		to++
		for uint64(s.time(to-1))-uint64(s.time(from)) > p.span {
			m.remove(from)
			from++
		}
		longest := to == n || uint64(s.time(to))-uint64(s.time(from)) > p.span
		if !longest && !early {
			continue // the next match belongs to the window too
		}
		v, ok := m.passes(p, from)
		if !ok {
			continue
		}
		first, end := m.extent(from, to)
		if first >= e.to { // it has nothing in common with the episode before
			if e.to > 0 && !yield(e) {
				return
			}
			e = episode{first, end, v}
		}
		e.to, e.value = end, max(e.value, v)
		if met != nil && end == to {
			met(to - 1)
		}
	}
	if e.to > 0 {
		yield(e)
	}
}

// growing reports whether more matches can't break the condition.
func (p *criteria) growing() bool {
	if p.typ > TemporalOrdered || p.expr != nil {
		return false
	}
	return !slices.ContainsFunc(p.comparisons, func(c Comparison) bool { return c.Op != Greater && c.Op != GreaterEqual })
}

// atLeast returns how many matches a group needs for the condition to hold. single says that none of them has several
// values.
func (p *criteria) atLeast(single bool) int {
	switch {
	case p.typ > TemporalOrdered || p.expr != nil || p.typ == ValueCount && !single:
		return 1
	case p.typ == Temporal && len(p.comparisons) == 0:
		return p.inputs
	case p.typ == TemporalOrdered && len(p.comparisons) == 0:
		return len(p.steps)
	}
	least := 1.0
	for _, c := range p.comparisons {
		if c.Op == GreaterEqual || c.Op == Greater || c.Op == Equal {
			least = max(least, math.Ceil(c.Bound))
		}
	}
	return int(min(least, math.MaxInt32))
}

// holds puts the comparisons to what was computed.
func (p *criteria) holds(v float64) bool {
	for _, c := range p.comparisons {
		if !compare(c.Op, v, c.Bound) {
			return false
		}
	}
	return true
}

// measure is what is computed over a window as it moves.
type measure interface {
	add(i int)    // the window takes in the next match
	remove(i int) // the window leaves its first match behind
	// passes computes the value over the window, which begins at match from, and puts the condition to it.
	passes(p *criteria, from int) (float64, bool)
	// extent returns the part of a window that passed, [from, to), that the result rests on.
	extent(from, to int) (int, int)
}

func (p *criteria) measure(s series) measure {
	switch p.typ {
	case ValueCount:
		return &distinctCount{s: s, seen: s.tally()}
	case Temporal:
		return &presence{s: s, counts: make([]int, p.inputs)}
	case TemporalOrdered:
		return newSequence(p, s)
	case ValueSum, ValueAvg:
		return &total{s: s, mean: p.typ == ValueAvg}
	case ValuePercentile:
		return newRanking(s)
	case EventCount:
	}
	return &eventCount{}
}

// untrimmed is the extent of a measure that looks at all of a window.
type untrimmed struct{}

func (untrimmed) extent(from, to int) (int, int) { return from, to }

// eventCount counts matches.
type eventCount struct {
	untrimmed
	n int
}

func (w *eventCount) add(int)    { w.n++ }
func (w *eventCount) remove(int) { w.n-- }

func (w *eventCount) passes(p *criteria, _ int) (float64, bool) {
	v := float64(w.n)
	return v, p.holds(v)
}

// presence counts the matches of each rule.
type presence struct {
	untrimmed
	s      series
	counts []int
	kinds  int // rules that have matches
}

func (w *presence) add(i int) {
	k := w.s.input(i)
	if w.counts[k]++; w.counts[k] == 1 {
		w.kinds++
	}
}

func (w *presence) remove(i int) {
	k := w.s.input(i)
	if w.counts[k]--; w.counts[k] == 0 {
		w.kinds--
	}
}

func (w *presence) passes(p *criteria, _ int) (float64, bool) {
	v := float64(w.kinds)
	switch {
	case p.expr != nil:
		return v, w.eval(p.expr)
	case len(p.comparisons) == 0:
		return v, w.kinds == p.inputs
	}
	return v, p.holds(v)
}

// eval evaluates a condition over rule names: a name holds if the rule matched in the window.
func (w *presence) eval(e Expr) bool {
	switch e := e.(type) {
	case *Atom:
		return w.counts[int(e.Number)] > 0
	case Not:
		return !w.eval(e.X)
	case And:
		return !slices.ContainsFunc(e, func(x Expr) bool { return !w.eval(x) })
	case Or:
		return slices.ContainsFunc(e, w.eval)
	}
	return false
}
