// Package apacheerror reads the error log of Apache httpd, as 2.2 and 2.4 write it by default (core module, ErrorLogFormat).
package apacheerror

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is Apache httpd's error log.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "apache-error", Title: "Apache httpd error log",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when it was logged, in the server's own zone (%t); absent in what a script wrote to its error output"},
		{Name: "severity", Doc: "emerg, alert, crit, error, warn, notice, info, debug, trace1 to trace8 (%l)"},
		{Name: "module", Doc: "module that logged it, from 2.4 on (%m)"},
		{Name: "pid", Type: logformat.Integer, Doc: "process, from 2.4 on (%P)"},
		{Name: "tid", Type: logformat.Integer, Doc: "thread, from 2.4 on (%T)"},
		{Name: "source", Doc: "source file and line, at the levels debug and trace (%F)"},
		{Name: "os-error", Doc: "error of the operating system, like (13)Permission denied (%E)"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client (%a)"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client, from 2.4 on (%a)"},
		{Name: "error-code", Doc: "number of the message, like AH01797, from 2.4 on"},
		{Name: "message", Doc: "the message, without what has a field of its own (%M)"},
		{Name: "cs-referer", Doc: "Referer header, which follows the message (%{Referer}i)"},
	},
	Classes: []logformat.Class{{Name: "error", Sources: []logformat.Source{
		{Product: "apache", Service: "error"},
		{Product: "apache", Service: "apache"}, // as SigmaHQ's rules for this log have it
	}}},
	Entities: []logformat.Entity{{Kind: logformat.SourceIP, Fields: []string{"c-ip"}}},
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
}

// Sniff recognises lines that begin with a time of this form in brackets and go on with another bracket.
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
		if stamp, rest, ok := bracket(line); ok && len(rest) > 0 && rest[0] == '[' {
			if _, ok := parse(stamp); ok {
				good++
			}
		}
	}
	if good*2 <= all {
		return 0
	}
	return 90
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{
		zone: file.Zone, time: plan.Slot("time"), severity: plan.Slot("severity"), module: plan.Slot("module"), pid: plan.Slot("pid"),
		tid: plan.Slot("tid"), source: plan.Slot("source"), oserr: plan.Slot("os-error"), ip: plan.Slot("c-ip"),
		port: plan.Slot("c-port"), code: plan.Slot("error-code"), message: plan.Slot("message"), referer: plan.Slot("cs-referer"),
	}
	d.fill = d.line
	return d
}

type decoder struct {
	framer lines.Framer
	fill   func([]byte, *event.Record) error
	zone   *time.Location

	time, severity, module, pid, tid, source, oserr, ip, port, code, message, referer int // slots
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

// Time returns when the line was logged.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	ns, ok := parse(rec.Text(d.time))
	if !ok {
		return 0, false
	}
	return timestamp.Local(ns, d.zone), true
}

func set(rec *event.Record, slot int, text []byte) {
	if slot >= 0 && len(text) > 0 {
		rec.Set(slot, text)
	}
}

// line reads [time] [module:severity] [pid N:tid N] file.c(N): (N)OS error: [client ADDRESS:PORT] AHnnnnn: message,
// referer: URL. All between the severity and the message may be missing.
func (d *decoder) line(line []byte, rec *event.Record) error {
	stamp, rest, ok := bracket(line)
	if !ok {
		set(rec, d.message, line) // what a script wrote to its error output
		return nil
	}
	if _, ok := parse(stamp); !ok {
		set(rec, d.message, line)
		return nil
	}
	set(rec, d.time, stamp)
	ported := false // since 2.4 the client's port follows its address
	if part, after, ok := bracket(rest); ok {
		severity := part
		if module, level, ok := bytes.Cut(part, []byte(":")); ok {
			set(rec, d.module, module)
			severity, ported = level, true
		}
		set(rec, d.severity, severity)
		rest = after
	}
	if value, after, ok := tagged(rest, "[pid "); ok {
		pid, tid, _ := bytes.Cut(value, []byte(":tid "))
		set(rec, d.pid, pid)
		set(rec, d.tid, tid)
		rest, ported = after, true
	}
	rest = d.before(rest, rec)
	if value, after, ok := tagged(rest, "[client "); ok {
		d.client(value, ported, rec)
		rest = after
	}
	d.text(rest, rec)
	return nil
}

// before reads the source file and the operating system's error, which end with a colon.
func (d *decoder) before(rest []byte, rec *event.Record) []byte {
	head, after, ok := bytes.Cut(rest, []byte(": "))
	if ok && len(head) > 4 && head[len(head)-1] == ')' && bytes.Contains(head, []byte(".c(")) && bytes.IndexByte(head, ' ') < 0 {
		set(rec, d.source, head)
		rest = after
		head, after, ok = bytes.Cut(rest, []byte(": "))
	}
	if ok && len(head) > 2 && head[0] == '(' && head[1] >= '0' && head[1] <= '9' {
		set(rec, d.oserr, head)
		rest = after
	}
	return rest
}

func (d *decoder) client(value []byte, ported bool, rec *event.Record) {
	addr, port := value, []byte(nil)
	if ported {
		addr, port = web.SplitEndpoint(value)
	}
	set(rec, d.ip, addr)
	set(rec, d.port, port)
}

// text reads the message with its number before it and the referer behind it.
func (d *decoder) text(rest []byte, rec *event.Record) {
	if len(rest) > 9 && rest[0] == 'A' && rest[1] == 'H' && rest[7] == ':' && rest[8] == ' ' {
		set(rec, d.code, rest[:7])
		rest = rest[9:]
	}
	const mark = ", referer: "
	if i := bytes.LastIndex(rest, []byte(mark)); i >= 0 {
		set(rec, d.referer, rest[i+len(mark):])
		rest = rest[:i]
	}
	set(rec, d.message, rest)
}

// bracket cuts "[text] " off.
func bracket(b []byte) (text, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != '[' {
		return nil, b, false
	}
	i := bytes.IndexByte(b, ']')
	if i < 0 || i+1 < len(b) && b[i+1] != ' ' {
		return nil, b, false
	}
	return b[1:i], bytes.TrimLeft(b[i+1:], " "), true
}

// tagged cuts a bracket with a word at its start off.
func tagged(b []byte, tag string) (value, rest []byte, ok bool) {
	if !bytes.HasPrefix(b, []byte(tag)) {
		return nil, b, false
	}
	text, rest, ok := bracket(b)
	if !ok {
		return nil, b, false
	}
	return text[len(tag)-1:], rest, true
}

// parse reads Sun Dec 04 04:47:44[.ffffff] 2005.
func parse(b []byte) (int64, bool) {
	if len(b) < 24 || b[3] != ' ' || b[7] != ' ' || b[10] != ' ' {
		return 0, false
	}
	month, ok := timestamp.Month(b[4:7])
	ns, rest, ok2 := timestamp.Clock(b[11:])
	if !ok || !ok2 || len(rest) != 5 || rest[0] != ' ' {
		return 0, false
	}
	day, year := number(b[8:10]), number(rest[1:])
	if day < 1 || day > 31 || year < 1678 || year > 2261 {
		return 0, false
	}
	return timestamp.DayOf(year, month, day) + ns, true
}

func number(b []byte) int {
	n := 0
	for _, c := range bytes.TrimLeft(b, " ") {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
