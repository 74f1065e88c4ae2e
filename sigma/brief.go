package sigma

import "encoding/binary"

// briefs remembers what short values came to, each at the one place that its bytes lead to: methods, statuses, names of
// regions and calls. A newer value takes the place of an older one.
type briefs struct {
	entries *[briefPlaces]brief
	hits    []uint32
}

type brief struct {
	lo, hi     uint64 // the bytes
	hit, count uint32 // its sets are hits[hit:hit+count]
	size       uint8
	known      bool
}

const (
	briefText   = 16 // bytes of a short value
	briefPlaces = 128
	briefHits   = 1 << 12 // when so many sets are kept all is forgotten
)

// find returns what a short value came to, if that is known, and the place for it.
func (b *briefs) find(text []byte) (hits []uint32, at *brief, known bool) {
	if b.entries == nil {
		b.entries = new([briefPlaces]brief)
	}
	lo, hi := briefBytes(text)
	at = &b.entries[(lo^hi*0x9e3779b97f4a7c15+uint64(len(text)))*0x8bb84b93962eacc9>>(64-7)]
	if at.known && at.lo == lo && at.hi == hi && int(at.size) == len(text) {
		return b.hits[at.hit : at.hit+at.count], at, true
	}
	at.lo, at.hi, at.size, at.known = lo, hi, uint8(len(text)), false
	return nil, at, false
}

// keep takes note of what the value came to that find has given the place to.
func (b *briefs) keep(at *brief, hits []uint32) {
	if len(hits) > briefHits {
		return
	}
	if len(b.hits)+len(hits) > briefHits {
		for i := range b.entries {
			b.entries[i].known = false
		}
		b.hits = b.hits[:0]
	}
	at.hit, at.count, at.known = uint32(len(b.hits)), uint32(len(hits)), true
	b.hits = append(b.hits, hits...)
}

// briefBytes returns two numbers that, with its length, tell a short text from all others.
func briefBytes(b []byte) (lo, hi uint64) {
	switch n := len(b); {
	case n >= 8:
		return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		return uint64(b[0]), uint64(b[n/2])<<8 | uint64(b[n-1])
	}
	return 0, 0
}
