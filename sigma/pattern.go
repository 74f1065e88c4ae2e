package sigma

import "strings"

// pattern is a rule's text value with its wildcards told from its plain characters.
type pattern []Piece

// parsePattern splits a value at its wildcards (Sigma specification, "Wildcards" and "Escaping"): a backslash makes a
// following *, ? or backslash plain; before anything else it is a backslash itself.
func parsePattern(s string) pattern {
	var p pattern
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			p = append(p, Piece{Kind: Literal, Text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '*' || s[i+1] == '?' || s[i+1] == '\\'):
			i++
			lit.WriteByte(s[i])
		case c == '*':
			flush()
			if len(p) == 0 || p[len(p)-1].Kind != Any {
				p = append(p, Piece{Kind: Any})
			}
		case c == '?':
			flush()
			p = append(p, Piece{Kind: One})
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return p
}

// plain returns the text of a pattern without wildcards.
func (p pattern) plain() (string, bool) {
	switch {
	case len(p) == 0:
		return "", true
	case len(p) == 1 && p[0].Kind == Literal:
		return p[0].Text, true
	}
	return "", false
}

// around puts wildcards at the ends, as contains, startswith and endswith do.
func (p pattern) around(before, after bool) pattern {
	out := make(pattern, 0, len(p)+2)
	if before && (len(p) == 0 || p[0].Kind != Any) {
		out = append(out, Piece{Kind: Any})
	}
	out = append(out, p...)
	if after && (len(out) == 0 || out[len(out)-1].Kind != Any) {
		out = append(out, Piece{Kind: Any})
	}
	return out
}

// atom returns the cheapest test that a pattern comes to.
func (p pattern) atom(field string, cased bool, line int) *Atom {
	a := &Atom{Field: field, Cased: cased, Line: line}
	if text, ok := p.plain(); ok {
		a.Op, a.Text = Equal, text
		return a
	}
	switch {
	case len(p) == 2 && p[0].Kind == Any && p[1].Kind == Literal:
		a.Op, a.Text = EndsWith, p[1].Text
	case len(p) == 2 && p[0].Kind == Literal && p[1].Kind == Any:
		a.Op, a.Text = StartsWith, p[0].Text
	case len(p) == 3 && p[0].Kind == Any && p[1].Kind == Literal && p[2].Kind == Any:
		a.Op, a.Text = Contains, p[1].Text
	default:
		a.Op, a.Glob = Glob, p
	}
	return a
}

// join returns the pattern with another behind it, in the form that parsePattern gives: no two literals and no two Any side
// by side.
func (p pattern) join(q pattern) pattern {
	for _, piece := range q {
		if n := len(p); n > 0 && p[n-1].Kind == piece.Kind && piece.Kind != One {
			p[n-1].Text += piece.Text
			continue
		}
		p = append(p, piece)
	}
	return p
}
