package sigma

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// Scanner runs a Matcher. It is used by one goroutine.
type Scanner struct {
	m       *Matcher
	event   Event
	round   uint32
	fields  []fieldState
	marked  []uint32 // by rule: the round in which it became a candidate
	found   []int
	results []int
	scratch []byte
	seed    maphash.Seed
}

// fieldState is what a field of the current event came to.
type fieldState struct {
	round uint32
	bits  bitset
	own   bitset // where bits of several values are put together
	memo  *memo
	empty bitset // the bits of an absent field
}

// Scanner returns a new scanner.
func (m *Matcher) Scanner() *Scanner {
	s := &Scanner{m: m, fields: make([]fieldState, len(m.fields)), marked: make([]uint32, len(m.rules)), seed: maphash.MakeSeed()}
	for i, f := range m.fields {
		st := &s.fields[i]
		st.own, st.empty = newBitset(len(f.preds)), newBitset(len(f.preds))
		for _, p := range f.nulls {
			st.empty.set(p)
		}
	}
	return s
}

// Match returns the numbers of the rules that match an event, ascending. The slice is valid until the next call.
func (s *Scanner) Match(ev Event) []int {
	s.event = ev
	s.next()
	s.found = s.found[:0]
	for _, i := range s.m.eager {
		f := s.m.fields[i]
		if len(f.slots) == 1 && ev.First(f.slots[0]) == nil {
			continue
		}
		b := s.bits(i)
		for w, word := range b {
			for word &= f.anchors[w]; word != 0; word &= word - 1 {
				s.candidates(f.anchorRules[w<<6+bits.TrailingZeros64(word)])
			}
		}
	}
	s.candidates(s.m.always)
	s.results = s.results[:0]
	for _, r := range s.found {
		if s.holds(&s.m.rules[r]) {
			s.results = append(s.results, r)
		}
	}
	if len(s.results) > 1 {
		slices.Sort(s.results)
	}
	return s.results
}

// next begins another event.
func (s *Scanner) next() {
	if s.round++; s.round == 0 { // the counter came round: what is marked with old rounds must not look new
		for i := range s.fields {
			s.fields[i].round = 0
		}
		clear(s.marked)
		s.round = 1
	}
}

func (s *Scanner) candidates(rules []int) {
	for _, r := range rules {
		if s.marked[r] != s.round {
			s.marked[r] = s.round
			s.found = append(s.found, r)
		}
	}
}

// bits returns the predicates that the event's field passes, working them out the first time.
func (s *Scanner) bits(i int) bitset {
	st := &s.fields[i]
	if st.round == s.round {
		return st.bits
	}
	st.round = s.round
	f := s.m.fields[i]
	if len(f.slots) == 1 {
		v := s.event.First(f.slots[0])
		if v == nil {
			st.bits = st.empty
			return st.bits
		}
		if v.Next == 0 && v.Kind != Null && len(f.exists) == 0 {
			st.bits = s.value(i, v.Text)
			return st.bits
		}
	}
	clear(st.own)
	present, valued := false, false
	for _, slot := range f.slots {
		for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
			present = true
			if v.Kind != Null {
				valued = true
				st.own.or(s.value(i, v.Text))
			}
		}
	}
	if present {
		for _, p := range f.exists {
			st.own.set(p)
		}
	}
	if !valued {
		st.own.or(st.empty)
	}
	st.bits = st.own
	return st.bits
}

// value returns the predicates that one value passes. The bits are valid until the field's next value.
func (s *Scanner) value(i int, text []byte) bitset {
	f, st := s.m.fields[i], &s.fields[i]
	if st.memo == nil {
		st.memo = newMemo(len(st.own)+1, s.seed) // one word more, so that a field without predicates has a place too
	}
	place, known := st.memo.find(text)
	if known {
		return place[:len(st.own)]
	}
	if place == nil {
		place = st.memo.spare()
	}
	place = place[:len(st.own)]
	clear(place)
	f.value(text, place, &s.scratch)
	return place
}

// spare returns a place for a value that is not remembered.
func (m *memo) spare() bitset {
	if m.free == nil {
		m.free = make([]uint64, m.words)
	}
	return m.free
}

func (s *Scanner) holds(n *node) bool {
	switch n.op {
	case test:
		return s.bits(n.field).has(n.pred)
	case all:
		for i := range n.kids {
			if !s.holds(&n.kids[i]) {
				return false
			}
		}
		return true
	case oneOf:
		for i := range n.kids {
			if s.holds(&n.kids[i]) {
				return true
			}
		}
		return false
	case not:
		return !s.holds(&n.kids[0])
	case sameElement:
		for i := range n.kids {
			if !s.holds(&n.kids[i]) {
				return false
			}
		}
		return s.oneElement(n)
	case reference:
		return s.refers(n.ref)
	case ever:
		return true
	}
	return false
}

// oneElement reports whether those items of a selection that look into one array hold for one of its elements together.
// All items hold already. Items that lie in no array, or alone in theirs, need nothing more.
func (s *Scanner) oneElement(n *node) bool {
	var arrays []uint32 // numbers of the arrays that some item looks into
	for i := range n.kids {
		for _, a := range s.arraysOf(&n.kids[i], nil) {
			if !slices.Contains(arrays, a) {
				arrays = append(arrays, a)
			}
		}
	}
	for _, array := range arrays {
		var items []*node
		for i := range n.kids {
			if slices.Contains(s.arraysOf(&n.kids[i], nil), array) {
				items = append(items, &n.kids[i])
			}
		}
		if len(items) > 1 && !s.someElement(items, array) {
			return false
		}
	}
	return true
}

// arraysOf returns the numbers of the arrays that a node's fields have values in, plus 1.
func (s *Scanner) arraysOf(n *node, out []uint32) []uint32 {
	if n.op == test {
		for _, slot := range s.m.fields[n.field].slots {
			for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
				if v.Elem != 0 && !slices.Contains(out, v.Elem>>16+1) {
					out = append(out, v.Elem>>16+1)
				}
			}
		}
	}
	for i := range n.kids {
		out = s.arraysOf(&n.kids[i], out)
	}
	return out
}

func (s *Scanner) someElement(items []*node, array uint32) bool {
	var elements []uint32
	for _, it := range items {
		elements = s.elementsOf(it, array, elements)
	}
	for _, e := range elements {
		if !slices.ContainsFunc(items, func(it *node) bool { return !s.holdsIn(it, e) }) {
			return true
		}
	}
	return false
}

func (s *Scanner) elementsOf(n *node, array uint32, out []uint32) []uint32 {
	if n.op == test {
		for _, slot := range s.m.fields[n.field].slots {
			for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
				if v.Elem>>16+1 == array && v.Elem != 0 && !slices.Contains(out, v.Elem) {
					out = append(out, v.Elem)
				}
			}
		}
	}
	for i := range n.kids {
		out = s.elementsOf(&n.kids[i], array, out)
	}
	return out
}

// holdsIn reports whether the node holds when of the array that elem lies in only elem is looked at.
func (s *Scanner) holdsIn(n *node, elem uint32) bool {
	switch n.op {
	case test:
		return s.testIn(n, elem)
	case all, sameElement:
		return !slices.ContainsFunc(n.kids, func(k node) bool { return !s.holdsIn(&k, elem) })
	case oneOf:
		return slices.ContainsFunc(n.kids, func(k node) bool { return s.holdsIn(&k, elem) })
	case not:
		return !s.holdsIn(&n.kids[0], elem)
	}
	return s.holds(n)
}

func (s *Scanner) testIn(n *node, elem uint32) bool {
	f := s.m.fields[n.field]
	valued, present := false, false
	for _, slot := range f.slots {
		for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
			if v.Elem != 0 && v.Elem>>16 == elem>>16 && v.Elem != elem {
				continue
			}
			present = true
			if v.Kind != Null {
				valued = true
				if s.value(n.field, v.Text).has(n.pred) {
					return true
				}
			}
		}
	}
	switch f.preds[n.pred].Op {
	case Exists:
		return present
	case IsNull:
		return !valued
	}
	return false
}

// refers compares two fields' values: some value of the one with some value of the other.
func (s *Scanner) refers(r *fieldRef) bool {
	for v := s.event.First(r.slot); v != nil; v = s.event.Next(v) {
		for o := s.event.First(r.other); o != nil && v.Kind != Null; o = s.event.Next(o) {
			if o.Kind == Null {
				continue
			}
			a, b := v.Text, o.Text
			if !r.cased {
				a, b = fold(nil, a), fold(nil, b)
			}
			switch {
			case r.op == Equal && bytes.Equal(a, b), r.op == Contains && bytes.Contains(a, b),
				r.op == StartsWith && bytes.HasPrefix(a, b), r.op == EndsWith && bytes.HasSuffix(a, b):
				return true
			}
		}
	}
	return false
}

// timePart reports whether a part of the time that text tells equals the atom's number. Times are taken in UTC.
func timePart(a *Atom, text []byte) bool {
	t, ok := parseTime(string(text))
	if !ok {
		return false
	}
	t = t.UTC()
	var got int
	switch a.Part {
	case Minute:
		got = t.Minute()
	case Hour:
		got = t.Hour()
	case Day:
		got = t.Day()
	case Week:
		_, got = t.ISOWeek()
	case Month:
		got = int(t.Month())
	case Year:
		got = t.Year()
	}
	return float64(got) == a.Number
}

func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", time.DateOnly, "02/Jan/2006:15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		if n > 100_000_000_000 {
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	return time.Time{}, false
}
