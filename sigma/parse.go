package sigma

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// Options of parsing.
type parseConfig struct{ placeholders map[string][]string }

// ParseOption changes how rules are parsed.
type ParseOption func(*parseConfig)

// WithPlaceholders gives the values of the placeholders that the modifier expand puts in: name without the percent signs →
// values, which may have wildcards. A rule that uses another placeholder is rejected, as the Sigma specification demands
// ("Placeholders").
func WithPlaceholders(values map[string][]string) ParseOption {
	return func(c *parseConfig) { c.placeholders = values }
}

const (
	maxDocuments = 10_000  // in one file
	maxFile      = 8 << 20 // bytes
)

// Parse reads the documents of one rule file: detection rules, correlations and filters. Each document that is no usable
// rule is one *ParseError; the others are returned all the same. file is only the name that rules and errors carry.
func Parse(file string, data []byte, opts ...ParseOption) ([]*Rule, []error) {
	p := &parser{file: file}
	for _, o := range opts {
		o(&p.config)
	}
	if len(data) > maxFile {
		p.fail(1, fmt.Errorf("larger than %d MiB", maxFile>>20))
		return p.rules, p.errs
	}
	for _, s := range sections(data) {
		if !p.section(s) {
			break
		}
	}
	return p.rules, p.errs
}

type parser struct {
	file      string
	config    parseConfig
	rules     []*Rule
	errs      []error
	documents int
	atoms     int // of the current rule

	global   *yaml.Node // of documents with "action: global", which the ones after them are put on top of
	previous *yaml.Node // the last rule, which one with "action: repeat" is put on top of
}

// section parses one document, or several that are not set apart by "---". It reports whether to go on.
func (p *parser) section(s section) bool {
	dec := yaml.NewDecoder(bytes.NewReader(s.readable()))
	for {
		var doc yaml.Node
		err := p.decode(dec, &doc)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			line, err := splitYAMLError(err)
			p.fail(s.before+line, err)
			return true
		}
		if p.documents++; p.documents > maxDocuments {
			p.fail(s.before+max(doc.Line, 1), fmt.Errorf("more than %d documents in one file", maxDocuments))
			return false
		}
		if s.before > 0 {
			shift(&doc, s.before)
		}
		p.document(&doc)
	}
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

func (p *parser) fail(line int, err error) {
	pe := &ParseError{File: p.file, Line: line, Err: err}
	if at, ok := errors.AsType[*lineError](err); ok {
		pe.Line, pe.Err, pe.Unsupported = at.line, at.err, at.unsupported
	}
	pe.Line = max(pe.Line, 1)
	p.errs = append(p.errs, pe)
}

// document takes one document: a rule, or what the rules after it share (the obsolete "action").
func (p *parser) document(doc *yaml.Node) {
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return // an empty document
	}
	root := doc.Content[0]
	if err := new(flattener).flatten(root); err != nil {
		p.fail(root.Line, err)
		return
	}
	if root.Kind != yaml.MappingNode {
		p.fail(root.Line, errors.New("a rule is a map of keys like title, logsource and detection"))
		return
	}
	root, ok := p.act(root)
	if !ok {
		return
	}
	p.previous = root
	r, err := p.rule(root)
	if err != nil {
		p.fail(root.Line, err)
		return
	}
	p.rules = append(p.rules, r)
}

// act does what the key "action" of a document asks for, and reports whether a rule comes of it. Rules had this key before
// correlations took its place.
func (p *parser) act(root *yaml.Node) (*yaml.Node, bool) {
	action := lookup(root, "action")
	if action == nil && p.global == nil {
		return root, true
	}
	base := p.global
	switch scalar(action) {
	case "reset":
		p.global = nil
		return nil, false
	case "repeat":
		if base = p.previous; base == nil {
			p.fail(root.Line, errors.New("action: repeat has no rule before it"))
			return nil, false
		}
	}
	if base == nil {
		base = &yaml.Node{Kind: yaml.MappingNode}
	}
	root = overlay(base, root)
	if err := new(flattener).flatten(root); err != nil { // two documents may be too large together
		p.fail(root.Line, err)
		return nil, false
	}
	if scalar(action) == "global" {
		p.global = root
		return nil, false
	}
	return root, true
}

// rule reads a document that is a map.
func (p *parser) rule(root *yaml.Node) (*Rule, error) {
	p.atoms = 0
	r := &Rule{File: p.file, Line: root.Line}
	var detection, correlation, filter *yaml.Node
	for k, v := range pairs(root) {
		switch k.Value {
		case "detection":
			detection = v
		case "correlation":
			correlation = v
		case "filter":
			filter = v
		default:
			if err := r.attribute(k, v); err != nil {
				return nil, err
			}
		}
	}
	if r.Title == "" {
		r.Title = r.Name // rules that only feed a correlation often have a name alone
	}
	if r.Title == "" {
		return nil, errAt(root, "a rule needs a title")
	}
	if err := onlyOne(detection, correlation, filter); err != nil {
		return nil, err
	}
	var err error
	switch {
	case correlation != nil:
		r.Correlation, err = parseCorrelation(correlation, lookup(root, "generate"))
	case filter != nil:
		if r.Filter, err = p.filter(filter); err == nil && r.Filter.Any && r.LogSource.empty() {
			err = errAt(filter, "a filter of any rule needs a logsource with a category, product or service")
		}
	case detection != nil:
		if r.LogSource.empty() {
			return nil, errAt(root, "a detection rule needs a logsource with a category, product or service")
		}
		r.Detection, err = p.detection(detection)
	default:
		return nil, errAt(root, "a rule needs a detection, a correlation or a filter")
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func onlyOne(sections ...*yaml.Node) error {
	var first *yaml.Node
	for _, s := range sections {
		if s == nil {
			continue
		}
		if first != nil {
			return errAt(s, "a rule has one of detection, correlation and filter")
		}
		first = s
	}
	return nil
}
