package sigma

import "sync"

// shardCount is how many parts the store has, so that workers seldom wait for each other. A group lies in one part.
const shardCount = 32

// shard is a part of the store: the matches of each stream whose groups are here.
type shard struct {
	mu      sync.Mutex
	groups  interner // keys
	sizes   []uint32 // by group: matches, of all streams
	values  interner // values, folded or not as their columns want them
	sets    []uint32 // several values of one match: how many, and the number of each
	streams []matchLog
}

// matchLog is the matches of a stream in one shard in the order they came, in blocks so that growing copies little.
type matchLog struct {
	blocks []matchBlock
	n      int
	sorted []uint32 // Finish: the matches by group, time and Ref
}

// matchBlock has for each match its time and position, and then its unit, group and values.
type matchBlock struct {
	wide   []uint64
	narrow []uint32
}

const (
	blockSize  = 1024
	blockStart = 32 // the first block begins with this size, as many logs stay small

	sortBytes  = 4  // what Finish takes for each match: its place in order,
	groupBytes = 20 // and for each of the largest group: its place in the order of the group, its time and value
	rankBytes  = 12 // and for value_percentile its number, and how many there are of it
)

func (l *matchLog) time(i uint32) int64 { return int64(l.blocks[i/blockSize].wide[i%blockSize*2]) }

func (l *matchLog) pos(i uint32) uint64 { return l.blocks[i/blockSize].wide[i%blockSize*2+1] }

func (l *matchLog) narrow(i uint32, columns, k int) uint32 {
	return l.blocks[i/blockSize].narrow[int(i%blockSize)*(2+columns)+k]
}

func (l *matchLog) unit(i uint32, columns int) uint32  { return l.narrow(i, columns, 0) }
func (l *matchLog) group(i uint32, columns int) uint32 { return l.narrow(i, columns, 1) }

// value is a value's number plus 1; 0 if the match has none; or the place of several in shard.sets, with the top bit set.
func (l *matchLog) value(i uint32, columns, column int) uint32 { return l.narrow(i, columns, 2+column) }

const severalValues = 1 << 31

// room sees to it that another match of the stream fits.
func (l *matchLog) room(c *Correlator, s *stream) bool {
	k, last := l.n%blockSize, len(l.blocks)-1
	if last >= 0 && l.n-last*blockSize < len(l.blocks[last].wide)/2 {
		return true
	}
	size, old := blockSize, 0
	if last < 0 {
		size = blockStart
	} else if last == 0 && k != 0 { // the first block, as yet a small one
		size, old = min(4*k, blockSize), k
	}
	each := int64(24 + 4*len(s.columns) + sortBytes)
	if l.n >= 1<<32-blockSize || !c.take(int64(size-old)*each, c.max) {
		return false
	}
	b := matchBlock{make([]uint64, 2*size), make([]uint32, (2+len(s.columns))*size)}
	if old > 0 {
		copy(b.wide, l.blocks[0].wide)
		copy(b.narrow, l.blocks[0].narrow)
		l.blocks[0] = b
	} else {
		l.blocks = append(l.blocks, b)
	}
	return true
}

// add puts a match into the room made for it.
func (l *matchLog) add(t int64, ref Ref, group uint32, values []uint32) {
	b, k := &l.blocks[l.n/blockSize], l.n%blockSize
	b.wide[2*k], b.wide[2*k+1] = uint64(t), ref.Pos
	n := b.narrow[k*(2+len(values)):]
	n[0], n[1] = ref.Unit, group
	copy(n[2:], values)
	l.n++
}

// grow counts one more match of a group. Finish takes up one group at a time; what it needs for the largest is set aside.
func (sh *shard) grow(c *Correlator, group uint32) bool {
	if n := int(group) + 1; n > len(sh.sizes) {
		if n > cap(sh.sizes) {
			sh.sizes = append(make([]uint32, 0, cap(sh.groups.where)), sh.sizes...) // paid for by textBytes
		}
		sh.sizes = sh.sizes[:n]
	}
	if int64(sh.sizes[group]) >= c.largest.Load() && !c.reserve(int64(sh.sizes[group])+1) {
		return false
	}
	sh.sizes[group]++
	return true
}

// reserve sets aside what Finish needs for a group of n matches.
func (c *Correlator) reserve(n int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	have := c.largest.Load()
	if n <= have {
		return true
	}
	each := int64(groupBytes)
	if c.ranked {
		each += rankBytes
	}
	n = max(n+n/8, 64)
	atOnce := func(n int64) int64 { return n + min(n, largeGroup)*int64(c.finishers-1) } // matches that Finish has taken up
	if !c.take((atOnce(n)-atOnce(have))*each, c.max) {
		return false
	}
	c.largest.Store(n)
	return true
}
