package sigma

import (
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
}

func (r *resolution) run(yield func(Hit) bool) bool {
	for _, s := range r.plan.inputs {
		lower := r.c.plans[s.base.rule]
		r.plan.partial = r.plan.partial || r.c.dropped[s.base.rule].Load() > 0 || lower != nil && lower.partial
		if s.parts == nil {
			s.base.gather(r.c)
			s.scatter(r.c)
		}
	}
	g := r.matches()
	for _, found := range r.groups() {
		g.load(found.at)
		if !yield(r.hit(g, found)) {
			return false
		}
		if r.c.Correlates(r.plan.rule) {
			r.feed(g, found.Key)
		}
	}
	return true
}

func (r *resolution) matches() *groupMatches {
	return &groupMatches{c: r.c, plan: r.plan, less: r.less, runs: make([][]uint32, len(r.plan.inputs))}
}

// foundGroup is a group for which the correlation holds, and what is to be said of it.
type foundGroup struct {
	Hit
	at       place
	episodes []episode // the first of them
}

// keptEpisodes is how many episodes of a group are kept for the one who asks for its events at once.
const keptEpisodes = 64

// groups returns the groups for which the correlation holds, in the order of their keys. Partitions are put in order and looked
// through by as many goroutines as there are cores.
func (r *resolution) groups() []foundGroup {
	var out []foundGroup
	var mu sync.Mutex // guards out and the plan's strange
	var next atomic.Int64
	var workers sync.WaitGroup
	for range r.c.finishers {
		workers.Go(func() {
			g := r.matches()
			var found []foundGroup
			for part := next.Add(1) - 1; part < shardCount; part = next.Add(1) - 1 {
				found = r.groupsIn(g, int(part), found)
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, found...)
			r.plan.strange += g.strange
		})
	}
	workers.Wait()
	slices.SortFunc(out, func(a, b foundGroup) int { return slices.Compare(a.Key, b.Key) })
	return out
}

// groupsIn appends those of a partition's groups for which the correlation holds.
func (r *resolution) groupsIn(g *groupMatches, part int, out []foundGroup) []foundGroup {
	for _, s := range r.plan.inputs {
		o := sorter{c: r.c, s: s, p: &s.parts[part], less: r.less}
		o.sort()
	}
	least := r.plan.criteria.atLeast(len(r.c.sets.list) == 0)
	next := make([]int, len(r.plan.inputs)) // group of each input
	for {
		at, ok := r.next(g, part, next)
		if !ok {
			return out
		}
		n := 0
		for _, run := range g.runs {
			n += len(run)
		}
		if n < least {
			continue
		}
		g.at = at
		if found, ok := r.holds(g, least); ok {
			out = append(out, found)
		}
	}
}

// next takes up the first of the inputs' next groups.
func (r *resolution) next(g *groupMatches, part int, next []int) (at place, ok bool) {
	var key []uint32
	for k, s := range r.plan.inputs {
		p := &s.parts[part]
		if next[k] == len(p.starts) {
			continue
		}
		if mine := s.key(p, next[k]); !ok || slices.Compare(mine, key) < 0 {
			at, key, ok = place{uint32(part), uint32(k), next[k]}, mine, true
		}
	}
	for k, s := range r.plan.inputs {
		p := &s.parts[part]
		g.runs[k] = nil
		if ok && next[k] < len(p.starts) && slices.Equal(s.key(p, next[k]), key) {
			g.runs[k] = p.run(next[k])
			next[k]++
		}
	}
	return at, ok
}

// holds reports whether the correlation holds for the group whose matches are g's runs. It can't where not so many matches lie
// within the timespan.
func (r *resolution) holds(g *groupMatches, least int) (foundGroup, bool) {
	if g.merge(); !g.crowded(least) {
		return foundGroup{}, false
	}
	f := foundGroup{at: g.at}
	f.Rule, f.Value, f.Incomplete, f.First, f.Last = r.plan.rule, math.Inf(-1), r.plan.partial, math.MaxInt64, math.MinInt64
	r.plan.criteria.episodes(g, nil, func(e episode) bool {
		if f.Windows++; len(f.episodes) < keptEpisodes {
			f.episodes = append(f.episodes, e)
		}
		f.Count += e.to - e.from
		f.Value = max(f.Value, e.value)
		f.First, f.Last = min(f.First, g.time(e.from)), max(f.Last, g.time(e.to-1))
		return true
	})
	if f.Windows > 0 {
		f.Key = g.key()
	}
	return f, f.Windows > 0
}

// hit is what is said of a group that is loaded, with its events.
func (r *resolution) hit(g *groupMatches, found foundGroup) Hit {
	h, at := found.Hit, found.at
	h.Events = func(yield func(HitEvent) bool) {
		if g.at == at && h.Windows == len(found.episodes) && !r.chained() {
			g.yield(found.episodes, yield) // nearly always: the group is still loaded
			return
		}
		r.events(at, yield)
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
func (r *resolution) events(at place, yield func(HitEvent) bool) {
	g := r.matches()
	g.load(at)
	if r.chained() {
		set := &eventSet{c: r.c, less: r.less}
		r.plan.criteria.episodes(g, nil, func(e episode) bool {
			set.addRun(g, e.from, e.to)
			return true
		})
		set.each(yield)
		return
	}
	r.plan.criteria.episodes(g, nil, func(e episode) bool { return g.yield([]episode{e}, yield) })
}

// chained reports whether some of what the correlation refers to are correlations.
func (r *resolution) chained() bool {
	return slices.ContainsFunc(r.plan.inputs, func(s *stream) bool { return s.base.episodes })
}

// yield goes through the events of episodes. It reports whether it came to their end.
func (g *groupMatches) yield(episodes []episode, yield func(HitEvent) bool) bool {
	var values []uint32
	for _, e := range episodes {
		for i := e.from; i < e.to; i++ {
			m := g.moment(i)
			ev := HitEvent{Base: g.base(i).rule, Time: m.time, Ref: m.ref}
			if g.plan.criteria.typ == ValueCount {
				values = g.values(i, values[:0])
				ev.Value = values[0]
			}
			if !yield(ev) {
				return false
			}
		}
	}
	return true
}
