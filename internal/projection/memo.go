package projection

import (
	"encoding/binary"
	"math/bits"
)

// memo remembers objects and what they gave to the record. Who made a request stands in each record at some length, and it is
// the same few hundred again and again: an object that is known is compared with itself, which is far quicker than to walk it.
type memo struct {
	sets []remembered // memoWays of each hash
	turn int          // which of a hash is forgotten next
}

// remembered is an object that was walked. A text that begins with it has its end where it ended then.
type remembered struct {
	node  *node // what was asked of it; nil: nothing
	depth int   // how deep it lay
	text  []byte
	gave  []given
}

// given is a value that was added to the record.
type given struct {
	slot     uint32
	kind     uint8
	from, to uint16 // in the text
}

const (
	memoSets = 128
	memoWays = 4
	memoFrom = 32      // where the bytes begin that are hashed: the first key and what is first of its value tell little
	memoText = 96      // where they end; an object so short is quickly walked
	memoMost = 1 << 10 // bytes of an object that is remembered
)

// find returns what is known of the object at the start of buf, nil if nothing is, and the place to remember it in.
func (m *memo) find(buf []byte, nd *node, depth int) (known, place *remembered) {
	var h uint64
	for i := memoFrom; i < memoText; i += 8 {
		h = bits.RotateLeft64(h, 11) ^ binary.LittleEndian.Uint64(buf[i:])
	}
	h = h * 0x9fb21c651e98df25 >> 32
	if m.sets == nil {
		m.sets = make([]remembered, memoSets*memoWays)
	}
	set := m.sets[h%memoSets*memoWays:][:memoWays]
	for i := range set {
		r := &set[i]
		if n := len(r.text); n > 0 && n <= len(buf) && r.node == nd && r.depth == depth && string(r.text) == string(buf[:n]) {
			return r, nil
		}
	}
	m.turn++
	return nil, &set[m.turn%memoWays]
}

// habit tells whether the objects under a key are worth looking up: where few come again it rests.
type habit struct {
	score int // objects that were known less those that were not
	rest  int // how many objects to leave alone
}

const (
	habitScore = 64
	habitRest  = 1 << 12
)

func (h *habit) resting() bool {
	if h.rest > 0 {
		h.rest--
		return true
	}
	return false
}

func (h *habit) knew() { h.score = min(h.score+1, habitScore) }

func (h *habit) missed() {
	if h.score--; h.score < -habitScore {
		h.score, h.rest = 0, habitRest
	}
}

// recurs reports whether an object under a key is worth looking up. What fields of several places are given depends on what
// they were given before.
func (w *Walker) recurs(k *knownKey, elem uint32) bool {
	return elem == 0 && !w.ending && !w.tree.places && !k.habit.resting()
}

// recurring walks the object at buf[i], outside arrays, that may be known.
func (w *Walker) recurring(buf []byte, i int, k *knownKey) int {
	nd := k.node
	later := nd != nil && nd.later
	if later {
		nd = nil // nothing is asked of it at once
	}
	if nd != nil && len(w.later) > 0 {
		return w.value(buf, i, nd, 0) // what waits may have to give its values first
	}
	known, place := w.memo.find(buf[i:], nd, w.depth)
	var end int
	if known != nil {
		k.habit.knew()
		end = i + len(known.text)
		for _, g := range known.gave {
			w.rec.Add(int(g.slot), g.kind, buf[i+int(g.from):i+int(g.to)], 0)
		}
	} else {
		k.habit.missed()
		end = w.remember(place, buf, i, nd)
	}
	if later && end > 0 {
		w.later = append(w.later, postponed{k.node, buf[i:end], 0, w.depth})
	}
	return end
}

// remember walks the object at buf[i] and takes note of it, unless it did more to the record than add first values of fields.
func (w *Walker) remember(r *remembered, buf []byte, i int, nd *node) int {
	if nd == nil {
		end := w.skip(buf, i)
		if end > 0 && end-i <= memoMost {
			*r = remembered{nil, w.depth, append(r.text[:0], buf[i:end]...), r.gave[:0]}
		}
		return end
	}
	filled, values := len(w.rec.Filled()), w.rec.Values()
	arrays, scratch := w.arrays, len(w.scratch)
	w.ending = true
	end := w.value(buf, i, nd, 0)
	w.ending = false
	slots := w.rec.Filled()[filled:]
	if end < 0 || end-i > memoMost || w.rec.Values()-values != len(slots) ||
		arrays != w.arrays || scratch != len(w.scratch) {
		return end
	}
	*r = remembered{nd, w.depth, append(r.text[:0], buf[i:end]...), r.gave[:0]}
	for _, slot := range slots {
		v := w.rec.First(int(slot))
		from := cap(buf) - cap(v.Text) - i // values are slices of buf
		r.gave = append(r.gave, given{slot, v.Kind, uint16(from), uint16(from + len(v.Text))})
	}
	return end
}
