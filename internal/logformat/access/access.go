// Package access reads web servers' access logs in NCSA's common and combined forms: Apache httpd's, with or without the
// virtual host in front (mod_log_config, "Examples"), and nginx's default (ngx_http_log_module, log_format combined).
package access

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is the NCSA access log.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "access", Title: "Web access log (NCSA common and combined, nginx)",
	Fields: append(web.Fields(),
		logformat.Field{Name: "time", Type: logformat.Time, Doc: "when the request was received (Apache), or answered (nginx)"},
		logformat.Field{Name: "request", Doc: "the request line as it was received, without the server's escapes"},
		logformat.Field{Name: "x-forwarded-for", Doc: "X-Forwarded-For header, where a third quoted column has it, as in the packaged nginx.conf"}),
	Classes: []logformat.Class{{Name: "request", Sources: []logformat.Source{
		{Category: "webserver"}, {Category: "webserver", Product: "apache"}, {Category: "webserver", Product: "nginx"},
	}}},
	Entities: web.Entities(),
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
}

// Sniff recognises the time in brackets followed by a quoted request.
func (Format) Sniff(head []byte) int {
	good, all := 0, 0
	for line := range bytes.Lines(head) {
		if all == 20 {
			break
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		all++
		if i := bytes.IndexByte(line, '['); i > 0 && i+28 < len(line) && line[i+27] == ']' {
			if _, ok := timestamp.CLF(line[i+1 : i+27]); ok && bytes.HasPrefix(line[i+28:], []byte(` "`)) && bytes.Count(line[:i], []byte(" ")) <= 4 {
				good++
			}
		}
	}
	if good*2 <= all {
		return 0
	}
	return 85
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, _ logformat.File) logformat.Decoder {
	d := &decoder{
		host: plan.Slot("cs-host"), ip: plan.Slot("c-ip"), user: plan.Slot("cs-username"), time: plan.Slot("time"),
		request: plan.Slot("request"), method: plan.Slot("cs-method"), version: plan.Slot("cs-version"),
		status: plan.Slot("sc-status"), size: plan.Slot("sc-bytes"), referer: plan.Slot("cs-referer"),
		agent: plan.Slot("cs-user-agent"), forwarded: plan.Slot("x-forwarded-for"), uri: web.URISlots(plan),
	}
	d.parse = d.line
	return d
}

type decoder struct {
	framer lines.Framer
	parse  func([]byte, *event.Record) error
	arena  []byte
	uri    web.URI

	escapes bool // the line holds backslashes

	host, ip, user, time, request, method, version, status, size, referer, agent, forwarded int
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.parse)
}

// Time returns the time of the request.
func (d *decoder) Time(rec *event.Record) (int64, bool) { return timestamp.CLF(rec.Text(d.time)) }

var errShape = logformat.Errorf("not an access log line: address, identity, user, [time] and \"request\" are expected")

// line takes a line apart: [host:port] address identity user [time] "request" status bytes ["referer" "agent" …].
func (d *decoder) line(line []byte, rec *event.Record) error {
	d.arena = d.arena[:0]
	open := bytes.IndexByte(line, '[')
	if open < 1 || open+29 > len(line) {
		return errShape
	}
	closing := open + 27
	if line[closing] != ']' {
		if closing = bytes.IndexByte(line[open:], ']') + open; closing < open || closing+2 >= len(line) {
			return errShape
		}
	}
	d.set(rec, d.time, line[open+1:closing])
	d.who(line[:open], rec)
	rest := line[closing+1:]
	if len(rest) < 2 || rest[0] != ' ' || rest[1] != '"' {
		return errShape
	}
	d.escapes = bytes.IndexByte(rest, '\\') >= 0
	req, rest, ok := d.quoted(rest[1:])
	if !ok {
		return errShape
	}
	d.requestLine(req, rec)
	status, rest := word(rest)
	size, rest := word(rest)
	d.set(rec, d.status, status)
	d.set(rec, d.size, size)
	if d.referer >= 0 || d.agent >= 0 || d.forwarded >= 0 {
		d.headers(rest, rec)
	}
	return nil
}

// headers reads the quoted columns behind the size.
func (d *decoder) headers(rest []byte, rec *event.Record) {
	for _, slot := range [...]int{d.referer, d.agent, d.forwarded} {
		if len(rest) < 3 || rest[1] != '"' {
			return
		}
		text, after, ok := d.quoted(rest[1:])
		if !ok {
			return
		}
		d.set(rec, slot, text)
		rest = after
	}
}

// set fills a field in; "-" stands for no value.
func (d *decoder) set(rec *event.Record, slot int, text []byte) {
	if slot >= 0 && len(text) > 0 && (len(text) > 1 || text[0] != '-') {
		rec.Set(slot, text)
	}
}

// nobody is what stands between an address and the time of a request without identity and user.
const nobody = " - - "

// who takes apart what stands before the time. A user's name may have spaces in it. The virtual host may stand in front,
// with its port, or without, which shows by an address behind it.
func (d *decoder) who(text []byte, rec *event.Record) {
	if n := len(text) - len(nobody); n > 0 && string(text[n:]) == nobody && bytes.IndexByte(text[:n], ' ') < 0 { // nearly always
		d.set(rec, d.ip, text[:n])
		return
	}
	first, rest := word(text)
	if host, ok := virtualHost(first, rest); ok {
		d.set(rec, d.host, host)
		first, rest = word(rest)
	}
	d.set(rec, d.ip, first)
	if d.user >= 0 {
		_, rest = word(rest)
		d.set(rec, d.user, bytes.TrimSpace(rest))
	}
}

func virtualHost(first, rest []byte) (host []byte, ok bool) {
	if i := bytes.IndexByte(first, ':'); i > 0 && len(rest) > 1 && allDigits(first[i+1:]) {
		return first[:i], true
	}
	if bytes.Count(rest, []byte(" ")) < 4 || isAddress(first) { // the usual case ends here
		return nil, false
	}
	second, _ := word(rest)
	return first, isAddress(second)
}

// isAddress reports whether a word looks like an IP address: only such have a colon, or nothing but digits and dots.
func isAddress(b []byte) bool {
	for _, c := range b {
		switch {
		case c == ':':
			return true
		case (c < '0' || c > '9') && c != '.' && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		case c > '9' && bytes.IndexByte(b, ':') < 0:
			return false
		}
	}
	return len(b) > 1
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// word cuts the first word off a text that may begin with a space.
func word(b []byte) (first, rest []byte) {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	for i, c := range b[:min(len(b), shortWord)] { // quicker than a call
		if c == ' ' {
			return b[:i], b[i:]
		}
	}
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

// shortWord is how long most words are at most: a status, a size.
const shortWord = 8

// quoted cuts a quoted text off, unescaped.
func (d *decoder) quoted(b []byte) (text, rest []byte, ok bool) {
	if !d.escapes {
		if end := bytes.IndexByte(b[1:], '"'); end >= 0 {
			return b[1 : end+1], b[end+2:], true
		}
		return nil, nil, false
	}
	for i := 1; ; {
		end := bytes.IndexByte(b[i:], '"')
		if end < 0 {
			return nil, nil, false
		}
		i += end
		slashes := 0
		for k := i - 1; k > 0 && b[k] == '\\'; k-- {
			slashes++
		}
		if slashes%2 == 0 {
			text, rest = b[1:i], b[i+1:]
			break
		}
		i++
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		start := len(d.arena)
		d.arena = web.Unescape(d.arena, text)
		text = d.arena[start:]
	}
	return text, rest, true
}

// requestLine takes the request line apart. What is no such line (a TLS handshake on a plain port) is kept as the URI.
func (d *decoder) requestLine(req []byte, rec *event.Record) {
	d.set(rec, d.request, req)
	method, target, version := web.SplitRequest(req)
	d.set(rec, d.method, method)
	d.set(rec, d.version, version)
	if target != nil {
		d.arena = d.uri.Set(rec, target, d.arena)
	}
}
