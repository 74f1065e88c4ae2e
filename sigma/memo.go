package sigma

import "bytes"

// memo remembers what values of a field came to. Most fields of logs have few values (event names, regions, user agents),
// and those are then tested once. It grows to a bound, then starts anew; for a field whose values hardly come again it
// pauses. Short values have a table of their own, in which one look suffices.
type memo struct {
	briefs  briefs
	entries []memoEntry // open addressing, a power of two
	used    int
	keys    []byte   // the values, one after another
	hits    []uint32 // what they came to, one after another

	asked, found int // since the last judgement
	rest         int // values to let pass before it is tried again
	pause        int // how long the next rest is
}

// memoEntry is a value of at least one byte. Four entries share a line of the processor's cache.
type memoEntry struct {
	hash  uint32
	key   uint32 // the value is keys[key:key+size]
	hit   uint32 // its sets are hits[hit:hit+count]
	size  uint16 // 0: the entry is free
	count uint16
}

const (
	memoKey      = 256     // longer values are worked out each time
	memoLeast    = 1 << 8  // entries to begin with
	memoMost     = 1 << 13 // entries at most
	memoPerEntry = 16 + 24 // bytes for an entry and its part of keys
	memoBudget   = 4 << 20 // bytes for all memos of a scanner
	memoTrial    = 1 << 10 // after so many values a memo is judged
	memoRest     = 1 << 13
	memoMaxRest  = 1 << 18
)

// find returns what a value came to, if that is known. It is called for values of 1 to memoKey bytes.
func (m *memo) find(hash uint32, text []byte) ([]uint32, bool) {
	if m.entries == nil {
		return nil, false
	}
	e := m.entry(hash, text)
	if e.size == 0 {
		return nil, false
	}
	m.found++
	return m.hits[e.hit : e.hit+uint32(e.count)], true
}

// entry returns the entry of a text, or the free one that it may take.
func (m *memo) entry(hash uint32, text []byte) *memoEntry {
	mask := uint32(len(m.entries) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		e := &m.entries[i]
		if e.size == 0 || e.hash == hash && int(e.size) == len(text) && bytes.Equal(m.keys[e.key:e.key+uint32(e.size)], text) {
			return e
		}
	}
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
func (m *memo) add(hash uint32, text []byte, hits []uint32, budget *int) {
	if m.used >= len(m.entries)/2 || len(m.keys)+len(text) > cap(m.keys) || len(m.hits)+len(hits) > cap(m.hits) {
		m.room(budget)
		if len(text) > cap(m.keys)-len(m.keys) || len(hits) > cap(m.hits)-len(m.hits) || len(m.entries) == 0 {
			return
		}
	}
	*m.entry(hash, text) = memoEntry{
		hash: hash, key: uint32(len(m.keys)), hit: uint32(len(m.hits)), size: uint16(len(text)), count: uint16(len(hits)),
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
		for _, e := range old {
			if e.size > 0 {
				*m.entry(e.hash, keys[e.key:e.key+uint32(e.size)]) = e
			}
		}
		return
	}
	clear(m.entries)
	m.used, m.keys, m.hits = 0, m.keys[:0], m.hits[:0]
}
