package sigma

import (
	"bytes"
	"hash/maphash"
)

// Add takes a match of a base rule at time t, in nanoseconds since 1970. slots are those of Wants(base), -1 for a field that
// the event can't have. Several workers may call it at the same time. Nothing of ev is kept.
func (c *Correlator) Add(base int, t int64, ref Ref, ev Event, slots []int) {
	complete := true
	for _, s := range c.streams[base] {
		if !c.addTo(s, t, ref, ev, slots) {
			s.lost.Add(1)
			complete = false
		}
	}
	if !complete {
		c.dropped[base].Add(1)
	}
}

// maxKeys is how many groups one match can be in, and with how many values it can count.
const maxKeys = 256

// addTo reports whether the match was kept, in all of its groups.
func (c *Correlator) addTo(s *stream, t int64, ref Ref, ev Event, slots []int) bool {
	var roomText, roomFold [192]byte
	var roomValues [4]*Value
	first, several, ok := firstValues(roomValues[:0], ev, slots, s.groupBy)
	if !ok {
		s.ungrouped.Add(1)
		return true
	}
	if several {
		kept := true
		all := eachTuple(ev, first, func(tuple []*Value) {
			key := appendTuple(nil, tuple)
			kept = c.put(s, t, ref, key, folded(nil, key), ev, slots) && kept
		})
		if !all {
			s.crowded.Add(1)
		}
		return kept
	}
	key := appendTuple(roomText[:0], first)
	return c.put(s, t, ref, key, folded(roomFold[:0], key), ev, slots)
}

// put stores a match of a group.
func (c *Correlator) put(s *stream, t int64, ref Ref, key, folds []byte, ev Event, slots []int) bool {
	h := maphash.Bytes(c.seed, folds)
	sh := &c.shards[h%shardCount]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	log := &sh.streams[s.index]
	if !log.room(c, s) {
		return false
	}
	group, ok := sh.groups.intern(c, h, key, folds, c.max-c.max/8)
	if !ok {
		return false
	}
	if !sh.grow(c, group) {
		return false
	}
	var room [8]uint32
	values := room[:0]
	for i := range s.columns {
		v, ok := sh.value(c, s, s.columns[i], ev, slots)
		if !ok {
			return false
		}
		values = append(values, v)
	}
	log.add(t, ref, group, values)
	return true
}

// value returns what a column keeps of an event: see matchLog.value.
func (sh *shard) value(c *Correlator, s *stream, col *column, ev Event, slots []int) (uint32, bool) {
	var roomText, roomFold [192]byte
	var roomValues [4]*Value
	first, several, ok := firstValues(roomValues[:0], ev, slots, col.fields)
	if !ok {
		col.valueless.Add(1)
		return 0, true
	}
	if !several {
		text := appendTuple(roomText[:0], first)
		if !col.spelled {
			text = folded(roomFold[:0], text)
		}
		n, ok := sh.values.intern(c, maphash.Bytes(c.seed, text), text, text, c.max)
		return n + 1, ok
	}
	ids := []uint32{0}
	kept := true
	all := eachTuple(ev, first, func(tuple []*Value) {
		text := appendTuple(nil, tuple)
		if !col.spelled {
			text = folded(nil, text)
		}
		n, ok := sh.values.intern(c, maphash.Bytes(c.seed, text), text, text, c.max)
		ids, kept = append(ids, n), kept && ok
	})
	if !all {
		s.crowded.Add(1)
	}
	ids[0] = uint32(len(ids) - 1)
	if n := len(sh.sets); n+len(ids) > cap(sh.sets) {
		size := max(2*cap(sh.sets), n+len(ids))
		if size >= severalValues || !c.take(int64(size-cap(sh.sets))*4, c.max) {
			return 0, false
		}
		sh.sets = append(make([]uint32, 0, size), sh.sets...)
	}
	sh.sets = append(sh.sets, ids...)
	return severalValues | uint32(len(sh.sets)-len(ids)), kept
}

// numbers returns the numbers of the values that a match has in a column.
func (sh *shard) numbers(dst []uint32, v uint32) []uint32 {
	switch {
	case v == 0:
		return dst
	case v&severalValues == 0:
		return append(dst, v-1)
	}
	at := v &^ severalValues
	return append(dst, sh.sets[at+1:at+1+sh.sets[at]]...)
}

// firstValues returns the first value of each field, and whether one of them has more; false if a field has none.
func firstValues(dst []*Value, ev Event, slots, fields []int) (vs []*Value, several, ok bool) {
	for _, f := range fields {
		v := firstValue(ev, slots[f])
		if v == nil {
			return dst, false, false
		}
		several = several || nextValue(ev, v) != nil
		dst = append(dst, v)
	}
	return dst, several, true
}

// firstValue returns the first value that a text stands for: null is no value, nor is an object.
func firstValue(ev Event, slot int) *Value {
	if slot < 0 {
		return nil
	}
	v := ev.First(slot)
	for v != nil && !v.scalar() {
		v = ev.Next(v)
	}
	return v
}

func nextValue(ev Event, v *Value) *Value {
	for v = ev.Next(v); v != nil && !v.scalar(); {
		v = ev.Next(v)
	}
	return v
}

func (v *Value) scalar() bool { return v.Kind == String || v.Kind == Number || v.Kind == Bool }

// eachTuple calls f with every combination of the values of some fields, each once. It reports whether these were all.
func eachTuple(ev Event, first []*Value, f func([]*Value)) bool {
	all := true
	lists := make([][]*Value, len(first))
	for i, v := range first {
		seen := map[string]bool{}
		for ; v != nil; v = nextValue(ev, v) {
			if folds := string(appendFold(nil, v.Text)); !seen[folds] {
				if len(lists[i]) == maxKeys {
					all = false
					break
				}
				seen[folds] = true
				lists[i] = append(lists[i], v)
			}
		}
	}
	at := make([]int, len(lists)) // a counter's wheels
	tuple := make([]*Value, len(lists))
	for range maxKeys {
		for i, k := range at {
			tuple[i] = lists[i][k]
		}
		f(tuple)
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(lists[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(at) {
			return all
		}
	}
	return false
}

// A tuple of one value is that value; one of several is its values behind each other, between them partEnd. In a value
// partMark is followed by partPlain. partMark is in no UTF-8 text, so that folding a tuple folds its values.
const (
	partMark  = 0xff
	partEnd   = 0x00
	partPlain = 0x01

	// maxText is how long a value is kept; maxTuple bounds several together.
	maxText  = 4096
	maxTuple = 30_000
)

func appendTuple(dst []byte, vs []*Value) []byte {
	if len(vs) == 1 {
		return append(dst, short(vs[0].Text, maxText)...)
	}
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, partMark, partEnd)
		}
		text := short(v.Text, min(maxText, maxTuple/len(vs)))
		for {
			k := bytes.IndexByte(text, partMark)
			if k < 0 {
				break
			}
			dst = append(append(dst, text[:k]...), partMark, partPlain)
			text = text[k+1:]
		}
		dst = append(dst, text...)
	}
	return dst
}

// splitTuple undoes appendTuple.
func splitTuple(text []byte, parts int) []string {
	if parts == 0 {
		return nil
	}
	if parts == 1 {
		return []string{string(text)}
	}
	var out []string
	var part []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != partMark || i+1 == len(text):
			part = append(part, text[i])
		case text[i+1] == partEnd:
			out, part = append(out, string(part)), part[:0]
			i++
		default:
			part = append(part, partMark)
			i++
		}
	}
	return append(out, string(part))
}
