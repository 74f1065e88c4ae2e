package tally

import (
	"bytes"
	"cmp"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// truth is what a condition comes to for a record.
type truth uint8

const (
	no truth = iota
	yes
	failed // a field is not there or is not of its type: what CEL calls an error
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// predicate tests a record without CEL's interpreter. slots are in the order of where.fields.
type predicate func(rec *event.Record, slots []int) truth

// native makes a predicate of a checked expression that compares fields with constants, and of such joined by &&, || and !,
// which is what people write on a command line; nil if only CEL can decide it. A test holds the two against each other.
func (w *where) native(e ast.Expr) predicate {
	if e.Kind() != ast.CallKind {
		return nil
	}
	call := e.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	switch call.FunctionName() {
	case operators.LogicalAnd:
		return joined(w.natives(args), no)
	case operators.LogicalOr:
		return joined(w.natives(args), yes)
	case operators.LogicalNot:
		return negated(w.native(args[0]))
	case operators.In:
		return w.in(args[0], args[1])
	}
	if len(args) != 2 {
		return nil
	}
	if p := w.compared(call.FunctionName(), args[0], args[1]); p != nil {
		return p
	}
	return w.compared(mirrored[call.FunctionName()], args[1], args[0])
}

func (w *where) natives(es []ast.Expr) []predicate {
	var out []predicate
	for _, e := range es {
		p := w.native(e)
		if p == nil {
			return nil
		}
		out = append(out, p)
	}
	return out
}

// joined is && where decisive is no, || where it is yes: an operand that decides makes up for one that fails (CEL language
// definition, "Logical Operators").
func joined(ps []predicate, decisive truth) predicate {
	if ps == nil {
		return nil
	}
	return func(rec *event.Record, slots []int) truth {
		out := yes - decisive
		for _, p := range ps {
			switch p(rec, slots) {
			case decisive:
				return decisive
			case failed:
				out = failed
			default: // it leaves the decision to the others
			}
		}
		return out
	}
}

func negated(p predicate) predicate {
	if p == nil {
		return nil
	}
	return func(rec *event.Record, slots []int) truth {
		switch p(rec, slots) {
		case no:
			return yes
		case yes:
			return no
		default:
			return failed
		}
	}
}

// in tests whether a field is one of some constants.
func (w *where) in(field, list ast.Expr) predicate {
	if list.Kind() != ast.ListKind {
		return nil
	}
	var tests []predicate
	for _, e := range list.AsList().Elements() {
		p := w.compared(operators.Equals, field, e)
		if p == nil {
			return nil
		}
		tests = append(tests, p)
	}
	return joined(tests, yes)
}

//nolint:gochecknoglobals // a constant table
var mirrored = map[string]string{
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals, operators.Less: operators.Greater,
	operators.LessEquals: operators.GreaterEquals, operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals,
}

// compared tests a field against a constant of its own type.
func (w *where) compared(function string, field, constant ast.Expr) predicate {
	name, isField := pathOf(field)
	if !isField || constant.Kind() != ast.LiteralKind {
		return nil
	}
	i, known := w.slots[name]
	if !known {
		return nil
	}
	typ := w.types[name]
	switch c := constant.AsLiteral().(type) {
	case types.Int:
		holds := ordering(function)
		if typ != logformat.Integer || holds == nil {
			return nil
		}
		return func(rec *event.Record, slots []int) truth {
			n, ok := integer(rec.Text(slots[i]))
			if !ok {
				return failed
			}
			return truthOf(holds(cmp.Compare(n, int64(c))))
		}
	case types.String:
		holds := textTest(function)
		if celTypes[typ] != celTypes[logformat.Text] || holds == nil {
			return nil
		}
		with := []byte(c)
		return func(rec *event.Record, slots []int) truth {
			text := rec.Text(slots[i])
			if text == nil {
				return failed
			}
			return truthOf(holds(text, with))
		}
	}
	return nil
}

func ordering(function string) func(order int) bool {
	switch function {
	case operators.Equals:
		return func(o int) bool { return o == 0 }
	case operators.NotEquals:
		return func(o int) bool { return o != 0 }
	case operators.Less:
		return func(o int) bool { return o < 0 }
	case operators.LessEquals:
		return func(o int) bool { return o <= 0 }
	case operators.Greater:
		return func(o int) bool { return o > 0 }
	case operators.GreaterEquals:
		return func(o int) bool { return o >= 0 }
	}
	return nil
}

func textTest(function string) func(text, with []byte) bool {
	switch function {
	case "contains":
		return bytes.Contains
	case "startsWith":
		return bytes.HasPrefix
	case "endsWith":
		return bytes.HasSuffix
	}
	if holds := ordering(function); holds != nil {
		return func(text, with []byte) bool { return holds(bytes.Compare(text, with)) }
	}
	return nil
}

// integer reads what strconv.ParseInt reads, short numbers without a call.
func integer(text []byte) (int64, bool) {
	if len(text) == 0 {
		return 0, false
	}
	n := int64(0)
	for _, c := range text {
		if c < '0' || c > '9' || len(text) > 18 {
			n, err := strconv.ParseInt(string(text), 10, 64)
			return n, err == nil
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
