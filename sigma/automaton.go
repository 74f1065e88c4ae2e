package sigma

// automaton finds every occurrence of many literals in one pass over a text (Aho and Corasick, "Efficient string
// matching", 1975), as a table of transitions over classes of bytes. ASCII letters are folded by the classes.
type automaton struct {
	class    [256]uint8
	classes  int
	next     []uint32   // state*classes + class → state*classes, with hitBit set if literals end there
	outputs  [][]uint32 // literals
	outputAt []uint32   // by state: index into outputs
	lengths  []int      // of the literals
}

const hitBit = 1 << 31

// trieState is a state while the automaton is being built.
type trieState struct {
	kids map[uint8]uint32
	fail uint32
	out  []uint32
}

// newAutomaton builds the automaton of some literals, which are folded already and not empty.
func newAutomaton(literals []string) *automaton {
	a := &automaton{}
	a.classify(literals)
	states := []*trieState{{kids: map[uint8]uint32{}}}
	for id, lit := range literals {
		a.lengths = append(a.lengths, len(lit))
		at := uint32(0)
		for i := range len(lit) {
			c := a.class[lit[i]]
			to, ok := states[at].kids[c]
			if !ok {
				to = uint32(len(states))
				states = append(states, &trieState{kids: map[uint8]uint32{}})
				states[at].kids[c] = to
			}
			at = to
		}
		states[at].out = append(states[at].out, uint32(id))
	}
	a.link(states)
	return a
}

// link fills the table, breadth first: where a state has no child it goes on as the longest suffix that is a state does.
func (a *automaton) link(states []*trieState) {
	k := uint32(a.classes)
	a.next = make([]uint32, len(states)*a.classes)
	a.outputAt = make([]uint32, len(states))
	queue := []uint32{0}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		st := states[s]
		for c := range k {
			inherited := uint32(0)
			if s != 0 {
				inherited = a.next[st.fail*k+c] / k
			}
			to, ok := st.kids[uint8(c)]
			if !ok {
				a.next[s*k+c] = inherited * k
				continue
			}
			a.next[s*k+c] = to * k
			states[to].fail = inherited
			states[to].out = append(states[to].out, states[inherited].out...)
			queue = append(queue, to)
		}
	}
	a.outputs = [][]uint32{nil}
	for s, st := range states {
		if len(st.out) > 0 {
			a.outputAt[s] = uint32(len(a.outputs))
			a.outputs = append(a.outputs, st.out)
		}
	}
	for i, n := range a.next {
		if a.outputAt[n/k] != 0 {
			a.next[i] = n | hitBit
		}
	}
}

// classify gives each byte that occurs in a literal a class of its own, and the rest class 0.
func (a *automaton) classify(literals []string) {
	used := [256]bool{}
	for _, lit := range literals {
		for i := range len(lit) {
			used[lit[i]] = true
		}
	}
	a.classes = 1
	for b := range 256 {
		if used[b] && (b < 'A' || b > 'Z') {
			a.class[b] = uint8(a.classes)
			a.classes++ // at most 231: the capitals share those of the small letters
		}
	}
	for b := 'A'; b <= 'Z'; b++ {
		a.class[b] = a.class[b+'a'-'A']
	}
}

// uniqueLiterals numbers literals, equal ones alike.
type uniqueLiterals struct {
	ids  map[string]int
	list []string
}

func (u *uniqueLiterals) id(lit string) int {
	if u.ids == nil {
		u.ids = map[string]int{}
	}
	if id, ok := u.ids[lit]; ok {
		return id
	}
	u.ids[lit] = len(u.list)
	u.list = append(u.list, lit)
	return len(u.list) - 1
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }

func (b bitset) or(o bitset) {
	for i, w := range o {
		b[i] |= w
	}
}
