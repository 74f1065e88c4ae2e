package projection

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// ErrShort says that the buffer ends within the value.
var ErrShort = errors.New("the JSON value is not complete")

// SyntaxError says where a value is no JSON.
type SyntaxError struct{ Offset int }

func (e *SyntaxError) Error() string { return fmt.Sprintf("not JSON at byte %d", e.Offset) }

// maxDepth bounds how deep objects and arrays may lie within each other.
const maxDepth = 128

// Walker fills records. It is used by one goroutine.
type Walker struct {
	tree    *Tree
	rec     *event.Record
	scratch []byte // unescaped strings of the current record
	lower   []byte // a key in lower case
	arrays  uint32 // outermost arrays seen in the current record
	depth   int
	bad     int // where the value stopped being JSON
}

// NewWalker returns a walker for a tree.
func NewWalker(t *Tree) *Walker { return &Walker{tree: t} }

// Results of the functions below that are not a position.
const (
	short = -1
	bad   = -2
)

// Object walks the object at the start of buf, fills rec and returns the object's length. What nobody asks for is
// checked for its brackets and quotes only. A key that stands twice gives both values. Values point into buf, or, where
// they had to be unescaped, into memory that stays valid until the next call of Object.
func (w *Walker) Object(buf []byte, rec *event.Record) (int, error) {
	w.rec, w.scratch, w.arrays, w.depth = rec, w.scratch[:0], 0, 0
	return w.result(w.object(buf, 0, w.tree.root, 0))
}

// More walks another object into the same record: a part that stood elsewhere as text.
func (w *Walker) More(buf []byte) (int, error) {
	w.depth = 0
	return w.result(w.object(buf, 0, w.tree.root, 0))
}

func (w *Walker) result(n int) (int, error) {
	switch n {
	case short:
		return 0, ErrShort
	case bad:
		return 0, &SyntaxError{Offset: w.bad}
	}
	return n, nil
}

func (w *Walker) fail(at int) int {
	w.bad = at
	return bad
}

// object walks the object at buf[i] and returns the position behind it.
func (w *Walker) object(buf []byte, i int, nd *node, elem uint32) int {
	if i >= len(buf) {
		return short
	}
	if buf[i] != '{' {
		return w.fail(i)
	}
	if w.depth++; w.depth > maxDepth {
		return w.fail(i)
	}
	for i++; ; {
		for i < len(buf) && (buf[i] == ',' || buf[i] <= ' ') {
			i++
		}
		if i >= len(buf) {
			return short
		}
		if buf[i] == '}' {
			w.depth--
			return i + 1
		}
		if buf[i] != '"' {
			return w.fail(i)
		}
		start := i + 1
		end, escaped := stringEnd(buf, start)
		if end < 0 {
			return short
		}
		key := buf[start:end]
		i = end + 1
		if i < len(buf) && buf[i] == ':' { // nearly always
			i++
		} else if i = w.colon(buf, i); i < 0 {
			return i
		}
		for i < len(buf) && buf[i] <= ' ' {
			i++
		}
		if escaped || w.tree.fold {
			key = w.key(key, escaped)
		}
		c := nd.find(key)
		if c == nil {
			c = w.tree.blank
		}
		if c == nil {
			i = w.skip(buf, i)
		} else {
			i = w.value(buf, i, c, elem)
		}
		if i < 0 {
			return i
		}
	}
}

func (w *Walker) colon(buf []byte, i int) int {
	for i < len(buf) && buf[i] <= ' ' {
		i++
	}
	if i >= len(buf) {
		return short
	}
	if buf[i] != ':' {
		return w.fail(i)
	}
	return i + 1
}

// key returns a key unescaped and, if keys are compared so, in lower case.
func (w *Walker) key(key []byte, escaped bool) []byte {
	if escaped {
		key = w.unescape(key)
	}
	if !w.tree.fold {
		return key
	}
	w.lower = w.lower[:0]
	for _, c := range key {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		w.lower = append(w.lower, c)
	}
	return w.lower
}

// value walks the value at buf[i], which somebody asked for or asked for parts of.
func (w *Walker) value(buf []byte, i int, nd *node, elem uint32) int {
	if i >= len(buf) {
		return short
	}
	switch c := buf[i]; c {
	case '"':
		end, escaped := stringEnd(buf, i+1)
		if end < 0 {
			return short
		}
		w.text(buf[i+1:end], escaped, nd, elem)
		return end + 1
	case '{':
		end := 0
		if len(nd.children) > 0 || w.tree.blank != nil {
			end = w.object(buf, i, nd, elem)
		} else {
			end = w.skip(buf, i)
		}
		if end > 0 && nd.slot >= 0 {
			w.rec.Add(nd.slot, event.Object, buf[i:end], elem)
		}
		return end
	case '[':
		return w.array(buf, i, nd, elem)
	default:
		end := scalarEnd(buf, i)
		if end < 0 || end == i {
			if end == i {
				return w.fail(i)
			}
			return short
		}
		if nd.slot >= 0 {
			w.rec.Add(nd.slot, scalarKind(c), buf[i:end], elem)
		}
		return end
	}
}

// text takes a string value.
func (w *Walker) text(text []byte, escaped bool, nd *node, elem uint32) {
	if nd.slot < 0 && !nd.embedded && w.tree.allText < 0 {
		return
	}
	if escaped {
		text = w.unescape(text)
	}
	if nd.slot >= 0 {
		w.rec.Add(nd.slot, event.String, text, elem)
	}
	if w.tree.allText >= 0 {
		w.rec.Add(w.tree.allText, event.String, text, elem)
	}
	if nd.embedded && len(text) > 1 && (text[0] == '{' || text[0] == '[') {
		depth := w.depth
		if w.depth++; w.depth < maxDepth {
			if text[0] == '{' {
				w.object(text, 0, nd, elem) // if it is no JSON it is a string like any other
			} else {
				w.array(text, 0, nd, elem)
			}
		}
		w.depth = depth
	}
}

// array walks the elements of an array as if each stood in its place.
func (w *Walker) array(buf []byte, i int, nd *node, elem uint32) int {
	if w.depth++; w.depth > maxDepth {
		return w.fail(i)
	}
	outermost := elem == 0
	ordinal := uint32(0)
	if outermost {
		ordinal = min(w.arrays, 0xffff) << 16
		w.arrays++
	}
	open := i
	n := uint32(0)
	for i++; ; {
		for i < len(buf) && (buf[i] == ',' || buf[i] <= ' ') {
			i++
		}
		if i >= len(buf) {
			return short
		}
		if buf[i] == ']' {
			w.depth--
			if n == 0 && nd.slot >= 0 {
				w.rec.Add(nd.slot, event.Object, buf[open:i+1], elem)
			}
			return i + 1
		}
		n = min(n+1, 0xffff)
		if outermost {
			elem = ordinal | n
		}
		if i = w.value(buf, i, nd, elem); i < 0 {
			return i
		}
	}
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
// stands before it; -1 if the buffer ends first. Eight bytes are looked at together: of the bytes that equal a quote or a
// backslash the lowest is found exactly (a carry can only disturb the bytes above it).
func stringEnd(buf []byte, i int) (end int, escaped bool) {
	for i+8 <= len(buf) {
		x := binary.LittleEndian.Uint64(buf[i:])
		q, s := x^quotes, x^slosh
		hit := ((q-ones)&^q | (s-ones)&^s) & highs
		if hit == 0 {
			i += 8
			continue
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

// unescape decodes a string's escapes into the walker's scratch (RFC 8259, section 7). A broken escape is kept as it is.
func (w *Walker) unescape(s []byte) []byte {
	start := len(w.scratch)
	out := w.scratch
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, n := escapedRune(s[i-1:])
			if n == 0 {
				out = append(out, '\\', 'u')
				continue
			}
			out = utf8.AppendRune(out, r)
			i += n - 2
		default:
			out = append(out, '\\', c)
		}
	}
	w.scratch = out
	return out[start:]
}

// escapedRune reads \uXXXX, or two of them that are a surrogate pair, and returns how many bytes they take; 0 if broken.
func escapedRune(s []byte) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hex4(s[6:]); ok {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return both, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

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

// Unquote returns the text of a JSON string.
func Unquote(quoted []byte) []byte {
	if len(quoted) < 2 {
		return nil
	}
	w := &Walker{}
	return w.unescape(quoted[1 : len(quoted)-1])
}
