package sigma

import (
	"bytes"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Finish says which correlations hold: rule by rule, those that others refer to first, and for each in the order of the
// groups' keys. It ends early if yield returns false. less orders the events of one time; it must tell any two Refs of
// different events apart the same way whenever it is asked, which several goroutines may do at a time. Finish may be called
// once, when all matches are added; the Events of a hit can be gone through at any time.
func (c *Correlator) Finish(less func(a, b Ref) bool, yield func(Hit) bool) {
	for _, i := range c.order {
		r := &resolution{c: c, plan: c.plans[i], less: less}
		if !r.run(yield) {
			return
		}
	}
}

// resolution works out one correlation.
type resolution struct {
	c    *Correlator
	plan *correlationPlan
	less func(a, b Ref) bool

	largeMu sync.Mutex
	large   *groupMatches // guarded by largeMu
}

func (r *resolution) run(yield func(Hit) bool) bool {
	for _, s := range r.plan.inputs {
		lower := r.c.plans[s.base]
		r.plan.partial = r.plan.partial || s.lost.Load() > 0 || lower != nil && lower.partial
	}
	g := r.matches()
	for _, p := range r.places() {
		g.load(p)
		if !yield(r.hit(g, p)) {
			return false
		}
		if r.c.Correlates(r.plan.rule) {
			r.feed(g, p)
		}
	}
	return true
}

func (r *resolution) matches() *groupMatches {
	return &groupMatches{c: r.c, plan: r.plan, less: r.less}
}

// places returns the groups for which the correlation holds, in the order of their keys. Shards are looked through by as many
// goroutines as there are cores.
func (r *resolution) places() []place {
	r.large = r.matches()
	var out []place
	var mu sync.Mutex // guards out and the plan's leftover
	var next atomic.Int64
	var workers sync.WaitGroup
	for range r.c.finishers {
		workers.Go(func() {
			g := r.matches()
			var found []place
			for i := int(next.Add(1)) - 1; i < shardCount; i = int(next.Add(1)) - 1 {
				found = r.shardPlaces(g, i, found)
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, found...)
			r.plan.leftover.NonNumeric += g.strange
		})
	}
	workers.Wait()
	r.plan.leftover.NonNumeric += r.large.strange
	r.large = nil // the memory set aside is for one large group, and run takes such up again
	slices.SortFunc(out, func(a, b place) int { return bytes.Compare(r.key(a), r.key(b)) })
	return out
}

// shardPlaces appends those of a shard's groups for which the correlation holds.
func (r *resolution) shardPlaces(g *groupMatches, shard int, out []place) []place {
	sh := &r.c.shards[shard]
	g.enter(sh)
	rest := make([][]uint32, len(r.plan.inputs))
	for k, s := range r.plan.inputs {
		r.c.sortLog(sh, s, r.less)
		rest[k] = sh.streams[s.index].sorted
	}
	least := r.plan.criteria.atLeast(len(sh.sets) == 0)
	for group, ok := r.next(g, rest); ok; group, ok = r.next(g, rest) {
		n := 0
		for _, run := range g.runs {
			n += len(run)
		}
		if n < least {
			continue
		}
		if n > largeGroup && r.largeHolds(sh, g.runs) || n <= largeGroup && r.holds(g) {
			out = append(out, place{uint32(shard), group})
		}
	}
	return out
}

// holds reports whether the correlation holds for the group whose matches are g's runs.
func (r *resolution) holds(g *groupMatches) bool {
	g.merge()
	held := false
	r.plan.criteria.episodes(g, nil, func(episode) bool { held = true; return false })
	return held
}

// largeGroup is from how many matches on a group is taken up by one goroutine at a time, so that memory is set aside for the
// largest once and not for each goroutine.
const largeGroup = 1 << 14

func (r *resolution) largeHolds(sh *shard, runs [][]uint32) bool {
	r.largeMu.Lock()
	defer r.largeMu.Unlock()
	r.large.enter(sh)
	copy(r.large.runs, runs)
	return r.holds(r.large)
}

func (r *resolution) key(p place) []byte { return r.c.shards[p.shard].groups.text(p.group) }

// next cuts the matches of the next group off what rest has left.
func (r *resolution) next(g *groupMatches, rest [][]uint32) (uint32, bool) {
	group, found := uint32(math.MaxUint32), false
	for k, s := range r.plan.inputs {
		if len(rest[k]) > 0 {
			group, found = min(group, g.shard.streams[s.index].group(rest[k][0], len(s.columns))), true
		}
	}
	for k, s := range r.plan.inputs {
		n := 0
		for n < len(rest[k]) && g.shard.streams[s.index].group(rest[k][n], len(s.columns)) == group {
			n++
		}
		g.runs[k], rest[k] = rest[k][:n], rest[k][n:]
	}
	return group, found
}

// keptEpisodes is how many episodes of a hit are kept for the one who asks for its events at once.
const keptEpisodes = 64

// hit describes what was found in a group that is loaded.
func (r *resolution) hit(g *groupMatches, p place) Hit {
	h := Hit{
		Rule: r.plan.rule, Key: splitTuple(r.key(p), len(r.plan.groupBy)), Value: math.Inf(-1), Incomplete: r.plan.partial,
		First: math.MaxInt64, Last: math.MinInt64,
	}
	var found []episode
	r.plan.criteria.episodes(g, nil, func(e episode) bool {
		if h.Windows++; len(found) < keptEpisodes {
			found = append(found, e)
		}
		h.Count += e.to - e.from
		h.Value = max(h.Value, e.value)
		h.First, h.Last = min(h.First, g.time(e.from)), max(h.Last, g.time(e.to-1))
		return true
	})
	h.Events = func(yield func(HitEvent) bool) {
		if g.at == p && h.Windows == len(found) && !r.chained() {
			g.yield(found, yield) // nearly always: the group is still loaded
			return
		}
		r.events(p, yield)
	}
	if r.chained() {
		h.Count = 0
		for ev := range h.Events {
			h.Count++
			h.First, h.Last = min(h.First, ev.Time), max(h.Last, ev.Time)
		}
	}
	return h
}

// events yields the events of a hit.
func (r *resolution) events(p place, yield func(HitEvent) bool) {
	g := r.matches()
	g.load(p)
	if r.chained() {
		set := &eventSet{c: r.c, less: r.less}
		r.plan.criteria.episodes(g, nil, func(e episode) bool {
			set.addRun(g, p, e.from, e.to)
			return true
		})
		set.each(yield)
		return
	}
	r.plan.criteria.episodes(g, nil, func(e episode) bool { return g.yield([]episode{e}, yield) })
}

// chained reports whether some of what the correlation refers to are correlations.
func (r *resolution) chained() bool {
	return slices.ContainsFunc(r.plan.inputs, func(s *stream) bool { return s.episodes })
}

// yield goes through the events of episodes. It reports whether it came to their end.
func (g *groupMatches) yield(episodes []episode, yield func(HitEvent) bool) bool {
	var values []uint32
	for _, e := range episodes {
		for i := e.from; i < e.to; i++ {
			m := g.moment(i)
			ev := HitEvent{Base: g.plan.inputs[g.input(i)].base, Time: m.time, Ref: m.ref}
			if g.plan.criteria.typ == ValueCount {
				values = g.values(i, values[:0])
				ev.Value = values[0] + 1
			}
			if !yield(ev) {
				return false
			}
		}
	}
	return true
}
