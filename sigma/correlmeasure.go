package sigma

import (
	"math"
	"slices"
)

// sequence finds the most rules that matched in the order of the list. Only the beginnings of runs are remembered, and of
// each the latest: it is the one that stays longest in the window.
type sequence struct {
	presence
	steps   []int
	whole   bool    // only runs through the whole list count
	begin   [][]int // by length less 1 and last step: the latest match that begins such a run, plus 1; 0: there is none
	pending int     // the first of joined matches that are not in begin yet
	first   int     // no match between the window's beginning and this one is of the list's first rule
	last    int     // the latest match of the list's last rule
	end     int     // the latest of them that ends a run through the whole list, plus 1
	at      []bool  // by input: one of the joined matches is of this rule
}

func newSequence(p *criteria, s series) *sequence {
	w := &sequence{
		presence: presence{s: s, counts: make([]int, p.inputs)}, steps: p.steps,
		whole: p.expr == nil && len(p.comparisons) == 0, at: make([]bool, p.inputs),
	}
	rows := len(p.steps)
	if w.whole {
		rows = 1
	}
	for range rows {
		w.begin = append(w.begin, make([]int, len(p.steps)))
	}
	return w
}

func (w *sequence) add(i int) {
	w.presence.add(i)
	w.at[w.s.input(i)] = true
	if w.s.input(i) == w.steps[len(w.steps)-1] {
		w.last = i
	}
	if i+1 < w.s.len() && w.s.joined(i+1) {
		return // matches of one moment are not before each other: they are taken together
	}
	for length := range slices.Backward(w.begin) {
		w.extend(length)
	}
	w.pending = i + 1
	clear(w.at)
}

// extend makes runs of a length by what matched at this moment, out of those that are one shorter.
func (w *sequence) extend(length int) {
	row := w.begin[length]
	if w.whole { // one row will do: a run that ends at a step went through all before it
		for k := len(row) - 1; k > 0; k-- {
			if w.at[w.steps[k]] {
				row[k] = max(row[k], row[k-1])
			}
		}
		if w.at[w.steps[0]] {
			row[0] = w.pending + 1
		}
		if w.at[w.steps[len(row)-1]] {
			w.end = w.last + 1
		}
		return
	}
	best := 0 // of the shorter runs, those that end before step k
	for k, input := range w.steps {
		if length == 0 {
			best = w.pending + 1
		}
		if w.at[input] {
			row[k] = max(row[k], best)
		}
		if length > 0 {
			best = max(best, w.begin[length-1][k])
		}
	}
}

func (w *sequence) passes(p *criteria, from int) (float64, bool) {
	if w.whole {
		return float64(len(w.steps)), w.begin[0][len(w.steps)-1] > from
	}
	longest := len(w.steps)
	for longest > 0 && slices.Max(w.begin[longest-1]) <= from {
		longest--
	}
	v := float64(longest)
	if p.expr != nil {
		return v, longest >= w.kinds && w.eval(p.expr)
	}
	return v, p.holds(v)
}

// extent leaves out what lies before the first rule and behind the last one of runs through the whole list. A run may begin
// with any match of the first rule before one that begins a run, so that all between the first and the end is of runs.
func (w *sequence) extent(from, to int) (int, int) {
	if !w.whole {
		return from, to
	}
	for w.first = max(w.first, from); w.s.input(w.first) != w.steps[0]; {
		w.first++
	}
	return w.first, w.end
}

// distinctCount counts distinct values.
type distinctCount struct {
	untrimmed
	s    series
	seen *tally // how often each value is in the window
	n    int
	room []uint32
}

func (w *distinctCount) add(i int) {
	w.room = w.s.values(i, w.room[:0])
	for _, v := range w.room {
		n := w.seen.at(v)
		if *n++; *n == 1 {
			w.n++
		}
	}
}

func (w *distinctCount) remove(i int) {
	w.room = w.s.values(i, w.room[:0])
	for _, v := range w.room {
		n := w.seen.at(v)
		if *n--; *n == 0 {
			w.n--
		}
	}
}

func (w *distinctCount) passes(p *criteria, _ int) (float64, bool) {
	v := float64(w.n)
	return v, p.holds(v)
}

// maxMagnitude is the largest number that is computed with: sums of any number of them stay finite.
const maxMagnitude = 1e290

// total sums numbers. The sum is kept in two parts (twice the precision of a float64: T. J. Dekker, "A floating-point
// technique for extending the available precision", 1971), so that what leaves the window takes its whole share with it;
// sums of integers are exact.
type total struct {
	untrimmed
	s         series
	mean      bool
	n         int
	high, low float64
	room      []float64
}

func (w *total) add(i int) {
	w.room = w.s.numbers(i, w.room[:0])
	for _, x := range w.room {
		w.plus(x)
	}
	w.n += len(w.room)
}

func (w *total) remove(i int) {
	w.room = w.s.numbers(i, w.room[:0])
	for _, x := range w.room {
		w.plus(-x)
	}
	if w.n -= len(w.room); w.n == 0 {
		w.high, w.low = 0, 0
	}
}

func (w *total) plus(x float64) {
	sum := w.high + x
	part := sum - w.high
	rest := (w.high - (sum - part)) + (x - part) + w.low
	w.high = sum + rest
	w.low = rest - (w.high - sum)
}

func (w *total) passes(p *criteria, _ int) (float64, bool) {
	v := w.high
	if w.n == 0 {
		return 0, false
	}
	if w.mean {
		v /= float64(w.n)
	}
	return v, p.holds(v)
}

// ranking keeps numbers by rank: a Fenwick tree of how many there are of each (P. M. Fenwick, "A new data structure for
// cumulative frequency tables", 1994).
type ranking struct {
	untrimmed
	s     series
	known []float64 // all numbers of the series, ascending, each once
	tree  []uint32
	n     int
	room  []float64
}

func newRanking(s series) *ranking {
	w := &ranking{s: s, known: make([]float64, 0, s.len())}
	for i := range s.len() {
		w.known = s.numbers(i, w.known)
	}
	slices.Sort(w.known)
	w.known = slices.Compact(w.known)
	w.tree = make([]uint32, len(w.known)+1)
	return w
}

func (w *ranking) add(i int)    { w.count(i, 1) }
func (w *ranking) remove(i int) { w.count(i, -1) }

func (w *ranking) count(i, by int) {
	w.room = w.s.numbers(i, w.room[:0])
	for _, x := range w.room {
		k, _ := slices.BinarySearch(w.known, x)
		for k++; k < len(w.tree); k += k & -k {
			w.tree[k] += uint32(by)
		}
		w.n += by
	}
}

func (w *ranking) passes(p *criteria, _ int) (float64, bool) {
	if w.n == 0 {
		return 0, false
	}
	// A hair is taken off because 99.9 is not quite 99.9.
	rank := uint32(max(1, math.Ceil(p.percentile*float64(w.n)/100*(1-1e-12))))
	k := 0
	step := 1
	for step*2 < len(w.tree) {
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if next := k + step; next < len(w.tree) && w.tree[next] < rank {
			k = next
			rank -= w.tree[next]
		}
	}
	v := w.known[k]
	return v, p.holds(v)
}
