package sigma

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"unicode/utf8"
)

// interner numbers texts. They lie one behind the other in blocks, each behind its length; a table of their numbers finds
// them by hash.
type interner struct {
	folds  bool // texts are equal if they are when case is ignored; otherwise byte by byte
	blocks [][]byte
	where  []uint32 // by number: block and offset
	table  []uint32 // number+1 and, in the top bits, some of the hash; 0: free
}

const (
	textBlock = 1 << 16
	tagShift  = 27
	maxTexts  = 1<<tagShift - 2
	textBytes = 4 + 4 + 20 // a text's place and, for a group, its size and what Finish notes of it
)

func (in *interner) text(n uint32) []byte {
	p := in.where[n]
	b := in.blocks[p/textBlock][p%textBlock:]
	size, k := int(b[0]), 1
	if size >= 0x80 {
		size, k = size&0x7f|int(b[1])<<7|int(b[2])<<15, 3
	}
	return b[k : k+size : k+size]
}

// intern returns a text's number, giving it one unless the memory taken would be more than limit. folds is the text folded, and
// h the hash of it, if the interner folds; otherwise they are the text and its hash. Of spellings that differ in case only
// the first in order is kept.
func (in *interner) intern(c *Correlator, h uint64, text, folds []byte, limit int64) (uint32, bool) {
	full := len(in.where)*4 >= len(in.table)*3 && !in.grow(c, limit) && len(in.where)*16 >= len(in.table)*15
	if len(in.table) == 0 {
		return 0, false
	}
	mask := uint64(len(in.table) - 1)
	tag := uint32(h >> 59)
	i := (h >> 8) & mask
	for ; in.table[i] != 0; i = (i + 1) & mask {
		if in.table[i]>>tagShift != tag {
			continue
		}
		n := in.table[i]&(1<<tagShift-1) - 1
		if have := in.text(n); bytes.Equal(have, text) {
			return n, true
		} else if in.folds && equalFolded(have, folds) {
			in.respell(c, n, have, text)
			return n, true
		}
	}
	// A full table keeps some places free, at which the search for a text that is not there ends.
	if full || len(in.where) >= maxTexts || !in.extend(c, limit) {
		return 0, false
	}
	p, ok := in.keep(c, text, limit)
	if !ok {
		return 0, false
	}
	in.where = append(in.where, p)
	in.table[i] = uint32(len(in.where)) | tag<<tagShift
	return uint32(len(in.where) - 1), true
}

// respell puts another spelling in the place of one that it sorts before.
func (in *interner) respell(c *Correlator, n uint32, have, text []byte) {
	switch {
	case bytes.Compare(text, have) >= 0:
	case len(text) == len(have):
		copy(have, text)
	default:
		if p, ok := in.keep(c, text, c.max); ok {
			in.where[n] = p
		}
	}
}

// extend makes room for one more number.
func (in *interner) extend(c *Correlator, limit int64) bool {
	n := len(in.where)
	if n < cap(in.where) {
		return true
	}
	size := n + n/4 + 16
	if !c.take(int64(size-n)*textBytes, limit) {
		return false
	}
	in.where = append(make([]uint32, 0, size), in.where...)
	return true
}

// keep copies a text and returns its place.
func (in *interner) keep(c *Correlator, text []byte, limit int64) (uint32, bool) {
	last := len(in.blocks) - 1
	if need := len(text) + 3; last < 0 || len(in.blocks[last])+need > cap(in.blocks[last]) {
		if need > textBlock || !in.open(c, need, limit) {
			return 0, false
		}
		last = len(in.blocks) - 1
	}
	b := in.blocks[last]
	p := uint32(last)*textBlock + uint32(len(b))
	if n := len(text); n < 0x80 {
		b = append(b, byte(n))
	} else {
		b = append(b, byte(n&0x7f|0x80), byte(n>>7), byte(n>>15))
	}
	in.blocks[last] = append(b, text...)
	return p, true
}

// open makes room for so many bytes in a block: the first one begins small and grows.
func (in *interner) open(c *Correlator, need int, limit int64) bool {
	n := len(in.blocks)
	if n == 1 {
		b := in.blocks[0]
		size := min(max(2*cap(b), len(b)+need), textBlock)
		if size >= len(b)+need {
			if !c.take(int64(size-cap(b)), limit) {
				return false
			}
			in.blocks[0] = append(make([]byte, 0, size), b...)
			return true
		}
	}
	size := textBlock
	if n == 0 {
		size = max(512, need)
	}
	if n >= 1<<32/textBlock || !c.take(int64(size), limit) {
		return false
	}
	in.blocks = append(in.blocks, make([]byte, 0, size))
	return true
}

// grow doubles the table.
func (in *interner) grow(c *Correlator, limit int64) bool {
	size := max(2*len(in.table), 64)
	if !c.take(int64(size)*4, limit) {
		return false
	}
	old := in.table
	in.table = make([]uint32, size)
	mask := uint64(size - 1)
	var room [256]byte
	for _, e := range old {
		if e == 0 {
			continue
		}
		text := in.text(e&(1<<tagShift-1) - 1)
		if in.folds {
			text = folded(room[:0], text)
		}
		i := (maphash.Bytes(c.seed, text) >> 8) & mask
		for in.table[i] != 0 {
			i = (i + 1) & mask
		}
		in.table[i] = e
	}
	c.bytes.Add(int64(-len(old)) * 4)
	return true
}

// folded returns a text folded: itself if it is already.
func folded(dst, text []byte) []byte {
	for _, b := range text {
		if b >= 'A' && b <= 'Z' || b >= utf8.RuneSelf {
			return appendFold(dst, text)
		}
	}
	return text
}

// equalFolded reports whether a text, folded, is another one.
func equalFolded(text, folds []byte) bool {
	for i, b := range text {
		if b >= utf8.RuneSelf {
			return bytes.Equal(appendFold(nil, text), folds)
		}
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		if i >= len(folds) || folds[i] != b {
			return false
		}
	}
	return len(text) == len(folds)
}

// short returns a text if it has at most limit bytes, and otherwise its folded beginning with a digest of all of it, which is
// as good as the text for telling whether two are equal.
func short(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	all := appendFold(nil, text)
	sum := sha256.Sum256(all)
	out := append([]byte(nil), all[:min(len(all), limit-1-2*len(sum))]...)
	return hex.AppendEncode(append(out, '#'), sum[:])
}
