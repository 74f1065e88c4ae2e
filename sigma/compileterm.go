package sigma

import (
	"math"
	"net/netip"
)

// termKey is what makes two tests of one field the same.
type termKey struct {
	slot   int
	kind   termKind
	op     Op
	cased  bool
	text   string
	number uint64 // its bits
	net    netip.Prefix
	part   TimePart
}

// termOf returns the term of an atom other than IsNull and FieldRef.
func (c *compiler) termOf(a *Atom, slot int) int32 {
	k := termKey{slot: slot, op: a.Op, cased: a.Cased}
	switch a.Op {
	case Exists:
		return c.term(termKey{slot: slot, kind: anything}, nil)
	case Glob:
		var plain bool
		if a, plain = simpler(a); plain {
			return c.termOf(a, slot)
		}
		for _, p := range a.Glob {
			k.text += string([]byte{'\\', '0' + byte(p.Kind)}) + escaped(key(p.Text, a.Cased))
		}
	case Contains, StartsWith, EndsWith:
		if a.Text == "" {
			return c.term(termKey{slot: slot, kind: nonNull}, nil)
		}
		k.text = key(a.Text, a.Cased)
	case Equal:
		k.text = key(a.Text, a.Cased)
	case NumberEqual:
		k.text, k.number = key(a.Text, a.Cased), math.Float64bits(a.Number)
	case Regexp:
		k.text, k.cased = a.Regexp.String(), false
	case CIDR:
		k.net, k.cased = a.Net, false
	default:
		k.number, k.part, k.cased = math.Float64bits(a.Number), a.Part, false
	}
	return c.term(k, a)
}

func key(text string, cased bool) string {
	if cased {
		return text
	}
	return string(fold(text))
}

// escaped doubles backslashes, so that the pieces of a glob can be put one behind another.
func escaped(text string) string {
	var out []byte
	for i := range len(text) {
		if text[i] == '\\' {
			out = append(out, '\\')
		}
		out = append(out, text[i])
	}
	return string(out)
}

// simpler returns an atom that does without wildcards what a glob does, if there is one; else the glob with runs of Any made
// one.
func simpler(a *Atom) (*Atom, bool) {
	var p []Piece
	for _, q := range a.Glob {
		switch n := len(p); {
		case q.Kind == Literal && q.Text == "", q.Kind == Any && n > 0 && p[n-1].Kind == Any:
		case q.Kind == Literal && n > 0 && p[n-1].Kind == Literal:
			p[n-1].Text += q.Text
		default:
			p = append(p, q)
		}
	}
	out := *a
	out.Glob = p
	is := func(kinds ...PieceKind) bool {
		if len(p) != len(kinds) {
			return false
		}
		for i, k := range kinds {
			if p[i].Kind != k {
				return false
			}
		}
		return true
	}
	switch {
	case is():
		out.Op, out.Text = Equal, ""
	case is(Literal):
		out.Op, out.Text = Equal, p[0].Text
	case is(Any):
		out.Op, out.Text = Contains, ""
	case is(Any, Literal):
		out.Op, out.Text = EndsWith, p[1].Text
	case is(Literal, Any):
		out.Op, out.Text = StartsWith, p[0].Text
	case is(Any, Literal, Any):
		out.Op, out.Text = Contains, p[1].Text
	default:
		return &out, false
	}
	return &out, true
}

// term returns the number of a term.
func (c *compiler) term(k termKey, a *Atom) int32 {
	if id, ok := c.termIDs[k]; ok {
		return id
	}
	t := &term{slot: k.slot, kind: k.kind, atom: a}
	if a != nil {
		t.prepare()
	}
	t.weigh()
	id := int32(len(c.m.terms))
	c.termIDs[k] = id
	c.m.terms = append(c.m.terms, t)
	return id
}

// prepare folds the term's text and finds its needles.
func (t *term) prepare() {
	a := t.atom
	folded := func(text string) []byte {
		if a.Cased {
			return []byte(text)
		}
		return fold(text)
	}
	t.text = folded(a.Text)
	switch a.Op {
	case Contains, StartsWith, EndsWith:
		t.needles = [][]byte{fold(a.Text)}
	case Glob:
		longest := ""
		for _, p := range a.Glob {
			t.glob = append(t.glob, piece{p.Kind, folded(p.Text)})
			if len(p.Text) > len(longest) {
				longest = p.Text
			}
		}
		if longest != "" {
			t.needles = [][]byte{fold(longest)}
		}
	case Regexp:
		t.needles, t.also, t.where = requiredLiterals(a.Regexp)
	case CIDR:
		net := a.Net
		if addr := net.Addr(); addr.Is4In6() && net.Bits() >= 96 {
			net = netip.PrefixFrom(addr.Unmap(), net.Bits()-96)
		}
		b := *a
		b.Net = net.Masked()
		t.atom = &b
	default: // no literal has to stand in the value
	}
	if a.Cased && !validText(a.Text, a.Glob) {
		t.needles = nil // a folded value need not contain what the value does
	}
}
