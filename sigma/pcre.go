package sigma

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// setRegexp compiles a regular expression. What PCRE has and Go's RE2 has not (look-around, back-references) is no fault of
// the rule: it is unsupported.
func (it *item) setRegexp(a *Atom, v value) error {
	if it.cased && strings.Contains(it.flags, "i") {
		return errAt(it.at, "modifiers \"cased\" and \"i\" contradict each other")
	}
	flags := ""
	if it.flags != "" {
		flags = "(?" + it.flags + ")"
	}
	re, err := regexp.Compile(flags + v.text)
	if err != nil {
		translated, reason := fromPCRE(v.text)
		if reason != nil {
			return unsupportedAt(v.node, "regular expression: %w", reason)
		}
		if again, err2 := regexp.Compile(flags + translated); err2 == nil {
			re, err = again, nil
		}
	}
	if err != nil {
		if beyondGo(err) {
			return unsupportedAt(v.node, "regular expression: %s", plainRegexpError(err))
		}
		return errAt(v.node, "regular expression: %s", plainRegexpError(err))
	}
	a.Regexp, a.Text = re, re.String()
	return nil
}

func plainRegexpError(err error) string {
	return shorten(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// beyondGo tells expressions that another engine may take from those that none does.
func beyondGo(err error) bool {
	var se *syntax.Error
	if !errors.As(err, &se) {
		return false
	}
	switch se.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrInvalidEscape, syntax.ErrInvalidRepeatSize, syntax.ErrLarge, syntax.ErrNestingDepth,
		syntax.ErrInvalidCharRange, syntax.ErrInvalidNamedCapture:
		return true
	case syntax.ErrInvalidRepeatOp:
		return strings.HasSuffix(se.Expr, "+") // possessive
	default:
		return false
	}
}

// spaces are the characters of \h (pcre2pattern, "Generic character types").
const spaces = `\t \x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}`

// fromPCRE writes what PCRE has and Go's regexp has not in Go's terms, where that means the same: \h, \e, \N, \Z, \uXXXX and
// comments. reason says which part of the expression can't be written so.
func fromPCRE(src string) (out string, reason error) {
	var b strings.Builder
	class := 0 // where the character class began, plus 1; 0 outside
	for i := 0; i < len(src); i++ {
		rest := src[i:]
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			text, n, err := escapeFromPCRE(rest, class > 0)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i += n - 1
			continue
		case class > 0 && strings.HasPrefix(rest, "[:") && strings.Contains(rest, ":]"):
			n := strings.Index(rest, ":]") + len(":]")
			b.WriteString(rest[:n])
			i += n - 1
			continue
		case class > 0:
			if rest[0] == ']' && i > class && (i != class+1 || src[class] != '^') {
				class = 0
			}
		case rest[0] == '[':
			class = i + 1
		case strings.HasPrefix(rest, "(?#"):
			if n := strings.IndexByte(rest, ')'); n > 0 {
				i += n
				continue
			}
		case strings.HasPrefix(rest, "(?"):
			if err := groupOfPCRE(rest); err != nil {
				return "", err
			}
		}
		b.WriteByte(rest[0])
	}
	return b.String(), nil
}

func escapeFromPCRE(rest string, inClass bool) (text string, n int, err error) {
	const two, six = 2, 6
	switch c := rest[1]; {
	case c == 'e':
		return `\x1b`, two, nil
	case c == 'h' && inClass:
		return spaces, two, nil
	case c == 'h':
		return "[" + spaces + "]", two, nil
	case c == 'N' && !inClass:
		return `[^\n]`, two, nil
	case c == 'Z' && !inClass:
		return `(?:\n?\z)`, two, nil
	case c == 'u' && len(rest) >= six && isHex(rest[two:six]):
		return `\x{` + rest[two:six] + "}", six, nil
	case c >= '1' && c <= '9' && !inClass, c == 'g' || c == 'k':
		return "", 0, fmt.Errorf("a back-reference (%s) can't be had here", rest[:two])
	}
	return rest[:two], two, nil
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

func groupOfPCRE(rest string) error {
	for _, g := range [...]struct{ prefix, name string }{
		{"(?=", "a look-ahead"},
		{"(?!", "a look-ahead"},
		{"(?<=", "a look-behind"},
		{"(?<!", "a look-behind"},
		{"(?>", "an atomic group"},
		{"(?|", "a branch reset"},
		{"(?(", "a condition"},
		{"(?P=", "a back-reference"},
	} {
		if strings.HasPrefix(rest, g.prefix) {
			return fmt.Errorf("%s (%s…) can't be had here", g.name, g.prefix)
		}
	}
	return nil
}
