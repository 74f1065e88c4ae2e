package iam

import (
	"fmt"
	"strings"
)

// Parse reads a policy of any kind. See Policy.Check for what a kind asks for. The error is a *ParseError.
func Parse(document []byte) (*Policy, error) {
	root, err := readJSON(document)
	if err != nil {
		return nil, err
	}
	p := &parser{data: document}
	return p.policy(root)
}

type parser struct{ data []byte }

// What IAM says of policies that it refuses.
const (
	awsSyntax    = "Syntax errors in policy."
	awsVersion   = "The policy must contain a valid version string."
	awsActions   = "Policy statement must contain actions."
	awsResources = "Policy statement must contain resources."
	awsPrincipal = "Invalid principal in policy."
)

func (p *parser) errorf(at int, aws, format string, args ...any) error {
	return &ParseError{Pos: position(p.data, at), Err: fmt.Errorf(format, args...), AWS: aws}
}

// members calls the function that is there for each member of an object, by its name in any case.
func (p *parser) members(n node, what string, by map[string]func(node) error) error {
	if n.kind != '{' {
		return p.errorf(n.at, awsSyntax, "%s is no object", what)
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		name := strings.ToLower(m.name)
		read := by[name]
		switch {
		case read == nil:
			return p.errorf(m.at, awsSyntax, "%s has an element %q, which there is not", what, m.name)
		case seen[name]:
			return p.errorf(m.at, awsSyntax, "%s has %q twice", what, m.name)
		}
		seen[name] = true
		if err := read(m.value); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) policy(n node) (*Policy, error) {
	out := &Policy{}
	found := false
	err := p.members(n, "the policy", map[string]func(node) error{
		"version": func(v node) error {
			if v.kind != '"' || v.text != "2012-10-17" && v.text != "2008-10-17" {
				return p.errorf(v.at, awsVersion, "Version is neither 2012-10-17 nor 2008-10-17")
			}
			out.Version = v.text
			return nil
		},
		"id": func(v node) error { return p.text(v, "Id", &out.ID) },
		"statement": func(v node) error {
			found = true
			items := []node{v} // a single one may stand without brackets
			if v.kind == '[' {
				items = v.items
			}
			for _, item := range items {
				s, err := p.statement(item)
				if err != nil {
					return err
				}
				out.Statements = append(out.Statements, s)
			}
			return nil
		},
	})
	if err == nil && !found {
		err = p.errorf(n.at, awsSyntax, "the policy has no Statement")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (p *parser) text(v node, what string, into *string) error {
	if v.kind != '"' {
		return p.errorf(v.at, awsSyntax, "%s is no text", what)
	}
	*into = v.text
	return nil
}

func (p *parser) statement(n node) (Statement, error) {
	s := Statement{Pos: position(p.data, n.at)}
	var action *Patterns
	effect := ""
	err := p.members(n, "a statement", map[string]func(node) error{
		"sid":          func(v node) error { return p.text(v, "Sid", &s.Sid) },
		"effect":       func(v node) error { return p.effect(v, &effect, &s.Effect) },
		"principal":    func(v node) error { return p.principal(v, false, &s.Principal) },
		"notprincipal": func(v node) error { return p.principal(v, true, &s.Principal) },
		"action":       func(v node) error { return p.patterns(v, "Action", false, &action) },
		"notaction":    func(v node) error { return p.patterns(v, "NotAction", true, &action) },
		"resource":     func(v node) error { return p.patterns(v, "Resource", false, &s.Resource) },
		"notresource":  func(v node) error { return p.patterns(v, "NotResource", true, &s.Resource) },
		"condition":    func(v node) error { return p.conditions(v, &s) },
	})
	switch {
	case err != nil:
		return s, err
	case effect == "":
		return s, p.errorf(n.at, awsSyntax, "a statement has no Effect")
	case action == nil:
		return s, p.errorf(n.at, awsActions, "a statement has neither Action nor NotAction")
	}
	s.Action = *action
	return s, nil
}

// effect reads a value of Effect, which is case-sensitive ("IAM JSON policy elements: Effect").
func (p *parser) effect(v node, text *string, into *Effect) error {
	if err := p.text(v, "Effect", text); err != nil {
		return err
	}
	switch *text {
	case "Allow":
		*into = Allow
	case "Deny":
		*into = Deny
	default:
		return p.errorf(v.at, awsSyntax, "Effect is %q, neither Allow nor Deny", *text)
	}
	return nil
}

// patterns reads a text or a list of texts, of which a statement has one or the other with Not.
func (p *parser) patterns(v node, what string, not bool, into **Patterns) error {
	if *into != nil {
		return p.errorf(v.at, awsSyntax, "a statement has both %s and Not%[1]s", strings.TrimPrefix(what, "Not"))
	}
	list, err := p.texts(v, what)
	*into = &Patterns{not, list, position(p.data, v.at)}
	return err
}

// texts reads a text or a list of texts.
func (p *parser) texts(v node, what string) ([]string, error) {
	items := []node{v}
	if v.kind == '[' {
		items = v.items
	}
	out := make([]string, len(items))
	for i, item := range items {
		if err := p.text(item, "a value of "+what, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// principal reads "*", or lists by the kind of principal.
func (p *parser) principal(v node, not bool, into **Principal) error {
	if *into != nil {
		return p.errorf(v.at, awsSyntax, "a statement has both Principal and NotPrincipal")
	}
	out := &Principal{Not: not, Pos: position(p.data, v.at)}
	*into = out
	if v.kind == '"' {
		if v.text != "*" {
			return p.errorf(v.at, awsPrincipal, `a principal that is a text can only be "*"; write {"AWS": %q}`, v.text)
		}
		out.Everyone = true
		return nil
	}
	if v.kind != '{' {
		return p.errorf(v.at, awsPrincipal, `a principal is neither "*" nor an object`)
	}
	kinds := map[string]*[]string{"AWS": &out.AWS, "Service": &out.Service, "Federated": &out.Federated, "CanonicalUser": &out.CanonicalUser}
	for _, m := range v.members {
		list := kinds[m.name]
		if list == nil {
			return p.errorf(m.at, awsPrincipal, "%q is no kind of principal: there are AWS, Service, Federated and CanonicalUser", m.name)
		}
		var err error
		if *list, err = p.texts(m.value, "principal "+m.name); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) conditions(v node, s *Statement) error {
	if v.kind != '{' {
		return p.errorf(v.at, awsSyntax, "Condition is no object")
	}
	seen := map[Operator]bool{}
	for _, m := range v.members {
		op, ok := parseOperator(m.name)
		switch {
		case !ok:
			return p.errorf(m.at, awsSyntax, "there is no condition operator %q", m.name)
		case seen[op]:
			return p.errorf(m.at, awsSyntax, "Condition has %s twice", op)
		}
		seen[op] = true
		if m.value.kind != '{' {
			return p.errorf(m.value.at, awsSyntax, "%s has no object of keys", op)
		}
		for _, key := range m.value.members {
			values, err := p.values(key.value, key.name)
			if err != nil {
				return err
			}
			s.Conditions = append(s.Conditions, Condition{op, key.name, values, position(p.data, key.at)})
		}
	}
	return nil
}

// values reads a condition's values: "quotation marks are optional for numeric and Boolean values".
func (p *parser) values(v node, key string) ([]string, error) {
	items := []node{v}
	if v.kind == '[' {
		items = v.items
	}
	out := []string{}
	for _, item := range items {
		switch item.kind {
		case '"', '0', 't':
			out = append(out, item.text)
		default:
			return nil, p.errorf(item.at, awsSyntax, "a value of %s is neither a text nor a number nor a boolean", key)
		}
	}
	return out, nil
}
