// Package logfmt reads lines of key=value pairs of no format known otherwise, as Go's slog, logrus, Heroku, Grafana's
// programs and some firewalls write them. Any key is a field. What kind of log it is has to be said (--logsource).
package logfmt

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is logfmt.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "logfmt", Title: "key=value lines, of no format known otherwise",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "time; also ts, timestamp, t, @timestamp, or a clock's time with the day in date"},
		{Name: "", Open: true, Doc: "any key"},
	},
	Classes: []logformat.Class{{Name: "generic", Sources: []logformat.Source{}}},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_ip", "srcip", "source_ip", "client_ip", "remote_ip", "remote_addr", "client", "ip", "addr"}},
		{Kind: logformat.Principal, Fields: []string{"user", "username", "uname", "login"}},
		{Kind: logformat.Host, Fields: []string{"host", "hostname", "devname"}},
		{Kind: logformat.UserAgent, Fields: []string{"user_agent"}},
	},
	Actor: []string{"user", "username", "uname", "host"},
	Needs: times,
}

// times are the keys of a line's time, the first present counts.
//
//nolint:gochecknoglobals // constant data
var times = []string{"time", "ts", "timestamp", "t", "@timestamp", "date"}

// Sniff recognises lines of which nearly all are pairs from their start to their end, one of them a time.
func (Format) Sniff(head []byte) int {
	good, timed, all := 0, 0, 0
	for line := range bytes.Lines(head) {
		if all == 20 {
			break
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		all++
		pairs, hasTime := survey(line)
		if pairs >= 3 {
			good++
			if hasTime {
				timed++
			}
		}
	}
	switch {
	case good*4 <= all*3:
		return 0
	case timed*2 <= all:
		return 20
	}
	return 55
}

// survey counts the pairs of a line that is nothing else; 0 if it has words that are none.
func survey(line []byte) (n int, hasTime bool) {
	p := pairs{rest: line}
	for p.next() {
		if !p.valued {
			return 0, false
		}
		n++
		for _, t := range times {
			hasTime = hasTime || t == string(p.key)
		}
	}
	return n, hasTime
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{slots: map[string]int{}, zone: file.Zone}
	for _, name := range plan.Fields {
		d.slots[name] = plan.Slot(name)
	}
	for i, name := range times {
		d.times[i] = plan.Slot(name)
	}
	d.fill = d.line
	return d
}

type decoder struct {
	framer  lines.Framer
	fill    func([]byte, *event.Record) error
	slots   map[string]int
	times   [6]int
	zone    *time.Location
	scratch []byte
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

var errShape = logformat.Errorf("not a line of key=value pairs")

func (d *decoder) line(line []byte, rec *event.Record) error {
	d.scratch = d.scratch[:0]
	found := false
	for p := (pairs{rest: line}); p.next(); {
		found = found || p.valued
		slot, ok := d.slots[string(p.key)]
		if !ok || !p.valued {
			continue
		}
		value := p.value
		if p.escaped {
			start := len(d.scratch)
			d.scratch = web.Unescape(d.scratch, value)
			value = d.scratch[start:len(d.scratch):len(d.scratch)]
		}
		rec.Set(slot, value)
	}
	if !found {
		return errShape
	}
	return nil
}

// Time returns a line's time.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	for _, s := range d.times {
		text := rec.Text(s)
		if text == nil {
			continue
		}
		if ns, ok := timestamp.DateTime(text, d.zone); ok {
			return ns, true
		}
		if ns, ok := timestamp.Any(text); ok {
			return ns, true
		}
		if clock, rest, ok := timestamp.Clock(text); ok && len(rest) == 0 { // date=2026-03-02 time=10:00:00
			if day, rest, ok := timestamp.Date(rec.Text(d.times[len(d.times)-1])); ok && len(rest) == 0 {
				return timestamp.Local(day+clock, d.zone), true
			}
		}
	}
	return 0, false
}

// pairs steps through the words of a line.
type pairs struct {
	rest       []byte
	key, value []byte
	valued     bool // the word is key=value
	escaped    bool // value has backslashes to undo
}

func (p *pairs) next() bool {
	p.rest = bytes.TrimLeft(p.rest, " \t")
	if len(p.rest) == 0 {
		return false
	}
	i := 0
	for i < len(p.rest) && keyByte(p.rest[i]) {
		i++
	}
	p.key, p.value, p.valued, p.escaped = p.rest[:i], nil, false, false
	if i == 0 || i == len(p.rest) || p.rest[i] != '=' { // a word that is no pair
		end := bytes.IndexByte(p.rest, ' ')
		if end < 0 {
			end = len(p.rest)
		}
		p.rest = p.rest[max(end, 1):]
		return true
	}
	p.valued = true
	p.take(p.rest[i+1:])
	return true
}

// take reads the value at the start of b.
func (p *pairs) take(b []byte) {
	if len(b) > 0 && b[0] == '"' {
		for i := 1; i < len(b); i++ {
			switch b[i] {
			case '\\':
				p.escaped = true
				i++
			case '"':
				p.value, p.rest = b[1:i], b[i+1:]
				return
			}
		}
		p.escaped = false
	}
	end := bytes.IndexByte(b, ' ')
	if end < 0 {
		end = len(b)
	}
	p.value, p.rest = b[:end], b[end:]
}

func keyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-' || c == '/' || c == '@'
}
