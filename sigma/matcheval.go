package sigma

import "slices"

// node is one operation of a rule's compiled expression.
type node struct {
	op         nodeOp
	arg        int32 // opSet: the set. opNull: the slot. opRef: index into Matcher.refs. opSame: index into Matcher.same
	program    int32 // opSet: the program that finds the set
	first, end int32 // the operands' places in Matcher.kids
}

type nodeOp uint8

const (
	opSet nodeOp = iota
	opNull
	opRef
	opAll
	opAny
	opNot
	opSame
	opNever
	opAlways
)

// fieldRef compares the values of two fields.
type fieldRef struct {
	slot, other int
	op          Op
	cased       bool
}

// holds evaluates a node for the current event.
func (s *Scanner) holds(i int32) bool {
	n := &s.m.nodes[i]
	switch n.op {
	case opSet:
		if s.ran[n.program] != s.round {
			s.run(int(n.program))
		}
		return s.held[n.arg] == s.round
	case opNull:
		return s.null(int(n.arg))
	case opRef:
		return s.refers(&s.m.refs[n.arg])
	case opAll:
		return s.all(n)
	case opAny:
		for _, k := range s.m.kids[n.first:n.end] { //nolint:modernize // a method value would cost on every event
			if s.holds(k) {
				return true
			}
		}
		return false
	case opNot:
		return !s.holds(s.m.kids[n.first])
	case opSame:
		return s.all(n) && s.oneElement(n)
	default:
		return n.op == opAlways
	}
}

func (s *Scanner) all(n *node) bool {
	for _, k := range s.m.kids[n.first:n.end] {
		if !s.holds(k) {
			return false
		}
	}
	return true
}

// null reports whether a field is absent or has no values but nulls.
func (s *Scanner) null(slot int) bool {
	for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
		if v.Kind != Null {
			return false
		}
	}
	return true
}

func (s *Scanner) refers(r *fieldRef) bool {
	for v := s.event.First(r.slot); v != nil; v = s.event.Next(v) {
		for o := s.event.First(r.other); o != nil; o = s.event.Next(o) {
			if s.refersTo(r, v, o) {
				return true
			}
		}
	}
	return false
}

// refersTo compares one value with another. Null is equal to nothing.
func (s *Scanner) refersTo(r *fieldRef, v, o *Value) bool {
	if v.Kind == Null || o.Kind == Null || r.op == Equal && (v.Kind == Object) != (o.Kind == Object) {
		return false
	}
	a, b := v.Text, o.Text
	if !r.cased {
		if r.op == Equal && isASCII(a) && isASCII(b) && len(a) != len(b) {
			return false
		}
		s.work.folded = appendFold(s.work.folded[:0], a)
		s.other = appendFold(s.other[:0], b)
		a, b = s.work.folded, s.other
	}
	return compareText(r.op, a, b)
}

// maxArrays bounds for how many arrays of one event a selection is checked element by element.
const maxArrays = 64

// oneElement reports whether those items of a selection that look into one array hold for one and the same element of it.
// All of them hold for the event already. What lies outside the array counts for each of its elements.
func (s *Scanner) oneElement(n *node) bool {
	// An array and an item that looks into it make a pair.
	s.pairs = s.pairs[:0]
	for item, slots := range s.m.same[n.arg] {
		for _, slot := range slots {
			for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
				if v.Elem != 0 {
					s.pair(uint64(v.Elem>>16)<<32 | uint64(item))
				}
			}
		}
	}
	if len(s.pairs) < 2 {
		return true
	}
	slices.Sort(s.pairs)
	pairs := slices.Compact(s.pairs)
	for arrays := 0; len(pairs) > 0 && arrays < maxArrays; arrays++ {
		array := uint32(pairs[0] >> 32)
		items := 1
		for items < len(pairs) && uint32(pairs[items]>>32) == array {
			items++
		}
		if items > 1 && !s.someElement(n, array, pairs[:items]) {
			return false
		}
		pairs = pairs[items:]
	}
	return true
}

func (s *Scanner) pair(p uint64) {
	if n := len(s.pairs); n == 0 || s.pairs[n-1] != p {
		s.pairs = append(s.pairs, p)
	}
}

// someElement works out for all elements of an array at once whether the items hold for them.
func (s *Scanner) someElement(n *node, array uint32, pairs []uint64) bool {
	kids := s.m.kids[n.first:n.end]
	last := uint32(0)
	for _, p := range pairs {
		for _, slot := range s.m.same[n.arg][uint32(p)] {
			for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
				if v.Elem>>16 == array {
					last = max(last, v.Elem&0xffff)
				}
			}
		}
	}
	s.vecs.begin(int(last))
	both := s.vecs.push(true)
	for _, p := range pairs {
		one := s.elements(kids[uint32(p)], array)
		both.and(one)
		s.vecs.pop()
	}
	return both.any(int(last))
}

// elements returns a new vector of the elements of an array for which a node holds.
func (s *Scanner) elements(i int32, array uint32) vector {
	n := &s.m.nodes[i]
	kids := s.m.kids[n.first:n.end]
	switch n.op {
	case opSet:
		return s.setElements(n, array)
	case opNull:
		v := s.vecs.push(true)
		s.clearValues(v, int(n.arg), array)
		return v
	case opRef:
		return s.refElements(&s.m.refs[n.arg], array)
	case opNot:
		v := s.elements(kids[0], array)
		v.not()
		return v
	case opAll, opSame: // a selection within an item has no elements of its own
		v := s.vecs.push(true)
		for _, k := range kids {
			v.and(s.elements(k, array))
			s.vecs.pop()
		}
		return v
	case opAny:
		v := s.vecs.push(false)
		for _, k := range kids {
			v.or(s.elements(k, array))
			s.vecs.pop()
		}
		return v
	default:
		return s.vecs.push(n.op == opAlways)
	}
}

func (s *Scanner) setElements(n *node, array uint32) vector {
	out := s.vecs.push(false)
	set := &s.m.sets[n.arg]
	for v := s.event.First(s.m.programs[set.program].slot); v != nil; v = s.event.Next(v) {
		s.work.isFull = false
		for _, t := range set.terms {
			if s.passes(s.m.terms[t], v) {
				out.mark(v, array)
				break
			}
		}
	}
	return out
}

// passes makes one test of one value.
func (s *Scanner) passes(t *term, v *Value) bool {
	switch {
	case t.kind == anything:
		return true
	case v.Kind == Null, v.Kind == Object && t.kind == byOp && (t.atom.Op == Equal || t.atom.Op == NumberEqual):
		return false
	}
	return t.holds(v.Text, &s.work)
}

func (s *Scanner) clearValues(out vector, slot int, array uint32) {
	for v := s.event.First(slot); v != nil; v = s.event.Next(v) {
		switch {
		case v.Kind == Null:
		case v.Elem == 0 || v.Elem>>16 != array:
			clear(out)
		default:
			out.clear(v.Elem & 0xffff)
		}
	}
}

func (s *Scanner) refElements(r *fieldRef, array uint32) vector {
	out := s.vecs.push(false)
	outside := func(v *Value) bool { return v.Elem == 0 || v.Elem>>16 != array }
	for v := s.event.First(r.slot); v != nil; v = s.event.Next(v) {
		for o := s.event.First(r.other); o != nil; o = s.event.Next(o) {
			if !outside(v) && !outside(o) && v.Elem != o.Elem || !s.refersTo(r, v, o) {
				continue
			}
			if outside(v) {
				out.mark(o, array)
			} else {
				out.mark(v, array)
			}
		}
	}
	return out
}

// vector has a bit for each element of an array.
type vector []uint64

// mark sets the bit of a value's element, or all bits for a value outside the array.
func (x vector) mark(v *Value, array uint32) {
	if v.Elem == 0 || v.Elem>>16 != array {
		for i := range x {
			x[i] = ^uint64(0)
		}
		return
	}
	e := v.Elem & 0xffff
	x[e>>6] |= 1 << (e & 63)
}

func (x vector) clear(e uint32) { x[e>>6] &^= 1 << (e & 63) }

func (x vector) and(y vector) {
	for i := range x {
		x[i] &= y[i]
	}
}

func (x vector) or(y vector) {
	for i := range x {
		x[i] |= y[i]
	}
}

func (x vector) not() {
	for i := range x {
		x[i] = ^x[i]
	}
}

// any reports whether a bit from 1 to last is set.
func (x vector) any(last int) bool {
	for e := 1; e <= last; e++ {
		if x[e>>6] == 0 {
			e |= 63
			continue
		}
		if x[e>>6]>>(e&63)&1 != 0 {
			return true
		}
	}
	return false
}

// vectors is a stack of vectors of one length.
type vectors struct {
	words int
	stack []uint64
}

func (s *vectors) begin(last int) { s.words, s.stack = last>>6+1, s.stack[:0] }

func (s *vectors) push(value bool) vector {
	n := len(s.stack)
	s.stack = slices.Grow(s.stack, s.words)[:n+s.words]
	v := vector(s.stack[n : n+s.words : n+s.words])
	fill := uint64(0)
	if value {
		fill = ^fill
	}
	for i := range v {
		v[i] = fill
	}
	return v
}

func (s *vectors) pop() { s.stack = s.stack[:len(s.stack)-s.words] }
