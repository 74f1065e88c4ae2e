package sigma

// virtualMatch is an episode of one correlation as a match of another: at its last event or, if early, at a moment before
// that at which its condition was met.
type virtualMatch struct {
	at      moment
	episode uint32 // in Correlator.episodes
	early   bool
}

// groupEpisode is an episode and whose it is.
type groupEpisode struct {
	plan     *correlationPlan
	place    place
	from, to uint32 // among the matches of the group
}

const (
	virtualBytes = 100 // both, with what growing slices keep in hand, and the place among the episodes of a hit
	eventBytes   = 28  // an event's place among those of a hit that consists of episodes, likewise
)

// feed makes each episode of a group a match for the correlations that refer to this one.
func (r *resolution) feed(g *groupMatches, key []string) {
	view := newHitView(r, key)
	var early moments
	var met func(i int)
	if r.plan.moments > 0 {
		early.gap = uint64(r.plan.moments) / 2
		met = func(i int) { early.note(i, g.time(i)) }
	}
	r.plan.criteria.episodes(g, met, func(e episode) bool {
		if !r.c.take(int64(e.to-e.from)*eventBytes, r.c.max) {
			r.lose()
			early.open = false
			return true
		}
		view.fill(g, e)
		r.c.episodes = append(r.c.episodes, groupEpisode{r.plan, g.at, uint32(e.from), uint32(e.to)})
		for _, i := range early.kept {
			if i < e.to-1 {
				r.match(view, g.moment(i), true)
			}
		}
		early.open = false
		r.match(view, g.moment(e.to-1), false)
		return true
	})
}

// match adds the episode that was last found to the streams of its correlation.
func (r *resolution) match(view *hitView, at moment, early bool) {
	c := r.c
	if !c.take(virtualBytes, c.max) {
		r.lose()
		return
	}
	c.virtual = append(c.virtual, virtualMatch{at, uint32(len(c.episodes) - 1), early})
	c.own.Add(r.plan.rule, at.time, Ref{Pos: uint64(len(c.virtual) - 1)}, view, view.slots)
}

// lose counts an episode that the memory bound keeps from being a match.
func (r *resolution) lose() {
	r.c.dropped[r.plan.rule].Add(1)
}

// moments keeps the matches of an episode at which its condition is met: the first, and then of those that are not more
// than gap behind the last kept the furthest. With gap half a timespan, a later match that has one of them within the
// timespan before it has one that was kept.
type moments struct {
	gap  uint64
	open bool
	kept []int
	last int64 // time of the last kept
	next int   // the furthest since, -1 for none,
	at   int64 // and its time
}

func (m *moments) note(i int, t int64) {
	if !m.open {
		*m = moments{gap: m.gap, open: true, kept: append(m.kept[:0], i), last: t, next: -1}
		return
	}
	if m.next >= 0 && uint64(t)-uint64(m.last) > m.gap {
		m.kept, m.last = append(m.kept, m.next), m.at
	}
	m.next, m.at = i, t
}

// hitView is an episode as an event: its fields are those that wants asks for.
type hitView struct {
	r      *resolution
	key    []string
	slots  []int
	values []Value
	first  []int // by slot: its first value, plus 1; 0: none
}

var _ Event = (*hitView)(nil)

func newHitView(r *resolution, key []string) *hitView {
	v := &hitView{r: r, key: key}
	for i := range r.plan.supplies {
		v.slots = append(v.slots, i)
	}
	v.first = make([]int, len(v.slots))
	return v
}

// First returns a field's first value.
func (v *hitView) First(slot int) *Value {
	if v.first[slot] == 0 {
		return nil
	}
	return &v.values[v.first[slot]-1]
}

// Next returns the value behind another of the same field.
func (v *hitView) Next(val *Value) *Value {
	if val.Next == 0 {
		return nil
	}
	return &v.values[val.Next-1]
}

// fill takes the fields' values from the group's key, or from the events of an episode.
func (v *hitView) fill(g *groupMatches, e episode) {
	v.values = v.values[:0]
	var ids []uint32
	for slot, from := range v.r.plan.supplies {
		v.first[slot] = 0
		if from.key >= 0 {
			v.put(slot, []byte(v.key[from.key]))
			continue
		}
		seen := map[uint32]bool{}
		for i := e.from; i < e.to && len(seen) <= maxKeys; i++ {
			ids = g.c.values(ids[:0], g.base(i).log.cell(g.entries[i], from.cells[g.input(i)]))
			for _, id := range ids {
				if !seen[id] {
					seen[id] = true
					v.put(slot, g.c.texts.text(id))
				}
			}
		}
	}
}

// put adds a value to a field; the values of a field are put one after the other.
func (v *hitView) put(slot int, text []byte) {
	v.values = append(v.values, Value{Text: text, Kind: String})
	n := len(v.values)
	if v.first[slot] == 0 {
		v.first[slot] = n
	} else {
		v.values[n-2].Next = int32(n)
	}
}
