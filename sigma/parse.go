package sigma

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Options of parsing.
type parseConfig struct{ placeholders map[string][]string }

// ParseOption changes how rules are parsed.
type ParseOption func(*parseConfig)

// WithPlaceholders gives the values of the placeholders that the modifier expand puts in: name without the percent signs →
// values. A rule that uses another placeholder is rejected (Sigma specification, "Placeholders").
func WithPlaceholders(values map[string][]string) ParseOption {
	return func(c *parseConfig) { c.placeholders = values }
}

const (
	maxDocuments = 10_000  // in one file
	maxNodes     = 200_000 // in one document, aliases counted as often as they are used
	maxYAMLDepth = 64
)

// Parse reads the documents of one rule file: detection rules, correlations and filters. Each document that is no usable
// rule is one *ParseError; the others are returned all the same.
func Parse(file string, data []byte, opts ...ParseOption) ([]*Rule, []error) {
	p := &parser{file: file}
	for _, o := range opts {
		o(&p.config)
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	for n := 0; ; n++ {
		var doc yaml.Node
		err := p.decode(dec, &doc)
		if errors.Is(err, io.EOF) {
			return p.rules, p.errs
		}
		if err != nil {
			p.fail(yamlLine(err), err)
			return p.rules, p.errs
		}
		if n == maxDocuments {
			p.fail(doc.Line, fmt.Errorf("more than %d documents in one file", maxDocuments))
			return p.rules, p.errs
		}
		p.document(&doc)
	}
}

type parser struct {
	file   string
	config parseConfig
	rules  []*Rule
	errs   []error
	global *yaml.Node // of a document with "action: global", which the ones after it are put on top of
}

// decode reads one document. The YAML library reports some malformed input by panicking.
func (p *parser) decode(dec *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not YAML: %v", r)
		}
	}()
	return dec.Decode(doc)
}

// yamlLine takes the line out of a message like "yaml: line 3: …".
func yamlLine(err error) int {
	line := 1
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		fmt.Sscanf(rest, "%d", &line) //nolint:errcheck // the line stays 1
	}
	return line
}

func (p *parser) fail(line int, err error) {
	pe := &ParseError{File: p.file, Line: line, Err: err}
	var at *lineError
	if errors.As(err, &at) {
		pe.Line, pe.Err, pe.Unsupported = at.line, at.err, at.unsupported
	}
	p.errs = append(p.errs, pe)
}

// lineError is an error at a line of the document.
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

func (p *parser) document(doc *yaml.Node) {
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return // an empty document
	}
	nodes := 0
	if err := flatten(root, 0, &nodes, map[*yaml.Node]bool{}); err != nil {
		p.fail(root.Line, err)
		return
	}
	if root.Kind != yaml.MappingNode {
		p.fail(root.Line, errors.New("a rule is a map of keys like title, logsource and detection"))
		return
	}
	switch action := scalar(lookup(root, "action")); action {
	case "global":
		p.global = root
		return
	case "reset":
		p.global = nil
		return
	}
	if p.global != nil {
		root = overlay(p.global, root)
	}
	r, err := p.rule(root)
	if err != nil {
		p.fail(root.Line, err)
		return
	}
	p.rules = append(p.rules, r)
}

// flatten puts the nodes behind aliases in the aliases' places, within bounds, so that nothing after it has to know of
// them.
func flatten(n *yaml.Node, depth int, count *int, open map[*yaml.Node]bool) error {
	if *count++; *count > maxNodes {
		return fmt.Errorf("more than %d values in one document", maxNodes)
	}
	if depth > maxYAMLDepth {
		return errAt(n, "nested deeper than %d", maxYAMLDepth)
	}
	for i, c := range n.Content {
		if c.Kind == yaml.AliasNode {
			c = c.Alias
			n.Content[i] = c
		}
		if open[c] {
			return errAt(n, "an alias refers to what it stands in")
		}
		open[c] = true
		if err := flatten(c, depth+1, count, open); err != nil {
			return err
		}
		delete(open, c)
	}
	return nil
}

// overlay returns the keys of base with those of top in their place. Maps within are put together likewise.
func overlay(base, top *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: top.Line}
	for k, v := range pairs(base) {
		if k.Value == "action" {
			continue
		}
		if t := lookup(top, k.Value); t != nil {
			if t.Kind == yaml.MappingNode && v.Kind == yaml.MappingNode {
				t = overlay(v, t)
			}
			v = t
		}
		out.Content = append(out.Content, k, v)
	}
	for k, v := range pairs(top) {
		if lookup(base, k.Value) == nil {
			out.Content = append(out.Content, k, v)
		}
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

func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// list returns a list of scalars, or a scalar as a list of one.
func list(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		if n.Tag == "!!null" {
			return nil
		}
		return []string{n.Value}
	}
	var out []string
	for _, c := range n.Content {
		if n.Kind == yaml.SequenceNode && c.Kind == yaml.ScalarNode && c.Tag != "!!null" {
			out = append(out, c.Value)
		}
	}
	return out
}

func (p *parser) rule(root *yaml.Node) (*Rule, error) {
	r := &Rule{File: p.file, Line: root.Line}
	seen := map[string]bool{}
	var detection, correlation, filter *yaml.Node
	for k, v := range pairs(root) {
		if seen[k.Value] {
			return nil, errAt(k, "key %q stands twice", k.Value)
		}
		seen[k.Value] = true
		switch k.Value {
		case "detection":
			detection = v
		case "correlation":
			correlation = v
		case "filter":
			filter = v
		default:
			if err := p.attribute(r, k, v); err != nil {
				return nil, err
			}
		}
	}
	if r.Title == "" {
		return nil, errAt(root, "a rule needs a title")
	}
	var err error
	switch {
	case correlation != nil:
		r.Correlation, err = parseCorrelation(correlation, lookup(root, "generate"))
	case filter != nil:
		r.Filter, err = p.filter(filter)
	case detection != nil:
		if lookup(root, "logsource") == nil {
			return nil, errAt(root, "a detection rule needs a logsource")
		}
		r.Detection, err = p.detection(detection)
	default:
		return nil, errAt(root, "a rule needs a detection, a correlation or a filter")
	}
	return r, err
}

// attribute takes one of the keys that describe a rule.
func (p *parser) attribute(r *Rule, k, v *yaml.Node) error {
	texts := map[string]*string{
		"title": &r.Title, "id": &r.ID, "name": &r.Name, "status": &r.Status, "description": &r.Description,
		"license": &r.License, "author": &r.Author, "date": &r.Date, "modified": &r.Modified, "taxonomy": &r.Taxonomy,
	}
	lists := map[string]*[]string{
		"references": &r.References, "falsepositives": &r.FalsePositives, "fields": &r.Fields, "tags": &r.Tags, "scope": &r.Scope,
	}
	if t := texts[k.Value]; t != nil {
		if v.Kind != yaml.ScalarNode {
			return errAt(v, "%s is a text", k.Value)
		}
		*t = scalar(v)
		return nil
	}
	if l := lists[k.Value]; l != nil {
		*l = list(v)
		return nil
	}
	switch k.Value {
	case "level":
		return parseLevel(v, &r.Level)
	case "logsource":
		return parseLogSource(v, &r.LogSource)
	case "related":
		for _, c := range v.Content {
			r.Related = append(r.Related, Related{ID: scalar(lookup(c, "id")), Type: scalar(lookup(c, "type"))})
		}
	case "generate", "action":
	default:
		if r.Custom == nil {
			r.Custom = map[string]yaml.Node{}
		}
		r.Custom[k.Value] = *v
	}
	return nil
}

func parseLevel(n *yaml.Node, into *Level) error {
	if scalar(n) == "" {
		return nil
	}
	for l, name := range levelNames {
		if strings.EqualFold(name, n.Value) {
			*into = Level(l)
			return nil
		}
	}
	return errAt(n, "level %q is none of %s", n.Value, strings.Join(levelNames[:], ", "))
}

func parseLogSource(n *yaml.Node, into *LogSource) error {
	if n.Kind != yaml.MappingNode {
		return errAt(n, "logsource is a map of category, product and service")
	}
	*into = LogSource{
		Category: strings.ToLower(scalar(lookup(n, "category"))), Product: strings.ToLower(scalar(lookup(n, "product"))),
		Service: strings.ToLower(scalar(lookup(n, "service"))), Definition: scalar(lookup(n, "definition")),
	}
	return nil
}

var levelNames = [...]string{"informational", "low", "medium", "high", "critical"} //nolint:gochecknoglobals // a constant table

func (l Level) String() string { return levelNames[l] }
