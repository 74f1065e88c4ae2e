package sigma

import (
	"net/netip"
	"unicode/utf8"
)

// link makes the programs that find the sets.
func (c *compiler) link() {
	type home struct {
		slot  int
		eager bool
	}
	index := map[home]int{}
	var sets [][]int32 // by program
	for _, eager := range [...]bool{true, false} {
		for id, info := range c.setInfo {
			if info.eager != eager {
				continue
			}
			h := home{info.slot, eager}
			i, ok := index[h]
			if !ok {
				i = len(sets)
				index[h] = i
				sets = append(sets, nil)
				c.m.programs = append(c.m.programs, &program{slot: info.slot})
			}
			sets[i] = append(sets[i], int32(id))
			c.m.sets[id].program = i
		}
		if eager {
			c.m.eager = len(sets)
		}
	}
	for i, p := range c.m.programs {
		c.build(p, sets[i])
	}
	for i := range c.m.nodes {
		if n := &c.m.nodes[i]; n.op == opSet {
			n.program = int32(c.m.sets[n.arg].program)
		}
	}
}

// build makes the program of some sets.
func (c *compiler) build(p *program, sets []int32) {
	places := map[int32]int{}
	var emits [][]uint32
	for _, s := range sets {
		for _, id := range c.m.sets[s].terms {
			t := c.m.terms[id]
			switch t.kind {
			case anything:
				p.present = append(p.present, uint32(s))
				continue
			case nonNull:
				p.any = append(p.any, uint32(s))
				continue
			case byOp:
			}
			place, ok := places[id]
			if !ok {
				place = len(p.terms)
				places[id] = place
				p.terms = append(p.terms, t)
				emits = append(emits, nil)
			}
			emits[place] = append(emits[place], uint32(s))
		}
	}
	for _, e := range emits {
		p.emits = append(p.emits, e...)
		p.emitsEnd = append(p.emitsEnd, uint32(len(p.emits)))
	}
	p.index()
}

// index sorts the program's terms into what finds them.
func (p *program) index() {
	var needles []needle
	equal := 0
	for _, t := range p.terms {
		if t.atom.Op == Equal || t.atom.Op == NumberEqual {
			equal++
		}
	}
	size := 4
	for size < 2*equal {
		size *= 2
	}
	p.equal.entries = make([]equalEntry, size)
	for i, t := range p.terms {
		switch t.atom.Op {
		case Equal:
			p.equal.add(fold(t.atom.Text), uint32(i))
		case NumberEqual:
			p.equal.add(fold(t.atom.Text), uint32(i))
			if p.numbers == nil {
				p.numbers = map[float64][]uint32{}
			}
			p.numbers[t.atom.Number] = append(p.numbers[t.atom.Number], uint32(i))
		case Less, LessEqual, Greater, GreaterEqual:
			p.bounds = append(p.bounds, uint32(i))
		case CIDR:
			p.addNet(t.atom.Net, uint32(i))
		case TimePartEqual:
			p.always = append(p.always, uint32(i))
		default:
			if len(t.needles) == 0 {
				p.always = append(p.always, uint32(i))
			}
			for _, n := range t.needles {
				needles = append(needles, t.needle(n, uint32(i)))
			}
		}
	}
	p.indexNeedles(needles)
	p.dear = p.worthRemembering()
}

// indexNeedles sorts literals by what is to find them.
func (p *program) indexNeedles(needles []needle) {
	p.odd, needles = takeOdd(needles)
	var long, short []needle
	for _, n := range needles {
		if len(n.text) < leastSieved {
			short = append(short, n)
		} else {
			long = append(long, n)
		}
	}
	if long != nil {
		p.sieve = newSieve(long)
	}
	if short != nil {
		p.short = newAutomaton(short)
	}
}

// worthRemembering returns the length from which on values are dearer to work out than to remember. A memo's answer costs
// about as much as a sieve's for 8 bytes times its stride.
func (p *program) worthRemembering() int {
	switch {
	case p.short != nil || p.bounds != nil || p.numbers != nil || p.masks != nil || p.always != nil:
		return 1
	case p.sieve == nil:
		return memoKey + 1
	}
	return 8 * p.sieve.stride
}

func (t *term) needle(text []byte, i uint32) needle {
	n := needle{text: text, term: i, where: t.where, check: t.atom.Cased}
	switch t.atom.Op {
	case StartsWith:
		n.where = atStart
	case EndsWith:
		n.where = atEnd
	case Contains:
	default:
		n.check = true
	}
	return n
}

func (p *program) addNet(net netip.Prefix, term uint32) {
	m := mask{net.Addr().Is4(), net.Bits()}
	if p.nets == nil {
		p.nets = map[netip.Prefix][]uint32{}
	}
	known := false
	for _, o := range p.masks {
		known = known || o == m
	}
	if !known {
		p.masks = append(p.masks, m)
	}
	p.nets[net] = append(p.nets[net], term)
}

// validText reports whether a text and the literals of a glob are UTF-8.
func validText(text string, glob []Piece) bool {
	for _, p := range glob {
		if !utf8.ValidString(p.Text) {
			return false
		}
	}
	return utf8.ValidString(text)
}
