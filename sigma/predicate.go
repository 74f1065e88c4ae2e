package sigma

import (
	"bytes"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fieldMatcher answers for one field which of all the rules' different tests of it a value passes.
type fieldMatcher struct {
	slots []int // one, or several for keywords
	preds []*Atom
	used  []int // how many rules ask for each predicate

	equal    map[string][]int // folded text → predicates
	lengths  uint64           // bit n: some text of equal has n bytes (bit 63: 63 or more)
	literals *automaton
	ends     [][]literalUse // by literal
	numbers  map[float64][]int
	compares []int
	nets     []int
	slow     []int // tests that every value has to be given to
	always   []int // tests that every value passes that is not null
	exists   []int
	nulls    []int

	anchors     bitset  // the predicates that are anchors
	anchorRules [][]int // by predicate
}

// literalUse is a predicate that a literal is part of.
type literalUse struct {
	pred int
	op   Op // Contains, StartsWith, EndsWith; anything else: the whole test is to be made
}

// build indexes the predicates.
func (f *fieldMatcher) build() {
	f.equal, f.numbers = map[string][]int{}, map[float64][]int{}
	f.anchors = newBitset(len(f.preds))
	f.anchorRules = make([][]int, len(f.preds))
	var lits uniqueLiterals
	addLiteral := func(text string, pred int, op Op) {
		id := lits.id(foldString(text))
		for len(f.ends) <= id {
			f.ends = append(f.ends, nil)
		}
		f.ends[id] = append(f.ends[id], literalUse{pred, op})
	}
	for i, a := range f.preds {
		switch a.Op {
		case Equal:
			f.addEqual(a.Text, i)
		case NumberEqual:
			f.addEqual(a.Text, i)
			f.numbers[a.Number] = append(f.numbers[a.Number], i)
		case Contains, StartsWith, EndsWith:
			addLiteral(a.Text, i, a.Op)
		case Glob:
			if len(a.Glob) == 1 && a.Glob[0].Kind == Any {
				f.always = append(f.always, i)
			} else if lit := longestLiteral(a.Glob); lit != "" {
				addLiteral(lit, i, Glob)
			} else {
				f.slow = append(f.slow, i)
			}
		case Regexp:
			if required := requiredLiterals(a.Regexp); len(required) > 0 {
				for _, lit := range required {
					addLiteral(lit, i, Regexp)
				}
			} else {
				f.slow = append(f.slow, i)
			}
		case Less, LessEqual, Greater, GreaterEqual:
			f.compares = append(f.compares, i)
		case CIDR:
			f.nets = append(f.nets, i)
		case IsNull:
			f.nulls = append(f.nulls, i)
		case Exists:
			f.exists = append(f.exists, i)
		default:
			f.slow = append(f.slow, i)
		}
	}
	if len(lits.list) > 0 {
		f.literals = newAutomaton(lits.list)
	}
}

func (f *fieldMatcher) addEqual(text string, pred int) {
	key := foldString(text)
	f.equal[key] = append(f.equal[key], pred)
	f.lengths |= 1 << min(len(key), 63)
}

// plainTests reports whether the field is only asked whether it is there.
func (f *fieldMatcher) plainTests() bool {
	return len(f.exists)+len(f.nulls) == len(f.preds)
}

// value sets the bits of the predicates that a value passes.
func (f *fieldMatcher) value(text []byte, out bitset, scratch *[]byte) {
	for _, i := range f.always {
		out.set(i)
	}
	folded := text
	plain := ascii(text)
	if !plain {
		*scratch = fold((*scratch)[:0], text)
		folded = *scratch
	}
	if f.lengths&(1<<min(len(folded), 63)) != 0 {
		if plain {
			*scratch = fold((*scratch)[:0], text)
			folded = *scratch
		}
		for _, i := range f.equal[string(folded)] {
			if a := f.preds[i]; !a.Cased || a.Text == string(text) {
				out.set(i)
			}
		}
	}
	if f.literals != nil {
		f.scan(text, folded, out)
	}
	if len(f.numbers) > 0 || len(f.compares) > 0 {
		f.number(text, out)
	}
	if len(f.nets) > 0 {
		if addr, ok := parseAddr(text); ok {
			for _, i := range f.nets {
				if f.preds[i].Net.Contains(addr) {
					out.set(i)
				}
			}
		}
	}
	for _, i := range f.slow {
		if f.preds[i].passes(text) {
			out.set(i)
		}
	}
}

// scan finds the literals in a value.
func (f *fieldMatcher) scan(text, folded []byte, out bitset) {
	a := f.literals
	state, k := uint32(0), uint32(a.classes)
	for i, b := range folded {
		n := a.next[state+uint32(a.class[b])]
		if n&hitBit != 0 {
			n &^= hitBit
			for _, lit := range a.outputs[a.outputAt[n/k]] {
				f.literal(lit, i+1, text, folded, out)
			}
		}
		state = n
	}
}

// literal takes note of a literal that ends at folded[:end].
func (f *fieldMatcher) literal(lit uint32, end int, text, folded []byte, out bitset) {
	start := end - f.literals.lengths[lit]
	for _, u := range f.ends[lit] {
		if out.has(u.pred) {
			continue
		}
		a := f.preds[u.pred]
		switch {
		case u.op == StartsWith && start != 0, u.op == EndsWith && end != len(folded):
			continue
		case a.Cased || u.op == Glob || u.op == Regexp:
			if !a.passes(text) {
				continue
			}
		}
		out.set(u.pred)
	}
}

func (f *fieldMatcher) number(text []byte, out bitset) {
	n, ok := parseNumber(text)
	if !ok {
		return
	}
	for _, i := range f.numbers[n] {
		out.set(i)
	}
	for _, i := range f.compares {
		if compare(f.preds[i].Op, n, f.preds[i].Number) {
			out.set(i)
		}
	}
}

func compare(op Op, n, bound float64) bool {
	switch op {
	case Less:
		return n < bound
	case LessEqual:
		return n <= bound
	case Greater:
		return n > bound
	case GreaterEqual:
		return n >= bound
	default:
		return n == bound
	}
}

// parseNumber reads a decimal number.
func parseNumber(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 32 || (b[0] < '0' || b[0] > '9') && b[0] != '-' && b[0] != '+' && b[0] != '.' {
		return 0, false
	}
	whole, ok := int64(0), len(b) <= 15
	for _, c := range b {
		if c < '0' || c > '9' {
			ok = false
			break
		}
		whole = whole*10 + int64(c-'0')
	}
	if ok {
		return float64(whole), true
	}
	for _, c := range b { // neither 0x1p4 nor Inf nor 1_000 is a number in a log
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(string(b), 64)
	return n, err == nil
}

// parseAddr reads an IP address. A v4 address written as v6 (::ffff:192.0.2.1) is taken for the v4 one.
func parseAddr(b []byte) (netip.Addr, bool) {
	if len(b) < 2 || len(b) > 64 {
		return netip.Addr{}, false
	}
	if addr, ok := parseIPv4(b); ok {
		return addr, true
	}
	if bytes.IndexByte(b, ':') < 0 {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(string(b))
	return addr.Unmap().WithZone(""), err == nil
}

func parseIPv4(b []byte) (netip.Addr, bool) {
	var a [4]byte
	part, value, digits := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 3:
			value = value*10 + int(c-'0')
			digits++
		case c == '.' && digits > 0 && part < 3 && value < 256:
			a[part] = byte(value)
			part, value, digits = part+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if part != 3 || digits == 0 || value > 255 {
		return netip.Addr{}, false
	}
	a[3] = byte(value)
	return netip.AddrFrom4(a), true
}

// passes makes a test of a text by itself, without the field's index.
func (a *Atom) passes(text []byte) bool {
	switch a.Op {
	case Regexp:
		return a.Regexp.Match(text)
	case Glob:
		if a.Cased {
			return globMatch(a.Glob, string(text))
		}
		return globMatch(foldPieces(a.Glob), foldString(string(text)))
	case TimePartEqual:
		return timePart(a, text)
	case Equal:
		return a.Text == string(text)
	case Contains:
		return bytes.Contains(text, []byte(a.Text))
	case StartsWith:
		return bytes.HasPrefix(text, []byte(a.Text))
	case EndsWith:
		return bytes.HasSuffix(text, []byte(a.Text))
	}
	return false
}

func foldPieces(p []Piece) []Piece {
	out := slices.Clone(p)
	for i := range out {
		out[i].Text = foldString(out[i].Text)
	}
	return out
}

// globMatch reports whether the pieces match the whole text. After a failure only the last Any is tried further on, which
// is enough, so the time is at most the product of the two lengths.
func globMatch(p []Piece, s string) bool {
	i, at := 0, 0
	retry, retryAt := -1, 0
	for i < len(p) || at < len(s) {
		if i < len(p) {
			switch pc := p[i]; pc.Kind {
			case Any:
				retry, retryAt = i, at
				i++
				continue
			case One:
				if at < len(s) {
					_, n := utf8.DecodeRuneInString(s[at:])
					at += n
					i++
					continue
				}
			case Literal:
				if strings.HasPrefix(s[at:], pc.Text) {
					at += len(pc.Text)
					i++
					continue
				}
			}
		}
		if retry < 0 || retryAt >= len(s) {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[retryAt:])
		retryAt += n
		i, at = retry+1, retryAt
	}
	return true
}

func longestLiteral(p []Piece) string {
	best := ""
	for _, pc := range p {
		if pc.Kind == Literal && len(pc.Text) > len(best) {
			best = pc.Text
		}
	}
	return best
}

// requiredLiterals returns literals of which one stands (in some case) in every text that the expression matches; none if
// it can't tell.
func requiredLiterals(re *regexp.Regexp) []string {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	lits := required(parsed.Simplify(), 0)
	for _, l := range lits {
		if len(l) < 2 {
			return nil
		}
	}
	if len(lits) > 64 {
		return nil
	}
	return lits
}

func required(re *syntax.Regexp, depth int) []string {
	if depth > 100 {
		return nil
	}
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0], depth+1)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0], depth+1)
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if lits := required(sub, depth+1); better(lits, best) {
				best = lits
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			lits := required(sub, depth+1)
			if len(lits) == 0 {
				return nil
			}
			all = append(all, lits...)
		}
		return all
	}
	return nil
}

// better reports whether a set of required literals says more than another: its shortest is longer.
func better(a, b []string) bool {
	shortest := func(s []string) int {
		n := 0
		for i, l := range s {
			if i == 0 || len(l) < n {
				n = len(l)
			}
		}
		return n
	}
	return len(a) > 0 && (len(b) == 0 || shortest(a) > shortest(b))
}
