package sigma

import "net/netip"

// program tells for a value of one field which sets it is in. A field has up to two: one for the sets that are anchors,
// which every event is given to, and one for all others, which only candidates ask for.
type program struct {
	slot    int
	present []uint32 // sets of values of any kind, null included
	any     []uint32 // sets of all values but null

	terms    []*term
	emits    []uint32 // sets that the terms belong to
	emitsEnd []uint32 // by term, where in emits its sets end; they begin where those of the term before end

	equal   equalTable
	odd     *oddities            // for short literals with odd bytes
	sieve   *sieve               // for other literals
	short   *automaton           // for literals too short for the sieve
	numbers map[float64][]uint32 // terms
	bounds  []uint32             // terms that compare numbers
	nets    map[netip.Prefix][]uint32
	masks   []mask   // the different lengths of the networks
	always  []uint32 // terms that no index helps to test
	dear    int      // values at least so long cost more to work out than to remember
}

// mask is a length of networks of one family.
type mask struct {
	v4   bool
	bits int
}

// work is what a program uses while it works out a value.
type work struct {
	p       *program
	round   uint32
	seen    []uint32 // by term: the round in which it was last found
	emitted []uint32 // by set
	hits    []uint32 // the sets that the value is in
	checks  []uint32 // terms that a part was found of
	folded  []byte
	isFull  bool // folded is the folded text
}

// sets returns the sets that a text is in; they are valid until the next call.
func (p *program) sets(text []byte, object bool, w *work) []uint32 {
	w.begin(p)
	odd, plain := p.classify(text)
	f := text
	if !plain {
		f = w.full(text)
	}
	if !object && p.equal.lengths.has(len(f)) {
		p.equal.find(f, text, w)
	}
	if odd {
		p.odd.scan(f, w)
	}
	if p.sieve != nil {
		p.sieve.scan(f, w)
	}
	if p.short != nil {
		p.short.scan(f, w)
	}
	if p.numbers != nil || p.bounds != nil {
		p.number(text, w)
	}
	if p.masks != nil {
		p.net(text, w)
	}
	w.checks = append(w.checks, p.always...)
	for _, t := range w.checks {
		if p.terms[t].holds(text, w) {
			w.emit(t)
		}
	}
	return w.hits
}

// classify reports whether a text has odd bytes and whether all are ASCII. What is folded to ASCII are letters, never odd.
func (p *program) classify(text []byte) (odd, plain bool) {
	if p.odd == nil {
		return false, isASCII(text)
	}
	class := p.odd.look(text)
	return class&isOdd != 0, class&isOther == 0
}

func (w *work) begin(p *program) {
	if w.round++; w.round == 0 {
		clear(w.seen)
		clear(w.emitted)
		w.round = 1
	}
	w.p, w.isFull = p, false
	w.hits = append(w.hits[:0], p.any...)
	w.checks = w.checks[:0]
}

// full returns the folded text.
func (w *work) full(text []byte) []byte {
	if !w.isFull {
		w.folded = appendFold(w.folded[:0], text)
		w.isFull = true
	}
	return w.folded
}

// found takes note of a term, or of a part of one.
func (w *work) found(t uint32, check bool) {
	if w.seen[t] == w.round {
		return
	}
	w.seen[t] = w.round
	if check {
		w.checks = append(w.checks, t)
	} else {
		w.emit(t)
	}
}

// emit puts the value into the sets of a term.
func (w *work) emit(t uint32) {
	from := uint32(0)
	if t > 0 {
		from = w.p.emitsEnd[t-1]
	}
	for _, s := range w.p.emits[from:w.p.emitsEnd[t]] {
		if w.emitted[s] != w.round {
			w.emitted[s] = w.round
			w.hits = append(w.hits, s)
		}
	}
}

func (p *program) number(text []byte, w *work) {
	n, ok := parseNumber(text)
	if !ok {
		return
	}
	for _, t := range p.numbers[n] {
		w.emit(t)
	}
	for _, t := range p.bounds {
		if a := p.terms[t].atom; compare(a.Op, n, a.Number) {
			w.emit(t)
		}
	}
}

func compare(op Op, n, bound float64) bool {
	switch op {
	case Less:
		return n < bound
	case LessEqual:
		return n <= bound
	case Greater:
		return n > bound
	case GreaterEqual:
		return n >= bound
	case NotEqual:
		return n != bound
	default:
		return n == bound
	}
}

func (p *program) net(text []byte, w *work) {
	addr, ok := parseAddr(text)
	if !ok {
		return
	}
	for _, m := range p.masks {
		if m.v4 != addr.Is4() {
			continue
		}
		net, err := addr.Prefix(m.bits)
		if err != nil {
			continue
		}
		for _, t := range p.nets[net] {
			w.emit(t)
		}
	}
}

// equalTable finds the terms that a whole value equals.
type equalTable struct {
	lengths lengthSet
	entries []equalEntry // open addressing, a power of two
}

type equalEntry struct {
	hash  uint64
	text  []byte // folded
	terms []uint32
}

// find emits the terms whose text is folded, which may have ASCII letters in upper case still.
func (t *equalTable) find(folded, text []byte, w *work) {
	h := foldHash(folded)
	mask := uint64(len(t.entries) - 1)
	for i := h & mask; t.entries[i].terms != nil; i = (i + 1) & mask {
		e := &t.entries[i]
		if e.hash != h || !equalLower(folded, e.text) {
			continue
		}
		for _, n := range e.terms {
			if a := w.p.terms[n].atom; !a.Cased || a.Text == string(text) {
				w.emit(n)
			}
		}
		return
	}
}

func (t *equalTable) add(text []byte, term uint32) {
	t.lengths.add(len(text))
	h := foldHash(text)
	mask := uint64(len(t.entries) - 1)
	i := h & mask
	for ; t.entries[i].terms != nil; i = (i + 1) & mask {
		if t.entries[i].hash == h && string(t.entries[i].text) == string(text) {
			break
		}
	}
	e := &t.entries[i]
	e.hash, e.text, e.terms = h, text, append(e.terms, term)
}

// lengthSet is a set of lengths; those from 255 on count as one.
type lengthSet [4]uint64

func (l *lengthSet) add(n int)      { n = min(n, 255); l[n>>6] |= 1 << (n & 63) }
func (l *lengthSet) has(n int) bool { n = min(n, 255); return l[n>>6]>>(n&63)&1 != 0 }
