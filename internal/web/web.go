// Package web names the fields that web servers' logs share, as Sigma's webserver category does, and takes requests apart.
package web

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Fields are the fields of a web request (Sigma taxonomy appendix, "Web Server").
func Fields() []logformat.Field {
	return []logformat.Field{
		{Name: "c-ip", Type: logformat.IP, Doc: "the client's address"},
		{Name: "cs-username", Doc: "the user that signed in to the server"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query; if percent-encoded, decoded once and twice as well"},
		{Name: "cs-uri-stem", Doc: "path; likewise"},
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
	stem, query, asked := bytes.Cut(target, []byte("?"))
	if u.URI >= 0 {
		arena = Add(rec, u.URI, target, arena)
	}
	if u.Stem >= 0 {
		arena = Add(rec, u.Stem, stem, arena)
	}
	if u.Query >= 0 && asked {
		arena = Add(rec, u.Query, query, arena)
	}
	return arena
}

// Add gives a field a text as it stands in the log and, if that is percent-encoded, decoded once and, if then still
// encoded, twice: attacks are written in all three ways, and a field with several values matches if one does.
func Add(rec *event.Record, slot int, text, arena []byte) []byte {
	rec.Add(slot, event.String, text, 0)
	for round := range 2 {
		if bytes.IndexByte(text, '%') < 0 && (round > 0 || bytes.IndexByte(text, '+') < 0) {
			break
		}
		start := len(arena)
		var changed bool
		if arena, changed = decode(arena, text); !changed {
			break
		}
		text = arena[start:]
		rec.Add(slot, event.String, text, 0)
	}
	return arena
}

// decode appends text with its percent-encoded bytes decoded (RFC 3986, 2.1) and + as a space.
func decode(dst, text []byte) (out []byte, changed bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' && i+2 < len(text) {
			if b, ok := hexByte(text[i+1], text[i+2]); ok {
				dst = append(dst, b)
				changed = true
				i += 2
				continue
			}
		}
		if c == '+' {
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
