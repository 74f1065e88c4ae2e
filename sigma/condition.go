package sigma

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// parseCondition reads a condition (Sigma specification, "Condition"). Binding from the loosest: or, and, not, x of,
// brackets. Operators are recognised in any case.
func parseCondition(text string, names []string, selections map[string]Expr) (Expr, error) {
	p := &conditionParser{text: text, tokens: conditionTokens(text), names: names, selections: selections}
	if len(p.tokens) == 0 {
		return nil, fmt.Errorf("the condition is empty")
	}
	if slices.Contains(p.tokens, "|") {
		return nil, errAggregation
	}
	x, err := p.or()
	if err != nil {
		return nil, fmt.Errorf("condition %q: %w", text, err)
	}
	if p.pos < len(p.tokens) {
		return nil, fmt.Errorf("condition %q: unexpected %q", text, p.tokens[p.pos])
	}
	return x, nil
}

var errAggregation = fmt.Errorf("aggregations in a condition (after |) are obsolete; write a correlation rule instead")

type conditionParser struct {
	text       string
	tokens     []string
	pos        int
	depth      int
	names      []string // of the selections, in the order of the rule
	selections map[string]Expr
}

func conditionTokens(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')' || c == '|':
			out = append(out, string(c))
			i++
		default:
			j := i
			for j < len(s) && !strings.ContainsRune(" \t\r\n()|", rune(s[j])) {
				j++
			}
			out = append(out, s[i:j])
			i = j
		}
	}
	return out
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
	var xs Or
	for {
		x, err := p.and()
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
		if !p.accept("or") {
			break
		}
	}
	if len(xs) == 1 {
		return xs[0], nil
	}
	return xs, nil
}

func (p *conditionParser) and() (Expr, error) {
	var xs And
	for {
		x, err := p.not()
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
		if !p.accept("and") {
			break
		}
	}
	if len(xs) == 1 {
		return xs[0], nil
	}
	return xs, nil
}

const maxConditionDepth = 200

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
			return nil, fmt.Errorf("a bracket is not closed")
		}
		return x, nil
	}
	return p.primary()
}

func (p *conditionParser) primary() (Expr, error) {
	word := p.peek()
	if word == "" || word == ")" || strings.EqualFold(word, "and") || strings.EqualFold(word, "or") {
		return nil, fmt.Errorf("a selection is missing%s", before(word))
	}
	p.pos++
	if quantifier := strings.ToLower(word); (quantifier == "1" || quantifier == "any" || quantifier == "all") && p.accept("of") {
		return p.of(quantifier == "all")
	}
	if x, ok := p.selections[word]; ok {
		return x, nil
	}
	return nil, fmt.Errorf("there is no selection %q%s", word, didYouMean(word, p.names))
}

func before(word string) string {
	if word == "" {
		return " at the end"
	}
	return fmt.Sprintf(" before %q", word)
}

// of reads what stands after "1 of" or "all of": them, or a pattern of names. Names that begin with _ are not in them.
func (p *conditionParser) of(all bool) (Expr, error) {
	target := p.peek()
	if target == "" {
		return nil, fmt.Errorf("something is missing after \"of\"")
	}
	p.pos++
	var xs []Expr
	for _, name := range p.names {
		in := false
		if strings.EqualFold(target, "them") {
			in = !strings.HasPrefix(name, "_")
		} else if ok, err := path.Match(strings.ReplaceAll(target, "[", `\[`), name); err == nil {
			in = ok
		}
		if in {
			xs = append(xs, p.selections[name])
		}
	}
	if len(xs) == 0 {
		return nil, fmt.Errorf("no selection is called %q%s", target, didYouMean(strings.Trim(target, "*"), p.names))
	}
	if len(xs) == 1 {
		return xs[0], nil
	}
	if all {
		return And(xs), nil
	}
	return Or(xs), nil
}

// didYouMean names the nearest of some names, if one is near.
func didYouMean(word string, names []string) string {
	best, distance := "", 3
	for _, n := range names {
		if d := editDistance(word, n, distance); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the insertions, deletions and replacements between two words (Levenshtein), up to a bound.
func editDistance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
