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
	for ; v != nil; v = s.event.Next(v) {
		if v.Kind != Null {
			s.hold(s.value(i, p, v))
		}
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
	if len(v.Text) < p.dear || len(v.Text) > memoKey || v.Kind == Object {
		return p.sets(v.Text, v.Kind == Object, &s.work)
	}
	m := &s.memos[i]
	if !m.awake() {
		return p.sets(v.Text, false, &s.work)
	}
	h := maphash.Bytes(s.seed, v.Text)
	if hits, ok := m.find(h, v.Text); ok {
		return hits
	}
	hits := p.sets(v.Text, false, &s.work)
	m.add(h, v.Text, hits, &s.budget)
	return hits
}
