package sigma

import "bytes"

// memo remembers what values of a field came to. Most fields of logs have few values (event names, regions, user agents),
// and those are then tested once. It grows to a bound, then starts anew; for a field whose values hardly come again it
// pauses.
type memo struct {
	entries []memoEntry // open addressing, a power of two
	used    int
	keys    []byte   // the values, one after another
	hits    []uint32 // what they came to, one after another

	asked, found int // since the last judgement
	rest         int // values to let pass before it is tried again
	pause        int // how long the next rest is
}

type memoEntry struct {
	hash       uint64
	key, size  uint32 // the value is keys[key:key+size]
	hit, count uint32 // its sets are hits[hit:hit+count]
	set        bool
}

const (
	memoKey      = 256     // longer values are worked out each time
	memoLeast    = 1 << 8  // entries to begin with
	memoMost     = 1 << 13 // entries at most
	memoPerEntry = 32 + 24 // bytes for an entry and its part of keys
	memoBudget   = 4 << 20 // bytes for all memos of a scanner
	memoTrial    = 1 << 10 // after so many values a memo is judged
	memoRest     = 1 << 13
	memoMaxRest  = 1 << 18
)

// find returns what a value came to, if that is known. It is called for values of up to memoKey bytes.
func (m *memo) find(hash uint64, text []byte) ([]uint32, bool) {
	if m.entries == nil {
		return nil, false
	}
	mask := uint64(len(m.entries) - 1)
	for i := hash & mask; m.entries[i].set; i = (i + 1) & mask {
		e := &m.entries[i]
		if e.hash == hash && int(e.size) == len(text) && bytes.Equal(m.keys[e.key:e.key+e.size], text) {
			m.found++
			return m.hits[e.hit : e.hit+e.count], true
		}
	}
	return nil, false
}

// awake reports whether the memo is to be asked for the next value.
func (m *memo) awake() bool {
	if m.rest > 0 {
		m.rest--
		return false
	}
	if m.asked++; m.asked > memoTrial {
		m.judge()
	}
	return true
}

// judge lets a memo rest that knew less than a quarter of the values it was asked for, longer each time.
func (m *memo) judge() {
	if m.found < m.asked/4 {
		m.pause = min(max(2*m.pause, memoRest), memoMaxRest)
		m.rest = m.pause
	} else {
		m.pause = 0
	}
	m.asked, m.found = 0, 0
}

// add remembers a value that find did not know. The memo takes what memory it needs from budget.
func (m *memo) add(hash uint64, text []byte, hits []uint32, budget *int) {
	if m.used >= len(m.entries)/2 || len(m.keys)+len(text) > cap(m.keys) || len(m.hits)+len(hits) > cap(m.hits) {
		m.room(budget)
		if len(text) > cap(m.keys)-len(m.keys) || len(hits) > cap(m.hits)-len(m.hits) || len(m.entries) == 0 {
			return
		}
	}
	mask := uint64(len(m.entries) - 1)
	i := hash & mask
	for m.entries[i].set {
		i = (i + 1) & mask
	}
	m.entries[i] = memoEntry{
		hash: hash, key: uint32(len(m.keys)), size: uint32(len(text)), hit: uint32(len(m.hits)), count: uint32(len(hits)), set: true,
	}
	m.keys = append(m.keys, text...)
	m.hits = append(m.hits, hits...)
	m.used++
}

// room doubles the memo, or empties it once it may not grow.
func (m *memo) room(budget *int) {
	n := max(2*len(m.entries), memoLeast)
	if cost := (n - len(m.entries)) * memoPerEntry; n <= memoMost && cost <= *budget {
		*budget -= cost
		old, keys, hits := m.entries, m.keys, m.hits
		m.entries = make([]memoEntry, n)
		m.keys = append(make([]byte, 0, 16*n), keys...)
		m.hits = append(make([]uint32, 0, 2*n), hits...)
		mask := uint64(n - 1)
		for _, e := range old {
			if !e.set {
				continue
			}
			i := e.hash & mask
			for m.entries[i].set {
				i = (i + 1) & mask
			}
			m.entries[i] = e
		}
		return
	}
	clear(m.entries)
	m.used, m.keys, m.hits = 0, m.keys[:0], m.hits[:0]
}
