package sigma

import (
	"hash/maphash"
	"slices"
)

// Matcher is rules of one log source compiled to be run together. It is immutable and may be shared by goroutines.
//
// Tests that several rules make are made once. All literals that rules look for in one field are found in one pass over its
// value. A rule's expression is evaluated only for events that pass one of its anchors: tests of which one must hold if the
// rule is to match, chosen to be rare. What is left to do for an event that matches nothing depends on the number of fields
// that carry anchors and hardly on the number of rules.
type Matcher struct {
	rules    int
	roots    []int32 // by rule: its node, -1 if it can't match
	nodes    []node
	kids     []int32    // of all nodes
	refs     []fieldRef // what nodes of kind opRef compare
	same     [][][]int  // for nodes of kind opSame the slots that each item reads
	terms    []*term
	sets     []set
	programs []*program // the first eager ones carry the anchors
	eager    int
	always   []int32 // rules without an anchor
	slots    []int
}

// set is tests of one field of which an expression asks whether any holds: a selection's list of values.
type set struct {
	program int
	terms   []int32
	rules   []int32 // the rules that the set is an anchor of
}

// Slots returns the slots that the rules read, ascending.
func (m *Matcher) Slots() []int { return slices.Clone(m.slots) }

// Anchors returns the slots that are read of every event, ascending. The others are read of those that some rule may match.
func (m *Matcher) Anchors() []int {
	var out []int
	for _, p := range m.programs[:m.eager] {
		out = append(out, p.slot)
	}
	slices.Sort(out)
	return out
}

// Scanner runs a Matcher over events. It is used by one goroutine.
type Scanner struct {
	m     *Matcher
	event Event
	round uint32   // the number of the current event
	ran   []uint32 // by program: the round in which it last ran
	held  []uint32 // by set: the round in which it last held
	asked []uint32 // by rule: the round in which it was last a candidate

	candidates []int32
	matches    []int

	work   work
	memos  []memo // by program
	seed   maphash.Seed
	budget int // bytes that memos may still take
	vecs   vectors
	pairs  []uint64
	other  []byte
}

// Scanner returns a new scanner.
func (m *Matcher) Scanner() *Scanner {
	terms := 0
	for _, p := range m.programs {
		terms = max(terms, len(p.terms))
	}
	return &Scanner{
		m:          m,
		ran:        make([]uint32, len(m.programs)),
		held:       make([]uint32, len(m.sets)),
		asked:      make([]uint32, m.rules),
		candidates: make([]int32, 0, 64),
		matches:    make([]int, 0, 16),
		work:       work{seen: make([]uint32, terms), emitted: make([]uint32, len(m.sets)), hits: make([]uint32, 0, 64)},
		memos:      make([]memo, len(m.programs)),
		seed:       maphash.MakeSeed(),
		budget:     memoBudget,
	}
}

// Match returns the indexes of the rules that match an event, ascending. They are valid until the next call.
func (s *Scanner) Match(ev Event) []int {
	s.next()
	s.event = ev
	s.candidates = append(s.candidates[:0], s.m.always...)
	for i := range s.m.eager {
		s.run(i)
	}
	s.matches = s.matches[:0]
	if len(s.candidates) > 0 {
		if c, ok := ev.(Completer); ok {
			c.Complete()
		}
	}
	for _, r := range s.candidates {
		if s.holds(s.m.roots[r]) {
			s.matches = append(s.matches, int(r))
		}
	}
	s.event = nil
	if len(s.matches) > 1 {
		slices.Sort(s.matches)
	}
	return s.matches
}

// next begins a round.
func (s *Scanner) next() {
	if s.round++; s.round == 0 { // what was marked 2^32 events ago must not look new
		clear(s.ran)
		clear(s.held)
		clear(s.asked)
		s.round = 1
	}
}

// run finds the sets of a program that hold for the event, and the candidates that follow.
func (s *Scanner) run(i int) {
	s.ran[i] = s.round
	p := s.m.programs[i]
	v := s.event.First(p.slot)
	if v == nil {
		return
	}
	s.hold(p.present)
	for v != nil {
		if v.Kind != Null {
			s.hold(s.value(i, p, v))
		}
		if v.Next == 0 { // nearly always
			return
		}
		v = s.event.Next(v)
	}
}

func (s *Scanner) hold(sets []uint32) {
	for _, h := range sets {
		if s.held[h] == s.round {
			continue
		}
		s.held[h] = s.round
		for _, r := range s.m.sets[h].rules {
			if s.asked[r] != s.round {
				s.asked[r] = s.round
				s.candidates = append(s.candidates, r)
			}
		}
	}
}

// value returns the sets that a value other than null is in.
func (s *Scanner) value(i int, p *program, v *Value) []uint32 {
	if v.Kind == Object {
		return p.sets(v.Text, true, &s.work)
	}
	m := &s.memos[i]
	if len(v.Text) > briefText {
		return s.long(m, p, v.Text)
	}
	hits, at, known := m.briefs.find(v.Text)
	if !known {
		hits = s.long(m, p, v.Text)
		m.briefs.keep(at, hits)
	}
	return hits
}

// long returns the sets that a value is in which the table of short values does not know.
func (s *Scanner) long(m *memo, p *program, text []byte) []uint32 {
	if len(text) < p.dear || len(text) > memoKey || !m.awake() {
		return p.sets(text, false, &s.work)
	}
	h := uint32(maphash.Bytes(s.seed, text))
	hits, known := m.find(h, text)
	if !known {
		hits = p.sets(text, false, &s.work)
		m.add(h, text, hits, &s.budget)
	}
	return hits
}
