package sigma

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// Hit is a group for which a correlation holds.
type Hit struct {
	Rule        int
	Key         []string // the values of the group-by fields
	First, Last int64    // times of the first and last contributing event
	Count       int      // contributing events
	Value       float64  // the most that was counted, summed or averaged in one window
	Windows     int      // separate episodes
	Incomplete  bool     // the memory bound kept matches out that may belong here
	Events      iter.Seq[HitEvent]
}

// HitEvent is one event that contributes to a hit.
type HitEvent struct {
	Base int
	Time int64
	Ref  Ref
}

// maxParts is how many events of an episode are remembered when it is a match of another correlation.
const maxParts = 64

// Finish says which correlations hold, in the order of the rules' dependence and then of the groups' keys. less orders
// events of equal time. Nothing may be added any more.
func (c *Correlator) Finish(less func(a, b Ref) bool, yield func(Hit) bool) {
	feeds := map[int]bool{}
	for _, p := range c.plans {
		for _, b := range p.bases {
			feeds[b] = true
		}
	}
	for _, i := range c.order {
		r := &resolution{c: c, plan: c.plans[i], less: less}
		r.index()
		if !r.run(feeds[i], yield) {
			return
		}
	}
}

// resolution works out one correlation.
type resolution struct {
	c      *Correlator
	plan   *correlationPlan
	less   func(a, b Ref) bool
	groups [shardCount][]groupIndex // by shard, then by stream of the plan
}

// groupIndex finds the matches of a group in one log: those of group g are at[start[g]:start[g+1]].
type groupIndex struct {
	start []uint32
	at    []uint32
}

// index sorts the plan's logs by group (a counting sort).
func (r *resolution) index() {
	for i := range r.c.shards {
		sh := &r.c.shards[i]
		r.groups[i] = make([]groupIndex, len(r.plan.streams))
		for k, s := range r.plan.streams {
			log := &sh.streams[s.index]
			if log.n == 0 {
				continue
			}
			g := groupIndex{start: make([]uint32, len(sh.texts.where)+1), at: make([]uint32, log.n)}
			for n := range log.n {
				g.start[log.at(n).group+1]++
			}
			for n := 1; n < len(g.start); n++ {
				g.start[n] += g.start[n-1]
			}
			next := slices.Clone(g.start)
			for n := range log.n {
				group := log.at(n).group
				g.at[next[group]] = uint32(n)
				next[group]++
			}
			r.groups[i][k] = g
		}
	}
}

// place names a group.
type place struct {
	shard int
	group uint32
}

func (r *resolution) run(feeds bool, yield func(Hit) bool) bool {
	var places []place
	var events []groupEvent
	for i := range r.c.shards {
		for g := range r.c.shards[i].texts.where {
			p := place{i, uint32(g)}
			if r.count(p) < r.atLeast() {
				continue
			}
			events = r.events(events[:0], p)
			if len(r.plan.episodes(events)) > 0 {
				places = append(places, p)
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(string(r.key(a)), string(r.key(b))) })
	dropped := false
	for _, b := range r.plan.bases {
		dropped = dropped || r.c.dropped[b].Load() > 0
	}
	for _, p := range places {
		h, eps := r.hit(p)
		h.Incomplete = dropped
		if !yield(h) {
			return false
		}
		if feeds {
			r.feed(p, h, eps)
		}
	}
	return true
}

func (r *resolution) key(p place) []byte { return r.c.shards[p.shard].texts.text(p.group) }

// count returns how many matches a group has.
func (r *resolution) count(p place) int {
	n := 0
	for _, g := range r.groups[p.shard] {
		if int(p.group)+1 < len(g.start) {
			n += int(g.start[p.group+1] - g.start[p.group])
		}
	}
	return n
}

// atLeast returns how many matches a group needs for the condition to hold.
func (r *resolution) atLeast() int {
	least := 1
	if t := r.plan.spec.Type; t == EventCount || t == ValueCount {
		for _, c := range r.plan.spec.Condition {
			if (c.Op == GreaterEqual || c.Op == Greater || c.Op == Equal) && c.Bound < math.MaxInt32 {
				least = max(least, int(c.Bound))
			}
		}
	}
	return least
}

// events returns a group's matches in time order.
func (r *resolution) events(dst []groupEvent, p place) []groupEvent {
	sh := &r.c.shards[p.shard]
	for k, g := range r.groups[p.shard] {
		if int(p.group)+1 >= len(g.start) {
			continue
		}
		s := r.plan.streams[k]
		log := &sh.streams[s.index]
		for _, i := range g.at[g.start[p.group]:g.start[p.group+1]] {
			m := log.at(int(i))
			e := groupEvent{HitEvent: HitEvent{Base: s.base, Time: m.time, Ref: m.ref}, kind: k, num: math.NaN()}
			if col := r.plan.column[k]; col >= 0 {
				if e.value = log.value(int(i), col); e.value != 0 {
					e.num = numberOf(sh.texts.text(e.value - 1))
				}
			}
			dst = append(dst, e)
		}
	}
	slices.SortFunc(dst, func(a, b groupEvent) int {
		if n := cmp.Compare(a.Time, b.Time); n != 0 {
			return n
		}
		x, y := r.c.last(a.Ref), r.c.last(b.Ref)
		switch {
		case r.less(x, y):
			return -1
		case r.less(y, x):
			return 1
		}
		return cmp.Compare(a.kind, b.kind)
	})
	return dst
}

// last returns the event that a reference stands for; for an episode its last.
func (c *Correlator) last(ref Ref) Ref {
	if ref.Unit == virtualUnit {
		return c.virtual[ref.Pos].last
	}
	return ref
}

func (r *resolution) hit(p place) (Hit, []episode) {
	events := r.events(nil, p)
	eps := r.plan.episodes(events)
	h := Hit{
		Rule: r.plan.rule, Key: splitKey(r.key(p), len(r.plan.spec.GroupBy)), Windows: len(eps),
		First: events[eps[0].from].Time, Last: events[eps[len(eps)-1].to-1].Time, Value: math.Inf(-1),
	}
	for _, e := range eps {
		h.Value = max(h.Value, e.value)
	}
	h.Events = func(yield func(HitEvent) bool) {
		for _, e := range eps {
			for i := e.from; i < e.to; i++ {
				if !r.c.expand(events[i].HitEvent, yield) {
					return
				}
			}
		}
	}
	for ev := range h.Events {
		h.Count++
		h.First = min(h.First, ev.Time)
	}
	return h, eps
}

// expand yields an event, or those of the episode that it stands for.
func (c *Correlator) expand(ev HitEvent, yield func(HitEvent) bool) bool {
	if ev.Ref.Unit != virtualUnit {
		return yield(ev)
	}
	for _, part := range c.virtual[ev.Ref.Pos].parts {
		if !yield(part) {
			return false
		}
	}
	return true
}

// feed makes each episode of a hit a match for the correlations that refer to this one, at the time of its last event. The
// group-by fields are the fields of such a match.
func (r *resolution) feed(p place, h Hit, eps []episode) {
	c := r.c
	events := r.events(nil, p)
	for _, e := range eps {
		run := events[e.from:e.to]
		v := virtualMatch{last: c.last(run[len(run)-1].Ref)}
		for i, ev := range run {
			if i < maxParts/2 || i >= len(run)-maxParts/2 {
				c.expand(ev.HitEvent, func(part HitEvent) bool { v.parts = append(v.parts, part); return true })
			}
		}
		c.virtual = append(c.virtual, v)
		ref := Ref{Unit: virtualUnit, Pos: uint64(len(c.virtual) - 1)}
		view := &hitView{key: h.Key}
		slots := make([]int, len(c.wants[r.plan.rule]))
		for i, f := range c.wants[r.plan.rule] {
			slots[i] = slices.Index(r.plan.spec.GroupBy, f)
		}
		c.Add(r.plan.rule, run[len(run)-1].Time, ref, view, slots)
	}
}

// hitView is a hit's group as an event: its fields are the group-by fields.
type hitView struct {
	key []string
}

func (v *hitView) First(slot int) *Value { return &Value{Text: []byte(v.key[slot]), Kind: String} }

func (v *hitView) Next(*Value) *Value { return nil }
