package sigma

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxProduct   = 64  // literals in a set that is made of two
	maxLiterals  = 512 // in a set of required literals
	maxAlso      = 32  // in a second set, whose literals are looked for one by one
	maxLiteral   = 64  // bytes of one
	enough       = 7   // bytes of a literal that hardly stands anywhere by chance
	leastLiteral = 2   // shorter ones are found nearly everywhere
	maxParsed    = 100 // depth of an expression that is looked into
)

// requiredLiterals returns folded literals of which one stands in every text that the expression matches, and where; none if
// it can't tell. In each of these texts stands one of also as well; none if there is no more to tell.
func requiredLiterals(re *regexp.Regexp) (needles, also [][]byte, where anchorage) {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil, nil, anywhere
	}
	parsed = parsed.Simplify()
	l := required(parsed, 0)
	best, second := l.best(), l.also
	if parsed.Op == syntax.OpConcat {
		begin, end := parsed.Sub[0].Op == syntax.OpBeginText, parsed.Sub[len(parsed.Sub)-1].Op == syntax.OpEndText
		switch { // to look at one end is cheaper than to look everywhere
		case end && shortest(l.end()) >= leastSieved:
			best, where = l.end(), atEnd
		case begin && shortest(l.begin()) >= leastSieved:
			best, where = l.begin(), atStart
		}
	}
	if !slices.Equal(best, l.best()) {
		second = l.best()
	}
	if shortest(best) < leastLiteral {
		return nil, nil, anywhere
	}
	if needles = asBytes(best); needles == nil {
		return nil, nil, anywhere
	}
	if shortest(second) > 0 && len(second) <= maxAlso {
		also = asBytes(second)
	}
	return needles, also, where
}

// asBytes returns the literals; nil if one has what also matches bytes that are no UTF-8.
func asBytes(set []string) [][]byte {
	out := make([][]byte, len(set))
	for i, l := range set {
		if strings.ContainsRune(l, utf8.RuneError) {
			return nil
		}
		out[i] = []byte(l)
	}
	return out
}

// literals is what is known of the texts that an expression matches.
type literals struct {
	whole []string // all texts that it can match, folded, where these are known and few
	head  []string // otherwise: every text begins with one of these; none known where empty
	tail  []string // and ends with one of these; likewise
	part  []string // and one of these stands in every text; likewise
	also  []string // and one of these, elsewhere; likewise
}

// begin returns what every text begins with.
func (l literals) begin() []string {
	if l.whole != nil {
		return l.whole
	}
	return l.head
}

// end returns what every text ends with.
func (l literals) end() []string {
	if l.whole != nil {
		return l.whole
	}
	return l.tail
}

func (l literals) best() []string {
	if l.whole != nil && shortest(l.whole) >= shortest(l.part) {
		return l.whole
	}
	return l.part
}

func shortest(set []string) int {
	if len(set) == 0 {
		return 0
	}
	n := len(set[0])
	for _, s := range set {
		n = min(n, len(s))
	}
	return n
}

func required(re *syntax.Regexp, depth int) literals {
	if depth > maxParsed {
		return literals{}
	}
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return literals{whole: []string{""}}
	case syntax.OpLiteral:
		return literals{whole: []string{string(fold(string(re.Rune)))}}
	case syntax.OpCharClass:
		return classLiterals(re.Rune)
	case syntax.OpCapture:
		return required(re.Sub[0], depth+1)
	case syntax.OpPlus:
		return required(re.Sub[0], depth+1).repeated()
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0], depth+1).repeated()
		}
	case syntax.OpQuest:
		if sub := required(re.Sub[0], depth+1); sub.whole != nil && len(sub.whole) < maxLiterals {
			return literals{whole: distinct(append(sub.whole, ""))}
		}
	case syntax.OpConcat:
		return concat(re.Sub, depth)
	case syntax.OpAlternate:
		return alternate(re.Sub, depth)
	default: // any text will do for the others, or none
	}
	return literals{}
}

func classLiterals(ranges []rune) literals {
	const most = 16
	var out []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= most || len(out) > most {
			return literals{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			out = append(out, string(foldRune(r)))
		}
	}
	out = distinct(out)
	if len(out) == 0 || len(out) > most {
		return literals{}
	}
	return literals{whole: out}
}

// repeated returns what is known of one or more texts one behind another.
func (l literals) repeated() literals { return literals{head: l.begin(), part: l.best()} }

func concat(subs []*syntax.Regexp, depth int) literals {
	run := []string{""} // ends of all texts that the operands up to here can match; the whole texts while known
	known := true
	var head []string
	parts := [][]string{nil} // the best for each stretch up to an operand of which not all is known
	offer := func(set []string) {
		if part := &parts[len(parts)-1]; better(set, *part) {
			*part = set
		}
	}
	stop := func() {
		if known {
			head = run
		}
		known = false
		offer(run)
	}
	for _, sub := range subs {
		l := required(sub, depth+1)
		if next := product(run, l.begin()); next != nil {
			run = next
		} else {
			stop()
			run = longer(run, l.begin())
		}
		if l.whole == nil {
			stop()
			offer(l.part)
			run, parts = []string{""}, append(parts, nil)
		}
	}
	if known {
		return literals{whole: run}
	}
	offer(run)
	slices.SortStableFunc(parts, func(a, b []string) int {
		switch {
		case better(a, b):
			return -1
		case better(b, a):
			return 1
		}
		return 0
	})
	return literals{head: head, tail: run, part: parts[0], also: append(parts, nil)[1]}
}

// longer returns the texts of b with the ends of those of a in front, as long as these make few enough texts.
func longer(a, b []string) []string {
	if !isASCII([]byte(strings.Join(a, ""))) { // half a character is no literal
		return b
	}
	best := b
	for n := 1; n <= enough; n++ {
		var ends []string
		for _, x := range a {
			ends = append(ends, x[max(len(x)-n, 0):])
		}
		out := product(distinct(ends), b)
		if out == nil {
			break
		}
		best = out
	}
	return best
}

// better reports whether a set says more than another one: its literals are longer or odder, or it has fewer.
func better(a, b []string) bool {
	if x, y := weight(a), weight(b); x != y {
		return x > y
	}
	return len(a) > 0 && len(a) < len(b)
}

// weight returns the length of the shortest literal, as far as it matters; an odd byte weighs more than others.
func weight(set []string) int {
	const odd = 2
	least := enough
	for _, s := range set {
		n := len(s)
		if oddByte([]byte(s)) >= 0 {
			n += odd
		}
		least = min(least, n)
	}
	if len(set) == 0 {
		return 0
	}
	return least
}

// product returns all texts made of one of a and one of b, nil if these are too many or too long.
func product(a, b []string) []string {
	if len(b) == 0 || len(a)*len(b) > maxProduct {
		return nil
	}
	var out []string
	for _, x := range a {
		for _, y := range b {
			if len(x)+len(y) > maxLiteral {
				return nil
			}
			out = append(out, x+y)
		}
	}
	return distinct(out)
}

func alternate(subs []*syntax.Regexp, depth int) literals {
	var whole, head, part []string
	exact := true
	for _, sub := range subs {
		l := required(sub, depth+1)
		best := l.best()
		if len(best) == 0 {
			return literals{}
		}
		part = append(part, best...)
		head = append(head, l.begin()...) // at least the empty text, where something is known
		if l.whole == nil {
			exact = false
		} else {
			whole = append(whole, l.whole...)
		}
		if len(part) > maxLiterals {
			return literals{}
		}
	}
	if exact {
		return literals{whole: distinct(whole)}
	}
	return literals{head: distinct(head), part: distinct(part)}
}

func distinct(set []string) []string {
	slices.Sort(set)
	return slices.Compact(set)
}
