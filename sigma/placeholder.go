package sigma

import (
	"regexp"
	"slices"
	"strings"
)

// PlaceholderError says that a rule uses a placeholder that was given no value.
type PlaceholderError struct{ Name string }

func (e *PlaceholderError) Error() string { return "placeholder %" + e.Name + "% has no value here" }

// placeholder finds %name%; with a backslash before it, the first percent sign is a plain one.
var placeholder = regexp.MustCompile(`(\\?)%([A-Za-z0-9_.-]+)%`)

// fragment is a piece of a text: plain, or the name of a placeholder.
type fragment struct{ plain, name string }

// fragments cuts a text at its placeholders (Sigma rules specification, "Placeholders").
func fragments(text string) []fragment {
	var out []fragment
	for {
		m := placeholder.FindStringSubmatchIndex(text)
		if m == nil {
			return append(out, fragment{plain: strings.ReplaceAll(text, `\%`, "%")})
		}
		before := strings.ReplaceAll(text[:m[0]], `\%`, "%")
		if m[2] != m[3] {
			out = append(out, fragment{plain: before + "%"})
			text = text[m[3]+1:]
			continue
		}
		out = append(out, fragment{plain: before}, fragment{name: text[m[4]:m[5]]})
		text = text[m[1]:]
	}
}

// expand puts the values of placeholders in. It may stand before or behind any other modifier.
func (it *item) expand() error {
	total := 0
	for i, alts := range it.values {
		var out alternatives
		for _, v := range alts {
			if v.kind == Null {
				return errAt(v.node, "modifier \"expand\" can't take null")
			}
			expanded, err := it.expandValue(v)
			if err != nil {
				return err
			}
			if total += len(expanded); total > maxVariants {
				return errAt(it.at, "placeholders make more than %d values", maxVariants)
			}
			out = append(out, expanded...)
		}
		it.values[i] = out
	}
	return nil
}

// expandValue returns a value with each combination of its placeholders' values, in its text (which a regular expression, a
// network and the like are read from) and in its pattern.
func (it *item) expandValue(v value) (alternatives, error) {
	out := alternatives{{node: v.node, kind: v.kind}}
	insert := func(name string, add func(to *value, text string)) error {
		values := it.config.placeholders[name]
		if len(values) == 0 {
			return unsupportedAt(v.node, "%w", &PlaceholderError{Name: name})
		}
		if len(out)*len(values) > maxVariants {
			return errAt(v.node, "placeholders make more than %d values", maxVariants)
		}
		var next alternatives
		for _, o := range out {
			for _, text := range values {
				n := value{node: o.node, kind: String, text: o.text, pat: slices.Clone(o.pat)}
				add(&n, text)
				next = append(next, n)
			}
		}
		out = next
		return nil
	}
	if it.op != Equal || it.edited == "" {
		for _, f := range fragments(v.text) {
			if f.name == "" {
				for i := range out {
					out[i].text += f.plain
				}
			} else if err := insert(f.name, func(to *value, text string) { to.text += text }); err != nil {
				return nil, err
			}
		}
		for i := range out {
			out[i].pat = parsePattern(out[i].text)
		}
		return out, nil
	}
	for _, piece := range v.pat { // the text was edited already, so the pattern is what counts
		if piece.Kind != Literal {
			for i := range out {
				out[i].pat = out[i].pat.join(pattern{piece})
			}
			continue
		}
		for _, f := range fragments(piece.Text) {
			if f.name == "" {
				for i := range out {
					out[i].pat = out[i].pat.join(literal(f.plain))
				}
			} else if err := insert(f.name, func(to *value, text string) { to.pat = to.pat.join(parsePattern(text)) }); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
