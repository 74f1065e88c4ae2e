// Package columns decodes logs whose lines are columns in a known order.
package columns

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Config says what the columns are.
type Config struct {
	Names []string // the field of each column; "" is not kept
	Tabs  bool     // columns are separated by tabs, not by spaces
	// Least is how many columns a record has at least.
	Least int
	// Request is the column that holds a quoted request line, from 0; -1: none. It is taken apart.
	Request int
	// Endpoints are columns that hold address:port; the two are kept under the names given.
	Endpoints map[int][2]string
	// Header reads a line that names the columns, and returns the names; nil, false where the line is none.
	Header func(line []byte) ([]string, bool)
	// Encoded are fields whose values are percent-encoded by the log itself.
	Encoded []string
	// Time returns a record's time; get returns the text of a field of Info.Needs.
	Time func(get func(field string) []byte) (int64, bool)
}

// New returns a decoder. names, where the file's head has them, stand for Config.Names.
func (c *Config) New(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{cfg: c, plan: plan, uri: web.URISlots(plan), method: plan.Slot("cs-method"), version: plan.Slot("cs-version")}
	d.columns(c.Names)
	if c.Header != nil {
		for line := range bytes.Lines(file.Head) {
			if names, ok := c.Header(bytes.TrimRight(line, "\r\n")); ok {
				d.columns(names)
				break
			}
		}
	}
	d.fill = d.line
	return d
}

type decoder struct {
	cfg     *Config
	plan    *logformat.Plan
	framer  lines.Framer
	fill    func([]byte, *event.Record) error
	uri     web.URI
	slots   []int
	ports   [][2]int // by column: slots of address and port; nil where there are no endpoints
	least   int
	method  int
	version int
	parts   [][]byte
	arena   []byte
	rec     *event.Record
}

// columns takes up an order of columns.
func (d *decoder) columns(names []string) {
	d.slots = d.slots[:0]
	d.ports = make([][2]int, len(names))
	for i, n := range names {
		slot := -1
		if n != "" {
			slot = d.plan.Slot(n)
		}
		d.slots = append(d.slots, slot)
		d.ports[i] = [2]int{-1, -1}
		if e, ok := d.cfg.Endpoints[i]; ok {
			d.ports[i] = [2]int{d.plan.Slot(e[0]), d.plan.Slot(e[1])}
		}
	}
	d.least = min(d.cfg.Least, len(names))
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.fill)
}

// Time returns a record's time.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	return d.cfg.Time(func(field string) []byte {
		if s := d.plan.Slot(field); s >= 0 {
			return rec.Text(s)
		}
		return nil
	})
}

func (d *decoder) line(line []byte, rec *event.Record) error {
	if d.cfg.Header != nil {
		if names, ok := d.cfg.Header(line); ok {
			d.columns(names)
			return logformat.ErrSkip
		}
	}
	if line[0] == '#' {
		return logformat.ErrSkip
	}
	d.arena = d.arena[:0]
	if d.cfg.Tabs {
		d.parts = SplitTabs(d.parts[:0], line)
	} else {
		d.parts = Split(d.parts[:0], line)
	}
	if len(d.parts) < d.least {
		return logformat.Errorf("%d columns, at least %d are expected", len(d.parts), d.least)
	}
	for i, part := range d.parts {
		if i >= len(d.slots) {
			break
		}
		if len(part) == 0 || len(part) == 1 && part[0] == '-' {
			continue
		}
		if d.cfg.Endpoints != nil && (d.ports[i][0] >= 0 || d.ports[i][1] >= 0) {
			d.endpoint(i, part, rec)
		}
		if d.cfg.Request >= 0 && i == d.cfg.Request {
			d.request(part, rec)
		}
		d.set(rec, d.slots[i], part)
	}
	return nil
}

// set fills a field in. The fields of a request's target get their decoded forms as well.
func (d *decoder) set(rec *event.Record, slot int, part []byte) {
	switch {
	case slot < 0:
	case slot == d.uri.URI || slot == d.uri.Stem || slot == d.uri.Query:
		d.arena = web.Add(rec, slot, part, d.arena)
	case d.encoded(slot):
		d.arena = web.Add(rec, slot, part, d.arena)
	default:
		rec.Set(slot, part)
	}
}

func (d *decoder) encoded(slot int) bool {
	for _, name := range d.cfg.Encoded {
		if d.plan.Slot(name) == slot {
			return true
		}
	}
	return false
}

// endpoint takes address:port apart; an IPv6 address may be in brackets.
func (d *decoder) endpoint(column int, part []byte, rec *event.Record) {
	i := bytes.LastIndexByte(part, ':')
	addr, port := part, []byte(nil)
	if i > 0 && (bytes.IndexByte(part, ':') == i || part[i-1] == ']') {
		addr, port = part[:i], part[i+1:]
	}
	addr = bytes.Trim(addr, "[]")
	if s := d.ports[column][0]; s >= 0 && len(addr) > 0 {
		rec.Set(s, addr)
	}
	if s := d.ports[column][1]; s >= 0 && len(port) > 0 {
		rec.Set(s, port)
	}
}

// request takes "METHOD target PROTOCOL" apart. Of a whole URL the path and query are the target.
func (d *decoder) request(part []byte, rec *event.Record) {
	method, rest, ok := bytes.Cut(part, []byte(" "))
	if !ok {
		return
	}
	if d.method >= 0 && (len(method) != 1 || method[0] != '-') {
		rec.Set(d.method, method)
	}
	target := rest
	if i := bytes.LastIndexByte(rest, ' '); i >= 0 {
		target = rest[:i]
		if v := bytes.TrimSpace(rest[i+1:]); d.version >= 0 && len(v) > 1 {
			rec.Set(d.version, v)
		}
	}
	if i := bytes.Index(target, []byte("://")); i > 0 {
		after := target[i+3:]
		if k := bytes.IndexByte(after, '/'); k >= 0 {
			target = after[k:]
		} else {
			target = nil
		}
	}
	if len(target) > 0 {
		d.arena = d.uri.Set(rec, target, d.arena)
	}
}

// Split cuts a line at spaces. What is in double quotes or in brackets is one part, without them.
func Split(dst [][]byte, line []byte) [][]byte {
	for i := 0; i < len(line); {
		switch line[i] {
		case ' ':
			i++
			continue
		case '"', '[':
			if line[i] == '"' || i+1 < len(line) && line[i+1] >= '0' && line[i+1] <= '9' {
				closing := byte('"')
				if line[i] == '[' {
					closing = ']'
				}
				end := quoteEnd(line, i+1, closing)
				dst = append(dst, line[i+1:end])
				i = end + 1
				continue
			}
		}
		end := bytes.IndexByte(line[i:], ' ')
		if end < 0 {
			return append(dst, line[i:])
		}
		dst = append(dst, line[i:i+end])
		i += end + 1
	}
	return dst
}

// quoteEnd finds the quote that ends a part: one that a space or the line's end follows, since agents may hold quotes.
func quoteEnd(line []byte, i int, closing byte) int {
	for from := i; ; {
		k := bytes.IndexByte(line[from:], closing)
		if k < 0 {
			return len(line)
		}
		from += k
		if (from+1 == len(line) || line[from+1] == ' ') && (from == i || line[from-1] != '\\') {
			return from
		}
		from++
	}
}

// SplitTabs cuts a line at tabs.
func SplitTabs(dst [][]byte, line []byte) [][]byte {
	for {
		part, rest, more := bytes.Cut(line, []byte("\t"))
		dst = append(dst, part)
		if !more {
			return dst
		}
		line = rest
	}
}

// RFC3339 reads the time of a field written so.
func RFC3339(field string) func(get func(string) []byte) (int64, bool) {
	return func(get func(string) []byte) (int64, bool) { return timestamp.RFC3339(get(field)) }
}

// W3CTime reads the time of a log whose columns date and time are UTC (W3C, "Extended Log File Format").
func W3CTime(get func(field string) []byte) (int64, bool) {
	day, rest, ok := timestamp.Date(get("date"))
	if !ok || len(rest) > 0 {
		return 0, false
	}
	ns, rest, ok := timestamp.Clock(get("time"))
	return day + ns, ok && len(rest) == 0
}

// W3CHeader reads the directive that names the columns of a W3C extended log.
func W3CHeader(line []byte) ([]string, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("#Fields:"))
	if !ok {
		return nil, false
	}
	var names []string
	for _, part := range bytes.Fields(rest) {
		names = append(names, fieldName(string(part)))
	}
	return names, len(names) > 0
}

// fieldName turns cs(User-Agent) and the like into Sigma's names.
func fieldName(name string) string {
	switch name {
	case "cs(User-Agent)":
		return "cs-user-agent"
	case "cs(Referer)":
		return "cs-referer"
	case "cs(Cookie)":
		return "cs-cookie"
	case "cs(Host)":
		return "cs-host"
	case "cs-protocol-version":
		return "cs-version"
	}
	return name
}

// First returns the first line of a log's head.
func First(head []byte) []byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.TrimSpace(line)
}
