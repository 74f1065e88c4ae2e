// Package jsonlog decodes logs whose records are JSON objects, for the formats that have them.
package jsonlog

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Config says how records lie in a log and what is made of them.
type Config struct {
	Wrappers []string // keys of objects that only wrap a list of records
	Outer    []string // keys of objects that hold such a key
	Options  projection.Options
	// Places returns the paths that a field is taken from; each that is there and is not null gives a value.
	// Nil: from the path that its name is.
	Places func(field string) []string
	// Times are the fields of a record's time, the first present counts. They are to be among Info.Needs.
	Times []string
	// Unwrap names keys under which the record lies in an object that only wraps it: EventBridge's detail.
	Unwrap []string
}

// Decoder is a logformat.Decoder for JSON.
type Decoder struct {
	cfg    *Config
	framer projection.Framer
	walker *projection.Walker
	times  []int
	fill   func(buf []byte) (int, error)
	rec    *event.Record
}

var _ logformat.Decoder = (*Decoder)(nil)

// New returns a decoder for one file or a chunk of it.
func (c *Config) New(plan *logformat.Plan, file logformat.File) *Decoder {
	d := &Decoder{cfg: c, framer: projection.Framer{Lines: Layout(file.Head) == logformat.Lines, Wrappers: c.Wrappers, Outer: c.Outer}}
	for _, t := range c.Times {
		d.times = append(d.times, plan.Slot(t))
	}
	d.walker = projection.NewWalker(logformat.Once(plan, c, func() *projection.Tree { return c.compile(plan) }))
	d.fill = d.object
	return d
}

// compile makes the tree of the places that the plan's fields are taken from.
func (c *Config) compile(plan *logformat.Plan) *projection.Tree {
	opts := c.Options
	opts.AllText = plan.Slot(logformat.AllText) + 1
	paths := plan.Fields
	if c.Places != nil {
		paths = nil
		for slot, field := range plan.Fields {
			for _, path := range c.Places(field) {
				paths, opts.Slots = append(paths, path), append(opts.Slots, slot)
			}
		}
	}
	return projection.Compile(paths, opts)
}

// Next decodes a record.
func (d *Decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	d.rec = rec
	return d.framer.Next(buf, last, d.fill)
}

func (d *Decoder) object(buf []byte) (int, error) {
	n, err := d.walker.Object(buf, d.rec)
	if err != nil {
		return n, err
	}
	d.rec.Raw = buf[:n]
	for _, key := range d.cfg.Unwrap {
		if inner := projection.Member(buf[:n], key); len(inner) > 0 && inner[0] == '{' {
			d.rec.Reset()
			d.rec.Raw = buf[:n]
			if _, err := d.walker.Object(inner, d.rec); err != nil {
				return n, logformat.Errorf("%v", err)
			}
		}
	}
	return n, err
}

// Time returns a record's time.
func (d *Decoder) Time(rec *event.Record) (int64, bool) {
	for _, s := range d.times {
		if text := rec.Text(s); text != nil {
			if t, ok := timestamp.Any(text); ok {
				return t, true
			}
		}
	}
	return 0, false
}

// Layout tells JSON lines, which can be cut at any line end, from other ways to write JSON.
func Layout(head []byte) logformat.Layout {
	if projection.LooksLikeLines(head) && !wraps(head) {
		return logformat.Lines
	}
	return logformat.Stream
}

// wraps reports whether the first line is the only one and holds a list of records that may fill it: such files are one long
// line.
func wraps(head []byte) bool {
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	if len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	line = line[:min(len(line), wrapperHead)]
	return bytes.Contains(line, []byte(`:[{`)) || bytes.Contains(line, []byte(`: [{`)) || bytes.Contains(line, []byte(`: [ {`))
}

// wrapperHead is how much may stand before a list of records: what a search says of itself.
const wrapperHead = 2 << 10

// HasKeys reports whether all of some keys stand in the first bytes of a log: what a format is recognised by.
func HasKeys(head []byte, keys ...string) bool {
	head = head[:min(len(head), keysWithin)]
	for _, k := range keys {
		if !bytes.Contains(head, []byte(`"`+k+`"`)) {
			return false
		}
	}
	return true
}

// keysWithin is how much of a log is looked through for keys. More would cost more than all else on small files.
const keysWithin = 8 << 10

// Begins reports whether a log begins like JSON.
func Begins(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) > 1 && head[0] == '[' { // a list of objects; "[Sun Dec 04" begins another kind of log
		head = bytes.TrimLeft(head[1:], " \t\r\n")
	}
	return len(head) > 1 && head[0] == '{'
}
