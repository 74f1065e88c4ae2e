// Package winevent reads events of the Windows event log that somebody turned into JSON: evtx_dump, EvtxECmd, NXLog,
// Winlogbeat before version 7, searches exported from Splunk, XML that was turned into JSON key by key.
//
// Fields have the names that Sigma has for them: those of EventData, and EventID, Channel, Provider_Name and the like for
// what the system says of each event ("Event Schema", in Microsoft's Windows Event Log reference).
package winevent

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

// Format is Windows events in JSON.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the keys of each of the forms.
func (Format) Sniff(head []byte) int {
	if n := heading(head, true); n > 0 {
		head = head[n:]
	}
	if !jsonlog.Begins(head) {
		return 0
	}
	for _, f := range forms {
		if jsonlog.HasKeys(head, f.keys...) {
			return f.sure
		}
	}
	return 0
}

//nolint:gochecknoglobals // constant data
var forms = []struct {
	sure int
	keys []string
}{
	{92, []string{"System", "EventID", "Channel", "Computer", "EventRecordID"}},                        // XML turned into JSON
	{92, []string{"EventId", "Channel", "Computer", "Payload", "Provider"}},                            // EvtxECmd
	{88, []string{"event_id", "log_name", "source_name", "computer_name"}},                             // Winlogbeat 5 and 6
	{85, []string{"EventID", "Channel", "SourceName"}},                                                 // NXLog
	{85, []string{"EventID", "Channel", "Computer"}}, {85, []string{"EventID", "Channel", "Hostname"}}, // flattened
	{80, []string{"EventCode", "LogName", "ComputerName"}}, {80, []string{"EventCode", "Channel", "Computer"}}, // Splunk
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	c := &config
	if jsonlog.HasKeys(file.Head, "result") {
		c = &exported
	}
	return &decoder{
		Decoder: c.New(plan, file),
		channel: plan.Slot("Channel"), provider: plan.Slot("Provider_Name"), id: plan.Slot("EventID"), kind: plan.Slot("EventType"),
		data: plan.Slot("Data"), named: newNamed(plan),
	}
}

type decoder struct {
	*jsonlog.Decoder
	channel, provider, id, kind, data int // slots
	named                             *named
}

// Next decodes an event.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	switch n := heading(buf, last); {
	case n > 0:
		return n, logformat.ErrSkip
	case n < 0:
		return 0, logformat.ErrShort
	}
	n, err := d.Decoder.Next(buf, last, rec)
	if err != nil {
		return n, err
	}
	d.named.fill(rec, d.data)
	rec.Class = windows.Class(rec.Text(d.channel), rec.Text(d.provider), rec.Text(d.id), rec.Text(d.kind))
	return n, nil
}

// heading returns the length of the line "Record 12" that evtx_dump puts before each event; 0 where none stands there, -1 if
// the buffer is too short to tell.
func heading(buf []byte, last bool) int {
	const word = "Record "
	if !bytes.HasPrefix(buf, []byte(word)) {
		if !last && len(buf) < len(word) && bytes.HasPrefix([]byte(word), buf) {
			return -1
		}
		return 0
	}
	n := len(word)
	for n < len(buf) && buf[n] >= '0' && buf[n] <= '9' {
		n++
	}
	switch {
	case n == len(buf) && !last:
		return -1
	case n > len(word) && (n == len(buf) || buf[n] == '\n' || buf[n] == '\r'):
		return n
	}
	return 0
}

// named fills in event data that is written as a list of names and values: {"@Name": "Image", "#text": "…"}.
type named struct {
	slots  map[string]int
	walker *projection.Walker
	pair   *event.Record
}

func newNamed(plan *logformat.Plan) *named {
	n := &named{slots: map[string]int{}, pair: event.NewRecord(2)}
	for slot, field := range plan.Fields {
		n.slots[field] = slot
		for _, other := range windows.Spellings(field) {
			n.slots[other] = slot
		}
	}
	n.walker = projection.NewWalker(projection.Compile(
		[]string{"@Name", "#attributes.Name", "Name", "#text", "Value"}, projection.Options{Slots: []int{0, 0, 0, 1, 1}}))
	return n
}

// fill takes what the elements of Data say.
func (n *named) fill(rec *event.Record, data int) {
	first := true
	for v := rec.First(data); v != nil; v = rec.Next(v) {
		if v.Kind != event.Object || v.Text[0] != '{' {
			continue
		}
		n.pair.Reset()
		var err error
		if first {
			_, err = n.walker.Object(v.Text, n.pair)
		} else {
			_, err = n.walker.More(v.Text) // keeps the texts of the pairs before
		}
		first = false
		if err != nil {
			continue
		}
		if slot, ok := n.slots[string(n.pair.Text(0))]; ok && slot != data {
			if text := n.pair.First(1); text != nil {
				rec.Add(slot, text.Kind, text.Text, 0)
			}
		}
	}
}
