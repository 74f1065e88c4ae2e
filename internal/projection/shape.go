package projection

import (
	"encoding/binary"
	"slices"
)

// shape is what objects at one place of a log have looked like so far: their keys in the order in which they came. Records
// of one log are written by one program, so the key that comes next is nearly always the one that came next before, and
// then it need not be searched for its end, nor looked up.
type shape struct {
	keys   []knownKey
	misses int // keys that were not foreseen, less those that were; a place where the keys are data has no shape
}

// knownKey is a key as it stands in a log, with what it leads to.
type knownKey struct {
	text  string // with the quote behind it and the colon
	words [keyWords]uint64
	masks [keyWords]uint64
	node  *node
	wide  bool // text is longer than the words
	habit habit
}

const (
	keyWords  = 3
	shapeKeys = 48 // in a shape
	shapeKey  = 64 // bytes of a key that is remembered
	mostMiss  = 64
)

// ahead is how many keys further on a key is looked for: what is between them did not come this time.
const ahead = 3

// foresee returns the place in the shape of the key at buf[i], and the position behind its colon; -1 if it is not one of
// those that may come next.
func (s *shape) foresee(buf []byte, i, next int) (place, end int) {
	if len(buf)-i < 8*keyWords {
		return -1, i
	}
	b := buf[i : i+8*keyWords]
	x, y, z := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	for place = next; place < len(s.keys) && place < next+ahead; place++ {
		k := &s.keys[place]
		if (x^k.words[0])&k.masks[0] != 0 || (y^k.words[1])&k.masks[1] != 0 || (z^k.words[2])&k.masks[2] != 0 {
			continue
		}
		if k.wide && (len(buf)-i < len(k.text) || string(buf[i:i+len(k.text)]) != k.text) {
			continue
		}
		return place, i + len(k.text)
	}
	return -1, i
}

// learn takes note of a key that was not foreseen, and returns the place of the key that may come after it.
func (s *shape) learn(key []byte, nd *node, next int) int {
	if s.misses++; s.misses > mostMiss || len(key) > shapeKey {
		return next
	}
	for place := range s.keys {
		if t := s.keys[place].text; t[:len(t)-2] == string(key) {
			return place + 1
		}
	}
	if len(s.keys) == shapeKeys {
		return next
	}
	next = min(next, len(s.keys))
	s.keys = slices.Insert(s.keys, next, newKnownKey(string(key)+`":`, nd))
	return next + 1
}

func newKnownKey(text string, nd *node) knownKey {
	k := knownKey{text: text, node: nd, wide: len(text) > 8*keyWords}
	var word, mask [8 * keyWords]byte
	for i := range min(len(text), len(word)) {
		word[i], mask[i] = text[i], 0xff
	}
	for i := range keyWords {
		k.words[i], k.masks[i] = binary.LittleEndian.Uint64(word[8*i:]), binary.LittleEndian.Uint64(mask[8*i:])
	}
	return k
}
