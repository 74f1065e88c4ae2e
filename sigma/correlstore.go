package sigma

import (
	"hash/maphash"
	"sync"
)

// shardCount is how many parts the store has, so that workers seldom wait for each other. A group lies in one part.
const shardCount = 16

// shard is a part of the store: interned texts, and the matches of each stream whose groups are here.
type shard struct {
	mu      sync.Mutex
	texts   interner
	streams []matchLog
	seed    maphash.Seed
}

// matchLog is matches in the order they came, in blocks so that growing copies nothing.
type matchLog struct {
	blocks []*matchBlock
	n      int
}

const blockSize = 1024

type matchBlock struct {
	time   [blockSize]int64
	pos    [blockSize]uint64
	unit   [blockSize]uint32
	group  [blockSize]uint32
	values [][blockSize]uint32 // by column: interned text
}

// logged is one match of a log.
type logged struct {
	time  int64
	ref   Ref
	group uint32
}

func (l *matchLog) at(i int) logged {
	b, k := l.blocks[i/blockSize], i%blockSize
	return logged{b.time[k], Ref{b.unit[k], b.pos[k]}, b.group[k]}
}

func (l *matchLog) value(i, column int) uint32 {
	return l.blocks[i/blockSize].values[column][i%blockSize]
}

// interner numbers texts. They lie one behind the other in blocks; a table of numbers finds them by hash.
type interner struct {
	blocks [][]byte
	where  []textPlace
	table  []uint32 // number+1; 0: free
}

type textPlace struct {
	block, offset uint32
	length        uint32
}

const textBlock = 1 << 18

func (c *Correlator) open() {
	seed := maphash.MakeSeed()
	for i := range c.shards {
		c.shards[i].seed = seed
		c.shards[i].streams = make([]matchLog, len(c.all))
	}
}

// put stores a match of a group.
func (c *Correlator) put(s *stream, t int64, ref Ref, key []byte, ev Event, slots []int) {
	h := maphash.Bytes(c.shards[0].seed, key)
	sh := &c.shards[h%shardCount]
	var room [128]byte
	sh.mu.Lock()
	defer sh.mu.Unlock()
	group, ok := sh.texts.intern(c, key, h, c.max-c.max/8)
	if !ok {
		c.dropped[s.base].Add(1)
		return
	}
	log := &sh.streams[s.index]
	k := log.n % blockSize
	if k == 0 {
		size := int64(blockSize * (24 + 4*len(s.columns)))
		if c.bytes.Load()+size > c.max {
			c.dropped[s.base].Add(1)
			return
		}
		c.bytes.Add(size)
		log.blocks = append(log.blocks, &matchBlock{values: make([][blockSize]uint32, len(s.columns))})
	}
	b := log.blocks[len(log.blocks)-1]
	for i, fields := range s.columns {
		id := uint32(0) // no value
		if v, complete := tuple(room[:0], ev, slots, fields); complete {
			n, ok := sh.texts.intern(c, v, maphash.Bytes(sh.seed, v), c.max)
			if !ok {
				c.dropped[s.base].Add(1)
				return
			}
			id = n + 1
		}
		b.values[i][k] = id
	}
	b.time[k], b.pos[k], b.unit[k], b.group[k] = t, ref.Pos, ref.Unit, group
	log.n++
}

// tuple returns the first values of some fields as one text; false if one is absent.
func tuple(dst []byte, ev Event, slots, fields []int) ([]byte, bool) {
	var first [4]*Value
	vs := first[:0]
	for _, f := range fields {
		v := firstValue(ev, slots[f])
		if v == nil {
			return nil, false
		}
		vs = append(vs, v)
	}
	return keyOf(dst, vs), true
}

// intern returns a text's number, giving it one unless the memory taken has reached limit.
func (in *interner) intern(c *Correlator, text []byte, h uint64, limit int64) (uint32, bool) {
	if len(in.where)*4 >= len(in.table)*3 {
		in.grow(c)
	}
	mask := uint64(len(in.table) - 1)
	i := (h >> 8) & mask
	for ; in.table[i] != 0; i = (i + 1) & mask {
		if n := in.table[i] - 1; string(in.text(n)) == string(text) {
			return n, true
		}
	}
	if c.bytes.Load() >= limit || len(in.where) >= 1<<31 {
		return 0, false
	}
	if n := len(in.blocks); n == 0 || len(in.blocks[n-1])+len(text) > cap(in.blocks[n-1]) {
		size := max(textBlock, len(text))
		if n == 0 {
			size = max(1<<12, len(text))
		}
		in.blocks = append(in.blocks, make([]byte, 0, size))
		c.bytes.Add(int64(size))
	}
	last := len(in.blocks) - 1
	in.where = append(in.where, textPlace{uint32(last), uint32(len(in.blocks[last])), uint32(len(text))})
	c.bytes.Add(16) // with what the slice keeps in hand
	in.blocks[last] = append(in.blocks[last], text...)
	in.table[i] = uint32(len(in.where))
	return uint32(len(in.where) - 1), true
}

func (in *interner) text(n uint32) []byte {
	p := in.where[n]
	return in.blocks[p.block][p.offset : p.offset+p.length]
}

// grow doubles the table.
func (in *interner) grow(c *Correlator) {
	size := max(2*len(in.table), 64)
	c.bytes.Add(int64(size-len(in.table)) * 4)
	in.table = make([]uint32, size)
	mask := uint64(size - 1)
	for n := range in.where {
		i := (maphash.Bytes(c.shards[0].seed, in.text(uint32(n))) >> 8) & mask
		for in.table[i] != 0 {
			i = (i + 1) & mask
		}
		in.table[i] = uint32(n + 1)
	}
}
