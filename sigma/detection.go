package sigma

import (
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
		if selections[k.Value] != nil {
			return nil, errAt(k, "selection %q stands twice", k.Value)
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
	d := &Detection{Conditions: list(condition)}
	var any Or
	for _, text := range d.Conditions {
		x, err := parseCondition(text, names, selections)
		if err == errAggregation { //nolint:errorlint // it is returned as it is
			return nil, unsupportedAt(condition, "%w", err)
		}
		if err != nil {
			return nil, errAt(condition, "%w", err)
		}
		any = append(any, x)
	}
	switch len(any) {
	case 0:
		return nil, errAt(condition, "the condition is empty")
	case 1:
		d.Expr = any[0]
	default:
		d.Expr = any
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
	}
	return nil, errAt(n, "a selection is a map of fields, or a list")
}

func (p *parser) selectionMap(n *yaml.Node) (Expr, error) {
	if len(n.Content) == 0 {
		return nil, errAt(n, "the selection is an empty map, which everything would match")
	}
	var xs SameElement
	for k, v := range pairs(n) {
		field, mods, _ := strings.Cut(k.Value, "|")
		var modifiers []string
		if mods != "" {
			modifiers = strings.Split(mods, "|")
		}
		values := []*yaml.Node{v}
		if v.Kind == yaml.SequenceNode {
			values = v.Content
		}
		if len(values) == 0 {
			return nil, errAt(v, "field %q has an empty list of values, which nothing can match", field)
		}
		x, err := p.item(field, modifiers, values, k)
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

// filter reads a filter document (Sigma filters specification).
func (p *parser) filter(n *yaml.Node) (*Filter, error) {
	if n.Kind != yaml.MappingNode {
		return nil, errAt(n, "filter is a map of rules, selections and a condition")
	}
	f := &Filter{}
	rules := lookup(n, "rules")
	f.Rules = list(rules)
	if rules == nil || len(f.Rules) == 0 || len(f.Rules) == 1 && strings.EqualFold(f.Rules[0], "any") {
		f.Any, f.Rules = true, nil
	}
	rest := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
	for k, v := range pairs(n) {
		if k.Value != "rules" {
			rest.Content = append(rest.Content, k, v)
		}
	}
	var err error
	f.Detection, err = p.detection(rest)
	return f, err
}
