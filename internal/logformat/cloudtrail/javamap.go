package cloudtrail

import "bytes"

// maxJavaDepth bounds how deep maps may lie within each other.
const maxJavaDepth = 32

// appendJavaMap appends in JSON what Java, and so Presto and Athena, print of a structure: {type=IAMUser, arn=…, sessioncontext={…}}
// or [{arn=…}, {arn=…}]. Nothing in it is quoted, so that a text ends where another name and "=" follow a comma, or at the
// bracket that closes what it is in; a text that holds such a thing itself is cut there. JSON in it is kept as a text. The
// result is false if the text is not built like that.
func appendJavaMap(dst, text []byte) ([]byte, bool) {
	p := javaMap{in: text, out: dst}
	ok := p.value(0) && p.at == len(p.in)
	return p.out, ok
}

type javaMap struct {
	in, out []byte
	at      int
}

// value takes a map, a list or a text, which ends at its map's or list's closing bracket.
func (p *javaMap) value(within byte) bool {
	return p.nested(within, 0)
}

func (p *javaMap) nested(within byte, depth int) bool {
	if depth > maxJavaDepth {
		return false
	}
	rest := p.in[p.at:]
	switch {
	case len(rest) > 1 && rest[0] == '{' && rest[1] == '}', len(rest) > 1 && rest[0] == '[' && rest[1] == ']':
		p.out = append(p.out, rest[:2]...)
		p.at += 2
		return true
	case len(rest) > 0 && rest[0] == '[' && !isJSON(rest):
		return p.list(depth)
	case len(rest) > 0 && rest[0] == '{' && key(rest[1:]) > 0:
		return p.object(depth)
	case within == 0:
		return false
	}
	end := p.textEnd(within)
	p.text(p.in[p.at:end])
	p.at = end
	return true
}

// object takes {name=value, name=value}.
func (p *javaMap) object(depth int) bool {
	p.out = append(p.out, '{')
	for p.at++; ; {
		n := key(p.in[p.at:])
		if n == 0 {
			return false
		}
		p.quote(p.in[p.at : p.at+n])
		p.out = append(p.out, ':')
		p.at += n + 1
		if !p.nested('}', depth+1) {
			return false
		}
		if more, ok := p.next('}'); !more {
			return ok
		}
	}
}

// list takes [value, value].
func (p *javaMap) list(depth int) bool {
	p.out = append(p.out, '[')
	for p.at++; ; {
		if !p.nested(']', depth+1) {
			return false
		}
		if more, ok := p.next(']'); !more {
			return ok
		}
	}
}

// next steps over what follows a value: a comma, after which there is more, or the closing bracket.
func (p *javaMap) next(closing byte) (more, ok bool) {
	rest := p.in[p.at:]
	switch {
	case bytes.HasPrefix(rest, []byte(", ")):
		p.at += 2
		p.out = append(p.out, ',')
		return true, true
	case len(rest) > 0 && rest[0] == closing:
		p.at++
		p.out = append(p.out, closing)
		return false, true
	}
	return false, false
}

// textEnd returns where the text at p.at ends: brackets within it are closed within it, and quotes hide them.
func (p *javaMap) textEnd(within byte) int {
	open, quoted := 0, false
	for i := p.at; i < len(p.in); i++ {
		switch b := p.in[i]; {
		case b == '\\' && (quoted || i+1 < len(p.in) && p.in[i+1] == '"'):
			i++
		case b == '"':
			quoted = !quoted && bytes.IndexByte(p.in[i+1:], '"') >= 0
		case quoted:
		case b == '{' || b == '[':
			open++
		case (b == '}' || b == ']') && open > 0:
			open--
		case b == within:
			return i
		case b == ',' && open == 0 && i+1 < len(p.in) && p.in[i+1] == ' ' && (within == ']' || key(p.in[i+2:]) > 0):
			return i
		}
	}
	return len(p.in)
}

// key returns the length of the name that "=" follows; 0 if none stands there.
func key(text []byte) int {
	for i, b := range text {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_', b == '-', b == '.', b == ':', b == '/':
		case b == '=':
			return i
		default:
			return 0
		}
	}
	return 0
}

func (p *javaMap) text(text []byte) {
	if string(text) == "null" {
		p.out = append(p.out, text...)
		return
	}
	p.quote(text)
}

// quote appends a text as a JSON string.
func (p *javaMap) quote(text []byte) {
	p.out = append(p.out, '"')
	for _, b := range text {
		switch {
		case b == '"' || b == '\\':
			p.out = append(p.out, '\\', b)
		case b == '\n':
			p.out = append(p.out, '\\', 'n')
		case b < ' ':
			const hex = "0123456789abcdef"
			p.out = append(p.out, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		default:
			p.out = append(p.out, b)
		}
	}
	p.out = append(p.out, '"')
}
