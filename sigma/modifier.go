package sigma

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// item is a field with its modifiers and values on the way to an Expr (Sigma specification, appendix "Modifiers").
type item struct {
	field  string
	values []value
	line   int
	config *parseConfig

	all, cased, negated bool
	op                  Op // Equal unless a modifier says what kind of test it is
	refOp               Op
	part                TimePart
	flags               string // of a regular expression
}

// value is one value of an item.
type value struct {
	node *yaml.Node
	text string  // as the rule writes it
	pat  pattern // text with its wildcards split; what text modifiers change
	kind uint8   // String, Number, Bool or Null
}

func (p *parser) item(field string, modifiers []string, nodes []*yaml.Node, at *yaml.Node) (Expr, error) {
	it := &item{field: field, line: at.Line, config: &p.config}
	for _, n := range nodes {
		v, err := valueOf(n)
		if err != nil {
			return nil, err
		}
		it.values = append(it.values, v)
	}
	for _, m := range modifiers {
		if err := it.apply(m, at); err != nil {
			return nil, err
		}
	}
	return it.expr(at)
}

func valueOf(n *yaml.Node) (value, error) {
	if n.Kind != yaml.ScalarNode {
		return value{}, errAt(n, "a value is a text, a number, true, false or null")
	}
	v := value{node: n, text: n.Value, kind: String}
	switch n.Tag {
	case "!!null":
		v.kind = Null
	case "!!bool":
		v.kind, v.text = Bool, strings.ToLower(n.Value)
	case "!!int", "!!float":
		v.kind = Number
	}
	v.pat = parsePattern(v.text)
	return v, nil
}

// apply applies one modifier.
func (it *item) apply(name string, at *yaml.Node) error {
	switch name {
	case "contains", "startswith", "endswith":
		return it.text(name, at)
	case "all":
		it.all = true
		return nil
	case "cased":
		it.cased = true
		return nil
	case "neq":
		it.negated = true
		return nil
	case "re", "cidr", "exists", "fieldref", "lt", "lte", "gt", "gte":
		return it.kind(name, kindOps[name], at)
	case "i", "m", "s":
		if it.op != Regexp {
			return errAt(at, "modifier %q belongs behind re", name)
		}
		it.flags += name
		return nil
	case "minute", "hour", "day", "week", "month", "year":
		it.part = TimePart(slices.Index(timeParts[:], name))
		return it.kind(name, TimePartEqual, at)
	case "windash", "wide", "utf16", "utf16le", "utf16be", "base64", "base64offset", "expand":
		return it.transform(name, at)
	}
	return errAt(at, "there is no modifier %q%s", name, didYouMean(name, modifierNames[:]))
}

//nolint:gochecknoglobals // constant tables
var (
	kindOps = map[string]Op{
		"re": Regexp, "cidr": CIDR, "exists": Exists, "fieldref": FieldRef,
		"lt": Less, "lte": LessEqual, "gt": Greater, "gte": GreaterEqual,
	}
	timeParts     = [...]string{"minute", "hour", "day", "week", "month", "year"}
	modifierNames = [...]string{
		"contains", "startswith", "endswith", "all", "re", "i", "m", "s", "cased", "exists", "cidr", "lt", "lte", "gt",
		"gte", "neq", "fieldref", "windash", "wide", "utf16", "utf16le", "utf16be", "base64", "base64offset", "expand",
		"minute", "hour", "day", "week", "month", "year",
	}
)

// kind makes the item another kind of test than that of a text.
func (it *item) kind(name string, op Op, at *yaml.Node) error {
	if it.op != Equal {
		return errAt(at, "modifier %q can't go with the modifier before it", name)
	}
	it.op = op
	return nil
}

func (it *item) text(name string, at *yaml.Node) error {
	switch it.op {
	case FieldRef:
		it.refOp = map[string]Op{"contains": Contains, "startswith": StartsWith, "endswith": EndsWith}[name]
		return nil
	case Equal:
	case Regexp:
		if name == "contains" { // a regular expression finds a substring anyway
			return nil
		}
		return errAt(at, "modifier %q can't go with re; use ^ or $ in the expression", name)
	default:
		return errAt(at, "modifier %q is for texts", name)
	}
	for i := range it.values {
		v := &it.values[i]
		if v.kind == Null {
			return errAt(v.node, "modifier %q can't take null", name)
		}
		v.kind = String
		v.pat = v.pat.around(name != "startswith", name != "endswith")
	}
	return nil
}

// transform replaces each value by one or more others.
func (it *item) transform(name string, at *yaml.Node) error {
	if it.op != Equal {
		return errAt(at, "modifier %q is for texts", name)
	}
	var out []value
	for _, v := range it.values {
		if v.kind == Null {
			return errAt(v.node, "modifier %q can't take null", name)
		}
		v.kind = String
		pats, err := it.variants(name, v)
		if err != nil {
			return err
		}
		for _, p := range pats {
			nv := v
			nv.pat = p
			out = append(out, nv)
		}
		if len(out) > maxVariants {
			return errAt(at, "modifier %q makes more than %d values", name, maxVariants)
		}
	}
	it.values = out
	return nil
}

const maxVariants = 20_000

func (it *item) variants(name string, v value) ([]pattern, error) {
	switch name {
	case "windash":
		return windash(v.pat), nil
	case "expand":
		return it.expand(v)
	}
	text, ok := v.pat.plain()
	if !ok {
		return nil, errAt(v.node, "modifier %q can't encode wildcards; put contains behind it", name)
	}
	if name == "base64offset" {
		return base64Offsets(text), nil
	}
	switch name {
	case "wide", "utf16le":
		text = encodeUTF16(text, false)
	case "utf16be":
		text = encodeUTF16(text, true)
	case "utf16":
		text = "\xff\xfe" + encodeUTF16(text, false)
	case "base64":
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return []pattern{literal(text)}, nil
}

func literal(text string) pattern {
	if text == "" {
		return nil
	}
	return pattern{{Kind: Literal, Text: text}}
}

func encodeUTF16(s string, bigEndian bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		hi, lo := byte(u>>8), byte(u)
		if bigEndian {
			out = append(out, hi, lo)
		} else {
			out = append(out, lo, hi)
		}
	}
	return string(out)
}

// base64Offsets returns how a text looks inside base64 at each of the three offsets it can start at, without the
// characters that depend on what stands around it.
func base64Offsets(s string) []pattern {
	var out []pattern
	for offset := range 3 {
		enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", offset) + s))
		start := [...]int{0, 2, 3}[offset]
		end := len(enc) - [...]int{0, 3, 2}[(len(s)+offset)%3]
		out = append(out, literal(enc[min(start, end):end]))
	}
	return out
}

// dashes are the characters that Windows takes for the dash before an option.
var dashes = [...]string{"-", "/", "–", "—", "―"} //nolint:gochecknoglobals // a constant table

// windash returns the pattern with the dashes and slashes before words in every form.
func windash(p pattern) []pattern {
	type place struct{ piece, at int }
	var places []place
	for i, piece := range p {
		if piece.Kind != Literal {
			continue
		}
		for k := range len(piece.Text) {
			c := piece.Text[k]
			startsWord := k == 0 || !isWord(piece.Text[k-1])
			beforeWord := k+1 < len(piece.Text) && isWord(piece.Text[k+1])
			if (c == '-' || c == '/') && startsWord && beforeWord {
				places = append(places, place{i, k})
			}
		}
	}
	with := func(which func(n int) string) pattern {
		out := slices.Clone(p)
		for n := len(places) - 1; n >= 0; n-- {
			pl := places[n]
			t := out[pl.piece].Text
			out[pl.piece].Text = t[:pl.at] + which(n) + t[pl.at+1:]
		}
		return out
	}
	var out []pattern
	if len(places) > 3 { // all at once in the same form
		for _, d := range dashes {
			out = append(out, with(func(int) string { return d }))
		}
		return append(out, p)
	}
	total := 1
	for range places {
		total *= len(dashes)
	}
	for c := range total {
		out = append(out, with(func(n int) string {
			k := c
			for range n {
				k /= len(dashes)
			}
			return dashes[k%len(dashes)]
		}))
	}
	return out
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

var placeholder = regexp.MustCompile(`(\\?)%([A-Za-z0-9_.-]+)%`) //nolint:gochecknoglobals // a constant

// expand puts the values of placeholders in.
func (it *item) expand(v value) ([]pattern, error) {
	texts := []string{""}
	rest := v.text
	for {
		m := placeholder.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		prefix := rest[:m[0]]
		if m[2] != m[3] { // \%: a plain percent sign
			prefix += "%"
			rest = rest[m[0]+2:]
			for i := range texts {
				texts[i] += prefix
			}
			continue
		}
		name := rest[m[4]:m[5]]
		values := it.config.placeholders[name]
		if len(values) == 0 {
			return nil, unsupportedAt(v.node, "placeholder %%%s%% has no value here", name)
		}
		var next []string
		for _, t := range texts {
			for _, val := range values {
				next = append(next, t+prefix+val)
			}
		}
		if len(next) > maxVariants {
			return nil, errAt(v.node, "placeholders make more than %d values", maxVariants)
		}
		texts, rest = next, rest[m[1]:]
	}
	var out []pattern
	for _, t := range texts {
		out = append(out, parsePattern(t+strings.ReplaceAll(rest, `\%`, "%")))
	}
	return out, nil
}

// expr makes the item's test: one of the values must pass, or with "all" every one.
func (it *item) expr(at *yaml.Node) (Expr, error) {
	var xs []Expr
	for _, v := range it.values {
		x, err := it.test(v)
		if err != nil {
			return nil, err
		}
		xs = append(xs, x)
	}
	var x Expr
	switch {
	case len(xs) == 0:
		return nil, errAt(at, "field %q has no values", it.field)
	case len(xs) == 1:
		x = xs[0]
	case it.all:
		x = And(xs)
	default:
		x = Or(xs)
	}
	if it.negated {
		return Not{x}, nil
	}
	return x, nil
}

func (it *item) test(v value) (Expr, error) {
	a := &Atom{Field: it.field, Op: it.op, Cased: it.cased, Line: v.node.Line, Text: v.text}
	if it.field == "" && it.op != Equal && it.op != Regexp {
		return nil, errAt(v.node, "a keyword is a text or a regular expression")
	}
	switch it.op {
	case Equal:
		return it.equal(v, a)
	case Regexp:
		return it.regexp(v, a)
	case Exists:
		if v.kind != Bool {
			return nil, errAt(v.node, "exists takes true or false")
		}
		a.Text = ""
		if v.text == "false" {
			return Not{a}, nil
		}
		return a, nil
	case CIDR:
		net, err := netip.ParsePrefix(v.text)
		if err != nil {
			return nil, errAt(v.node, "%q is no network like 192.0.2.0/24 or 2001:db8::/32", v.text)
		}
		a.Net = net.Masked()
	case FieldRef:
		a.RefOp = it.refOp
	case TimePartEqual:
		a.Part = it.part
		fallthrough
	default:
		n, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			return nil, errAt(v.node, "%q is no number", v.text)
		}
		a.Number = n
	}
	return a, nil
}

func (it *item) equal(v value, a *Atom) (Expr, error) {
	switch {
	case v.kind == Null:
		if it.field == "" {
			return nil, errAt(v.node, "a keyword can't be null")
		}
		a.Op, a.Text = IsNull, ""
		return a, nil
	case it.field == "":
		if len(v.pat) == 0 {
			return nil, errAt(v.node, "an empty keyword would match everything")
		}
		return v.pat.keyword(it.cased, v.node.Line), nil
	case v.kind == Number:
		if n, err := strconv.ParseFloat(v.text, 64); err == nil {
			a.Op, a.Number = NumberEqual, n
			return a, nil
		}
	}
	return v.pat.atom(it.field, it.cased, v.node.Line), nil
}

func (it *item) regexp(v value, a *Atom) (Expr, error) {
	src := v.text
	if it.flags != "" {
		src = "(?" + it.flags + ")" + src
	}
	re, err := regexp.Compile(src)
	if err != nil {
		// What PCRE has and RE2 has not (look-around, back-references) is no fault of the rule.
		return nil, unsupportedAt(v.node, "%s", strings.TrimPrefix(fmt.Sprint(err), "error parsing regexp: "))
	}
	a.Regexp, a.Text = re, src
	return a, nil
}
