package sigma

import (
	"errors"
	"math"
	"slices"
)

// Resolver gives the slot under which an Event has a rule's field; false if no event can have it, which is the same to a
// rule as an event that does not.
type Resolver func(field string) (slot int, ok bool)

// Options of compiling.
type Options struct {
	Resolve  Resolver
	Keywords []int // the slots that a keyword search looks into
}

// Matcher is rules compiled to be run together over events of one kind. It is immutable.
//
// Equal tests of different rules are made once. All literals of a field are searched for in one pass. A rule is looked at
// only when an event passes one of its anchors: tests of which one must hold for the rule to match, chosen to be rare.
// The time for an event thus depends on the fields that carry anchors, hardly on the number of rules.
type Matcher struct {
	fields  []*fieldMatcher
	eager   []int // fields with anchors
	rules   []node
	always  []int // rules without an anchor
	maxBits int
}

// Compile compiles rules; their numbers are their places in the list.
func Compile(rules []*Rule, opts Options) (*Matcher, error) {
	if opts.Resolve == nil {
		return nil, errors.New("sigma: Options.Resolve is required")
	}
	c := &compiler{opts: opts, fields: map[string]int{}, preds: map[predKey]predRef{}}
	for _, r := range rules {
		if r.Detection == nil {
			return nil, errors.New("sigma: only detection rules can be compiled; " + r.Title + " is none")
		}
		c.m.rules = append(c.m.rules, c.compile(r.Detection.Expr))
	}
	for _, f := range c.m.fields {
		f.build()
		c.m.maxBits = max(c.m.maxBits, len(f.preds))
	}
	for i := range c.m.rules {
		c.anchor(i)
	}
	for i, f := range c.m.fields {
		if slices.ContainsFunc(f.anchorRules, func(r []int) bool { return len(r) > 0 }) {
			c.m.eager = append(c.m.eager, i)
		}
	}
	return &c.m, nil
}

// Slots returns the slots that the rules look at.
func (m *Matcher) Slots() []int {
	var out []int
	for _, f := range m.fields {
		out = append(out, f.slots...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// node is a compiled Expr.
type node struct {
	op    nodeOp
	field int // of a predicate: index into Matcher.fields
	pred  int
	kids  []node
	ref   *fieldRef
}

type nodeOp uint8

const (
	never nodeOp = iota
	ever
	test
	all
	oneOf
	not
	sameElement
	reference
)

type fieldRef struct {
	slot, other int
	op          Op
	cased       bool
}

type predRef struct{ field, pred int }

// predKey is what makes two predicates the same.
type predKey struct {
	field int
	op    Op
	cased bool
	text  string
	num   float64
	part  TimePart
}

type compiler struct {
	opts   Options
	m      Matcher
	fields map[string]int // rule's field name → index into Matcher.fields; -1: no event has it
	preds  map[predKey]predRef
}

func (c *compiler) compile(e Expr) node {
	switch e := e.(type) {
	case *Atom:
		return c.atom(e)
	case Not:
		n := c.compile(e.X)
		switch n.op {
		case never:
			return node{op: ever}
		case ever:
			return node{op: never}
		}
		return node{op: not, kids: []node{n}}
	case And:
		return c.junction(all, e)
	case SameElement:
		return c.junction(sameElement, e)
	case Or:
		return c.junction(oneOf, e)
	}
	return node{op: never}
}

// junction compiles operands and drops those that are decided already.
func (c *compiler) junction(op nodeOp, xs []Expr) node {
	neutral, absorbing := ever, never
	if op == oneOf {
		neutral, absorbing = never, ever
	}
	out := node{op: op}
	for _, x := range xs {
		n := c.compile(x)
		switch n.op {
		case neutral:
			continue
		case absorbing:
			return node{op: absorbing}
		}
		out.kids = append(out.kids, n)
	}
	switch len(out.kids) {
	case 0:
		return node{op: neutral}
	case 1:
		return out.kids[0]
	}
	return out
}

func (c *compiler) atom(a *Atom) node {
	field := c.field(a.Field)
	if a.Op == FieldRef {
		other := c.field(a.Text)
		if field < 0 || other < 0 {
			return node{op: never}
		}
		return node{op: reference, ref: &fieldRef{
			slot: c.m.fields[field].slots[0], other: c.m.fields[other].slots[0], op: a.RefOp, cased: a.Cased,
		}}
	}
	if field < 0 {
		if a.Op == IsNull {
			return node{op: ever}
		}
		return node{op: never}
	}
	key := predKey{field: field, op: a.Op, cased: a.Cased, text: a.Text, num: a.Number, part: a.Part}
	if a.Op == CIDR {
		key.text = a.Net.String()
	}
	for _, p := range a.Glob {
		key.text += string([]byte{0xff, byte(p.Kind)}) + p.Text // 0xff is in no UTF-8 text
	}
	ref, ok := c.preds[key]
	if !ok {
		f := c.m.fields[field]
		f.preds = append(f.preds, a)
		f.used = append(f.used, 0)
		ref = predRef{field, len(f.preds) - 1}
		c.preds[key] = ref
	}
	c.m.fields[ref.field].used[ref.pred]++
	return node{op: test, field: ref.field, pred: ref.pred}
}

func (c *compiler) field(name string) int {
	if i, ok := c.fields[name]; ok {
		return i
	}
	slots := c.opts.Keywords
	if name != "" {
		slot, ok := c.opts.Resolve(name)
		if !ok {
			c.fields[name] = -1
			return -1
		}
		slots = []int{slot}
	} else if len(slots) == 0 {
		c.fields[name] = -1
		return -1
	}
	for i, f := range c.m.fields {
		if slices.Equal(f.slots, slots) { // two names for one field
			c.fields[name] = i
			return i
		}
	}
	c.m.fields = append(c.m.fields, &fieldMatcher{slots: slots})
	c.fields[name] = len(c.m.fields) - 1
	return c.fields[name]
}

// anchor registers rule i under its anchors.
func (c *compiler) anchor(i int) {
	n := &c.m.rules[i]
	if n.op == never {
		return
	}
	anchors, cost := c.anchors(n, false)
	if math.IsInf(cost, 1) {
		c.m.always = append(c.m.always, i)
		return
	}
	for _, a := range anchors {
		f := c.m.fields[a.field]
		f.anchors.set(a.pred)
		if r := f.anchorRules[a.pred]; len(r) == 0 || r[len(r)-1] != i {
			f.anchorRules[a.pred] = append(r, i)
		}
	}
}

// anchors returns predicates of which one holds whenever the node (negated: whenever it does not) holds, and what it costs
// to rely on them; infinite if there are none.
func (c *compiler) anchors(n *node, negated bool) ([]predRef, float64) {
	none := math.Inf(1)
	op := n.op
	if negated {
		switch op {
		case all, sameElement:
			op = oneOf
		case oneOf:
			op = all
		}
	}
	switch op {
	case test:
		if negated {
			return nil, none
		}
		return c.anchorOf(n)
	case not:
		return c.anchors(&n.kids[0], !negated)
	case all, sameElement:
		var best []predRef
		least := none
		for i := range n.kids {
			if a, cost := c.anchors(&n.kids[i], negated); cost < least {
				best, least = a, cost
			}
		}
		return best, least
	case oneOf:
		var union []predRef
		sum := 0.0
		for i := range n.kids {
			a, cost := c.anchors(&n.kids[i], negated)
			sum += cost
			union = append(union, a...)
		}
		return union, sum
	}
	return nil, none
}

// anchorOf weighs one predicate by how rarely values pass it, as far as can be told from the rules: what many rules ask
// for (an eventSource) is more common than what one asks for (an eventName).
func (c *compiler) anchorOf(n *node) ([]predRef, float64) {
	f := c.m.fields[n.field]
	a := f.preds[n.pred]
	cost := 1.0
	switch a.Op {
	case NumberEqual:
		cost = 40 // a status, a port, a flag: some are in every other event
	case Equal:
		if len(a.Text) < 6 { // GET, true, Root
			cost = 25
		}
	case Contains, StartsWith, EndsWith:
		cost = literalCost(a.Text)
	case Glob:
		cost = 1 + literalCost(longestLiteral(a.Glob))
		if len(a.Glob) == 1 {
			cost = 400
		}
	case Regexp:
		cost = 80
		if lits := requiredLiterals(a.Regexp); len(lits) > 0 {
			cost = 3
			for _, lit := range lits {
				cost += literalCost(lit)
			}
		}
	case CIDR:
		cost = 12
	case Exists:
		cost = 500
	case IsNull:
		return nil, math.Inf(1) // holds for absent fields, which no value announces
	default:
		cost = 40
	}
	if a.Field == "" {
		cost *= 3
	}
	return []predRef{{n.field, n.pred}}, cost * (1 + 0.15*float64(f.used[n.pred]-1))
}

func literalCost(text string) float64 {
	switch {
	case len(text) >= 5:
		return 1.5
	case len(text) >= 3:
		return 3
	}
	return 12
}
