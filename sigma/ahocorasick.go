package sigma

// automaton finds literals that are too short for a sieve in one pass over a text: Aho and Corasick's pattern matching
// machine (Communications of the ACM 18:6, 1975) as a table of transitions, with bytes gathered into classes. Literals are
// folded; texts are folded or ASCII, whose upper-case letters share a class with the lower-case ones.
type automaton struct {
	class [256]uint8
	// next holds a row for each state: the rows that each class leads to, as indexes of their first cells, and in the
	// row's last cell the index in outs of the first literal that ends there. Rows from firstOut on have such.
	next     []uint32
	stride   uint32
	firstOut uint32
	outs     []output
}

// output is one literal that ends in a state.
type output struct {
	term  uint32 // number of the term in its program
	more  int32  // the next output of the same state or of its longest proper suffix with outputs; -1 at the last
	size  uint32 // length of the literal
	where anchorage
	check bool // finding the literal is not enough, the term must be tested
}

// newAutomaton returns the automaton of some needles.
func newAutomaton(needles []needle) *automaton { return newTrie(needles).automaton() }

// trie is the tree of all needles: an automaton under construction.
type trie struct {
	class   [256]uint8
	classes int
	next    []int32 // classes cells for each state; 0: none
	outs    []output
	first   []int32 // for each state its first output, -1 for none
	order   []int32 // the states, nearest to the root first
}

func newTrie(needles []needle) *trie {
	t := &trie{classes: 1}
	for _, n := range needles {
		for _, c := range n.text {
			if t.class[c] == 0 {
				t.class[c] = uint8(t.classes)
				t.classes++
			}
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		t.class[c] = t.class[c+'a'-'A']
	}
	t.state()
	for _, n := range needles {
		s := int32(0)
		for _, c := range n.text {
			cell := int(s)*t.classes + int(t.class[c])
			if t.next[cell] == 0 {
				made := t.state()
				t.next[cell] = made
			}
			s = t.next[cell]
		}
		t.outs = append(t.outs, output{
			term: n.term, more: t.first[s], size: uint32(len(n.text)), where: n.where, check: n.check,
		})
		t.first[s] = int32(len(t.outs) - 1)
	}
	return t
}

func (t *trie) state() int32 {
	t.next = append(t.next, make([]int32, t.classes)...)
	t.first = append(t.first, -1)
	return int32(len(t.first) - 1)
}

// automaton completes the trie with the transitions of failure and numbers its states anew: those without outputs first,
// the ones near the root, which nearly all texts stay in, side by side.
func (t *trie) automaton() *automaton {
	t.complete()
	a := &automaton{class: t.class, outs: t.outs, stride: uint32(t.classes + 1)}
	row := make([]uint32, len(t.first))
	n := uint32(0)
	for _, withOut := range [...]bool{false, true} {
		if withOut {
			a.firstOut = n
		}
		for _, s := range t.order {
			if (t.first[s] >= 0) == withOut {
				row[s] = n
				n += a.stride
			}
		}
	}
	a.next = make([]uint32, n)
	for s := range t.first {
		cells := a.next[row[s] : row[s]+a.stride]
		for c, to := range t.next[s*t.classes : (s+1)*t.classes] {
			cells[c] = row[to]
		}
		cells[t.classes] = uint32(max(t.first[s], 0))
	}
	return a
}

func (t *trie) complete() {
	fail := make([]int32, len(t.first))
	t.order = append(make([]int32, 0, len(t.first)), 0)
	for i := 0; i < len(t.order); i++ {
		s := t.order[i]
		f := fail[s]
		if s != 0 && t.first[f] >= 0 {
			t.chain(s, t.first[f])
		}
		for c := range t.classes {
			cell := &t.next[int(s)*t.classes+c]
			onFail := t.next[int(f)*t.classes+c]
			if *cell == 0 {
				*cell = onFail
				continue
			}
			if s != 0 {
				fail[*cell] = onFail
			}
			t.order = append(t.order, *cell)
		}
	}
}

// chain puts the outputs from out on behind those of state s.
func (t *trie) chain(s, out int32) {
	if t.first[s] < 0 {
		t.first[s] = out
		return
	}
	last := t.first[s]
	for t.outs[last].more >= 0 {
		last = t.outs[last].more
	}
	t.outs[last].more = out
}

// scan feeds text to the automaton and marks the terms of the literals that it finds.
func (a *automaton) scan(text []byte, w *work) {
	s := uint32(0)
	next := a.next
	for i, c := range text {
		s = next[s+uint32(a.class[c])]
		if s < a.firstOut {
			continue
		}
		for o := int32(next[s+a.stride-1]); o >= 0; {
			out := &a.outs[o]
			o = out.more
			if out.where == atStart && i+1 != int(out.size) || out.where == atEnd && i+1 != len(text) {
				continue
			}
			w.found(out.term, out.check)
		}
	}
}
