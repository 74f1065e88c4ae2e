package sigma

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Format writes an expression as text that a person can read, one test a line, operands indented below their operator.
// Expressions that differ read differently, except for the lines that their tests stand on.
func Format(e Expr) string {
	var b strings.Builder
	format(&b, e, 0)
	return b.String()
}

func format(b *strings.Builder, e Expr, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	switch e := e.(type) {
	case *Atom:
		b.WriteString(e.String())
	case And:
		b.WriteString("all of")
	case Or:
		b.WriteString("one of")
	case SameElement:
		b.WriteString("all of, in one element")
	case Not:
		b.WriteString("not")
	}
	b.WriteByte('\n')
	for x := range operandsOf(e) {
		format(b, x, depth+1)
	}
}

// operandsOf yields the expressions directly within one.
func operandsOf(e Expr) iter.Seq[Expr] {
	switch e := e.(type) {
	case And:
		return slices.Values(e)
	case Or:
		return slices.Values(e)
	case SameElement:
		return slices.Values(e)
	case Not:
		return slices.Values([]Expr{e.X})
	}
	return slices.Values([]Expr(nil))
}

// String writes the test as text: eventName = "CreateUser".
func (a *Atom) String() string {
	field := a.Field
	switch {
	case field == "":
		field = "any field"
	case strings.ContainsAny(field, " \t\r\n\"\\") || field == "any field":
		field = strconv.Quote(field)
	}
	return field + " " + a.test()
}

func (a *Atom) test() string {
	cased := ""
	if a.Cased {
		cased = " cased"
	}
	number := strconv.FormatFloat(a.Number, 'g', -1, 64)
	switch a.Op {
	case Equal, Contains, StartsWith, EndsWith:
		return a.Op.String() + cased + " " + strconv.Quote(a.Text)
	case NumberEqual:
		return "= " + number + " or " + strconv.Quote(a.Text)
	case Glob:
		return "like" + cased + " " + strconv.Quote(globText(a.Glob))
	case Regexp, CIDR:
		if a.Op == CIDR {
			return "in " + a.Net.String()
		}
		return "matches " + strconv.Quote(a.Text)
	case Less, LessEqual, Greater, GreaterEqual:
		return a.Op.String() + " " + number
	case FieldRef:
		return a.RefOp.String() + cased + " field " + strconv.Quote(a.Text)
	case TimePartEqual:
		return a.Part.String() + " = " + number
	default:
		return a.Op.String()
	}
}

// globText writes a wildcard pattern as a rule would.
func globText(pieces []Piece) string {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)
	for _, p := range pieces {
		switch p.Kind {
		case Any:
			b.WriteByte('*')
		case One:
			b.WriteByte('?')
		default:
			b.WriteString(escape.Replace(p.Text))
		}
	}
	return b.String()
}

//nolint:gochecknoglobals // constant tables
var (
	opNames = [...]string{
		Equal: "=", NumberEqual: "=", Contains: "contains", StartsWith: "starts with", EndsWith: "ends with", Glob: "like",
		Regexp: "matches", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=", CIDR: "in", IsNull: "is null",
		Exists: "exists", FieldRef: "compares with field", TimePartEqual: "has time part", NotEqual: "!=",
	}
	timeParts = [...]string{Minute: "minute", Hour: "hour", Day: "day", Week: "week", Month: "month", Year: "year"}
)

// String returns the test in the words of Format.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "unknown"
}

// String returns the name of the modifier.
func (p TimePart) String() string {
	if int(p) < len(timeParts) {
		return timeParts[p]
	}
	return "unknown"
}
