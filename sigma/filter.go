package sigma

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// filter reads the filter section of a filter document (Sigma filters specification, "Global Filter").
func (p *parser) filter(n *yaml.Node) (*Filter, error) {
	if n.Kind != yaml.MappingNode {
		return nil, errAt(n, "filter is a map of rules, selections and a condition")
	}
	rules := lookup(n, "rules")
	if rules == nil {
		return nil, errAt(n, "a filter needs rules: a list of ids or names, or any")
	}
	f := &Filter{}
	var err error
	if f.Rules, err = texts(rules, "rules"); err != nil {
		return nil, err
	}
	switch {
	case len(f.Rules) == 0:
		return nil, errAt(rules, "a filter needs rules: a list of ids or names, or any")
	case len(f.Rules) == 1 && strings.EqualFold(f.Rules[0], "any"):
		f.Any, f.Rules = true, nil
	}
	f.Detection, err = p.detection(without(n, "rules"))
	if err != nil {
		return nil, err
	}
	return f, nil
}

// without returns a map without one of its keys.
func without(n *yaml.Node, key string) *yaml.Node {
	out := *n
	out.Content = nil
	for k, v := range pairs(n) {
		if k.Value != key {
			out.Content = append(out.Content, k, v)
		}
	}
	return &out
}
