package sigma

import "sync"

// matchLog is matches of a rule in the order they came: a row for each, in blocks so that growing copies little. Matches are
// numbered by block and place in it.
type matchLog struct {
	blocks    [][]uint32
	width     int   // of a row
	ungrouped int64 // matches that no correlation could have put in a group, which have no row
}

// A row has the time of a match, its position and unit, and then the rule's cells: a text's number, 0 if there is no value, or
// the place of several in Correlator.sets with severalValues.
const (
	rowTime, rowPos, rowUnit, rowCells = 0, 2, 4, 5

	severalValues = 1 << 31

	blockSize  = 1024
	blockStart = 32 // the first block begins with this size, as many logs stay small
)

func (l *matchLog) row(i uint32) []uint32 {
	k := int(i%blockSize) * l.width
	return l.blocks[i/blockSize][k : k+l.width : k+l.width]
}

func (l *matchLog) time(i uint32) int64 { return int64(wide(l.row(i), rowTime)) }

func (l *matchLog) pos(i uint32) uint64 { return wide(l.row(i), rowPos) }

func (l *matchLog) cell(i uint32, cell int) uint32 { return l.row(i)[rowCells+cell] }

func wide(row []uint32, at int) uint64 { return uint64(row[at]) | uint64(row[at+1])<<32 }

// each goes through the rows.
func (l *matchLog) each(f func(i uint32, row []uint32)) {
	for k, b := range l.blocks {
		for i := uint32(k) * blockSize; len(b) > 0; i++ {
			f(i, b[:l.width])
			b = b[l.width:]
		}
	}
}

// room sees to it that another row fits.
func (l *matchLog) room(c *Correlator, b *base) bool {
	last := len(l.blocks) - 1
	if last >= 0 && len(l.blocks[last]) < cap(l.blocks[last]) {
		return true
	}
	l.width = rowCells + len(b.cells)
	size, old := blockSize, 0
	if last < 0 {
		size = blockStart
	} else if last == 0 && len(l.blocks[0]) < blockSize*l.width { // the first block, as yet a small one
		old = len(l.blocks[0]) / l.width
		size = min(4*old, blockSize)
	}
	if len(l.blocks) >= 1<<32/blockSize || !c.take(int64(size-old)*b.rowBytes(), c.max) {
		return false
	}
	block := make([]uint32, 0, size*l.width)
	if old > 0 {
		l.blocks[0] = append(block, l.blocks[0]...)
	} else {
		l.blocks = append(l.blocks, block)
	}
	return true
}

// add puts a match into the room made for it.
func (l *matchLog) add(row []uint32) {
	last := len(l.blocks) - 1
	l.blocks[last] = append(l.blocks[last], row...)
}

// What Finish takes for each match is set aside when it is added.
const (
	pairBytes  = 8  // while a stream is sorted: a key and the match
	entryBytes = 8  // in a stream in order: the match, and where its group begins;
	keyBytes   = 4  // a key of the group for each field;
	groupBytes = 4  // while a group is looked at: the match,
	inputBytes = 4  // and of which rule it is,
	rankBytes  = 12 // and for value_percentile its number, and how many there are of it
)

// rowBytes is what is set aside for each match.
func (b *base) rowBytes() int64 {
	n := 4*(rowCells+len(b.cells)) + pairBytes + groupBytes
	if b.mixed {
		n += inputBytes
	}
	if b.ranked {
		n += rankBytes
	}
	for _, s := range b.streams {
		n += entryBytes + keyBytes*len(s.groupBy)
	}
	return int64(n)
}

// valueSets is the values of matches that have several in one cell: how many, and the number of each.
type valueSets struct {
	mu   sync.Mutex
	list []uint32
}

// crowdedSet marks the count of values of which some were left out.
const crowdedSet = 1 << 31

// add keeps a set and returns its place.
func (vs *valueSets) add(c *Correlator, ids []uint32, all bool) (uint32, bool) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	n := len(vs.list)
	if need := n + 1 + len(ids); need > cap(vs.list) {
		size := max(2*cap(vs.list), need)
		if size >= severalValues || !c.take(int64(size-cap(vs.list))*4, c.max) {
			return 0, false
		}
		vs.list = append(make([]uint32, 0, size), vs.list...)
	}
	count := uint32(len(ids))
	if !all {
		count |= crowdedSet
	}
	vs.list = append(append(vs.list, count), ids...)
	return severalValues | uint32(n), true
}

// of returns the values of a set, and whether these are all.
func (vs *valueSets) of(v uint32) (ids []uint32, all bool) {
	at := v &^ severalValues
	count := vs.list[at]
	n := count &^ crowdedSet
	return vs.list[at+1 : at+1+n], count&crowdedSet == 0
}

// values appends the numbers of the values in a cell.
func (c *Correlator) values(dst []uint32, v uint32) []uint32 {
	switch {
	case v == 0:
		return dst
	case v&severalValues == 0:
		return append(dst, v)
	}
	ids, _ := c.sets.of(v)
	return append(dst, ids...)
}
