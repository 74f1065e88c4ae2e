package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxDocument = 1 << 20 // bytes; the largest that AWS stores anywhere has 32 KiB
	maxDepth    = 8       // a policy has 6
)

// node is a JSON value and where it begins.
type node struct {
	kind    byte // '{', '[', '"', '0', 't' (either boolean) or 'n'
	text    string
	items   []node
	members []member
	at      int
}

type member struct {
	name  string
	at    int
	value node
}

// reader reads JSON with the places of its values.
type reader struct {
	data []byte
	dec  *json.Decoder
}

// readJSON reads the JSON value that a document is. Places of syntax errors are those that json.Unmarshal tells: a Decoder counts them
// otherwise from token to token.
func readJSON(data []byte) (node, error) {
	r := &reader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	switch {
	case len(data) > maxDocument:
		return node{}, r.errorf(0, "the document has more than %d bytes", maxDocument)
	case !utf8.Valid(data):
		return node{}, r.errorf(0, "the document is not UTF-8")
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &json.RawMessage{}); errors.As(err, &syntax) {
		if syntax.Error() == "unexpected end of JSON input" {
			return node{}, r.errorf(len(data), "the document is no JSON: it ends too early")
		}
		return node{}, r.errorf(int(syntax.Offset)-1, "the document is no JSON: %w", syntax)
	}
	return r.value(0)
}

// next is where the next token begins.
func (r *reader) next() int {
	at := int(r.dec.InputOffset())
	for at < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	return at
}

func (r *reader) token() (json.Token, int, error) {
	at := r.next()
	t, err := r.dec.Token()
	if err != nil { // it was found to be JSON
		err = r.errorf(at, "read the document: %w", err)
	}
	return t, at, err
}

func (r *reader) value(depth int) (node, error) {
	t, at, err := r.token()
	if err != nil {
		return node{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth == maxDepth {
			return node{}, r.errorf(at, "values are nested more than %d deep", maxDepth)
		}
		if t == '{' {
			return r.object(at, depth)
		}
		return r.array(at, depth)
	case string:
		return node{kind: '"', text: t, at: at}, nil
	case json.Number:
		return node{kind: '0', text: t.String(), at: at}, nil
	case bool:
		return node{kind: 't', text: strconv.FormatBool(t), at: at}, nil
	}
	return node{kind: 'n', at: at}, nil
}

func (r *reader) array(at, depth int) (node, error) {
	n := node{kind: '[', at: at}
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	_, _, err := r.token() // the bracket
	return n, err
}

func (r *reader) object(at, depth int) (node, error) {
	n := node{kind: '{', at: at}
	seen := map[string]bool{}
	for r.dec.More() {
		t, at, err := r.token()
		if err != nil {
			return n, err
		}
		name, _ := t.(string) // the decoder takes nothing else
		if seen[name] {
			return n, r.errorf(at, "%q stands twice", name)
		}
		seen[name] = true
		v, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.members = append(n.members, member{name, at, v})
	}
	_, _, err := r.token() // the bracket
	return n, err
}

func (r *reader) errorf(at int, format string, args ...any) error {
	return &ParseError{Pos: position(r.data, at), Err: fmt.Errorf(format, args...)}
}

func position(data []byte, at int) Position {
	at = min(max(at, 0), len(data))
	before := data[:at]
	return Position{Line: 1 + bytes.Count(before, []byte{'\n'}), Column: at - bytes.LastIndexByte(before, '\n')}
}

// ParseError is what is wrong with a document, and where.
type ParseError struct {
	Pos Position
	Err error
	// AWS is the message with which IAM refuses such a policy (MalformedPolicyDocument), where it is known.
	AWS string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%d:%d: %v", e.Pos.Line, e.Pos.Column, e.Err) }

func (e *ParseError) Unwrap() error { return e.Err }
