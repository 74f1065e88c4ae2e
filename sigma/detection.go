package sigma

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// detection reads the selections and conditions under a rule's detection.
func (p *parser) detection(n *yaml.Node) (*Detection, error) {
	if n.Kind != yaml.MappingNode {
		return nil, errAt(n, "detection is a map of selections and a condition")
	}
	var names []string
	selections := map[string]Expr{}
	var condition *yaml.Node
	for k, v := range pairs(n) {
		switch k.Value {
		case "condition":
			condition = v
			continue
		case "timeframe":
			continue // belongs to the obsolete aggregations, which the condition is refused for
		}
		x, err := p.selection(v)
		if err != nil {
			return nil, err
		}
		names = append(names, k.Value)
		selections[k.Value] = x
	}
	if condition == nil {
		return nil, errAt(n, "the detection has no condition")
	}
	d, err := conditions(condition, names, selections)
	if errors.Is(err, errAggregation) {
		return nil, unsupportedAt(condition, "%w", err)
	}
	return d, err
}

// conditions reads a rule's condition, or a list of them, of which one must hold.
func conditions(n *yaml.Node, names []string, selections map[string]Expr) (*Detection, error) {
	lines, err := texts(n, "the condition")
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errAt(n, "the condition is empty")
	}
	d := &Detection{Conditions: lines}
	var union Or
	atoms := 0
	for i, text := range lines {
		x, err := parseCondition(text, names, selections)
		if err != nil {
			at := n
			if n.Kind == yaml.SequenceNode {
				at = n.Content[i]
			}
			return nil, errAt(at, "%w", err)
		}
		if atoms += countAtoms(x); atoms > maxAtoms {
			return nil, errAt(n, "the conditions come to more than %d tests", maxAtoms)
		}
		union = append(union, x)
	}
	if d.Expr = union; len(union) == 1 {
		d.Expr = union[0]
	}
	return d, nil
}

// selection reads what stands under a search identifier: a map (all items must hold), a list of maps (one must), or
// keywords.
func (p *parser) selection(n *yaml.Node) (Expr, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return p.selectionMap(n)
	case yaml.ScalarNode:
		if isNull(n) {
			return nil, errAt(n, "the selection is empty")
		}
		return p.item("", nil, []*yaml.Node{n}, n)
	case yaml.SequenceNode:
		if len(n.Content) == 0 {
			return nil, errAt(n, "the selection is an empty list, which nothing can match")
		}
		var xs Or
		for _, c := range n.Content {
			x, err := p.selection(c)
			if err != nil {
				return nil, err
			}
			xs = append(xs, x)
		}
		if len(xs) == 1 {
			return xs[0], nil
		}
		return xs, nil
	default:
		return nil, errAt(n, "a selection is a map of fields, or a list")
	}
}

func (p *parser) selectionMap(n *yaml.Node) (Expr, error) {
	if len(n.Content) == 0 {
		return nil, errAt(n, "the selection is an empty map, which everything would match")
	}
	var xs SameElement
	for k, v := range pairs(n) {
		parts := strings.Split(k.Value, "|")
		field := parts[0]
		values := []*yaml.Node{v}
		if v.Kind == yaml.SequenceNode {
			values = v.Content
		}
		if len(values) == 0 {
			return nil, errAt(v, "field %q has an empty list of values, which nothing can match", field)
		}
		x, err := p.item(field, parts[1:], values, k)
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	if len(xs) == 1 {
		return xs[0], nil
	}
	return xs, nil
}
