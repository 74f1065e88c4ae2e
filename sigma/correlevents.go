package sigma

import (
	"cmp"
	"slices"
)

// eventSet gathers the events that the episodes in a hit consist of, each once.
type eventSet struct {
	c        *Correlator
	less     func(a, b Ref) bool
	episodes []uint32 // in Correlator.episodes
	events   []eventPlace
	tidy     int // so many events are in order and different
}

// eventPlace is where an event's match is kept.
type eventPlace struct {
	base  *base
	match uint32
}

// addRun adds some of a group's matches.
func (es *eventSet) addRun(g *groupMatches, from, to int) {
	for i := from; i < to; i++ {
		b, match := g.base(i), g.entries[i]
		if b.episodes {
			es.episodes = append(es.episodes, es.c.virtual[b.log.pos(match)].episode)
			continue
		}
		es.events = append(es.events, eventPlace{b, match})
		if len(es.events) >= 2*es.tidy+1024 {
			es.order()
		}
	}
}

// expand replaces episodes by their events, until there are none.
func (es *eventSet) expand() {
	for len(es.episodes) > 0 {
		slices.Sort(es.episodes)
		ids := slices.Compact(es.episodes)
		es.episodes = nil
		var g *groupMatches
		var last groupEpisode
		for _, id := range ids {
			// The episodes of a group have numbers one after the other, so that each group is put in order once.
			ep := es.c.episodes[id]
			if g == nil || ep.plan != last.plan || ep.place != last.place {
				r := &resolution{c: es.c, plan: ep.plan, less: es.less}
				g = r.matches()
				g.load(ep.place)
			}
			last = ep
			es.addRun(g, int(ep.from), int(ep.to))
		}
	}
}

// order sorts the events and leaves out those that are there twice: an event can be in several groups of one rule.
func (es *eventSet) order() {
	slices.SortFunc(es.events, es.compare)
	es.events = slices.CompactFunc(es.events, func(a, b eventPlace) bool { return es.compare(a, b) == 0 })
	es.tidy = len(es.events)
}

func (es *eventSet) compare(a, b eventPlace) int {
	return cmp.Or(compareMoments(es.moment(a), es.moment(b), es.less), cmp.Compare(a.base.rule, b.base.rule))
}

func (es *eventSet) moment(e eventPlace) moment { return es.c.moment(e.base, e.match) }

// each yields the events in order.
func (es *eventSet) each(yield func(HitEvent) bool) {
	es.expand()
	es.order()
	for _, e := range es.events {
		if m := es.moment(e); !yield(HitEvent{Base: e.base.rule, Time: m.time, Ref: m.ref}) {
			return
		}
	}
}
