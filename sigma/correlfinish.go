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
		if !yield(r.hit(g, found.key)) {
			return false
		}
		if r.c.Correlates(r.plan.rule) {
			r.feed(g, found.key)
		}
	}
	return true
}

func (r *resolution) matches() *groupMatches {
	return &groupMatches{c: r.c, plan: r.plan, less: r.less, runs: make([][]uint32, len(r.plan.inputs))}
}

// foundGroup is a group for which the correlation holds.
type foundGroup struct {
	at  place
	key []string
}

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
	slices.SortFunc(out, func(a, b foundGroup) int { return slices.Compare(a.key, b.key) })
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
		if g.at = at; r.holds(g, least) {
			out = append(out, foundGroup{at, g.key()})
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
func (r *resolution) holds(g *groupMatches, least int) bool {
	if g.merge(); !g.crowded(least) {
		return false
	}
	held := false
	r.plan.criteria.episodes(g, nil, func(episode) bool { held = true; return false })
	return held
}

// keptEpisodes is how many episodes of a hit are kept for the one who asks for its events at once.
const keptEpisodes = 64

// hit describes what was found in a group that is loaded.
func (r *resolution) hit(g *groupMatches, key []string) Hit {
	at := g.at
	h := Hit{
		Rule: r.plan.rule, Key: key, Value: math.Inf(-1), Incomplete: r.plan.partial,
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
		if g.at == at && h.Windows == len(found) && !r.chained() {
			g.yield(found, yield) // nearly always: the group is still loaded
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
