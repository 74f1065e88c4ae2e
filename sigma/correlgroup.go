package sigma

import (
	"cmp"
	"slices"
	"sort"
)

// sortLog puts the matches of a stream in one shard in order by group, time and Ref.
func (c *Correlator) sortLog(sh *shard, s *stream, less func(a, b Ref) bool) {
	log := &sh.streams[s.index]
	if log.n == 0 || len(log.sorted) == log.n {
		return
	}
	columns := len(s.columns)
	starts := make([]uint32, len(sh.groups.where)+1)
	for i := range uint32(log.n) {
		starts[log.group(i, columns)+1]++
	}
	for g := 1; g < len(starts); g++ {
		starts[g] += starts[g-1]
	}
	log.sorted = make([]uint32, log.n)
	for i := range uint32(log.n) {
		g := log.group(i, columns)
		log.sorted[starts[g]] = i
		starts[g]++
	}
	from := uint32(0)
	for _, to := range starts { // each has come to where its group ends
		if to > from+1 && !c.inOrder(log, s, log.sorted[from:to]) {
			slices.SortFunc(log.sorted[from:to], func(a, b uint32) int {
				return cmp.Or(compareMoments(c.moment(sh, s, a), c.moment(sh, s, b), less), cmp.Compare(log.pos(a), log.pos(b)))
			})
		}
		from = max(from, to)
	}
}

// inOrder reports whether matches lie in order of time and place already, as those of one file do. It may say no of some that
// do.
func (c *Correlator) inOrder(log *matchLog, s *stream, run []uint32) bool {
	if s.episodes {
		return false
	}
	columns := len(s.columns)
	unit, last, pos := log.unit(run[0], columns), log.time(run[0]), log.pos(run[0])
	for _, i := range run[1:] {
		t, p := log.time(i), log.pos(i)
		if t < last || t == last && p < pos || log.unit(i, columns) != unit {
			return false
		}
		last, pos = t, p
	}
	return true
}

// moment is when and where a match was.
type moment struct {
	time int64
	ref  Ref
}

func (c *Correlator) moment(sh *shard, s *stream, i uint32) moment {
	log := &sh.streams[s.index]
	if s.episodes {
		return c.virtual[log.pos(i)].at
	}
	return moment{log.time(i), Ref{log.unit(i, len(s.columns)), log.pos(i)}}
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

// place names a group.
type place struct{ shard, group uint32 }

// groupMatches is the matches of one group that take part in a correlation, in order of time: the series that its windows
// are evaluated over.
type groupMatches struct {
	c       *Correlator
	plan    *correlationPlan
	less    func(a, b Ref) bool
	shard   *shard
	at      place // the group that load took up
	entries []entry
	times   []int64    // by entry
	counted []uint32   // by entry: what matchLog.value has for the values counted or computed with
	runs    [][]uint32 // by input: its matches in order
	tallies []uint32
	room    []uint32
	strange int64 // matches left out because their values are no numbers
}

// entry is a match: which input, and its place in the log of it.
type entry struct{ input, index uint32 }

var _ series = (*groupMatches)(nil)

// load takes up a group.
func (g *groupMatches) load(p place) {
	g.at = p
	g.enter(&g.c.shards[p.shard])
	for k, s := range g.plan.inputs {
		log := &g.shard.streams[s.index]
		columns := len(s.columns)
		from := sort.Search(len(log.sorted), func(i int) bool { return log.group(log.sorted[i], columns) >= p.group })
		to := from
		for to < len(log.sorted) && log.group(log.sorted[to], columns) == p.group {
			to++
		}
		g.runs[k] = log.sorted[from:to]
	}
	g.merge()
}

func (g *groupMatches) enter(sh *shard) {
	g.shard = sh
	if g.runs == nil {
		g.runs = make([][]uint32, len(g.plan.inputs))
	}
}

// merge puts the matches of all inputs in order, without those that have nothing to count or are only moments of an episode
// and not wanted as such.
func (g *groupMatches) merge() {
	n := 0
	for _, run := range g.runs {
		n += len(run)
	}
	if g.entries, g.times, g.counted = g.entries[:0], g.times[:0], g.counted[:0]; n > cap(g.entries) {
		g.entries, g.times, g.counted = make([]entry, 0, n), make([]int64, 0, n), make([]uint32, 0, n)
	}
	if len(g.runs) == 1 {
		for _, i := range g.runs[0] {
			g.enlist(entry{0, i})
		}
		return
	}
	for {
		best := -1
		var first moment
		for k, run := range g.runs {
			if len(run) == 0 {
				continue
			}
			m := g.c.moment(g.shard, g.plan.inputs[k], run[0])
			if best < 0 || compareMoments(m, first, g.less) < 0 {
				best, first = k, m
			}
		}
		if best < 0 {
			return
		}
		g.enlist(entry{uint32(best), g.runs[best][0]})
		g.runs[best] = g.runs[best][1:]
	}
}

func (g *groupMatches) enlist(e entry) {
	if !g.counts(e) {
		return
	}
	s, log := g.log(e)
	value := uint32(0)
	if col := g.plan.column[e.input]; col >= 0 {
		value = log.value(e.index, len(s.columns), col)
	}
	g.entries, g.times, g.counted = append(g.entries, e), append(g.times, log.time(e.index)), append(g.counted, value)
}

func (g *groupMatches) counts(e entry) bool {
	s, log := g.log(e)
	typ := g.plan.criteria.typ
	if s.episodes && g.c.virtual[log.pos(e.index)].early && typ != Temporal && typ != TemporalOrdered {
		return false
	}
	col := g.plan.column[e.input]
	if col < 0 {
		return true
	}
	if log.value(e.index, len(s.columns), col) == 0 {
		return false
	}
	if typ == ValueCount {
		return true
	}
	var room [8]float64
	if len(g.numbersOf(e, room[:0])) == 0 {
		g.strange++
		return false
	}
	return true
}

func (g *groupMatches) log(e entry) (*stream, *matchLog) {
	s := g.plan.inputs[e.input]
	return s, &g.shard.streams[s.index]
}

func (g *groupMatches) moment(i int) moment {
	e := g.entries[i]
	return g.c.moment(g.shard, g.plan.inputs[e.input], e.index)
}

func (g *groupMatches) len() int { return len(g.entries) }

func (g *groupMatches) time(i int) int64 { return g.times[i] }

func (g *groupMatches) input(i int) int { return int(g.entries[i].input) }

func (g *groupMatches) joined(i int) bool {
	return g.time(i) == g.time(i-1) && compareMoments(g.moment(i-1), g.moment(i), g.less) == 0
}

func (g *groupMatches) values(i int, to []uint32) []uint32 { return g.shard.numbers(to, g.counted[i]) }

func (g *groupMatches) valuesOf(e entry, to []uint32) []uint32 {
	s, log := g.log(e)
	return g.shard.numbers(to, log.value(e.index, len(s.columns), g.plan.column[e.input]))
}

func (g *groupMatches) tally() []uint32 {
	if n := len(g.shard.values.where); n > len(g.tallies) {
		g.tallies = make([]uint32, n)
	}
	return g.tallies
}

func (g *groupMatches) numbers(i int, to []float64) []float64 {
	return g.numbersOf(g.entries[i], to)
}

func (g *groupMatches) numbersOf(e entry, to []float64) []float64 {
	g.room = g.valuesOf(e, g.room[:0])
	for _, v := range g.room {
		if x, ok := parseNumber(g.shard.values.text(v)); ok && x >= -maxMagnitude && x <= maxMagnitude {
			to = append(to, x)
		}
	}
	return to
}
