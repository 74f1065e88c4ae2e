package sigma

import "slices"

// stream is the matches of one base rule under one list of group-by fields, shared by all correlations that ask for it.
type stream struct {
	base    *base
	groupBy []int       // cells
	parts   []partition // by shard; nil until Finish has scattered the matches
	counted []countedCell

	ungrouped int64
	crowded   int64
}

// countedCell is a cell that some correlation counts or computes with.
type countedCell struct {
	cell      int
	valueless int64 // matches without a value
}

// count takes note that a cell is counted or computed with.
func (s *stream) count(cell int) {
	if !slices.ContainsFunc(s.counted, func(c countedCell) bool { return c.cell == cell }) {
		s.counted = append(s.counted, countedCell{cell: cell})
	}
}

// valueless returns how many matches have no value in a cell that is counted.
func (s *stream) valueless(cell int) int64 {
	for _, c := range s.counted {
		if c.cell == cell {
			return c.valueless
		}
	}
	return 0
}

// partition is some of a stream's groups: those whose first key is of one shard of the texts. A correlation's groups lie in
// the same partition of all its streams.
type partition struct {
	pairs  []uint64 // until they are put in order: matches, and above them the number of their first key
	order  []uint32 // matches, group by group, in order of time and Ref
	starts []uint32 // where each group begins in order
	keys   []uint32 // of each group: the numbers of its folded keys; groups are in order of them
}

func (p *partition) run(group int) []uint32 {
	from, to := int(p.starts[group]), len(p.order)
	if group+1 < len(p.starts) {
		to = int(p.starts[group+1])
	}
	return p.order[from:to]
}

func (s *stream) key(p *partition, group int) []uint32 {
	return p.keys[group*len(s.groupBy) : (group+1)*len(s.groupBy)]
}

// find returns the group that has a key; -1: none.
func (s *stream) find(p *partition, key []uint32) int {
	from, to := 0, len(p.starts)
	for from < to {
		mid := int(uint(from+to) / 2)
		switch c := slices.Compare(s.key(p, mid), key); {
		case c == 0:
			return mid
		case c < 0:
			from = mid + 1
		default:
			to = mid
		}
	}
	return -1
}

// grouped reports whether a match is in some group.
func (s *stream) grouped(row []uint32) bool {
	for _, cell := range s.groupBy {
		if row[rowCells+cell] == 0 {
			return false
		}
	}
	return true
}

// groups returns in how many groups a match is by some cells, and whether these are all that it could be in.
func (c *Correlator) groups(row []uint32, cells []int) (n int, all bool) {
	n, all = 1, true
	for _, cell := range cells {
		if v := row[rowCells+cell]; v&severalValues != 0 {
			ids, whole := c.sets.of(v)
			fit := min(len(ids), maxKeys/n)
			all = all && whole && fit == len(ids)
			n *= fit
		}
	}
	return n, all
}

// keysOf appends the folded keys of a match in its k-th group-by field.
func (s *stream) keysOf(c *Correlator, row []uint32, k int, dst []uint32) []uint32 {
	v := row[rowCells+s.groupBy[k]]
	if v&severalValues == 0 {
		return append(dst, c.texts.folded(v))
	}
	n, _ := c.groups(row, s.groupBy[:k])
	ids, _ := c.sets.of(v)
	for _, id := range ids[:min(len(ids), maxKeys/n)] {
		dst = append(dst, c.texts.folded(id))
	}
	return dst
}

// gather puts the logs of all adders behind each other.
func (b *base) gather(c *Correlator) {
	if b.log.width != 0 { // it was done
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b.log.width = rowCells + len(b.cells)
	for _, a := range c.adders {
		b.log.blocks = append(b.log.blocks, a.logs[b.rule].blocks...)
		b.log.ungrouped += a.logs[b.rule].ungrouped
	}
}

// scatter deals a stream's matches out to its partitions, and counts what can't be used.
func (s *stream) scatter(c *Correlator) {
	s.parts = make([]partition, shardCount)
	s.ungrouped = s.base.log.ungrouped
	var sizes [shardCount]int
	var keys []uint32
	s.base.log.each(func(_ uint32, row []uint32) {
		if keys = s.firstKeys(c, row, keys[:0]); len(keys) == 0 {
			s.ungrouped++
			return
		}
		s.note(c, row)
		for _, key := range keys {
			sizes[key%shardCount]++
		}
	})
	for i, n := range sizes {
		s.parts[i].pairs = make([]uint64, 0, n)
	}
	s.base.log.each(func(i uint32, row []uint32) {
		keys = s.firstKeys(c, row, keys[:0])
		for _, key := range keys {
			p := &s.parts[key%shardCount]
			p.pairs = append(p.pairs, uint64(key)<<32|uint64(i))
		}
	})
}

// firstKeys appends the folded keys of a match in the first group-by field, 0 if there is no such field, and nothing if the match
// is in no group.
func (s *stream) firstKeys(c *Correlator, row, dst []uint32) []uint32 {
	switch {
	case !s.grouped(row):
		return dst
	case len(s.groupBy) == 0:
		return append(dst, 0)
	}
	return s.keysOf(c, row, 0, dst)
}

// note counts a match that has no value where one is wanted, or more than are kept.
func (s *stream) note(c *Correlator, row []uint32) {
	groups, all := c.groups(row, s.groupBy)
	if !all {
		s.crowded++
	}
	for i := range s.counted {
		switch v := row[rowCells+s.counted[i].cell]; {
		case v == 0:
			s.counted[i].valueless += int64(groups)
		case v&severalValues != 0:
			if _, all := c.sets.of(v); !all {
				s.crowded += int64(groups)
			}
		}
	}
}

// sorter puts the matches of a partition in order.
type sorter struct {
	c     *Correlator
	s     *stream
	p     *partition
	less  func(a, b Ref) bool
	key   []uint32
	rooms [][]uint64 // by group-by field
	ids   []uint32
}

func (o *sorter) sort() {
	if o.p.pairs == nil {
		return
	}
	n := len(o.s.groupBy)
	o.p.order = make([]uint32, 0, len(o.p.pairs))
	o.key, o.rooms = make([]uint32, n), make([][]uint64, n)
	switch {
	case len(o.p.pairs) == 0:
	case n == 0:
		o.group(o.p.pairs)
	default:
		o.field(0, o.p.pairs)
	}
	o.p.pairs = nil
}

// field puts matches in order that have the same keys in all group-by fields before the k-th.
func (o *sorter) field(k int, pairs []uint64) {
	slices.Sort(pairs)
	for len(pairs) > 0 {
		n, key := 1, pairs[0]>>32
		for n < len(pairs) && pairs[n]>>32 == key {
			n++
		}
		o.key[k] = uint32(key)
		if k+1 == len(o.key) {
			o.group(pairs[:n])
		} else {
			o.field(k+1, o.spread(k+1, pairs[:n]))
		}
		pairs = pairs[n:]
	}
}

// spread returns matches with their k-th keys.
func (o *sorter) spread(k int, pairs []uint64) []uint64 {
	out := o.rooms[k][:0]
	for _, p := range pairs {
		o.ids = o.s.keysOf(o.c, o.s.base.log.row(uint32(p)), k, o.ids[:0])
		for _, key := range o.ids {
			out = append(out, uint64(key)<<32|p&(1<<32-1))
		}
	}
	o.rooms[k] = out
	return out
}

// group appends the matches of a group. pairs is its own to use.
func (o *sorter) group(pairs []uint64) {
	p := o.p
	from := len(p.order)
	p.starts, p.keys = append(p.starts, uint32(from)), append(p.keys, o.key...)
	for _, pair := range pairs {
		p.order = append(p.order, uint32(pair))
	}
	o.byTime(p.order[from:], pairs)
}

// byTime puts matches in order of time and Ref by merging the stretches that are in order already: those of one file are one, or
// as many as there were workers.
func (o *sorter) byTime(run []uint32, room []uint64) {
	var ends []int // of the stretches
	last := o.c.moment(o.s.base, run[0])
	for i := 1; i < len(run); i++ {
		m := o.c.moment(o.s.base, run[i])
		if compareMoments(last, m, o.less) > 0 {
			ends = append(ends, i)
		}
		last = m
	}
	ends = append(ends, len(run))
	for len(ends) > 1 {
		merged, from := ends[:0], 0
		for i := 0; i < len(ends); i += 2 {
			to := ends[i]
			if i+1 < len(ends) {
				to = ends[i+1]
				o.merge(run[from:to], ends[i]-from, room)
			}
			merged, from = append(merged, to), to
		}
		ends = merged
	}
}

// merge merges run[:mid] and run[mid:].
func (o *sorter) merge(run []uint32, mid int, room []uint64) {
	left, right := room[:0], run[mid:]
	for _, i := range run[:mid] {
		left = append(left, uint64(i))
	}
	for k := range run {
		if len(left) == 0 {
			return
		}
		if len(right) > 0 && o.compare(uint32(left[0]), right[0]) > 0 {
			run[k], right = right[0], right[1:]
		} else {
			run[k], left = uint32(left[0]), left[1:]
		}
	}
}

func (o *sorter) compare(a, b uint32) int {
	return compareMoments(o.c.moment(o.s.base, a), o.c.moment(o.s.base, b), o.less)
}
