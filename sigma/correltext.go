package sigma

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"sync"
	"unicode/utf8"
)

// textStore numbers the values that matches are grouped by, counted with and computed with. A text has one number whatever
// field it is in; spellings of one text that differ in case have different ones, and each knows the number of its folded form.
//
// A number is never 0. Its lowest bits say in which shard the text is; a bit says that the text is not its own folded form.
type textStore struct {
	seed   maphash.Seed
	shards [shardCount]textShard
}

// textShard is some of the texts. They lie one behind the other in blocks, each behind its length and, if it is not folded,
// behind the number of its folded form; a table of their numbers finds them by hash.
type textShard struct {
	mu     sync.Mutex
	blocks [][]byte
	where  []uint32 // by number less 1: block and offset, and whether it is folded
	table  []uint32 // number and, in the top bits, some of the hash; 0: free
}

const (
	shardBits  = 5
	shardCount = 1 << shardBits // also of the parts that a stream's groups lie in

	textBlock  = 1 << 16
	tagShift   = 25
	maxTexts   = 1<<tagShift - 2
	unfolded   = 1 << 30 // in a number
	elsewhere  = 1 << 31 // in textShard.where: the folded form is another text
	textBytes  = 4 + tallyBytes
	foldedSize = 4
)

// text returns the text of a number.
func (t *textStore) text(id uint32) []byte {
	sh := &t.shards[id%shardCount]
	_, text := sh.at(id &^ unfolded >> shardBits)
	return text
}

// folded returns the number of a text's folded form.
func (t *textStore) folded(id uint32) uint32 {
	if id&unfolded == 0 {
		return id
	}
	sh := &t.shards[id%shardCount]
	form, _ := sh.at(id &^ unfolded >> shardBits)
	return binary.LittleEndian.Uint32(form)
}

// at returns a text and what stands before it if it is not folded.
func (sh *textShard) at(n uint32) (form, text []byte) {
	p := sh.where[n-1]
	b := sh.blocks[p&^elsewhere/textBlock][p%textBlock:]
	if p&elsewhere != 0 {
		form, b = b[:foldedSize], b[foldedSize:]
	}
	size, k := int(b[0]), 1
	if size >= 0x80 {
		size, k = size&0x7f|int(b[1])<<7|int(b[2])<<15, 3
	}
	return form, b[k : k+size : k+size]
}

// number returns a text's number, giving it one unless the memory taken would be more than is left for new texts.
func (t *textStore) number(c *Correlator, text []byte) (uint32, bool) {
	h := maphash.Bytes(t.seed, text)
	if id := t.known(h, text); id != 0 {
		return id, true
	}
	var room [192]byte
	form := folded(room[:0], text)
	if bytes.Equal(form, text) {
		return t.add(c, h, text, 0)
	}
	formHash := maphash.Bytes(t.seed, form)
	of := t.known(formHash, form)
	if of == 0 {
		var ok bool
		if of, ok = t.add(c, formHash, form, 0); !ok {
			return 0, false
		}
	}
	return t.add(c, h, text, of)
}

// known returns the number of a text, 0 if it has none.
func (t *textStore) known(h uint64, text []byte) uint32 {
	sh := &t.shards[h%shardCount]
	sh.mu.Lock()
	id, _ := sh.find(h, text)
	sh.mu.Unlock()
	return id
}

// add gives a text a number. form is the number of its folded form, 0 if that is itself.
func (t *textStore) add(c *Correlator, h uint64, text []byte, form uint32) (uint32, bool) {
	sh := &t.shards[h%shardCount]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	id, place := sh.find(h, text)
	if id != 0 { // since it was looked for
		return id, true
	}
	return sh.insert(t, c, h, place, form, text)
}

// find returns the number of a text, or 0 and the place in the table that it would have.
func (sh *textShard) find(h uint64, text []byte) (id uint32, place uint64) {
	if len(sh.table) == 0 {
		return 0, 0
	}
	mask := uint64(len(sh.table) - 1)
	tag := uint32(h >> (32 + tagShift))
	i := (h >> 8) & mask
	for ; sh.table[i] != 0; i = (i + 1) & mask {
		if sh.table[i]>>tagShift != tag {
			continue
		}
		n := sh.table[i] & (1<<tagShift - 1)
		if form, have := sh.at(n); bytes.Equal(have, text) {
			return sh.id(h, n, form != nil), i
		}
	}
	return 0, i
}

func (sh *textShard) id(h uint64, n uint32, other bool) uint32 {
	id := n<<shardBits | uint32(h%shardCount)
	if other {
		id |= unfolded
	}
	return id
}

// insert adds a text that is not there.
func (sh *textShard) insert(t *textStore, c *Correlator, h, place uint64, form uint32, text []byte) (uint32, bool) {
	limit := c.max - c.max/8
	if len(sh.where)*4 >= len(sh.table)*3 {
		grown := sh.grow(t, c, limit)
		// A full table keeps some places free, at which the search for a text that is not there ends.
		if !grown && len(sh.where)*16 >= len(sh.table)*15 {
			return 0, false
		}
		_, place = sh.find(h, text)
	}
	if len(sh.where) >= maxTexts || !sh.extend(c, limit) {
		return 0, false
	}
	p, ok := sh.keep(c, form, text, limit)
	if !ok {
		return 0, false
	}
	sh.where = append(sh.where, p)
	n := uint32(len(sh.where))
	sh.table[place] = n | uint32(h>>(32+tagShift))<<tagShift
	return sh.id(h, n, form != 0), true
}

// extend makes room for one more number.
func (sh *textShard) extend(c *Correlator, limit int64) bool {
	n := len(sh.where)
	if n < cap(sh.where) {
		return true
	}
	size := n + n/4 + 16
	if !c.take(int64(size-n)*textBytes, limit) {
		return false
	}
	sh.where = append(make([]uint32, 0, size), sh.where...)
	return true
}

// keep copies a text and returns its place.
func (sh *textShard) keep(c *Correlator, form uint32, text []byte, limit int64) (uint32, bool) {
	last := len(sh.blocks) - 1
	if need := len(text) + 3 + foldedSize; last < 0 || len(sh.blocks[last])+need > cap(sh.blocks[last]) {
		if need > textBlock || !sh.open(c, need, limit) {
			return 0, false
		}
		last = len(sh.blocks) - 1
	}
	b := sh.blocks[last]
	p := uint32(last)*textBlock + uint32(len(b))
	if form != 0 {
		p |= elsewhere
		b = binary.LittleEndian.AppendUint32(b, form)
	}
	if n := len(text); n < 0x80 {
		b = append(b, byte(n))
	} else {
		b = append(b, byte(n&0x7f|0x80), byte(n>>7), byte(n>>15))
	}
	sh.blocks[last] = append(b, text...)
	return p, true
}

// open makes room for so many bytes in a block: the first one begins small and grows.
func (sh *textShard) open(c *Correlator, need int, limit int64) bool {
	n := len(sh.blocks)
	if n == 1 {
		b := sh.blocks[0]
		size := min(max(2*cap(b), len(b)+need), textBlock)
		if size >= len(b)+need {
			if !c.take(int64(size-cap(b)), limit) {
				return false
			}
			sh.blocks[0] = append(make([]byte, 0, size), b...)
			return true
		}
	}
	size := textBlock
	if n == 0 {
		size = max(512, need)
	}
	if n >= elsewhere/textBlock || !c.take(int64(size), limit) {
		return false
	}
	sh.blocks = append(sh.blocks, make([]byte, 0, size))
	return true
}

// grow doubles the table.
func (sh *textShard) grow(t *textStore, c *Correlator, limit int64) bool {
	size := max(2*len(sh.table), 64)
	if !c.take(int64(size)*4, limit) {
		return false
	}
	old := sh.table
	sh.table = make([]uint32, size)
	mask := uint64(size - 1)
	for _, e := range old {
		if e == 0 {
			continue
		}
		_, text := sh.at(e & (1<<tagShift - 1))
		i := (maphash.Bytes(t.seed, text) >> 8) & mask
		for sh.table[i] != 0 {
			i = (i + 1) & mask
		}
		sh.table[i] = e
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
