package sigma

import (
	"bytes"
	"cmp"
)

// moment is when and where a match was.
type moment struct {
	time int64
	ref  Ref
}

func (c *Correlator) moment(b *base, i uint32) moment {
	row := b.log.row(i)
	if b.episodes {
		return c.virtual[wide(row, rowPos)].at
	}
	return moment{int64(wide(row, rowTime)), Ref{row[rowUnit], wide(row, rowPos)}}
}

func compareMoments(a, b moment, less func(a, b Ref) bool) int {
	switch {
	case a.time != b.time:
		return cmp.Compare(a.time, b.time)
	case less(a.ref, b.ref):
		return -1
	case less(b.ref, a.ref):
		return 1
	}
	return 0
}

// place names a group of a correlation: its place in a partition of one of the streams, the first that has it.
type place struct {
	part, input uint32
	group       int
}

// largeGroup is from how many matches on their times are not kept by themselves.
const largeGroup = 1 << 14

// groupMatches is the matches of one group that take part in a correlation, in order of time: the series that its windows
// are evaluated over.
type groupMatches struct {
	c       *Correlator
	plan    *correlationPlan
	less    func(a, b Ref) bool
	at      place      // the group that load took up
	runs    [][]uint32 // by input: its matches in order
	entries []uint32   // those that take part,
	inputs  []uint32   // of which input each is, if there are several,
	times   []int64    // and when, unless they are many
	large   bool
	tallied tally
	room    []uint32
	strange int64 // matches left out because their values are no numbers
}

var _ series = (*groupMatches)(nil)

// load takes up a group.
func (g *groupMatches) load(at place) {
	g.at = at
	first := g.plan.inputs[at.input]
	key := first.key(&first.parts[at.part], at.group)
	for k, s := range g.plan.inputs {
		p := &s.parts[at.part]
		g.runs[k] = nil
		if group := s.find(p, key); group >= 0 {
			g.runs[k] = p.run(group)
		}
	}
	g.merge()
}

// key returns the values that the group has in common, each in the spelling that sorts first.
func (g *groupMatches) key() []string {
	first := g.plan.inputs[g.at.input]
	var out []string
	for f, folded := range first.key(&first.parts[g.at.part], g.at.group) {
		out = append(out, string(g.spelling(f, folded)))
	}
	return out
}

// spelling returns, of the values of a group-by field that have a folded form, the one that sorts first.
func (g *groupMatches) spelling(field int, folded uint32) (best []byte) {
	last := uint32(0)
	for k, s := range g.plan.inputs {
		for _, i := range g.runs[k] {
			v := s.base.log.cell(i, s.groupBy[field])
			if v == last { // as often
				continue
			}
			last = v
			g.room = g.c.values(g.room[:0], v)
			for _, id := range g.room {
				if text := g.c.texts.text(id); g.c.texts.folded(id) == folded && (best == nil || bytes.Compare(text, best) < 0) {
					best = text
				}
			}
		}
	}
	return best
}

// merge puts the matches of all inputs in order, without those that have nothing to count or are only moments of an episode
// and not wanted as such.
func (g *groupMatches) merge() {
	n := 0
	for _, run := range g.runs {
		n += len(run)
	}
	if g.entries, g.inputs, g.times = g.entries[:0], g.inputs[:0], g.times[:0]; n > cap(g.entries) {
		g.entries = make([]uint32, 0, n)
		if len(g.runs) > 1 {
			g.inputs = make([]uint32, 0, n)
		}
	}
	g.large = n > largeGroup
	if len(g.runs) == 1 {
		for _, i := range g.runs[0] {
			g.enlist(0, i)
		}
		return
	}
	rest := append([][]uint32(nil), g.runs...)
	for {
		best := -1
		var first moment
		for k, run := range rest {
			if len(run) == 0 {
				continue
			}
			m := g.c.moment(g.plan.inputs[k].base, run[0])
			if best < 0 || compareMoments(m, first, g.less) < 0 {
				best, first = k, m
			}
		}
		if best < 0 {
			return
		}
		g.enlist(best, rest[best][0])
		rest[best] = rest[best][1:]
	}
}

func (g *groupMatches) enlist(input int, i uint32) {
	row := g.plan.inputs[input].base.log.row(i)
	if !g.counts(input, row) {
		return
	}
	g.entries = append(g.entries, i)
	if !g.large {
		g.times = append(g.times, int64(wide(row, rowTime)))
	}
	if len(g.runs) > 1 {
		g.inputs = append(g.inputs, uint32(input))
	}
}

func (g *groupMatches) counts(input int, row []uint32) bool {
	typ := g.plan.criteria.typ
	if g.plan.inputs[input].base.episodes && g.c.virtual[wide(row, rowPos)].early && typ != Temporal && typ != TemporalOrdered {
		return false
	}
	cell := g.plan.cells[input]
	if cell < 0 {
		return true
	}
	v := row[rowCells+cell]
	if v == 0 {
		return false
	}
	if typ == ValueCount {
		return true
	}
	var room [8]float64
	if len(g.numbersOf(v, room[:0])) == 0 {
		g.strange++
		return false
	}
	return true
}

// crowded reports whether so many matches lie within the timespan somewhere.
func (g *groupMatches) crowded(n int) bool {
	for i := n - 1; i < g.len(); i++ {
		if uint64(g.time(i))-uint64(g.time(i-n+1)) <= g.plan.criteria.span {
			return true
		}
	}
	return false
}

func (g *groupMatches) base(i int) *base { return g.plan.inputs[g.input(i)].base }

func (g *groupMatches) moment(i int) moment { return g.c.moment(g.base(i), g.entries[i]) }

// cell is what a match has in the cell that is counted or computed with.
func (g *groupMatches) cell(i int) uint32 {
	return g.base(i).log.cell(g.entries[i], g.plan.cells[g.input(i)])
}

func (g *groupMatches) len() int { return len(g.entries) }

func (g *groupMatches) time(i int) int64 {
	if g.large {
		return g.base(i).log.time(g.entries[i])
	}
	return g.times[i]
}

func (g *groupMatches) input(i int) int {
	if len(g.runs) == 1 {
		return 0
	}
	return int(g.inputs[i])
}

func (g *groupMatches) joined(i int) bool {
	return g.time(i) == g.time(i-1) && compareMoments(g.moment(i-1), g.moment(i), g.less) == 0
}

func (g *groupMatches) values(i int, to []uint32) []uint32 {
	n := len(to)
	to = g.c.values(to, g.cell(i))
	for k := range to[n:] {
		to[n+k] = g.c.texts.folded(to[n+k])
	}
	return to
}

func (g *groupMatches) tally() *tally {
	g.tallied.reset()
	return &g.tallied
}

func (g *groupMatches) numbers(i int, to []float64) []float64 { return g.numbersOf(g.cell(i), to) }

func (g *groupMatches) numbersOf(v uint32, to []float64) []float64 {
	g.room = g.c.values(g.room[:0], v)
	for _, id := range g.room {
		if x, ok := parseNumber(g.c.texts.text(id)); ok && x >= -maxMagnitude && x <= maxMagnitude {
			to = append(to, x)
		}
	}
	return to
}
