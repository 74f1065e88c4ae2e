// Package nginxerror reads nginx's error log (ngx_log_error_core and ngx_http_log_error of its source).
package nginxerror

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is nginx's error log.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "nginx-error", Title: "nginx error log",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when it was logged, in the server's own zone; absent in further lines of a message"},
		{Name: "severity", Doc: "emerg, alert, crit, error, warn, notice, info, debug"},
		{Name: "pid", Type: logformat.Integer, Doc: "worker process"},
		{Name: "tid", Type: logformat.Integer, Doc: "thread"},
		{Name: "connection", Type: logformat.Integer, Doc: "number of the connection"},
		{Name: "os-error", Doc: "error of the operating system, like (13: Permission denied)"},
		{Name: "message", Doc: "the message, without what has a field of its own"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client"},
		{Name: "server", Doc: "name or address of the server block"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query, without the question mark; likewise"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1"},
		{Name: "subrequest", Doc: "request that nginx made of itself"},
		{Name: "upstream", Doc: "URL of the server behind"},
		{Name: "cs-host", Doc: "host asked for"},
		{Name: "cs-referer", Doc: "Referer header"},
	},
	Classes: []logformat.Class{{Name: "error", Sources: []logformat.Source{
		{Product: "nginx", Service: "error"},
		{Product: "nginx", Service: "nginx"}, // as SigmaHQ's rules for this log have it
	}}},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Host, Fields: []string{"cs-host", "server"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}

// Sniff recognises lines that begin with a time with slashes and a level in brackets.
func (Format) Sniff(head []byte) int {
	good, all := 0, 0
	for line := range bytes.Lines(head) {
		if all == 20 {
			break
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		all++
		if stamp, _, rest := split(line); stamp != nil && len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			good++
		}
	}
	if good*2 <= all {
		return 0
	}
	return 90
}

// split cuts "2006/01/02 15:04:05 [level] " off; stamp is nil if a line does not begin so.
func split(line []byte) (stamp, level, rest []byte) {
	const width = len("2006/01/02 15:04:05")
	if len(line) < width+4 || line[4] != '/' || line[width] != ' ' || line[width+1] != '[' {
		return nil, nil, line
	}
	if _, ok := timestamp.RFC3339(line[:width]); !ok {
		return nil, nil, line
	}
	level, rest, ok := bytes.Cut(line[width+2:], []byte("] "))
	if !ok || len(level) > len("notice") {
		return nil, nil, line
	}
	return line[:width], level, rest
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{
		zone: file.Zone, uri: web.URISlots(plan),
		time: plan.Slot("time"), severity: plan.Slot("severity"), pid: plan.Slot("pid"), tid: plan.Slot("tid"),
		connection: plan.Slot("connection"), oserr: plan.Slot("os-error"), message: plan.Slot("message"), ip: plan.Slot("c-ip"),
		server: plan.Slot("server"), method: plan.Slot("cs-method"), version: plan.Slot("cs-version"),
		subrequest: plan.Slot("subrequest"), upstream: plan.Slot("upstream"), host: plan.Slot("cs-host"), referer: plan.Slot("cs-referer"),
	}
	d.fill = d.line
	return d
}

type decoder struct {
	framer lines.Framer
	fill   func([]byte, *event.Record) error
	zone   *time.Location
	uri    web.URI
	arena  []byte

	time, severity, pid, tid, connection, oserr, message, ip, server, method, version, subrequest, upstream, host, referer int // slots
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

// Time returns when the line was logged.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	return timestamp.DateTime(rec.Text(d.time), d.zone)
}

func set(rec *event.Record, slot int, text []byte) {
	if slot >= 0 && len(text) > 0 {
		rec.Set(slot, text)
	}
}

// line reads TIME [LEVEL] PID#TID: [*CONNECTION ]MESSAGE[, client: …, server: …, request: "…", …].
func (d *decoder) line(line []byte, rec *event.Record) error {
	stamp, level, rest := split(line)
	if stamp == nil {
		set(rec, d.message, line) // what goes on from the line before
		return nil
	}
	set(rec, d.time, stamp)
	set(rec, d.severity, level)
	if process, after, ok := bytes.Cut(rest, []byte(": ")); ok {
		if pid, tid, ok := bytes.Cut(process, []byte("#")); ok {
			set(rec, d.pid, pid)
			set(rec, d.tid, tid)
			rest = after
		}
	}
	if len(rest) > 0 && rest[0] == '*' {
		if number, after, ok := bytes.Cut(rest[1:], []byte(" ")); ok {
			set(rec, d.connection, number)
			rest = after
		}
	}
	if at := client(rest); at >= 0 {
		d.context(rest[at+len(clientMark):], rec)
		rest = rest[:at]
	}
	set(rec, d.message, rest)
	d.systemError(rest, rec)
	return nil
}

const clientMark = ", client: "

// client finds where the message ends and the client is named. The message may hold a path that a stranger chose, in
// quotes, and the Referer at the end of the line may hold anything: so it is the first place that is not within quotes and
// where an address follows.
func client(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(clientMark))
		if i < 0 {
			return -1
		}
		i += from
		addr := b[i+len(clientMark):]
		if end := bytes.IndexByte(addr, ','); end >= 0 {
			addr = addr[:end]
		}
		if bytes.Count(b[:i], []byte(`"`))%2 == 0 && address(addr) {
			return i
		}
		from = i + len(clientMark)
	}
}

// address reports whether a text has only what addresses are written with.
func address(b []byte) bool {
	if string(b) == "unix:" {
		return true
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') && c != '.' && c != ':' {
			return false
		}
	}
	return bytes.ContainsAny(b, ".:")
}

// context reads what follows the client, in the order in which nginx writes it. Quoted values may hold anything, so the
// next name is looked for behind the quote that ends one.
func (d *decoder) context(b []byte, rec *event.Record) {
	addr, rest, _ := bytes.Cut(b, []byte(", "))
	set(rec, d.ip, addr)
	if after, ok := bytes.CutPrefix(rest, []byte("server: ")); ok {
		server, after, _ := bytes.Cut(after, []byte(", "))
		set(rec, d.server, server)
		rest = after
	}
	if line, after, ok := quoted(rest, `request: "`, true); ok {
		method, target, version := web.SplitRequest(line)
		set(rec, d.method, method)
		set(rec, d.version, version)
		if len(target) > 0 {
			d.arena = d.uri.Set(rec, target, d.arena[:0])
		}
		rest = after
	}
	for _, f := range [...]struct {
		name string
		slot int
	}{{`subrequest: "`, d.subrequest}, {`upstream: "`, d.upstream}, {`host: "`, d.host}} {
		if value, after, ok := quoted(rest, f.name, true); ok {
			set(rec, f.slot, value)
			rest = after
		}
	}
	if value, _, ok := quoted(rest, `referrer: "`, false); ok {
		set(rec, d.referer, value)
	}
}

// quoted cuts a named value off, which ends at the quote before the next name, or, at the end of the line, at the last.
func quoted(b []byte, name string, more bool) (value, rest []byte, ok bool) {
	after, ok := bytes.CutPrefix(b, []byte(name))
	if !ok {
		return nil, b, false
	}
	if i := bytes.Index(after, []byte(`", `)); more && i >= 0 {
		return after[:i], after[i+3:], true
	}
	return bytes.TrimSuffix(after, []byte(`"`)), nil, true
}

// systemError finds the operating system's error, which ends the message.
func (d *decoder) systemError(message []byte, rec *event.Record) {
	if i := bytes.LastIndexByte(message, '('); i >= 0 && i+1 < len(message) && message[i+1] >= '0' && message[i+1] <= '9' {
		if end := bytes.IndexByte(message[i:], ')'); end > 0 && bytes.Contains(message[i:i+end], []byte(": ")) {
			set(rec, d.oserr, message[i:i+end+1])
		}
	}
}
