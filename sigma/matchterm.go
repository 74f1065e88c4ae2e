package sigma

import (
	"bytes"
	"net/netip"
	"unicode/utf8"
	"unsafe"
)

// term is one test of one field: what equal atoms of all rules have in common.
type term struct {
	slot int
	kind termKind
	atom *Atom   // whose Op is the test, except where kind says more
	text []byte  // the atom's text: folded unless cased
	glob []piece // likewise

	needles [][]byte  // folded: one of them stands in every value that passes; none known where empty
	where   anchorage // the needles stand there
	also    [][]byte  // likewise folded: one of them stands there too
	chance  float64   // a guess at the part of events that pass
	burden  float64   // what the test costs for every event, in evaluations of a rule
	rules   int       // how many rules make the test
}

type termKind uint8

const (
	byOp     termKind = iota
	nonNull           // every value that is not null
	anything          // every value
)

// piece is a Piece with its text as the values come: folded or not.
type piece struct {
	kind PieceKind
	text []byte
}

// holds tests one value that is not null. Which texts are objects its callers know.
func (t *term) holds(text []byte, w *work) bool {
	if t.kind != byOp {
		return true
	}
	a := t.atom
	switch a.Op {
	case Regexp:
		return t.hasAlso(text, w) && a.Regexp.Match(text)
	case Less, LessEqual, Greater, GreaterEqual:
		n, ok := parseNumber(text)
		return ok && compare(a.Op, n, a.Number)
	case CIDR:
		addr, ok := parseAddr(text)
		return ok && a.Net.Contains(addr)
	case TimePartEqual:
		at, ok := parseTime(text)
		return ok && float64(partOf(at, a.Part)) == a.Number
	case NumberEqual:
		if n, ok := parseNumber(text); ok && n == a.Number {
			return true
		}
	default: // a test of text
	}
	if !a.Cased {
		text = w.full(text)
	}
	switch a.Op {
	case Equal, NumberEqual, Contains, StartsWith, EndsWith:
		return compareText(a.Op, text, t.text)
	case Glob:
		return globMatch(t.glob, text)
	default:
		return false
	}
}

// hasAlso reports whether what a regular expression requires beside a needle stands in text. The expression costs far more.
func (t *term) hasAlso(text []byte, w *work) bool {
	if len(t.also) == 0 {
		return true
	}
	text = w.full(text)
	for _, l := range t.also {
		if bytes.Contains(text, l) {
			return true
		}
	}
	return false
}

func compareText(op Op, text, with []byte) bool {
	switch op {
	case Contains:
		return bytes.Contains(text, with)
	case StartsWith:
		return bytes.HasPrefix(text, with)
	case EndsWith:
		return bytes.HasSuffix(text, with)
	default:
		return bytes.Equal(text, with)
	}
}

// globMatch reports whether the pieces match the whole text. When a piece does not fit, only the last Any before it is
// tried further on, which suffices; the time is at most the product of both lengths.
func globMatch(p []piece, text []byte) bool {
	i, at := 0, 0
	again, from := -1, 0 // where to go on after a failure: behind the last Any, which takes text up to from
	for {
		switch {
		case i == len(p) && at == len(text):
			return true
		case i < len(p) && p[i].kind == Any:
			i++
			if i == len(p) {
				return true
			}
			again, from = i, at
			continue
		case i < len(p) && p[i].kind == One && at < len(text):
			at += runeLen(text[at:])
			i++
			continue
		case i < len(p) && p[i].kind == Literal && bytes.HasPrefix(text[at:], p[i].text):
			at += len(p[i].text)
			i++
			continue
		}
		if again < 0 || from >= len(text) {
			return false
		}
		from += runeLen(text[from:])
		if p[again].kind == Literal {
			skip := bytes.Index(text[from:], p[again].text)
			if skip < 0 {
				return false
			}
			from += skip
		}
		i, at = again, from
	}
}

func runeLen(b []byte) int {
	if b[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(b)
	return n
}

// parseAddr reads an IP address. An IPv4 address in IPv6 form (::ffff:192.0.2.1) counts as IPv4; a zone is left out.
func parseAddr(b []byte) (netip.Addr, bool) {
	if len(b) < 2 || len(b) > 64 {
		return netip.Addr{}, false
	}
	if a, ok := parseIPv4(b); ok {
		return a, true
	}
	colons := 0
	for _, c := range b { // netip.ParseAddr would make an error for each value that is none
		switch {
		case c == ':':
			colons++
		case c == '%' && colons > 1:
		case colons == 0 && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return netip.Addr{}, false
		}
	}
	if colons < 2 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(unsafe.String(&b[0], len(b))) //nolint:gosec // the text is not kept: one with a zone is refused below
	if err != nil {
		return netip.Addr{}, false
	}
	return a.WithZone("").Unmap(), true
}

func parseIPv4(b []byte) (netip.Addr, bool) {
	var a [4]byte
	part, n, digits := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 3 && (digits == 0 || n > 0): // no leading zeros, which some read as octal
			n = 10*n + int(c-'0')
			digits++
		case c == '.' && digits > 0 && part < 3 && n < 256:
			a[part] = byte(n)
			part, n, digits = part+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if part != 3 || digits == 0 || n > 255 {
		return netip.Addr{}, false
	}
	a[3] = byte(n)
	return netip.AddrFrom4(a), true
}
