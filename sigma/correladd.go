package sigma

import (
	"bytes"
	"slices"
)

// Adder takes matches for one goroutine. See Correlator.Adder.
type Adder struct {
	c    *Correlator
	logs []matchLog // by rule
	row  []uint32
	ids  []uint32
}

// Adder makes an Adder: each goroutine that adds matches needs its own.
func (c *Correlator) Adder() *Adder {
	a := &Adder{c: c, logs: make([]matchLog, len(c.rules))}
	c.mu.Lock()
	c.adders = append(c.adders, a)
	c.mu.Unlock()
	return a
}

// Add takes a match of a base rule at time t, in nanoseconds since 1970. slots are those of Wants(base), -1 for a field that
// the event can't have. Nothing of ev is kept.
func (a *Adder) Add(base int, t int64, ref Ref, ev Event, slots []int) {
	if b := a.c.bases[base]; b != nil && !a.add(b, t, ref, ev, slots) {
		a.c.dropped[base].Add(1)
	}
}

// maxKeys is how many groups one match can be in, and with how many values it can count.
const maxKeys = 256

// add reports whether the match was kept.
func (a *Adder) add(b *base, t int64, ref Ref, ev Event, slots []int) bool {
	log := &a.logs[b.rule]
	if !log.room(a.c, b) {
		return false
	}
	a.row = append(a.row[:0], uint32(t), uint32(t>>32), uint32(ref.Pos), uint32(ref.Pos>>32), ref.Unit)
	several := false
	for i := range b.cells {
		v, ok := a.cell(b.cells[i].fields, ev, slots)
		if !ok {
			return false
		}
		several = several || v&severalValues != 0
		a.row = append(a.row, v)
	}
	row := a.row
	if !slices.ContainsFunc(b.streams, func(s *stream) bool { return s.grouped(row) }) {
		log.ungrouped++
		return true
	}
	if several && !a.c.take(b.moreBytes(a.c, row), a.c.max) {
		return false
	}
	log.add(row)
	return true
}

// moreBytes is what is to be set aside for a match because it is in several groups.
func (b *base) moreBytes(c *Correlator, row []uint32) int64 {
	c.sets.mu.Lock() // others may add to them
	defer c.sets.mu.Unlock()
	bytes := 0
	for _, s := range b.streams {
		if groups, _ := c.groups(row, s.groupBy); groups > 1 {
			bytes += (groups - 1) * (pairBytes + entryBytes + keyBytes*len(s.groupBy) + groupBytes + inputBytes)
		}
	}
	return int64(bytes)
}

// cell returns what a row keeps of some fields.
func (a *Adder) cell(fields []int, ev Event, slots []int) (uint32, bool) {
	var room [4]*Value
	first, several, ok := firstValues(room[:0], ev, slots, fields)
	if !ok {
		return 0, true
	}
	c := a.c
	if !several {
		var text [192]byte
		return c.texts.number(c, tuple(text[:0], first))
	}
	ids, kept := a.ids[:0], true
	all := eachTuple(ev, first, func(vs []*Value) {
		id, ok := c.texts.number(c, tuple(nil, vs))
		ids, kept = append(ids, id), kept && ok
	})
	a.ids = ids
	if !kept {
		return 0, false
	}
	return c.sets.add(c, ids, all)
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

// A tuple of one value is that value; one of several is its values behind each other, between them partEnd. In a value of it
// partMark is followed by partPlain. partMark is in no UTF-8 text, so that folding a tuple folds its values.
const (
	partMark  = 0xff
	partEnd   = 0x00
	partPlain = 0x01

	// maxText is how long a value is kept; maxTuple bounds several together.
	maxText  = 4096
	maxTuple = 30_000
)

func tuple(dst []byte, vs []*Value) []byte {
	if len(vs) == 1 {
		return short(vs[0].Text, maxText)
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
