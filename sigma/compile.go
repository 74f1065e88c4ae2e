package sigma

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Resolver maps a rule's field name to the slot under which an Event gives its values. If ok is false, no event has that
// field: to rules it is absent.
type Resolver func(field string) (slot int, ok bool)

// Options say how rules see events.
type Options struct {
	Resolve  Resolver
	Keywords []int // the slots whose values a keyword search looks into
}

// Compile compiles the rules of one log source. Rules without a detection (correlations) never match.
func Compile(rules []*Rule, opts Options) (*Matcher, error) {
	if opts.Resolve == nil {
		return nil, errors.New("sigma: Options.Resolve is required")
	}
	c := &compiler{
		opts: opts, m: &Matcher{rules: len(rules)},
		termIDs: map[termKey]int32{}, setIDs: map[string]int32{}, slots: map[int]bool{},
	}
	roots := make([]*branch, len(rules))
	for i, r := range rules {
		roots[i] = &branch{op: opNever}
		if r.Detection == nil {
			continue
		}
		var err error
		if roots[i], err = c.branch(r.Detection.Expr); err != nil {
			return nil, fmt.Errorf("sigma: compile %q (%s:%d): %w", r.Title, r.File, r.Line, err)
		}
	}
	c.count(roots)
	c.anchor(roots)
	c.m.roots = make([]int32, len(rules))
	for i, b := range roots {
		c.m.roots[i] = c.emit(b)
	}
	c.link()
	for s := range c.slots {
		c.m.slots = append(c.m.slots, s)
	}
	slices.Sort(c.m.slots)
	return c.m, nil
}

// compiler compiles rules in three steps: expressions become branches, in which fields are slots and what is decided
// beforehand is gone; anchors are chosen; branches become nodes, and the sets that they ask for become programs.
type compiler struct {
	opts    Options
	m       *Matcher
	termIDs map[termKey]int32
	setIDs  map[string]int32
	setInfo []setInfo
	slots   map[int]bool
}

// setInfo is what the compiler knows of a set until programs exist.
type setInfo struct {
	slot  int
	eager bool
}

// branch is an expression on its way into nodes.
type branch struct {
	op    nodeOp
	kids  []*branch
	slot  int      // opSet, opNull
	terms []int32  // opSet: ascending
	ref   fieldRef // opRef
}

func (c *compiler) branch(e Expr) (*branch, error) {
	switch e := e.(type) {
	case *Atom:
		return c.atom(e)
	case Not:
		b, err := c.branch(e.X)
		if err != nil {
			return nil, err
		}
		return c.not(b), nil
	case And:
		return c.junction(opAll, e)
	case Or:
		return c.junction(opAny, e)
	case SameElement:
		return c.junction(opSame, e)
	}
	return nil, fmt.Errorf("there is no expression of type %T", e)
}

func (c *compiler) not(b *branch) *branch {
	switch b.op {
	case opNever:
		return &branch{op: opAlways}
	case opAlways:
		return &branch{op: opNever}
	case opNot:
		return b.kids[0]
	case opNull: // some value is not null: that can be an anchor
		return &branch{op: opSet, slot: b.slot, terms: []int32{c.term(termKey{slot: b.slot, kind: nonNull}, nil)}}
	default:
		return &branch{op: opNot, kids: []*branch{b}}
	}
}

// junction compiles operands, leaves out those that are decided, and brings those of an operand of the same kind up.
func (c *compiler) junction(op nodeOp, xs []Expr) (*branch, error) {
	out := &branch{op: op}
	neutral, decisive := opAlways, opNever
	if op == opAny {
		neutral, decisive = opNever, opAlways
	}
	for _, x := range xs {
		b, err := c.branch(x)
		if err != nil {
			return nil, err
		}
		switch {
		case b.op == neutral:
		case b.op == decisive:
			return b, nil
		case b.op == op && op != opSame:
			out.kids = append(out.kids, b.kids...)
		default:
			out.kids = append(out.kids, b)
		}
	}
	if op == opAny {
		out.kids = united(out.kids)
	}
	switch len(out.kids) {
	case 0:
		return &branch{op: neutral}, nil
	case 1:
		return out.kids[0], nil
	}
	return out, nil
}

// united makes one set of the sets of each field among the operands of an Or.
func united(kids []*branch) []*branch {
	var out []*branch
	sets := map[int]*branch{}
	for _, k := range kids {
		if k.op != opSet {
			out = append(out, k)
			continue
		}
		if first := sets[k.slot]; first != nil {
			first.terms = append(first.terms, k.terms...)
			continue
		}
		b := &branch{op: opSet, slot: k.slot, terms: slices.Clone(k.terms)}
		sets[k.slot] = b
		out = append(out, b)
	}
	for _, b := range sets {
		slices.Sort(b.terms)
		b.terms = slices.Compact(b.terms)
	}
	return out
}

func (c *compiler) atom(a *Atom) (*branch, error) {
	if a.Field != "" {
		slot, ok := c.resolve(a.Field)
		if !ok {
			if a.Op == IsNull {
				return &branch{op: opAlways}, nil
			}
			return &branch{op: opNever}, nil
		}
		return c.test(a, slot)
	}
	union := &branch{op: opAny}
	for _, slot := range c.opts.Keywords {
		c.slots[slot] = true
		b, err := c.test(a, slot)
		if err != nil {
			return nil, err
		}
		union.kids = append(union.kids, b)
	}
	union.kids = united(union.kids)
	switch len(union.kids) {
	case 0:
		return &branch{op: opNever}, nil
	case 1:
		return union.kids[0], nil
	}
	return union, nil
}

func (c *compiler) resolve(field string) (int, bool) {
	slot, ok := c.opts.Resolve(field)
	if ok {
		c.slots[slot] = true
	}
	return slot, ok
}

// test compiles an atom for one slot.
func (c *compiler) test(a *Atom, slot int) (*branch, error) {
	switch a.Op {
	case IsNull:
		return &branch{op: opNull, slot: slot}, nil
	case FieldRef:
		other, ok := c.resolve(a.Text)
		if !ok {
			return &branch{op: opNever}, nil
		}
		switch a.RefOp {
		case Equal, Contains, StartsWith, EndsWith:
		default:
			return nil, fmt.Errorf("line %d: fields can't be compared by test %d", a.Line, a.RefOp)
		}
		return &branch{op: opRef, slot: slot, ref: fieldRef{slot: slot, other: other, op: a.RefOp, cased: a.Cased}}, nil
	case Regexp:
		if a.Regexp == nil {
			return nil, fmt.Errorf("line %d: the atom has no regular expression", a.Line)
		}
	default:
		if a.Op > TimePartEqual {
			return nil, fmt.Errorf("line %d: there is no test %d", a.Line, a.Op)
		}
	}
	return &branch{op: opSet, slot: slot, terms: []int32{c.termOf(a, slot)}}, nil
}

// count counts for each term the rules that make it.
func (c *compiler) count(roots []*branch) {
	last := make([]int, len(c.m.terms))
	var walk func(b *branch, rule int)
	walk = func(b *branch, rule int) {
		for _, t := range b.terms {
			if last[t] != rule {
				last[t] = rule
				c.m.terms[t].rules++
			}
		}
		for _, k := range b.kids {
			walk(k, rule)
		}
	}
	for i, b := range roots {
		walk(b, i+1)
	}
}

// emit makes a branch a node and returns its index.
func (c *compiler) emit(b *branch) int32 {
	n := node{op: b.op}
	var kids []int32
	for _, k := range b.kids {
		kids = append(kids, c.emit(k))
	}
	switch b.op {
	case opSet:
		n.arg = c.set(b)
	case opNull:
		n.arg = int32(b.slot)
	case opRef:
		n.arg = int32(len(c.m.refs))
		c.m.refs = append(c.m.refs, b.ref)
	case opSame:
		n.arg = int32(len(c.m.same))
		items := make([][]int, len(b.kids))
		for i, k := range b.kids {
			items[i] = k.reads(nil)
			slices.Sort(items[i])
			items[i] = slices.Compact(items[i])
		}
		c.m.same = append(c.m.same, items)
	case opAll, opAny: // the cheap ones first
		slices.SortStableFunc(kids, func(x, y int32) int { return cmp.Compare(c.price(x), c.price(y)) })
	case opNot, opNever, opAlways: // these have no argument
	}
	n.first = int32(len(c.m.kids))
	c.m.kids = append(c.m.kids, kids...)
	n.end = int32(len(c.m.kids))
	c.m.nodes = append(c.m.nodes, n)
	return int32(len(c.m.nodes) - 1)
}

func (c *compiler) price(i int32) int {
	switch n := c.m.nodes[i]; n.op {
	case opSet:
		if c.setInfo[n.arg].eager {
			return 0
		}
		return 1
	case opNull:
		return 1
	default:
		return 2 + int(n.op)
	}
}

// reads returns the slots that a branch looks at.
func (b *branch) reads(out []int) []int {
	switch b.op {
	case opSet, opNull:
		out = append(out, b.slot)
	case opRef:
		out = append(out, b.ref.slot, b.ref.other)
	default: // the others look at what their kids do
	}
	for _, k := range b.kids {
		out = k.reads(out)
	}
	return out
}

// set returns the number of a branch's set.
func (c *compiler) set(b *branch) int32 {
	key := binary.AppendVarint(nil, int64(b.slot))
	for _, t := range b.terms {
		key = binary.AppendUvarint(key, uint64(t))
	}
	id, ok := c.setIDs[string(key)]
	if !ok {
		id = int32(len(c.m.sets))
		c.setIDs[string(key)] = id
		c.m.sets = append(c.m.sets, set{terms: b.terms})
		c.setInfo = append(c.setInfo, setInfo{slot: b.slot})
	}
	return id
}
