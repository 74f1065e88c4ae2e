package sigma

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineError is an error at a line of the file.
type lineError struct {
	line        int
	err         error
	unsupported bool
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

func errAt(n *yaml.Node, format string, args ...any) error {
	return &lineError{line: n.Line, err: fmt.Errorf(format, args...)}
}

func unsupportedAt(n *yaml.Node, format string, args ...any) error {
	return &lineError{line: n.Line, err: fmt.Errorf(format, args...), unsupported: true}
}

// section is the text of one document of a file and how many lines stand before it.
type section struct {
	text   []byte
	before int
}

// sections cuts a file at the lines that begin a document ("---"), so that a document that is no YAML does not take those
// after it along. No value can contain such a line (YAML 1.2.2, section 9.1.2).
func sections(data []byte) []section {
	var out []section
	start, startLine := 0, 0
	for at, line := 0, 0; at < len(data); line++ {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if text := data[at:end]; at > start && beginsDocument(text) && !preamble(data[start:at]) {
			out = append(out, section{data[start:at], startLine})
			start, startLine = at, line
		}
		at = end
	}
	return append(out, section{data[start:], startLine})
}

func beginsDocument(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

// preamble reports whether there is nothing but directives and comments, which belong to the document after them.
func preamble(text []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// readable turns a version directive (%YAML 1.2), which the YAML library refuses, into a comment.
func (s section) readable() []byte {
	at := bytes.Index(s.text, []byte("%YAML"))
	if at < 0 || !preamble(s.text[:at]) || at > 0 && s.text[at-1] != '\n' {
		return s.text
	}
	text := bytes.Clone(s.text)
	text[at] = '#'
	return text
}

// splitYAMLError takes the line out of an error like "yaml: line 3: did not find expected key".
func splitYAMLError(err error) (line int, rest error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if number, after, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok && strings.HasPrefix(text, "line ") {
		if n, err := strconv.Atoi(number); err == nil {
			return max(n, 1), fmt.Errorf("not YAML: %s", after)
		}
	}
	return 1, fmt.Errorf("not YAML: %s", strings.TrimPrefix(text, "not YAML: "))
}

// shift adds to the lines of a document those before it in the file.
func shift(n *yaml.Node, lines int) {
	n.Line += lines
	for _, c := range n.Content {
		shift(c, lines)
	}
}

const (
	maxNodes     = 200_000 // in one document, aliases counted as often as they are used
	maxYAMLDepth = 64
)

// flattener makes a document plain: the nodes behind aliases and merge keys are put in their places, within bounds, and
// every map has texts for keys, each once. Nothing after it has to know of these.
type flattener struct {
	nodes int
	open  []*yaml.Node // the nodes around the current one
}

func (f *flattener) flatten(n *yaml.Node) error {
	if f.nodes++; f.nodes > maxNodes {
		return fmt.Errorf("more than %d values in one document", maxNodes)
	}
	if len(f.open) > maxYAMLDepth {
		return errAt(n, "nested deeper than %d", maxYAMLDepth)
	}
	if slices.Contains(f.open, n) {
		return errAt(n, "an alias refers to what it stands in")
	}
	f.open = append(f.open, n)
	defer func() { f.open = f.open[:len(f.open)-1] }()
	for i, c := range n.Content {
		if c.Kind == yaml.AliasNode {
			c = c.Alias
			n.Content[i] = c
		}
		if err := f.flatten(c); err != nil {
			return err
		}
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	if err := f.merge(n); err != nil {
		return err
	}
	return uniqueKeys(n)
}

// merge puts the keys of a map's merge key ("<<") into the map, where they are not there already (YAML 1.1, "Merge Key").
func (f *flattener) merge(n *yaml.Node) error {
	at := 0
	for at < len(n.Content) && n.Content[at].Tag != "!!merge" {
		at += 2
	}
	if at >= len(n.Content) {
		return nil
	}
	sources := []*yaml.Node{n.Content[at+1]}
	if sources[0].Kind == yaml.SequenceNode {
		sources = sources[0].Content
	}
	n.Content = append(append([]*yaml.Node{}, n.Content[:at]...), n.Content[at+2:]...)
	have := keys(n)
	for _, s := range sources {
		if s.Kind != yaml.MappingNode {
			return errAt(s, "a merge key (<<) takes a map")
		}
		for k, v := range pairs(s) {
			if have[k.Value] == nil {
				have[k.Value] = v
				n.Content = append(n.Content, k, v)
			}
		}
		if f.nodes += len(s.Content); f.nodes > maxNodes {
			return fmt.Errorf("more than %d values in one document", maxNodes)
		}
	}
	return nil
}

func uniqueKeys(n *yaml.Node) error {
	const few = 16
	var seen map[string]bool
	if len(n.Content) > 2*few {
		seen = make(map[string]bool, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || k.Tag == "!!null" {
			return errAt(k, "a key is a text")
		}
		again := seen[k.Value]
		if seen != nil {
			seen[k.Value] = true
		} else {
			for j := 0; j < i; j += 2 {
				again = again || n.Content[j].Value == k.Value
			}
		}
		if again {
			return errAt(k, "key %q stands twice in one map, where only one of them would count", k.Value)
		}
	}
	return nil
}

// overlay returns the keys of base with those of top in their place. Maps within are put together likewise. The key
// "action", which is about the document and not about the rule, is left out.
func overlay(base, top *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: top.Line}
	over := keys(top)
	for k, v := range pairs(base) {
		if t := over[k.Value]; t != nil {
			delete(over, k.Value)
			if t.Kind == yaml.MappingNode && v.Kind == yaml.MappingNode {
				t = overlay(v, t)
			}
			v = t
		}
		out.Content = append(out.Content, k, v)
	}
	for k, v := range pairs(top) {
		if over[k.Value] != nil && k.Value != "action" {
			out.Content = append(out.Content, k, v)
		}
	}
	return out
}

// keys returns the values of a map by their keys.
func keys(n *yaml.Node) map[string]*yaml.Node {
	out := make(map[string]*yaml.Node, len(n.Content)/2)
	for k, v := range pairs(n) {
		out[k.Value] = v
	}
	return out
}

// pairs yields the keys and values of a map.
func pairs(n *yaml.Node) func(func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// lookup returns the value under a key of a map, nil if there is none.
func lookup(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for k, v := range pairs(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// scalar returns the text of a scalar, empty for null and for what is no scalar.
func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// list returns the texts of a list, or a scalar as a list of one. What is no text is left out.
func list(n *yaml.Node) []string {
	switch {
	case n == nil || isNull(n):
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}
	case n.Kind != yaml.SequenceNode:
		return nil
	}
	var out []string
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode && !isNull(c) {
			out = append(out, c.Value)
		}
	}
	return out
}

// texts is list for what a rule's logic depends on: it refuses what is no text, and empty ones.
func texts(n *yaml.Node, what string) ([]string, error) {
	out := list(n)
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode && len(out) != len(n.Content) {
		return nil, errAt(n, "%s is a text or a list of texts", what)
	}
	for _, s := range out {
		if strings.TrimSpace(s) == "" {
			return nil, errAt(n, "%s has an empty text", what)
		}
	}
	return out, nil
}

// boolean reads true or false, also in the words that YAML 1.1 had for them.
func boolean(n *yaml.Node) (bool, error) {
	if n.Kind == yaml.ScalarNode {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on":
			return true, nil
		case "false", "no", "off":
			return false, nil
		}
	}
	return false, errors.New("true or false is expected")
}
