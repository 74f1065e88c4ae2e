package sigma

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	maxConditionDepth = 200
	// maxAtoms bounds the tests of one rule, a selection counted as often as its conditions use it.
	maxAtoms = 100_000
)

var errAggregation = errors.New("aggregations in a condition (after |) are obsolete; write a correlation rule instead")

// parseCondition reads a condition (Sigma rules specification, "Condition"). Binding from the loosest: or, and, not, x of,
// brackets. Operators are recognised in any case.
func parseCondition(text string, names []string, selections map[string]Expr) (Expr, error) {
	return (&conditionParser{noun: "selection", names: names, selections: selections}).parse(text)
}

func (p *conditionParser) parse(text string) (Expr, error) {
	p.tokens = conditionTokens(text)
	if len(p.tokens) == 0 {
		return nil, errors.New("the condition is empty")
	}
	if slices.Contains(p.tokens, "|") {
		return nil, errAggregation
	}
	x, err := p.or()
	if err == nil && p.pos < len(p.tokens) {
		err = fmt.Errorf("unexpected %q", p.peek())
		if p.peek() != ")" {
			err = fmt.Errorf("and, or or the end is expected before %q", p.peek())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("condition %q: %w", shorten(text), err)
	}
	return x, nil
}

// shorten keeps messages readable where a rule is not.
func shorten(text string) string {
	const most = 200
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

type conditionParser struct {
	tokens     []string
	pos        int
	depth      int
	noun       string   // what the names are of
	names      []string // in the order of the rule
	selections map[string]Expr
	atoms      int
	sizes      map[string]int // atoms of the selections that were used
}

func conditionTokens(s string) []string {
	s = strings.NewReplacer("(", " ( ", ")", " ) ", "|", " | ").Replace(s)
	return strings.Fields(s)
}

func (p *conditionParser) peek() string {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return ""
}

func (p *conditionParser) accept(word string) bool {
	if strings.EqualFold(p.peek(), word) {
		p.pos++
		return true
	}
	return false
}

func (p *conditionParser) or() (Expr, error) {
	xs, err := p.operands("or", p.and)
	if len(xs) == 1 || err != nil {
		return first(xs), err
	}
	return Or(xs), nil
}

func (p *conditionParser) and() (Expr, error) {
	xs, err := p.operands("and", p.not)
	if len(xs) == 1 || err != nil {
		return first(xs), err
	}
	return And(xs), nil
}

func first(xs []Expr) Expr {
	if len(xs) == 0 {
		return nil
	}
	return xs[0]
}

// operands reads what stands between operators of one kind.
func (p *conditionParser) operands(operator string, operand func() (Expr, error)) ([]Expr, error) {
	var xs []Expr
	for {
		x, err := operand()
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
		if !p.accept(operator) {
			return xs, nil
		}
	}
}

func (p *conditionParser) not() (Expr, error) {
	if p.depth++; p.depth > maxConditionDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxConditionDepth)
	}
	defer func() { p.depth-- }()
	if p.accept("not") {
		x, err := p.not()
		if err != nil {
			return nil, err
		}
		return Not{x}, nil
	}
	if p.accept("(") {
		x, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.accept(")") {
			return nil, errors.New("a bracket is not closed")
		}
		return x, nil
	}
	return p.primary()
}

func (p *conditionParser) primary() (Expr, error) {
	word := p.peek()
	switch strings.ToLower(word) {
	case "":
		return nil, fmt.Errorf("a %s is missing at the end", p.noun)
	case ")", "and", "or":
		return nil, fmt.Errorf("a %s is missing before %q", p.noun, word)
	}
	p.pos++
	if p.accept("of") {
		switch strings.ToLower(word) {
		case "1", "any":
			return p.of(false)
		case "all":
			return p.of(true)
		}
		return nil, fmt.Errorf("there is no \"%s of\", only \"1 of\", \"any of\" and \"all of\"", word)
	}
	return p.selection(word)
}

func (p *conditionParser) selection(name string) (Expr, error) {
	x, ok := p.selections[name]
	if !ok {
		return nil, fmt.Errorf("there is no %s %q%s", p.noun, name, didYouMean(name, p.names))
	}
	n, ok := p.sizes[name]
	if !ok {
		n = countAtoms(x)
		if p.sizes == nil {
			p.sizes = map[string]int{}
		}
		p.sizes[name] = n
	}
	if p.atoms += n; p.atoms > maxAtoms {
		return nil, fmt.Errorf("it comes to more than %d tests", maxAtoms)
	}
	return x, nil
}

func countAtoms(e Expr) int {
	n := 1
	for x := range operandsOf(e) {
		n += countAtoms(x)
	}
	return n
}

// of reads what stands after "1 of" or "all of": them, or a pattern of names. Names that begin with _ are not in them, and
// in a pattern only if it begins so itself.
func (p *conditionParser) of(all bool) (Expr, error) {
	target := p.peek()
	pattern := target
	if pattern == "" || pattern == ")" || pattern == "(" {
		return nil, fmt.Errorf("them or a pattern of %ss is missing after \"of\"", p.noun)
	}
	p.pos++
	if strings.EqualFold(pattern, "them") {
		pattern = "*"
	}
	var xs []Expr
	for _, name := range p.names {
		if !matchesName(pattern, name) || name[:min(1, len(name))] == "_" && pattern[0] != '_' {
			continue
		}
		x, err := p.selection(name)
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	switch {
	case len(xs) == 0:
		return nil, fmt.Errorf("no %s is meant by %q%s", p.noun, target, didYouMean(strings.Trim(target, "*"), p.names))
	case len(xs) == 1:
		return xs[0], nil
	case all:
		return And(xs), nil
	}
	return Or(xs), nil
}

// matchesName matches a name with a pattern in which * stands for any number of characters.
func matchesName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}
