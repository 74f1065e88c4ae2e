package sigma

import (
	"slices"
	"unicode/utf8"
)

// oddities finds short literals with a byte in them that hardly stands in logs, as brackets and quotes in requests. Texts
// without such a byte are let off at once, and the sieve of the other literals may take longer strides.
type oddities struct {
	class [256]uint8 // isOdd: one of these bytes stands in each of the literals
	sieve *sieve
	short *automaton
}

// What class tells of bytes.
const (
	isOdd   = 1
	isOther = 2 // beyond ASCII
)

// longestOdd is the length of literals from which on they hinder no sieve.
const longestOdd = 6

// takeOdd takes short literals with odd bytes out of needles and returns the others.
func takeOdd(needles []needle) (*oddities, []needle) {
	o := &oddities{}
	var short, long, others []needle
	for _, n := range needles {
		at := oddByte(n.text)
		switch {
		case at < 0 || len(n.text) > longestOdd:
			others = append(others, n)
			continue
		case len(n.text) < leastSieved:
			short = append(short, n)
		default:
			long = append(long, n)
		}
		o.class[n.text[at]] = isOdd
	}
	if short == nil && long == nil {
		return nil, needles
	}
	for c := utf8.RuneSelf; c < len(o.class); c++ {
		o.class[c] = isOther
	}
	if short != nil {
		o.short = newAutomaton(short)
	}
	if long != nil {
		o.sieve = newSieve(long)
	}
	return o, others
}

// oddByte returns where the first odd byte of a literal stands, -1 if it has none.
func oddByte(text []byte) int {
	return slices.IndexFunc(text, func(c byte) bool { return c < utf8.RuneSelf && rarity(c) >= 3 })
}

// look returns what class tells of all bytes of a text.
func (o *oddities) look(text []byte) uint8 {
	all := uint8(0)
	for _, c := range text {
		all |= o.class[c]
	}
	return all
}

// scan takes note of the terms whose literals stand in text, which is folded or ASCII.
func (o *oddities) scan(text []byte, w *work) {
	if o.sieve != nil {
		o.sieve.scan(text, w)
	}
	if o.short != nil {
		o.short.scan(text, w)
	}
}
