package sigma

import "hash/maphash"

// memo remembers what the last values of a field came to. Most fields of logs have few values (event names, user agents,
// regions), so most tests need not be made again. It is a table of fixed size; a new value takes the place of an old one.
type memo struct {
	entries []memoEntry
	bits    []uint64 // of all entries
	words   int
	seed    maphash.Seed

	hits, asked int
	off         int // values to let pass before the memo is tried again
	free        bitset
}

type memoEntry struct {
	hash uint64
	n    uint8 // length of key; 0: free
	key  [maxMemoKey]byte
}

const (
	maxMemoKey  = 191 // longer values are worked out each time
	memoEntries = 1 << 9
	memoTrial   = 4096 // after so many values the memo is judged
	memoPause   = 1 << 17
)

func newMemo(words int, seed maphash.Seed) *memo {
	return &memo{entries: make([]memoEntry, memoEntries), bits: make([]uint64, memoEntries*words), words: words, seed: seed}
}

// find returns the place for a value and whether the value's bits stand there; nil where it is not to be remembered.
func (m *memo) find(text []byte) (bits bitset, known bool) {
	if m.off > 0 {
		m.off--
		return nil, false
	}
	if len(text) == 0 || len(text) > maxMemoKey {
		return nil, false
	}
	if m.asked++; m.asked == memoTrial {
		if m.hits < memoTrial/3 {
			m.off = memoPause
		}
		m.asked, m.hits = 0, 0
	}
	h := maphash.Bytes(m.seed, text)
	i := int(h & (memoEntries - 1))
	e := &m.entries[i]
	bits = m.bits[i*m.words : (i+1)*m.words]
	if e.hash == h && int(e.n) == len(text) && string(e.key[:e.n]) == string(text) {
		m.hits++
		return bits, true
	}
	e.hash, e.n = h, uint8(len(text))
	copy(e.key[:], text)
	return bits, false
}
