package iam

// Policy is one policy document.
type Policy struct {
	Version    string // "2012-10-17", "2008-10-17", or "" if it has none, which means the latter
	ID         string
	Statements []Statement
}

// Statement allows or denies some actions.
type Statement struct {
	Sid        string
	Effect     Effect
	Principal  *Principal // nil: the statement has neither Principal nor NotPrincipal
	Action     Patterns
	Resource   *Patterns // nil: the statement has neither Resource nor NotResource
	Conditions []Condition
	Pos        Position
}

// Effect is what a statement does.
type Effect uint8

// The effects of a statement.
const (
	Deny Effect = iota
	Allow
)

func (e Effect) String() string { return [...]string{"Deny", "Allow"}[e] }

// Patterns is the value of Action, Resource or, if Not, of NotAction, NotResource: texts that may have the wildcards * and ?.
type Patterns struct {
	Not  bool
	List []string
	Pos  Position
}

// Principal is the value of Principal or, if Not, of NotPrincipal.
type Principal struct {
	Not      bool
	Everyone bool // it is "*" itself, and has no lists
	// By their kind, in the order in which they stand.
	AWS, Service, Federated, CanonicalUser []string
	Pos                                    Position
}

// Condition is one key under one operator: the values that it may have or, under a negated operator, must not have.
type Condition struct {
	Operator Operator
	Key      string // as it is written; keys are equal if they are when case is ignored
	Values   []string
	Pos      Position
}

// Position is a place in a document, from 1. Columns count bytes.
type Position struct{ Line, Column int }
