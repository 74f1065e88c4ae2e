package detect

import (
	"slices"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// sample keeps of a stream of events in time order the first few, the last few, and the first of each base rule. Where
// values are counted, as many different ones as there is room for are among them: who reads that credentials were used from two
// addresses wants to see both.
type sample struct {
	size   int
	first  []sigma.HitEvent
	last   []sigma.HitEvent // a ring
	n      int              // events that went to last
	bases  map[int]sigma.HitEvent
	values []sigma.HitEvent // the first of each value, of so many values as there is room for
	known  map[uint32]bool
}

func newSample(size int) *sample {
	return &sample{size: size, bases: map[int]sigma.HitEvent{}, known: map[uint32]bool{}}
}

func (s *sample) offer(ev sigma.HitEvent) {
	if ev.Value != 0 && len(s.values) < s.size && !s.known[ev.Value] {
		s.known[ev.Value] = true
		s.values = append(s.values, ev)
	}
	if _, ok := s.bases[ev.Base]; !ok {
		s.bases[ev.Base] = ev
	}
	if len(s.first) < (s.size+1)/2 {
		s.first = append(s.first, ev)
		return
	}
	if room := s.size / 2; len(s.last) < room {
		s.last = append(s.last, ev)
	} else if room > 0 {
		s.last[s.n%room] = ev
	}
	s.n++
}

func (s *sample) events() []sigma.HitEvent {
	out := slices.Concat(s.first, s.last)
	s.vary(out)
	shown := map[int]bool{}
	for _, ev := range out {
		shown[ev.Base] = true
	}
	for base, ev := range s.bases {
		if !shown[base] {
			out = append(out, ev)
		}
	}
	return out
}

// vary puts values that are not among the events in the place of events whose value is there more than once; the first event
// stays.
func (s *sample) vary(events []sigma.HitEvent) {
	times := map[uint32]int{}
	for _, ev := range events {
		times[ev.Value]++
	}
	at := len(events) - 1
	for _, ev := range s.values {
		if times[ev.Value] > 0 {
			continue
		}
		for at > 0 && times[events[at].Value] < 2 {
			at--
		}
		if at <= 0 {
			return
		}
		times[events[at].Value]--
		times[ev.Value]++
		events[at] = ev
		at--
	}
}
