package rulebook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// Placeholders are what the modifier expand puts in for %name%: name → values, of which one must match.
type Placeholders map[string][]string

// Add reads a YAML file of placeholders: a map of names to a value or a list of values, which may have wildcards. A name that
// other files have as well has the values of all.
func (p Placeholders) Add(data []byte) error {
	var file map[string]yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("not a map of names to values: %w", err)
	}
	for name, node := range file {
		values, err := scalars(&node)
		if err != nil {
			return fmt.Errorf("line %d: placeholder %q: %w", node.Line, name, err)
		}
		name = strings.Trim(name, "%")
		p[name] = append(p[name], values...)
	}
	return nil
}

var errValues = errors.New("a value or a list of values is expected")

func scalars(n *yaml.Node) ([]string, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var out []string
	for _, v := range nodes {
		if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
			return nil, errValues
		}
		out = append(out, v.Value)
	}
	if len(out) == 0 {
		return nil, errValues
	}
	return out, nil
}

// Wanted returns the placeholders that rules were rejected for, each once, in the order of the rules.
func (b *Book) Wanted() []string {
	var names []string
	seen := map[string]bool{}
	for _, err := range b.Unsupported {
		var p *sigma.PlaceholderError
		if errors.As(err, &p) && !seen[p.Name] {
			seen[p.Name] = true
			names = append(names, p.Name)
		}
	}
	return names
}
