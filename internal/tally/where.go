package tally

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// where is a condition over a format's fields, in CEL (https://cel.dev). A field's name is written with underscores for its
// hyphens; its type is the field's. A condition that asks for a field which a record does not have does not hold, unless it is
// decided without it: has(cs_username) says whether the field is there.
type where struct {
	program cel.Program
	quick   predicate // what program comes to, in a quicker way; nil: there is none
	fields  []string  // native names of the fields it asks for
	slots   map[string]int
	types   map[string]logformat.Type
}

// presence begins the names of the variables that has(FIELD) becomes.
const presence = "has "

// hasMacro takes the name of a field, where CEL's own has takes a field of a message only.
//
//nolint:gochecknoglobals // a constant
var hasMacro = cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	path, ok := pathOf(args[0])
	if !ok {
		return nil, f.NewError(args[0].ID(), "has takes the name of a field")
	}
	return f.NewIdent(presence + path), nil
})

// UnknownFieldError says that a format has no such field.
type UnknownFieldError struct {
	Field, Format string
	Known         []string // the fields it has
}

func (e *UnknownFieldError) Error() string {
	return fmt.Sprintf("logs of format %s have no field %q", e.Format, e.Field)
}

// celName is a field's name as CEL can write it.
func celName(field string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ':' || r == '@' {
			return '_'
		}
		return r
	}, field)
}

// nativeName finds the field that a CEL name or a plain one stands for.
func nativeName(info *logformat.Info, name string) (string, bool) {
	for _, f := range info.Fields {
		if !f.Open && (f.Name == name || celName(f.Name) == name) {
			return f.Name, true
		}
	}
	if info.Has(name) {
		return name, true
	}
	return "", false
}

func knownFields(info *logformat.Info) []string {
	var out []string
	for _, f := range info.Fields {
		out = append(out, f.Name)
	}
	return out
}

// compileWhere checks a condition against the fields of a format.
func compileWhere(text string, info *logformat.Info) (*where, error) {
	env, err := cel.NewEnv(cel.Macros(hasMacro))
	if err != nil {
		return nil, err
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		return nil, celError(issues)
	}
	w := &where{slots: map[string]int{}, types: map[string]logformat.Type{}}
	names := map[string]bool{}
	collect(parsed.NativeRep().Expr(), names)
	var vars []cel.EnvOption
	for name := range names {
		plain := strings.TrimPrefix(name, presence)
		native, ok := nativeName(info, plain)
		if !ok {
			return nil, &UnknownFieldError{Field: hyphened(text, plain, info), Format: info.Name, Known: knownFields(info)}
		}
		typ := typeOf(info, native)
		if plain != name {
			typ = logformat.Boolean
		}
		vars = append(vars, cel.Variable(name, celTypes[typ]))
		w.fields = append(w.fields, native)
		w.slots[name] = len(w.fields) - 1
		w.types[name] = typ
	}
	if env, err = env.Extend(vars...); err != nil {
		return nil, err
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("%w (%s)", celError(issues), w.describe())
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("the condition is a %s; it has to be true or false, like sc_status == 404", checked.OutputType())
	}
	w.quick = w.native(checked.NativeRep().Expr())
	w.program, err = env.Program(checked, cel.CostLimit(100_000), cel.EvalOptions(cel.OptOptimize)) // so that a bad regular expression is an error here
	return w, err
}

// typeOf is the type of a field, by its native name.
func typeOf(info *logformat.Info, native string) logformat.Type {
	field := info.Field(native)
	if field.Open && field.Name != native {
		return logformat.Text
	}
	return field.Type
}

// hyphened returns the field that a name is the beginning of, where a condition writes it with its hyphens, which CEL takes
// for minus signs; otherwise the name.
func hyphened(text, name string, info *logformat.Info) string {
	for _, f := range info.Fields {
		if strings.HasPrefix(f.Name, name+"-") && strings.Contains(text, f.Name) {
			return f.Name
		}
	}
	return name
}

// describe lists the fields of the condition with their types.
func (w *where) describe() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(w.types)) {
		if !strings.HasPrefix(name, presence) {
			parts = append(parts, name+" is of type "+w.types[name].String())
		}
	}
	return strings.Join(parts, ", ")
}

//nolint:gochecknoglobals // a constant table
var celTypes = map[logformat.Type]*cel.Type{
	logformat.Text: cel.StringType, logformat.IP: cel.StringType, logformat.Time: cel.StringType,
	logformat.Integer: cel.IntType, logformat.Float: cel.DoubleType, logformat.Boolean: cel.BoolType,
}

// celError keeps the first line of what CEL says, without its place marks.
func celError(issues *cel.Issues) error {
	e := issues.Errors()[0]
	return fmt.Errorf("at character %d: %s", e.Location.Column()+1, e.Message)
}

// collect finds the names that an expression asks for: identifiers, and paths like userIdentity.type.
func collect(e ast.Expr, names map[string]bool) {
	switch e.Kind() {
	case ast.IdentKind:
		names[e.AsIdent()] = true
	case ast.SelectKind:
		if path, ok := pathOf(e); ok {
			names[path] = true
			return
		}
		collect(e.AsSelect().Operand(), names)
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			collect(e.AsCall().Target(), names)
		}
		for _, a := range e.AsCall().Args() {
			collect(a, names)
		}
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			collect(x, names)
		}
	case ast.ComprehensionKind:
		collectComprehension(e.AsComprehension(), names)
	default: // literals name nothing
	}
}

// collectComprehension leaves out the variables that all, exists and the like bind themselves.
func collectComprehension(c ast.ComprehensionExpr, names map[string]bool) {
	collect(c.IterRange(), names)
	inner := map[string]bool{}
	for _, e := range []ast.Expr{c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
		collect(e, inner)
	}
	for name := range inner {
		if first, _, _ := strings.Cut(name, "."); first != c.IterVar() && first != c.IterVar2() && first != c.AccuVar() {
			names[name] = true
		}
	}
}

func pathOf(e ast.Expr) (string, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent(), true
	case ast.SelectKind:
		base, ok := pathOf(e.AsSelect().Operand())
		return base + "." + e.AsSelect().FieldName(), ok && !e.AsSelect().IsTestOnly()
	default:
		return "", false
	}
}

// bound is a where with the slots of a plan. It is used by one goroutine.
type bound struct {
	w     *where
	slots []int // by the order of where.fields
	rec   *event.Record
}

var _ interpreter.Activation = (*bound)(nil)

// ResolveName gives CEL a field's value.
func (b *bound) ResolveName(name string) (any, bool) {
	i, ok := b.w.slots[name]
	if !ok {
		return nil, false
	}
	text := b.rec.Text(b.slots[i])
	if strings.HasPrefix(name, presence) {
		return types.Bool(text != nil), true
	}
	if text == nil {
		return nil, false
	}
	return celValue(text, b.w.types[name])
}

func celValue(text []byte, typ logformat.Type) (any, bool) {
	switch typ {
	case logformat.Integer:
		n, ok := integer(text)
		return types.Int(n), ok
	case logformat.Float:
		n, err := strconv.ParseFloat(string(text), 64)
		return types.Double(n), err == nil
	case logformat.Boolean:
		return types.Bool(string(text) == "true"), true
	default:
		return types.String(text), true
	}
}

// Parent is nil: there is no outer scope.
func (*bound) Parent() interpreter.Activation { return nil }

func (b *bound) holds(rec *event.Record) bool {
	if b.w.quick != nil {
		return b.w.quick(rec, b.slots) == yes
	}
	return b.interpreted(rec)
}

func (b *bound) interpreted(rec *event.Record) bool {
	b.rec = rec
	out, _, err := b.w.program.Eval(b)
	return err == nil && out.Equal(types.True) == ref.Val(types.True)
}
