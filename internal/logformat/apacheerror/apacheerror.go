// Package apacheerror reads the error log of Apache httpd, as 2.2 and 2.4 write it by default (core directive ErrorLogFormat).
package apacheerror

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
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
		{Name: "time", Type: logformat.Time, Doc: "when it was logged, in the server's zone"},
		{Name: "module", Doc: "module that logged it (2.4)"},
		{Name: "severity", Doc: "emerg, alert, crit, error, warn, notice, info, debug"},
		{Name: "pid", Type: logformat.Integer, Doc: "process id (2.4)"},
		{Name: "tid", Type: logformat.Integer, Doc: "thread id (2.4)"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port (2.4)"},
		{Name: "error-code", Doc: "like AH01797 (2.4)"},
		{Name: "message", Doc: "the message"},
	},
	Classes:  []logformat.Class{{Name: "error", Sources: []logformat.Source{{Product: "apache", Service: "error"}, {Product: "apache"}}}},
	Entities: []logformat.Entity{{Kind: logformat.SourceIP, Fields: []string{"c-ip"}}},
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
}

// Sniff recognises a line that begins with a day, a month and a time in brackets.
func (Format) Sniff(head []byte) int {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if stamp, _, ok := bracket(line); ok {
		if _, ok := parse(stamp); ok {
			return 90
		}
	}
	return 0
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{plan: plan, zone: file.Zone}
	d.fill = d.line
	return d
}

type decoder struct {
	framer lines.Framer
	plan   *logformat.Plan
	zone   *time.Location
	fill   func([]byte, *event.Record) error
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

// Time returns when the line was logged.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	ns, ok := parse(rec.Text(d.plan.Slot("time")))
	return timestamp.Local(ns, d.zone), ok
}

func (d *decoder) set(rec *event.Record, field string, text []byte) {
	if s := d.plan.Slot(field); s >= 0 && len(text) > 0 {
		rec.Set(s, text)
	}
}

// line reads [time] [module:severity] [pid N:tid N] [client ADDRESS:PORT] AHnnnnn: message.
func (d *decoder) line(line []byte, rec *event.Record) error {
	stamp, rest, ok := bracket(line)
	if !ok {
		d.set(rec, "message", line) // what a script wrote to its error output
		return nil
	}
	d.set(rec, "time", stamp)
	for first := true; ; first = false {
		part, after, ok := bracket(rest)
		if !ok {
			break
		}
		d.part(part, first, rec)
		rest = after
	}
	if code, msg, ok := bytes.Cut(rest, []byte(": ")); ok && len(code) == 7 && bytes.HasPrefix(code, []byte("AH")) {
		d.set(rec, "error-code", code)
		rest = msg
	}
	d.set(rec, "message", rest)
	return nil
}

func (d *decoder) part(part []byte, first bool, rec *event.Record) {
	key, value, spaced := bytes.Cut(part, []byte(" "))
	switch {
	case first && !spaced:
		if module, severity, ok := bytes.Cut(part, []byte(":")); ok {
			d.set(rec, "module", module)
			d.set(rec, "severity", severity)
		} else {
			d.set(rec, "severity", part)
		}
	case string(key) == "pid":
		pid, tid, _ := bytes.Cut(value, []byte(":tid "))
		d.set(rec, "pid", pid)
		d.set(rec, "tid", tid)
	case string(key) == "client":
		if i := bytes.LastIndexByte(value, ':'); i > 0 && (bytes.IndexByte(value, ':') == i || value[i-1] == ']') {
			d.set(rec, "c-port", value[i+1:])
			value = value[:i]
		}
		d.set(rec, "c-ip", bytes.Trim(value, "[]"))
	}
}

// bracket cuts "[text] " off.
func bracket(b []byte) (text, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != '[' {
		return nil, b, false
	}
	i := bytes.Index(b, []byte("] "))
	if i < 0 {
		return nil, b, false
	}
	return b[1:i], b[i+2:], true
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
	for _, c := range bytes.TrimSpace(b) {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
