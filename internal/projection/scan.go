package projection

import (
	"encoding/binary"
	"math/bits"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// Member returns the value of a key of the object at the start of buf as it stands there, a string with its quotes; nil if
// the key is not there.
func Member(buf []byte, key string) []byte {
	w := &Walker{}
	for i := 1; i < len(buf); {
		for i < len(buf) && (buf[i] == ',' || buf[i] <= ' ') {
			i++
		}
		if i >= len(buf) || buf[i] != '"' {
			return nil
		}
		end, _ := stringEnd(buf, i+1)
		if end < 0 {
			return nil
		}
		name := buf[i+1 : end]
		if i = w.colon(buf, end+1); i < 0 {
			return nil
		}
		for i < len(buf) && buf[i] <= ' ' {
			i++
		}
		start := i
		if i = w.skip(buf, i); i < 0 {
			return nil
		}
		if string(name) == key {
			return buf[start:i]
		}
	}
	return nil
}

// skip returns the position behind the value at buf[i].
func (w *Walker) skip(buf []byte, i int) int {
	if i >= len(buf) {
		return short
	}
	switch buf[i] {
	case '"':
		end, _ := stringEnd(buf, i+1)
		if end < 0 {
			return short
		}
		return end + 1
	case '{', '[':
		return w.skipNested(buf, i)
	}
	end := scalarEnd(buf, i)
	switch {
	case end < 0:
		return short
	case end == i:
		return w.fail(i)
	}
	return end
}

func (w *Walker) skipNested(buf []byte, i int) int {
	depth := 0
	for i < len(buf) {
		switch buf[i] {
		case '"':
			end, _ := stringEnd(buf, i+1)
			if end < 0 {
				return short
			}
			i = end + 1
			continue
		case '{', '[':
			if depth++; depth+w.depth > maxDepth {
				return w.fail(i)
			}
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return short
}

const (
	ones   = 0x0101010101010101
	highs  = 0x8080808080808080
	quotes = ones * '"'
	slosh  = ones * '\\'
)

// stringEnd returns the position of the quote that ends the string whose text begins at buf[i], and whether a backslash
// stands before it; -1 if the buffer ends first. Most strings are shorter than the sixteen bytes that are looked at together, so
// that it is nearly always foreseen by the processor that there is no second round.
func stringEnd(buf []byte, i int) (end int, escaped bool) {
	for i+16 <= len(buf) {
		b := buf[i : i+16]
		x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		hit, further := marks(x), marks(y)
		if hit|further == 0 {
			i += 16
			continue
		}
		if hit == 0 {
			hit = further
			i += 8
		}
		i += bits.TrailingZeros64(hit) >> 3
		if buf[i] == '"' {
			return i, escaped
		}
		escaped = true
		i += 2
	}
	for i < len(buf) {
		switch buf[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
		i++
	}
	return -1, escaped
}

// marks returns the high bits of those of eight bytes that equal a quote or a backslash. The lowest is found exactly (a carry can
// only disturb the bytes above it).
func marks(x uint64) uint64 {
	q, s := x^quotes, x^slosh
	return ((q-ones)&^q | (s-ones)&^s) & highs
}

// scalarEnd returns the position behind the number or word at buf[i]; -1 if the buffer may end within it.
func scalarEnd(buf []byte, i int) int {
	for ; i < len(buf); i++ {
		switch c := buf[i]; {
		case c == ',' || c == '}' || c == ']' || c <= ' ':
			return i
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c >= 'A' && c <= 'Z':
		default:
			return i
		}
	}
	return -1
}

func scalarKind(c byte) uint8 {
	switch c {
	case 't', 'f':
		return event.Bool
	case 'n':
		return event.Null
	}
	return event.Number
}
