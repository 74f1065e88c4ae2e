package projection

import (
	"errors"
	"fmt"

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
	bad     int     // where the value stopped being JSON
	shapes  []shape // by node
	later   []postponed
	ending  bool // within Finish
	memo    memo
}

// postponed is a value of which nothing is needed at once.
type postponed struct {
	node  *node
	value []byte
	elem  uint32
	depth int
}

// NewWalker returns a walker for a tree.
func NewWalker(t *Tree) *Walker { return &Walker{tree: t, shapes: make([]shape, t.nodes)} }

// Results of the functions below that are not a position.
const (
	short = -1
	bad   = -2
)

// Object walks the object at the start of buf, fills rec and returns the object's length. What nobody asks for is
// checked for its brackets and quotes only. A key that stands twice gives both values. Values point into buf, or, where
// they had to be unescaped, into memory that stays valid until the next call of Object.
func (w *Walker) Object(buf []byte, rec *event.Record) (int, error) {
	w.rec, w.scratch, w.arrays, w.depth, w.later = rec, w.scratch[:0], 0, 0, w.later[:0]
	return w.result(w.object(buf, 0, w.tree.root, 0))
}

// Finish fills the fields that Options.Later left out of the record that Object has filled.
func (w *Walker) Finish() {
	w.ending = true
	for _, p := range w.later {
		w.depth = p.depth
		w.value(p.value, 0, p.node, p.elem)
	}
	w.later, w.ending = w.later[:0], false
}

// Waits reports whether values of a slot may be among what Finish is to fill in.
func (w *Walker) Waits(slot int) bool {
	for i := range w.later {
		if w.later[i].node.below.has(slot) {
			return true
		}
	}
	return false
}

// postpone skips the value at buf[i] and takes note of it.
func (w *Walker) postpone(buf []byte, i int, nd *node, elem uint32) int {
	end := w.skip(buf, i)
	if end > 0 {
		w.later = append(w.later, postponed{nd, buf[i:end], elem, w.depth})
	}
	return end
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
	sh, next := &w.shapes[nd.id], 0
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
		var c *node
		var k *knownKey
		if place, end := sh.foresee(buf, i+1, next); place >= 0 {
			k = &sh.keys[place]
			c, i, next = k.node, end, place+1
			sh.misses -= sh.misses >> 6
		} else if c, i, next = w.unforeseen(buf, i+1, nd, sh, next); i < 0 {
			return i
		}
		for i < len(buf) && buf[i] <= ' ' {
			i++
		}
		switch {
		case k != nil && len(buf)-i >= memoText && buf[i] == '{' && w.recurs(k, elem):
			i = w.recurring(buf, i, k)
		case c == nil:
			i = w.skip(buf, i)
		default:
			i = w.value(buf, i, c, elem)
		}
		if i < 0 {
			return i
		}
	}
}

// unforeseen reads the key whose text begins at buf[i]. It returns the node that it leads to, the position behind the colon,
// and the place in the shape of the key that may come after it.
func (w *Walker) unforeseen(buf []byte, i int, nd *node, sh *shape, next int) (c *node, end, after int) {
	end, escaped := stringEnd(buf, i)
	if end < 0 {
		return nil, short, 0
	}
	raw := buf[i:end]
	compact := true
	if end++; end < len(buf) && buf[end] == ':' { // nearly always
		end++
	} else if compact, end = false, w.colon(buf, end); end < 0 {
		return nil, end, 0
	}
	key := raw
	if escaped || w.tree.fold {
		key = w.key(raw, escaped)
	}
	if c = nd.find(key); c == nil {
		c = w.tree.blank
	}
	if compact && !escaped {
		next = sh.learn(raw, c, next)
	}
	return c, end, next
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
		if escaped && nd.later && !w.ending {
			return w.postpone(buf, i, nd, elem)
		}
		w.text(buf[i+1:end], escaped, nd, elem)
		return end + 1
	case '{':
		if nd.later && !w.ending {
			return w.postpone(buf, i, nd, elem)
		}
		var end int
		if len(nd.children) > 0 || w.tree.blank != nil {
			end = w.object(buf, i, nd, elem)
		} else {
			end = w.skip(buf, i)
		}
		if end > 0 && nd.slot >= 0 {
			w.add(nd, event.Object, buf[i:end], elem)
		}
		return end
	case '[':
		if nd.later && !w.ending {
			return w.postpone(buf, i, nd, elem)
		}
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
			w.add(nd, scalarKind(c), buf[i:end], elem)
		}
		return end
	}
}

// add gives a value to everyone who asked for it.
func (w *Walker) add(nd *node, kind uint8, text []byte, elem uint32) {
	w.give(nd.slot, kind, text, elem)
	for _, slot := range nd.further {
		w.give(slot, kind, text, elem)
	}
}

// give adds a value to a field. Of a field with several places a null says nothing, and what another of them has said
// already counts once.
func (w *Walker) give(slot int, kind uint8, text []byte, elem uint32) {
	if w.tree.places {
		if kind == event.Null {
			return
		}
		if v := w.rec.First(slot); v != nil && v.Elem == elem && string(v.Text) == string(text) {
			return
		}
	}
	w.rec.Add(slot, kind, text, elem)
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
		w.add(nd, event.String, text, elem)
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
				w.add(nd, event.Object, buf[open:i+1], elem)
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
