package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// item is a field with its modifiers and values on the way to an Expr (Sigma specification, appendix "Modifiers").
type item struct {
	field  string
	values []alternatives // one for each value of the rule
	config *parseConfig
	at     *yaml.Node // the key

	op                  Op // Equal unless a modifier says what kind of test it is
	refOp               Op
	part                TimePart
	partOp              Op
	flags               string // of a regular expression
	all, cased, negated bool

	kindBy string // the modifier that set op
	edge   string // contains, startswith or endswith, once it was applied
	edited string // the first modifier that changed the texts
}

// alternatives are what one value of a rule stands for: modifiers may make several of it, of which one must match.
type alternatives []value

// value is one value of an item.
type value struct {
	node *yaml.Node
	text string  // as the rule writes it
	pat  pattern // text with its wildcards split; what text modifiers change
	kind uint8   // String, Number, Bool or Null
}

// item reads a key like "CommandLine|contains|all" and its values. An empty field is a keyword search.
func (p *parser) item(field string, modifiers []string, nodes []*yaml.Node, at *yaml.Node) (Expr, error) {
	it := &item{field: field, config: &p.config, at: at}
	for _, n := range nodes {
		v, err := valueOf(n)
		if err != nil {
			return nil, err
		}
		it.values = append(it.values, alternatives{v})
	}
	for _, m := range modifiers {
		if err := it.apply(m); err != nil {
			return nil, err
		}
	}
	for _, alts := range it.values {
		p.atoms += len(alts)
	}
	if p.atoms > maxAtoms {
		return nil, errAt(at, "the rule comes to more than %d tests", maxAtoms)
	}
	return it.expr()
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
func (it *item) apply(name string) error {
	switch name {
	case "contains", "startswith", "endswith":
		return it.atEdge(name)
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
		return it.setKind(name, kindOps[name])
	case "i", "m", "s":
		if it.op != Regexp {
			return errAt(it.at, "modifier %q belongs behind re", name)
		}
		if !strings.Contains(it.flags, name) {
			it.flags += name
		}
		return nil
	case "minute", "hour", "day", "week", "month", "year":
		it.part = TimePart(slices.Index(timeParts[:], name))
		return it.setKind(name, TimePartEqual)
	case "windash", "wide", "utf16", "utf16le", "utf16be", "base64", "base64offset":
		return it.transform(name)
	case "expand":
		return it.expand()
	}
	return errAt(it.at, "there is no modifier %q%s", name, didYouMean(name, modifierNames[:]))
}

//nolint:gochecknoglobals // constant tables
var (
	kindOps = map[string]Op{
		"re": Regexp, "cidr": CIDR, "exists": Exists, "fieldref": FieldRef,
		"lt": Less, "lte": LessEqual, "gt": Greater, "gte": GreaterEqual,
	}
	edgeOps       = map[string]Op{"": Equal, "contains": Contains, "startswith": StartsWith, "endswith": EndsWith}
	modifierNames = [...]string{
		"contains", "startswith", "endswith", "all", "re", "i", "m", "s", "cased", "exists", "cidr", "lt", "lte", "gt",
		"gte", "neq", "fieldref", "windash", "wide", "utf16", "utf16le", "utf16be", "base64", "base64offset", "expand",
		"minute", "hour", "day", "week", "month", "year",
	}
)

// setKind makes the item another kind of test than that of a text. The values must be as the rule writes them.
func (it *item) setKind(name string, op Op) error {
	if it.op == TimePartEqual && op >= Less && op <= GreaterEqual && it.partOp == Equal {
		it.partOp = op
		return nil
	}
	if it.op != Equal {
		return it.conflict(name, it.kindBy)
	}
	if it.edited != "" && (op != FieldRef || it.edited != it.edge) {
		return it.conflict(name, it.edited)
	}
	it.op, it.kindBy = op, name
	if op == FieldRef {
		it.refOp = edgeOps[it.edge]
	}
	return nil
}

func (it *item) conflict(name, before string) error {
	return errAt(it.at, "modifier %q can't follow %q", name, before)
}

// atEdge puts wildcards around the values, or says how fieldref compares.
func (it *item) atEdge(name string) error {
	if it.edge != "" {
		return it.conflict(name, it.edge)
	}
	switch it.op {
	case FieldRef:
		it.edge, it.refOp = name, edgeOps[name]
		return nil
	case Equal:
		it.edge = name
		return it.edit(name, func(v value) ([]pattern, error) {
			return []pattern{v.pat.around(name != "startswith", name != "endswith")}, nil
		})
	case Regexp:
		if name == "contains" { // a regular expression finds a substring anyway
			return nil
		}
		return errAt(it.at, "modifier %q can't follow \"re\"; use ^ or $ in the expression", name)
	default:
		return it.conflict(name, it.kindBy)
	}
}

// transform replaces each value by one or more others.
func (it *item) transform(name string) error {
	if it.op != Equal {
		return it.conflict(name, it.kindBy)
	}
	return it.edit(name, func(v value) ([]pattern, error) {
		if name == "windash" {
			return windash(v)
		}
		text, ok := v.pat.plain()
		if !ok {
			return nil, errAt(v.node, "modifier %q can't encode wildcards; put contains behind it", name)
		}
		return encode(name, text, v.node)
	})
}

// maxVariants bounds what the values of one item become.
const maxVariants = 20_000

// edit replaces the pattern of each value by those that a function makes of it.
func (it *item) edit(name string, change func(value) ([]pattern, error)) error {
	total := 0
	for i, alts := range it.values {
		var out alternatives
		for _, v := range alts {
			if v.kind == Null {
				return errAt(v.node, "modifier %q can't take null", name)
			}
			pats, err := change(v)
			if err != nil {
				return err
			}
			for _, p := range pats {
				nv := v
				nv.kind, nv.pat = String, p
				out = append(out, nv)
			}
			if total += len(pats); total > maxVariants {
				return errAt(it.at, "modifier %q makes more than %d values", name, maxVariants)
			}
		}
		it.values[i] = out
	}
	if it.edited == "" {
		it.edited = name
	}
	return nil
}
