package sigma

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// expr makes the item's test: one of the values must pass, or with "all" every one.
func (it *item) expr() (Expr, error) {
	var tests []Expr
	for _, alts := range it.values {
		var xs []Expr
		for _, v := range alts {
			x, err := it.test(v)
			if err != nil {
				return nil, err
			}
			xs = append(xs, x)
		}
		if it.all && len(xs) > 1 {
			xs = []Expr{Or(xs)}
		}
		tests = append(tests, xs...)
	}
	var x Expr = Or(tests)
	switch {
	case len(tests) == 0:
		return nil, errAt(it.at, "field %q has no values", it.field)
	case len(tests) == 1:
		x = tests[0]
	case it.all:
		x = And(tests)
	}
	if it.negated {
		return Not{x}, nil
	}
	return x, nil
}

func (it *item) test(v value) (Expr, error) {
	if it.field == "" && it.op != Equal && it.op != Regexp {
		return nil, errAt(v.node, "a keyword is a text or a regular expression, it can't have modifier %q", it.kindBy)
	}
	if it.cased && it.op != Equal && it.op != FieldRef && it.op != Regexp {
		return nil, errAt(it.at, "modifier \"cased\" is for texts, not for %q", it.kindBy)
	}
	if v.kind == Null && it.op != Equal {
		return nil, errAt(v.node, "modifier %q can't take null", it.kindBy)
	}
	a := &Atom{Field: it.field, Op: it.op, Line: v.node.Line}
	switch it.op {
	case Equal:
		return it.equal(v), it.checkKeyword(v)
	case Regexp:
		return a, it.setRegexp(a, v)
	case Exists:
		want, err := boolean(v.node)
		if err != nil {
			return nil, errAt(v.node, "exists takes true or false")
		}
		if !want {
			return Not{a}, nil
		}
		return a, nil
	case CIDR:
		var ok bool
		if a.Net, ok = parseNet(v.text); !ok {
			return nil, errAt(v.node, "%q is no network like 192.0.2.0/24 or 2001:db8::/32", v.text)
		}
		return a, nil
	case FieldRef:
		if a.RefOp, a.Text, a.Cased = it.refOp, v.text, it.cased; a.Text == "" {
			return nil, errAt(v.node, "fieldref takes the name of a field")
		}
		return a, nil
	case TimePartEqual:
		return it.timePart(v)
	default: // a comparison of numbers
	}
	n, ok := v.number()
	if !ok {
		return nil, errAt(v.node, "%q is no number, and modifier %q compares numbers", v.text, it.kindBy)
	}
	a.Number = n
	return a, nil
}

// checkKeyword refuses keywords that say nothing.
func (it *item) checkKeyword(v value) error {
	switch {
	case it.field != "":
		return nil
	case v.kind == Null:
		return errAt(v.node, "a keyword can't be null")
	case len(v.pat) == 0 || len(v.pat) == 1 && v.pat[0].Kind == Any:
		return errAt(v.node, "an empty keyword would match everything")
	}
	return nil
}

// equal makes the test of a text, a number or null.
func (it *item) equal(v value) *Atom {
	line := v.node.Line
	if it.field == "" {
		return v.pat.around(true, true).atom("", it.cased, line) // a keyword may stand anywhere in the event
	}
	switch v.kind {
	case Null:
		return &Atom{Field: it.field, Op: IsNull, Line: line}
	case Number:
		if n, ok := v.number(); ok {
			return &Atom{Field: it.field, Op: NumberEqual, Text: v.text, Number: n, Line: line}
		}
	}
	return v.pat.atom(it.field, it.cased, line)
}

// timePart makes the test of a part of a time. A comparison ("hour|gte") becomes the list of the numbers that pass it.
func (it *item) timePart(v value) (Expr, error) {
	n, ok := v.number()
	least, most := it.part.span()
	if !ok || n != math.Trunc(n) || n < least || n > most {
		return nil, errAt(v.node, "%q is no %s: that is a whole number from %v to %v", v.text, it.part, least, most)
	}
	atom := func(n float64) Expr {
		return &Atom{Field: it.field, Op: TimePartEqual, Part: it.part, Number: n, Line: v.node.Line}
	}
	if it.partOp == Equal {
		return atom(n), nil
	}
	if it.part == Year {
		return nil, unsupportedAt(it.at, "years can only be tested for equality")
	}
	var xs Or
	for k := least; k <= most; k++ {
		if compare(it.partOp, k, n) {
			xs = append(xs, atom(k))
		}
	}
	switch len(xs) {
	case 0:
		return nil, errAt(v.node, "no %s is %s %v", it.part, it.partOp, n)
	case 1:
		return xs[0], nil
	}
	return xs, nil
}

// span returns the least and the greatest number that a part of a time can be.
func (p TimePart) span() (least, most float64) {
	switch p {
	case Minute:
		return 0, 59
	case Hour:
		return 0, 23
	case Day:
		return 1, 31
	case Week:
		return 1, 53 // the specification says 52; ISO 8601 has long years
	case Month:
		return 1, 12
	default:
		return 0, 9999
	}
}

// number reads a decimal number, or one in the other bases of YAML.
func (v value) number() (float64, bool) {
	text := strings.ReplaceAll(v.text, "_", "")
	if n, err := strconv.ParseInt(text, 0, 64); err == nil && strings.ContainsAny(text, "xXoObB") {
		return float64(n), true
	}
	if strings.ContainsAny(text, "xXpPiInN") { // forms that only Go knows, infinities and NaN
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// parseNet reads a network, or a single address. One of IPv4 written as IPv6 is taken for the IPv4 one, as events' are.
func parseNet(s string) (netip.Prefix, bool) {
	net, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, false
		}
		net = netip.PrefixFrom(addr, addr.BitLen())
	}
	const mapped = 96 // bits before the IPv4 address
	if net.Addr().Is4In6() && net.Bits() >= mapped {
		net = netip.PrefixFrom(net.Addr().Unmap(), net.Bits()-mapped)
	}
	return net.Masked(), true
}
