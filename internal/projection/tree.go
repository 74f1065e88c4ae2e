// Package projection walks a JSON record once and fills in the fields that are asked for: nothing is built for the rest,
// and nothing is allocated.
package projection

import (
	"slices"
	"strings"
)

// Options change how keys and values are taken.
type Options struct {
	// DottedKeys lets a key that holds dots itself ("event.action") stand for the path.
	DottedKeys bool
	// FoldCase compares keys without regard to ASCII case, as exports of case-insensitive tables need it.
	FoldCase bool
	// Embedded names paths whose value may be a string that holds JSON; it is walked as if it stood there itself.
	Embedded []string
	// AllText is a slot that gets every string value of the record; 0 is none, so slots count from 1 here.
	AllText int
	// Later says which slots may wait until Walker.Finish is called, as nothing is asked of most records but a few fields.
	// Only lists, objects and strings with escapes wait: the rest is quickly taken. Not with Slots or AllText.
	Later func(slot int) bool
	// Slots gives each path its slot, so that several paths can lead to one; nil: the slot of a path is its index. With
	// Slots a null is as good as no value, since another path may have one.
	Slots []int
}

// Tree is a set of asked paths, compiled. It is immutable.
type Tree struct {
	root    *node
	blank   *node // what a key that nobody asked for leads to when every text is wanted
	fold    bool
	places  bool // several paths may lead to one slot
	allText int  // slot; -1: none
	nodes   int  // how many there are
}

// node is a place in the record.
type node struct {
	id       int   // from 0, in the tree
	slot     int   // -1: the value itself is not asked for
	further  []int // slots beyond the first, where the value is asked for under several names
	embedded bool
	later    bool  // all that is asked for here may wait
	below    slots // what is asked for here and below, where some of it may wait
	children []child
	table    [64]uint16 // by hash of a key: 1 + the first child in a chain
}

// slots is a set of slots, a bit for each.
type slots []uint64

func (s slots) has(slot int) bool { return slot>>6 < len(s) && s[slot>>6]>>(slot&63)&1 != 0 }

func (s *slots) add(slot int) {
	s.join(append(make(slots, slot>>6), 1<<(slot&63)))
}

func (s *slots) join(o slots) {
	for len(*s) < len(o) {
		*s = append(*s, 0)
	}
	for i, word := range o {
		(*s)[i] |= word
	}
}

type child struct {
	key  string
	next uint16 // 1 + the next child with the same hash
	node *node
}

// maxChildren is how many keys of one object can be asked for; what is beyond is never found. All of SigmaHQ asks for some
// hundred.
const maxChildren = 1<<16 - 1

// Compile makes a tree of paths. Parts of a path are separated by dots; arrays on the way are passed through. A path may be
// asked for twice.
func Compile(paths []string, opts Options) *Tree {
	t := &Tree{fold: opts.FoldCase, places: opts.Slots != nil, allText: opts.AllText - 1}
	t.root = t.newNode()
	for i, p := range paths {
		slot := i
		if opts.Slots != nil {
			slot = opts.Slots[i]
		}
		if slot == t.allText {
			continue
		}
		parts := strings.Split(t.key(p), ".")
		t.insert(t.root, parts, opts.DottedKeys, func(n *node) { n.ask(slot) })
	}
	for _, p := range opts.Embedded {
		t.insert(t.root, strings.Split(t.key(p), "."), opts.DottedKeys, func(n *node) { n.embedded = true })
	}
	if t.allText >= 0 {
		t.blank = t.newNode()
	}
	if opts.Later != nil && t.allText < 0 && !t.places {
		t.root.wait(opts.Later)
	}
	return t
}

// wait marks what may wait: what leads to no slot that may not. It reports whether the node may.
func (n *node) wait(later func(slot int) bool) bool {
	n.later = true
	for _, s := range append([]int{n.slot}, n.further...) {
		if s >= 0 {
			n.later = n.later && later(s)
			n.below.add(s)
		}
	}
	for i := range n.children {
		c := n.children[i].node
		n.later = c.wait(later) && n.later
		n.below.join(c.below)
	}
	return n.later
}

func (t *Tree) key(p string) string {
	if t.fold {
		return strings.ToLower(p)
	}
	return p
}

// maxDotted bounds the ways in which the dots of one path can be part of keys.
const maxDotted = 8

func (t *Tree) insert(n *node, parts []string, dotted bool, mark func(*node)) {
	if len(parts) == 0 {
		mark(n)
		return
	}
	ways := 1
	if dotted && len(parts) <= maxDotted {
		ways = len(parts)
	}
	for k := 1; k <= ways; k++ {
		if c := t.child(n, strings.Join(parts[:k], ".")); c != nil {
			t.insert(c, parts[k:], dotted, mark)
		}
	}
}

func (t *Tree) newNode() *node {
	t.nodes++
	return &node{id: t.nodes - 1, slot: -1}
}

// ask gives the node's value to one more slot.
func (n *node) ask(slot int) {
	switch {
	case n.slot < 0:
		n.slot = slot
	case n.slot != slot && !slices.Contains(n.further, slot):
		n.further = append(n.further, slot)
	}
}

// child returns the node under a key, made if it is not there; nil if the node is full.
func (t *Tree) child(n *node, key string) *node {
	for i := range n.children {
		if n.children[i].key == key {
			return n.children[i].node
		}
	}
	if len(n.children) == maxChildren {
		return nil
	}
	h := &n.table[hash([]byte(key))]
	n.children = append(n.children, child{key: key, next: *h, node: t.newNode()})
	*h = uint16(len(n.children))
	return n.children[len(n.children)-1].node
}

// find returns the node under a key, nil if there is none.
func (n *node) find(key []byte) *node {
	for i := n.table[hash(key)]; i != 0; {
		c := &n.children[i-1]
		if c.key == string(key) {
			return c.node
		}
		i = c.next
	}
	return nil
}

func hash(key []byte) uint8 {
	l := len(key)
	if l == 0 {
		return 0
	}
	return (uint8(l)*7 + key[0]*3 + key[l-1] + key[l/2]*5) & 63
}
