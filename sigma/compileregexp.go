package sigma

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxLiterals  = 64  // in a set of required literals
	maxLiteral   = 64  // bytes of one
	leastLiteral = 2   // shorter ones are found nearly everywhere
	maxParsed    = 100 // depth of an expression that is looked into
)

// requiredLiterals returns folded literals of which one stands in every text that the expression matches; none if it can't
// tell.
func requiredLiterals(re *regexp.Regexp) [][]byte {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	best := required(parsed.Simplify(), 0).best()
	if shortest(best) < leastLiteral {
		return nil
	}
	var out [][]byte
	for _, l := range best {
		if strings.ContainsRune(l, utf8.RuneError) { // which also matches bytes that are no UTF-8
			return nil
		}
		out = append(out, []byte(l))
	}
	return out
}

// literals is what is known of the texts that an expression matches.
type literals struct {
	whole []string // all texts that it can match, folded, where these are known and few
	part  []string // otherwise: one of these stands in every text; none known where empty
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
		return literals{part: required(re.Sub[0], depth+1).best()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals{part: required(re.Sub[0], depth+1).best()}
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

func concat(subs []*syntax.Regexp, depth int) literals {
	run := []string{""} // all texts that the operands since the last unknown one can match together
	var part []string
	known := true
	offer := func(set []string) {
		if len(set) > 0 && better(set, part) {
			part = set
		}
	}
	for _, sub := range subs {
		l := required(sub, depth+1)
		if l.whole == nil {
			offer(run)
			offer(l.part)
			run, known = []string{""}, false
			continue
		}
		if next := product(run, l.whole); next != nil {
			run = next
			continue
		}
		offer(run)
		run, known = l.whole, false
	}
	if known {
		return literals{whole: run}
	}
	offer(run)
	return literals{part: part}
}

// better reports whether a set says more than another one: its shortest literal is longer, or it has fewer of that length.
func better(a, b []string) bool {
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

// product returns all texts made of one of a and one of b, nil if these are too many or too long.
func product(a, b []string) []string {
	if len(a)*len(b) > maxLiterals {
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
	var whole, part []string
	exact := true
	for _, sub := range subs {
		l := required(sub, depth+1)
		best := l.best()
		if len(best) == 0 {
			return literals{}
		}
		part = append(part, best...)
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
	return literals{part: distinct(part)}
}

func distinct(set []string) []string {
	slices.Sort(set)
	return slices.Compact(set)
}
