// Package web names the fields that web servers' logs share, as Sigma's webserver category does, and takes requests apart.
package web

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Fields are the fields of a web request (Sigma taxonomy appendix, "Web Server"; their meaning is that of the W3C
// extended log file format's fields of the same names).
func Fields() []logformat.Field {
	return []logformat.Field{
		{Name: "c-ip", Type: logformat.IP, Doc: "the client's address, as the server saw it: behind a proxy it is the proxy's"},
		{Name: "cs-username", Doc: "the user that signed in to the server"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query, without the question mark; likewise"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1"},
		{Name: "cs-host", Doc: "host asked for"},
		{Name: "cs-referer", Doc: "Referer header"},
		{Name: "cs-user-agent", Doc: "User-Agent header"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status of the response"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes of the response"},
	}
}

// Entities are what findings in web logs are about.
func Entities() []logformat.Entity {
	return []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Principal, Fields: []string{"cs-username"}},
		{Kind: logformat.Host, Fields: []string{"cs-host"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	}
}

// URI is the slots of a request's target.
type URI struct{ URI, Stem, Query int }

// URISlots returns the slots that a plan has for a request's target.
func URISlots(plan *logformat.Plan) URI {
	return URI{plan.Slot("cs-uri"), plan.Slot("cs-uri-stem"), plan.Slot("cs-uri-query")}
}

// Set fills in a request's target. arena is memory for decoded forms; it is returned, perhaps grown.
func (u URI) Set(rec *event.Record, target, arena []byte) []byte {
	if u.URI < 0 && u.Stem < 0 && u.Query < 0 {
		return arena
	}
	stem, query, asked := target, []byte(nil), false
	if i := bytes.IndexByte(target, '?'); i >= 0 {
		stem, query, asked = target[:i], target[i+1:], true
	}
	if bytes.IndexByte(target, '%') < 0 && bytes.IndexByte(target, '+') < 0 { // nearly always
		set(rec, u.URI, target)
		if len(stem) > 0 {
			set(rec, u.Stem, stem)
		}
		if asked {
			set(rec, u.Query, query)
		}
		return arena
	}
	if u.URI >= 0 {
		arena = add(rec, u.URI, target, arena, len(stem))
	}
	if u.Stem >= 0 && len(stem) > 0 {
		arena = Add(rec, u.Stem, stem, arena)
	}
	if u.Query >= 0 && asked {
		arena = AddQuery(rec, u.Query, query, arena)
	}
	return arena
}

func set(rec *event.Record, slot int, text []byte) {
	if slot >= 0 {
		rec.Add(slot, event.String, text, 0)
	}
}

// SetParts fills in a target whose path and query stand apart in the log; either may be empty.
func (u URI) SetParts(rec *event.Record, stem, query, arena []byte) []byte {
	if len(stem) == 0 && len(query) == 0 {
		return arena
	}
	if u.URI >= 0 {
		whole := stem
		if len(query) > 0 {
			start := len(arena)
			arena = append(arena, stem...)
			arena = append(arena, '?')
			arena = append(arena, query...)
			whole = arena[start:]
		}
		arena = add(rec, u.URI, whole, arena, len(stem))
	}
	if u.Stem >= 0 && len(stem) > 0 {
		arena = Add(rec, u.Stem, stem, arena)
	}
	if u.Query >= 0 && len(query) > 0 {
		arena = AddQuery(rec, u.Query, query, arena)
	}
	return arena
}

// SplitRequest takes the line METHOD target PROTOCOL apart. What is no such line (a TLS handshake on a plain port) is all
// target; "-" stands for nothing.
func SplitRequest(line []byte) (method, target, version []byte) {
	if i := bytes.IndexByte(line[:min(len(line), maxMethod)], ' '); i > 0 {
		method, line = line[:i], line[i+1:]
		k := len(line) - len(" HTTP/1.1") // nearly always
		if k < 0 || !isProtocol(line[k:]) {
			k = bytes.LastIndexByte(line, ' ')
		}
		if last := line[k+1:]; k >= 0 && (bytes.HasPrefix(last, []byte("HTTP/")) || Blank(last)) {
			line, version = line[:k], last
		}
	}
	return value(method), value(line), value(version)
}

// isProtocol reports whether a text of nine bytes is a space and a protocol like HTTP/1.1.
func isProtocol(b []byte) bool {
	return string(b[:6]) == " HTTP/" && b[6] > ' ' && b[7] > ' ' && b[8] > ' '
}

// maxMethod is how long a method can be; a longer word is part of something else.
const maxMethod = 24

// Blank reports whether a text is empty or the mark for no value.
func Blank(text []byte) bool { return len(text) == 0 || len(text) == 1 && text[0] == '-' }

func value(text []byte) []byte {
	if Blank(text) {
		return nil
	}
	return text
}

// SplitEndpoint takes address:port apart. An IPv6 address may be in brackets; without them the port is what follows the
// last colon, unless the address is complete without it.
func SplitEndpoint(text []byte) (addr, port []byte) {
	addr = text
	i := bytes.LastIndexByte(text, ':')
	if i > 0 {
		colons := bytes.Count(text, []byte(":"))
		if colons == 1 || text[i-1] == ']' || text[0] != '[' && (colons == 8 || bytes.Contains(text, []byte("::"))) {
			addr, port = text[:i], text[i+1:]
		}
	}
	return value(bytes.Trim(addr, "[]")), value(port)
}

// Add gives a field a text as it stands in the log and, if that is percent-encoded, decoded once and, if then still
// encoded, twice: attacks are written in all three ways, and a field with several values matches if one does.
func Add(rec *event.Record, slot int, text, arena []byte) []byte {
	return add(rec, slot, text, arena, len(text))
}

// AddQuery does so with a query, in which + stands for a space (HTML, "application/x-www-form-urlencoded").
func AddQuery(rec *event.Record, slot int, text, arena []byte) []byte {
	return add(rec, slot, text, arena, 0)
}

// add decodes + as a space from the place plus on, in the first round.
func add(rec *event.Record, slot int, text, arena []byte, plus int) []byte {
	rec.Add(slot, event.String, text, 0)
	for range 2 {
		if bytes.IndexByte(text, '%') < 0 && bytes.IndexByte(text[plus:], '+') < 0 {
			break
		}
		start := len(arena)
		var changed bool
		if arena, changed = decode(arena, text, plus); !changed {
			arena = arena[:start]
			break
		}
		text = arena[start:]
		plus = len(text)
		rec.Add(slot, event.String, text, 0)
	}
	return arena
}

// Decode appends a text with its percent-encoding undone, and reports whether there was any.
func Decode(dst, text []byte) (out []byte, changed bool) { return decode(dst, text, len(text)) }

// decode appends text with its percent-encoded bytes decoded (RFC 3986, 2.1) and, from the place plus on, + as a space.
func decode(dst, text []byte, plus int) (out []byte, changed bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text):
			if b, ok := hexByte(text[i+1], text[i+2]); ok {
				c = b
				changed = true
				i += 2
			}
		case c == '+' && i >= plus:
			c = ' '
			changed = true
		}
		dst = append(dst, c)
	}
	return dst, changed
}

func hexByte(hi, lo byte) (byte, bool) {
	h, ok1 := hexDigit(hi)
	l, ok2 := hexDigit(lo)
	return h<<4 | l, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// Unescape undoes the escapes that servers write within quotes: \", \\, \t and \xhh (Apache's mod_log_config, "Security
// Considerations"; nginx, escape=default).
func Unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			dst = append(dst, c)
			continue
		}
		i++
		switch text[i] {
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'x':
			if i+2 < len(text) {
				if b, ok := hexByte(text[i+1], text[i+2]); ok {
					dst = append(dst, b)
					i += 2
					continue
				}
			}
			dst = append(dst, '\\', 'x')
		default:
			dst = append(dst, text[i])
		}
	}
	return dst
}
