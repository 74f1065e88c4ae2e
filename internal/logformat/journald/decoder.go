package journald

import (
	"strconv"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/hostlog"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	inner := logformat.NewPlan()
	d := &decoder{
		time: plan.Slot("time"), reader: hostlog.NewReader(plan),
		realtime: inner.Add(realtime), message: inner.Add("MESSAGE"), host: inner.Add("_HOSTNAME"),
		program: [2]int{inner.Add("SYSLOG_IDENTIFIER"), inner.Add("_COMM")},
		pid:     [2]int{inner.Add("SYSLOG_PID"), inner.Add("_PID")},
	}
	for _, f := range own {
		if to := plan.Slot(f.Name); to >= 0 {
			d.copies = append(d.copies, [2]int{inner.Add(f.Name), to})
		}
	}
	d.entry = event.NewRecord(len(inner.Fields))
	if jsonlog.Begins(file.Head) {
		d.inner = (&jsonlog.Config{}).New(inner, file)
	} else {
		d.inner = &export{plan: inner}
	}
	return d
}

// decoder lets an inner decoder take an entry's fields, and fills in the record from them.
type decoder struct {
	inner interface {
		Next(buf []byte, last bool, entry *event.Record) (int, error)
	}
	entry  *event.Record
	time   int // slot of the plan
	reader hostlog.Reader
	copies [][2]int // from a slot of the entry to one of the plan

	realtime, message, host int // slots of the entry
	program, pid            [2]int
	text                    []byte // a message that was given as numbers
}

var _ logformat.Finisher = (*decoder)(nil)

// Next decodes one entry.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	d.entry.Reset()
	n, err := d.inner.Next(buf, last, d.entry)
	if err != nil {
		return n, err
	}
	e := d.entry
	rec.Raw = e.Raw
	if at := e.Text(d.realtime); d.time >= 0 && at != nil {
		rec.Set(d.time, at)
	}
	for _, c := range d.copies {
		for v := e.First(c[0]); v != nil; v = e.Next(v) {
			rec.Add(c[1], v.Kind, v.Text, v.Elem)
		}
	}
	d.reader.Host(e.Text(d.host), rec)
	d.reader.Read(either(e, d.program), either(e, d.pid), d.messageOf(e), rec)
	return n, nil
}

// Finish fills in what may wait.
func (d *decoder) Finish(rec *event.Record) { d.reader.Finish(rec) }

// Time returns when the journal took the entry.
func (d *decoder) Time(rec *event.Record) (int64, bool) { return timestamp.Epoch(rec.Text(d.time)) }

func either(e *event.Record, slots [2]int) []byte {
	if text := e.Text(slots[0]); len(text) > 0 {
		return text
	}
	return e.Text(slots[1])
}

// messageOf returns the message. In JSON one that is not UTF-8 is a list of its bytes.
func (d *decoder) messageOf(e *event.Record) []byte {
	v := e.First(d.message)
	if v == nil || v.Kind != event.Number {
		return e.Text(d.message)
	}
	d.text = d.text[:0]
	for ; v != nil; v = e.Next(v) {
		b, ok := octet(v.Text)
		if !ok {
			return nil
		}
		d.text = append(d.text, b)
	}
	return d.text
}

func octet(text []byte) (byte, bool) {
	if len(text) > 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text), 10, 8)
	return byte(n), err == nil
}
