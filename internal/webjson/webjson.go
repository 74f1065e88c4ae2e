// Package webjson decodes web access logs whose records are JSON objects: it gives what stands under a server's keys
// Sigma's names, and takes requests apart.
package webjson

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Config says under which keys a server writes what. Of several keys the first that has a value counts; parts of a path
// are separated by dots.
type Config struct {
	// Keys are the keys of a field. A field that is not named here stands under its own name.
	Keys map[string][]string
	// Request are keys of whole request lines, Target of paths with queries, Query of queries that stand apart. What the
	// request line says is taken where no key of its own says it.
	Request, Target, Query []string
	// Endpoint are keys of address:port of the client.
	Endpoint []string
	// Nanoseconds says that the numbers of time-taken are nanoseconds; else they are seconds.
	Nanoseconds bool
	// Escaped are fields that the log percent-encodes: the first value is the text without that.
	Escaped []string
	// Backslashes says that texts have the escapes that web.Unescape undoes, \x22 and the like.
	Backslashes bool
	// Times are the fields of the time, which Time reads; nil reads the first of them that is there, in whatever form.
	Times []string
	Time  func(rec *event.Record, slots []int) (int64, bool)
	// DottedKeys lets keys hold dots themselves.
	DottedKeys bool
}

// New returns a decoder for one file or a chunk of it.
func (c *Config) New(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{
		cfg: c, uri: web.URISlots(plan), method: plan.Slot("cs-method"), version: plan.Slot("cs-version"), ip: plan.Slot("c-ip"),
		port: plan.Slot("c-port"), taken: plan.Slot("time-taken"),
	}
	inner := logformat.NewPlan()
	slots := func(names []string) (s []int) {
		for _, n := range names {
			s = append(s, inner.Add(n))
		}
		return s
	}
	for to, field := range plan.Fields {
		switch field {
		case "cs-uri", "cs-uri-stem", "cs-uri-query":
			continue
		}
		f := fieldOf{to: to, kind: c.kind(field)}
		if names, ok := c.Keys[field]; ok {
			f.from = slots(names)
		} else {
			f.from = slots([]string{field})
		}
		d.fields = append(d.fields, f)
	}
	wantsURI := d.uri.URI >= 0 || d.uri.Stem >= 0 || d.uri.Query >= 0
	if wantsURI {
		d.target, d.query = slots(c.Target), slots(c.Query)
	}
	if wantsURI || d.method >= 0 || d.version >= 0 {
		d.request = slots(c.Request)
	}
	if d.ip >= 0 || d.port >= 0 {
		d.endpoint = slots(c.Endpoint)
	}
	for _, t := range c.Times {
		d.times = append(d.times, plan.Slot(t))
	}
	d.raw = event.NewRecord(len(inner.Fields))
	d.inner = (&jsonlog.Config{Options: projection.Options{DottedKeys: c.DottedKeys}}).New(inner, file)
	return d
}

const (
	plain = iota
	escaped
	duration
)

func (c *Config) kind(field string) uint8 {
	switch {
	case field == "time-taken":
		return duration
	case slices.Contains(c.Escaped, field):
		return escaped
	}
	return plain
}

// fieldOf is a field of the plan and where it is taken from.
type fieldOf struct {
	from []int // slots of the inner plan, best first
	to   int
	kind uint8
}

// decoder lets an inner decoder take the asked keys out of an object, and fills in the fields from them.
type decoder struct {
	cfg    *Config
	inner  *jsonlog.Decoder
	raw    *event.Record
	fields []fieldOf

	request, target, query, endpoint []int // slots of the inner plan
	uri                              web.URI
	method, version, ip, port, taken int // slots of the plan
	times                            []int
	arena                            []byte
}

var _ logformat.Decoder = (*decoder)(nil)

// Next decodes one object.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	d.raw.Reset()
	n, err := d.inner.Next(buf, last, d.raw)
	if err != nil {
		return n, err
	}
	rec.Raw = d.raw.Raw
	d.arena = d.arena[:0]
	for i := range d.fields {
		d.field(&d.fields[i], rec)
	}
	if d.endpoint != nil {
		d.client(rec)
	}
	if d.request != nil || d.target != nil || d.query != nil {
		d.requested(rec)
	}
	return n, nil
}

// Time returns the time of the request.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	if d.cfg.Time != nil {
		return d.cfg.Time(rec, d.times)
	}
	for _, s := range d.times {
		if s >= 0 {
			if ns, ok := timestamp.Any(rec.Text(s)); ok {
				return ns, true
			}
		}
	}
	return 0, false
}

// field fills in one field from the first of its keys that has a value.
func (d *decoder) field(f *fieldOf, rec *event.Record) {
	for _, from := range f.from {
		for v := d.raw.First(from); v != nil; v = d.raw.Next(v) {
			if v.Kind == event.String && web.Blank(v.Text) {
				continue
			}
			d.value(f, v, rec)
		}
		if rec.First(f.to) != nil {
			return
		}
	}
}

func (d *decoder) value(f *fieldOf, v *event.Value, rec *event.Record) {
	switch {
	case f.kind == duration:
		d.duration(f.to, v, rec)
	case f.kind == escaped && v.Kind == event.String:
		text := v.Text
		start := len(d.arena)
		var changed bool
		if d.arena, changed = web.Decode(d.arena, text); changed {
			text = d.arena[start:]
		}
		d.arena = web.Add(rec, f.to, text, d.arena)
	default:
		rec.Add(f.to, v.Kind, d.unescaped(v.Text), v.Elem)
	}
}

// unescaped undoes escapes that were left in a text, which means that the server does not write proper JSON.
func (d *decoder) unescaped(text []byte) []byte {
	if !d.cfg.Backslashes || !bytes.Contains(text, []byte(`\x`)) {
		return text
	}
	start := len(d.arena)
	d.arena = web.Unescape(d.arena, text)
	return d.arena[start:]
}

// duration fills in a time in seconds. Texts may be like Go's durations: 1.5ms.
func (d *decoder) duration(to int, v *event.Value, rec *event.Record) {
	start := len(d.arena)
	switch {
	case v.Kind == event.Number && d.cfg.Nanoseconds:
		ns, err := strconv.ParseInt(string(v.Text), 10, 64)
		if err != nil {
			return
		}
		d.arena = strconv.AppendFloat(d.arena, time.Duration(ns).Seconds(), 'f', -1, 64)
	case v.Kind == event.String && len(v.Text) < 32 && v.Text[len(v.Text)-1] == 's':
		span, err := time.ParseDuration(string(v.Text))
		if err != nil {
			return
		}
		d.arena = strconv.AppendFloat(d.arena, span.Seconds(), 'f', -1, 64)
	default:
		rec.Add(to, v.Kind, v.Text, v.Elem)
		return
	}
	rec.Add(to, event.Number, d.arena[start:], 0)
}

// first returns the first text under some keys that is not blank.
func (d *decoder) first(slots []int) []byte {
	for _, s := range slots {
		if text := d.raw.Text(s); !web.Blank(text) {
			return d.unescaped(text)
		}
	}
	return nil
}

// client fills in what an address with a port says, where no key of its own says it.
func (d *decoder) client(rec *event.Record) {
	text := d.first(d.endpoint)
	if text == nil {
		return
	}
	addr, port := web.SplitEndpoint(text)
	if d.ip >= 0 && addr != nil && rec.First(d.ip) == nil {
		rec.Set(d.ip, addr)
	}
	if d.port >= 0 && port != nil && rec.First(d.port) == nil {
		rec.Set(d.port, port)
	}
}

// requested fills in what was asked for.
func (d *decoder) requested(rec *event.Record) {
	target := d.first(d.target)
	if line := d.first(d.request); line != nil {
		method, uri, version := web.SplitRequest(line)
		if d.method >= 0 && method != nil && rec.First(d.method) == nil {
			rec.Set(d.method, method)
		}
		if d.version >= 0 && version != nil && rec.First(d.version) == nil {
			rec.Set(d.version, version)
		}
		if target == nil {
			target = uri
		}
	}
	query := d.first(d.query)
	switch {
	case bytes.IndexByte(target, '?') >= 0 || query == nil:
		if target != nil {
			d.arena = d.uri.Set(rec, target, d.arena)
		}
	default:
		d.arena = d.uri.SetParts(rec, target, bytes.TrimPrefix(query, []byte("?")), d.arena)
	}
}
