package iam

import "strings"

// Operator is a condition operator: "StringEquals", "ForAllValues:StringLikeIfExists", "Null".
//
// Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys".
type Operator struct {
	Set      SetOperator
	Test     Test
	IfExists bool // the condition holds where the key is absent
}

// SetOperator says of which values of a key a test must hold.
type SetOperator uint8

// The set operators.
const (
	Single       SetOperator = iota // the key has one value
	ForAllValues                    // of every value, and thus where there is none
	ForAnyValue                     // of one value at least
)

// Test is what a condition operator compares.
type Test uint8

// The tests.
const (
	StringEquals Test = iota
	StringNotEquals
	StringEqualsIgnoreCase
	StringNotEqualsIgnoreCase
	StringLike
	StringNotLike
	NumericEquals
	NumericNotEquals
	NumericLessThan
	NumericLessThanEquals
	NumericGreaterThan
	NumericGreaterThanEquals
	DateEquals
	DateNotEquals
	DateLessThan
	DateLessThanEquals
	DateGreaterThan
	DateGreaterThanEquals
	Bool
	BinaryEquals
	IPAddress
	NotIPAddress
	ArnEquals
	ArnNotEquals
	ArnLike
	ArnNotLike
	Null
	tests // how many there are
)

func (t Test) String() string {
	return [tests]string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Null",
	}[t]
}

func (o Operator) String() string {
	s := [...]string{"", "ForAllValues:", "ForAnyValue:"}[o.Set] + o.Test.String()
	if o.IfExists {
		s += "IfExists"
	}
	return s
}

// parseOperator reads an operator's name, in any case.
func parseOperator(name string) (Operator, bool) {
	var o Operator
	rest := name
	if set, test, ok := strings.Cut(name, ":"); ok {
		switch strings.ToLower(set) {
		case "forallvalues":
			o.Set = ForAllValues
		case "foranyvalue":
			o.Set = ForAnyValue
		default:
			return o, false
		}
		rest = test
	}
	const suffix = "ifexists"
	if n := len(rest) - len(suffix); n > 0 && strings.EqualFold(rest[n:], suffix) {
		o.IfExists, rest = true, rest[:n]
	}
	for t := range tests {
		if strings.EqualFold(t.String(), rest) {
			o.Test = t
			// Null asks whether the key exists: "you can add IfExists to the end of any condition operator name except the Null
			// condition".
			return o, t != Null || !o.IfExists
		}
	}
	return o, false
}
