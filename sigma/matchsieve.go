package sigma

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// sieve finds literals of three bytes and more in a text. It looks at every stride-th place only: each literal is known by
// as many of its grams (runs of three or four bytes) as the stride, one behind another, so that one of them falls on such a
// place. A bitmap tells the grams of literals from all others; only where it does are literals compared. The literals'
// number hardly matters, unlike to an automaton, whose table outgrows the caches and whose every step waits for the last.
type sieve struct {
	mask   uint32 // of a gram's bytes
	size   int    // of a gram: 3 or 4
	stride int
	inside gramTable // literals that may stand anywhere
	start  gramTable // those at the start, by their first gram
	end    gramTable // those at the end, by their last gram

	needles []needle
}

// needle is a literal to be found.
type needle struct {
	text  []byte // folded, never empty
	term  uint32 // whose literal it is
	where anchorage
	check bool // finding the literal is not enough, the term must be tested
}

// anchorage says where in the text a literal has to be found.
type anchorage uint8

const (
	anywhere anchorage = iota
	atStart
	atEnd
)

// leastSieved is the length of the shortest literals that a sieve takes.
const leastSieved = 3

// newSieve returns the sieve of some literals.
func newSieve(needles []needle) *sieve {
	s := &sieve{size: 3, mask: 0xffffff, stride: 4, needles: needles}
	least, inside := 1<<10, 1<<10
	for _, n := range needles {
		least = min(least, len(n.text))
		if n.where == anywhere {
			inside = min(inside, len(n.text))
		}
	}
	if least >= 4 && inside >= 7 {
		s.size, s.mask = 4, 0xffffffff
	} else {
		s.stride = min(inside-2, 4) // the longest with which each literal has a gram at one of the places
	}
	var all, first, last []gramEntry
	used := s.common()
	for i, n := range needles {
		switch n.where {
		case atStart:
			first = append(first, s.entry(i, 0))
		case atEnd:
			last = append(last, s.entry(i, len(n.text)-s.size))
		case anywhere:
			from := s.rarest(n.text, used)
			for k := range s.stride {
				e := s.entry(i, from+k)
				used[e.gram*gramFactor>>gramBit]++
				all = append(all, e)
			}
		}
	}
	s.inside, s.start, s.end = newGramTable(all), newGramTable(first), newGramTable(last)
	return s
}

func (s *sieve) entry(needle, at int) gramEntry {
	return gramEntry{gram: s.gram(s.needles[needle].text, at), needle: uint32(needle), at: uint32(at)}
}

// gram returns the gram at a place of a text as a number. Letters count as lower-case, and some signs as each other.
func (s *sieve) gram(text []byte, at int) uint32 {
	g := uint32(text[at]) | uint32(text[at+1])<<8 | uint32(text[at+2])<<16
	if s.size == 4 {
		g |= uint32(text[at+3]) << 24
	}
	return (g | lowerBits) & s.mask
}

const lowerBits = 0x20202020

// common returns the bits of the grams of commonText and commonWords, as if many literals were known by them already.
func (s *sieve) common() map[uint32]int {
	const many = 20
	used := map[uint32]int{}
	text := []byte(commonText + commonWords)
	for at := range len(text) - s.size {
		used[s.gram(text, at)*gramFactor>>gramBit] = many
	}
	return used
}

// rarest returns where in a literal the grams stand that are best to know it by: of bytes that are rare in logs, and not
// those of other literals.
func (s *sieve) rarest(text []byte, used map[uint32]int) int {
	best, most := 0, -1<<30
	for from := 0; from+s.size+s.stride-1 <= len(text); from++ {
		score := 0
		for k := range s.stride {
			score -= 4 * used[s.gram(text, from+k)*gramFactor>>gramBit]
			for _, c := range text[from+k : from+k+s.size] {
				score += rarity(c)
			}
		}
		if score > most {
			best, most = from, score
		}
	}
	return best
}

// commonWords are what grams had better not be of, beside commonText: words of addresses and of what calls are named.
const commonWords = "\n/api/v1/v2/products/stock/\nsearch?page=\n/articles/\n/contents/\nstores/\naccounts/\norders/\nservices/\n" +
	"users/\nscripts/\nstring\nimport\nprice\nsimple\ndetails\ncomponents\nlistening\nnumber\ntransaction\nperformance\n" +
	"describe\nupdate\ncreate\nget\nresource\npolicy\n.html\n.php\n.webp\n.woff2\n.jpg\n.png\n.svg\n&page=\n0000\n.0.0\n00.0\n"

// rarity is a rough guess of how rare a byte is in logs.
func rarity(c byte) int {
	switch {
	case c == 'e' || c == 't' || c == 'a' || c == 'o' || c == 'i' || c == 's' || c == 'n' || c == 'r' || c == '/' || c == '.' ||
		c == ' ' || c == '0' || c == '1' || c == '2':
		return 0
	case c == 'j' || c == 'q' || c == 'x' || c == 'z':
		return 2
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == ':', c == '=', c == '%', c == ',', c == '\\',
		c == '?', c == '+':
		return 1
	}
	return 3
}

// scan takes note of the terms whose literals stand in text, which is folded or ASCII.
func (s *sieve) scan(text []byte, w *work) {
	if len(text) < s.size {
		return
	}
	if s.start.entries != nil {
		s.look(&s.start, text, 0, w)
	}
	if s.end.entries != nil {
		s.look(&s.end, text, len(text)-s.size, w)
	}
	if s.inside.entries == nil {
		return
	}
	at := 0
	for at+8 <= len(text) {
		step := 4 // the bytes whose places are looked at together
		switch s.stride {
		case 4:
			at, step = s.inside.next4(text, at, s.mask), 8
		case 3:
			at, step = s.inside.next3(text, at, s.mask), 6
		case 2:
			at = s.inside.next2(text, at, s.mask)
		default:
			at = s.inside.next1(text, at, s.mask)
		}
		if at+8 > len(text) {
			break
		}
		for end := at + step; at < end; at += s.stride {
			s.look(&s.inside, text, at, w)
		}
	}
	for ; at+s.size <= len(text); at += s.stride {
		s.look(&s.inside, text, at, w)
	}
}

// next1 to next4 return the first place from i on, in steps of some bytes, with a gram at it or between it and the next that
// may be a literal's; one within eight bytes of the end if there is none. They are where a matcher spends its time, hence
// written out for each stride.

func (t *gramTable) next1(text []byte, i int, mask uint32) int {
	table := t.bits
	for ; i+8 <= len(text); i += 4 {
		x := binary.LittleEndian.Uint64(text[i:i+8]) | lowerBits<<32 | lowerBits
		a, b := uint32(x)&mask*gramFactor, uint32(x>>8)&mask*gramFactor
		c, d := uint32(x>>16)&mask*gramFactor, uint32(x>>24)&mask*gramFactor
		if table[a>>22]&(1<<(a>>16&63)) != 0 || table[b>>22]&(1<<(b>>16&63)) != 0 ||
			table[c>>22]&(1<<(c>>16&63)) != 0 || table[d>>22]&(1<<(d>>16&63)) != 0 {
			break
		}
	}
	return i
}

func (t *gramTable) next2(text []byte, i int, mask uint32) int {
	table := t.bits
	for ; i+8 <= len(text); i += 4 {
		x := binary.LittleEndian.Uint64(text[i:i+8]) | lowerBits<<32 | lowerBits
		a, b := uint32(x)&mask*gramFactor, uint32(x>>16)&mask*gramFactor
		if table[a>>22]&(1<<(a>>16&63)) != 0 || table[b>>22]&(1<<(b>>16&63)) != 0 {
			break
		}
	}
	return i
}

func (t *gramTable) next3(text []byte, i int, mask uint32) int {
	table := t.bits
	for ; i+8 <= len(text); i += 6 {
		x := binary.LittleEndian.Uint64(text[i:i+8]) | lowerBits<<32 | lowerBits
		a, b := uint32(x)&mask*gramFactor, uint32(x>>24)&mask*gramFactor
		if table[a>>22]&(1<<(a>>16&63)) != 0 || table[b>>22]&(1<<(b>>16&63)) != 0 {
			break
		}
	}
	return i
}

func (t *gramTable) next4(text []byte, i int, mask uint32) int {
	table := t.bits
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:i+8]) | lowerBits<<32 | lowerBits
		a, b := uint32(x)&mask*gramFactor, uint32(x>>32)&mask*gramFactor
		if table[a>>22]&(1<<(a>>16&63)) != 0 || table[b>>22]&(1<<(b>>16&63)) != 0 {
			break
		}
	}
	return i
}

// look compares the literals that have the gram at a place of the text.
func (s *sieve) look(t *gramTable, text []byte, at int, w *work) {
	g := s.gram(text, at)
	h := g * gramFactor
	if t.bits[h>>22]&(1<<(h>>16&63)) == 0 {
		return
	}
	bucket := h >> gramFold
	// Where a literal's gram stands at the start or the end of the text, as the other two tables are asked, so does the literal.
	for i := t.first[bucket]; i < uint32(len(t.entries)) && t.entries[i].bucket == bucket; i++ {
		e := &t.entries[i]
		if e.gram != g {
			continue
		}
		n := &s.needles[e.needle]
		from := at - int(e.at)
		if from < 0 || len(text)-from < len(n.text) || w.seen[n.term] == w.round {
			continue
		}
		if !equalLower(text[from:from+len(n.text)], n.text) {
			continue
		}
		w.found(n.term, n.check)
	}
}

// gramTable finds literals by one of their grams.
type gramTable struct {
	bits    *[1 << 10]uint64 // bit hash(gram): some entry may have that gram; see gramBit
	first   *[1 << 12]uint32 // by the upper bits of the hash: the first entry
	entries []gramEntry
}

type gramEntry struct{ gram, needle, at, bucket uint32 }

const (
	gramFactor = 0x9e3779b1
	gramBit    = 16 // its bit is gram*gramFactor>>gramBit
	gramFold   = 20 // an entry's bucket is gram*gramFactor>>gramFold
)

// newGramTable returns the table of some entries.
func newGramTable(entries []gramEntry) gramTable {
	if len(entries) == 0 {
		return gramTable{}
	}
	t := gramTable{bits: new([1 << 10]uint64), first: new([1 << 12]uint32), entries: entries}
	for i := range entries {
		h := entries[i].gram * gramFactor
		entries[i].bucket = h >> gramFold
		t.bits[h>>22] |= 1 << (h >> 16 & 63)
	}
	slices.SortStableFunc(entries, func(a, b gramEntry) int { return cmp.Compare(a.bucket, b.bucket) })
	for i, e := range slices.Backward(entries) {
		t.first[e.bucket] = uint32(i)
	}
	return t
}
