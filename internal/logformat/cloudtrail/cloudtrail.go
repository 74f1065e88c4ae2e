// Package cloudtrail reads AWS CloudTrail: the files it delivers, JSON lines, events as EventBridge, CloudWatch Logs, SNS and
// SQS wrap them, what the command line's lookup-events prints, and results of CloudTrail Lake and Athena, in JSON and CSV.
//
// Fields have CloudTrail's own names ("CloudTrail record contents" in the AWS CloudTrail User Guide).
package cloudtrail

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is AWS CloudTrail.
type Format struct{}

var (
	_ logformat.Format        = Format{}
	_ logformat.Layouter      = Format{}
	_ logformat.FieldFinisher = (*decoder)(nil)
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises CloudTrail by the keys that each of its records has.
func (Format) Sniff(head []byte) int {
	head = head[stamp(head):]
	if !jsonlog.Begins(head) {
		if _, ok := header(head); ok {
			return 90
		}
		return 0
	}
	switch {
	case jsonlog.HasKeys(head, "eventSource", "eventName", "eventVersion"):
		return 95
	case jsonlog.HasKeys(head, "eventSource", "eventName"), escaped(head, "eventSource", "eventName"):
		return 85
	case jsonlog.HasKeys(head, "eventsource", "eventname"):
		return 85
	case jsonlog.HasKeys(head, "QueryResultRows") && (jsonlog.HasKeys(head, "eventName") || jsonlog.HasKeys(head, "eventJson")):
		return 85
	case jsonlog.HasKeys(head, "digestStartTime", "previousDigestSignature"):
		return 95
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte(`{"Records":[]`)):
		return 60
	}
	return 0
}

// delivered reports whether a log is a file of events as CloudTrail itself delivers it, of which the first bytes tell all. Nearly
// all are: to look through the head of each for what else it could be costs more than to open it, and would be misled by
// keys in a request.
func delivered(head []byte) bool {
	return bytes.HasPrefix(head, []byte(`{"Records":[{"eventVersion":`)) && bytes.IndexByte(head, '\n') < 0
}

// escaped reports whether the keys stand in JSON that is itself the value of a string, once or twice over.
func escaped(head []byte, keys ...string) bool {
	for _, k := range keys {
		if !bytes.Contains(head, []byte(`\"`+k+`\`)) {
			return false
		}
	}
	return true
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout {
	if delivered(head) {
		return logformat.Stream
	}
	head = head[stamp(head):]
	if jsonlog.HasKeys(head, "logEvents") || jsonlog.HasKeys(head, "QueryResultRows") {
		return logformat.Stream
	}
	return jsonlog.Layout(head) // CSV is none of JSON's lines: a cell may hold line ends
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	clock := clock{plan.Slot("eventTime")}
	if !delivered(file.Head) {
		if names, ok := header(file.Head); ok {
			return newTable(plan, names, clock)
		}
		if jsonlog.HasKeys(file.Head, "QueryResultRows") {
			return newRows(plan, clock)
		}
	}
	d := &decoder{clock: clock, fold: foldsKeys(file.Head)}
	d.inner = newWalker(plan, d.fold, plan.Later)
	d.fill = d.object
	d.begin(file.Head)
	return d
}

// begin makes the decoder ready for a file.
func (d *decoder) begin(head []byte) {
	d.digest = !delivered(head) && jsonlog.HasKeys(head, "digestStartTime", "previousDigestSignature")
	d.framer = projection.Framer{Lines: Format{}.Layout(head) == logformat.Lines, Wrappers: wrappers}
}

var wrappers = []string{"Records", "records", "logEvents", "Events", "events", "Messages"} //nolint:gochecknoglobals // a constant

// Reset makes the decoder ready for another file, if that is of the same kind.
func (d *decoder) Reset(file logformat.File) bool {
	if !delivered(file.Head) {
		if _, table := header(file.Head); table || jsonlog.HasKeys(file.Head, "QueryResultRows") {
			return false
		}
	}
	if foldsKeys(file.Head) != d.fold {
		return false
	}
	d.begin(file.Head)
	return true
}

// foldsKeys reports whether keys have lost their case.
func foldsKeys(head []byte) bool {
	return !jsonlog.HasKeys(head, "eventSource") && jsonlog.HasKeys(head, "eventsource")
}

// newWalker returns a walker for the plan's fields; folded, it finds the names of tables, whose case is lost. later says which
// slots may wait; nil: none.
func newWalker(plan *logformat.Plan, fold bool, later func(slot int) bool) *projection.Walker {
	type key struct{ fold, later bool }
	tree := logformat.Once(plan, key{fold, later != nil}, func() *projection.Tree {
		return projection.Compile(plan.Fields, projection.Options{
			FoldCase: fold, AllText: plan.Slot(logformat.AllText) + 1, Later: later,
			Embedded: []string{"requestParameters", "responseElements", "additionalEventData", "userIdentity", "resources", "serviceEventDetails", "tlsDetails"},
		})
	})
	return projection.NewWalker(tree)
}

// clock reads a record's time.
type clock struct{ slot int }

// Time returns eventTime.
func (c clock) Time(rec *event.Record) (int64, bool) {
	if text := rec.Text(c.slot); text != nil {
		return timestamp.Any(text)
	}
	return 0, false
}

type decoder struct {
	clock
	framer projection.Framer
	inner  *projection.Walker
	fill   func([]byte) (int, error)
	rec    *event.Record
	texts  [maxWraps][]byte // of the events that were text, by how deep they lay
	digest bool
	fold   bool // keys are compared without regard to case
}

// Next decodes one record. Digest files hold no events.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	if d.digest {
		return len(buf), logformat.ErrSkip
	}
	if n := stamp(buf); n > 0 {
		return n, logformat.ErrSkip
	} else if !last && maybeStamp(buf) {
		return 0, logformat.ErrShort
	}
	d.rec = rec
	return d.framer.Next(buf, last, d.fill)
}

// Waits reports whether a field may have values among what waits.
func (d *decoder) Waits(slot int) bool { return d.inner.Waits(slot) }

// Finish fills in what waited.
func (d *decoder) Finish(*event.Record) { d.inner.Finish() }

// object takes an event, or what wraps one.
func (d *decoder) object(buf []byte) (int, error) {
	n, err := d.inner.Object(buf, d.rec)
	if err != nil {
		return n, err
	}
	d.rec.Raw = buf[:n]
	if d.rec.First(d.slot) == nil {
		return n, d.unwrap(buf[:n], 0)
	}
	return n, nil
}

// wraps are the keys under which an event lies in an object that is none itself: EventBridge's detail, CloudTrail Lake's
// eventData and eventJson, a message of CloudWatch Logs, what lookup-events prints, a message of SNS, one of SQS.
//
//nolint:gochecknoglobals // constant data
var wraps = [...]string{"detail", "eventData", "eventdata", "eventJson", "message", "CloudTrailEvent", "Message", "Body", "body"}

// maxWraps is how often an event may be wrapped: SQS, SNS, EventBridge.
const maxWraps = 4

// unwrap looks for the event inside an object that is none itself.
func (d *decoder) unwrap(buf []byte, depth int) error {
	for _, key := range wraps {
		inner := projection.Member(buf, key)
		if len(inner) == 0 {
			continue
		}
		if inner[0] == '"' {
			d.texts[depth] = projection.AppendUnquoted(d.texts[depth][:0], inner)
			inner = d.texts[depth]
		}
		if len(inner) == 0 || inner[0] != '{' {
			continue
		}
		raw := d.rec.Raw
		d.rec.Reset()
		d.rec.Raw = raw
		if _, err := d.inner.Object(inner, d.rec); err != nil {
			return logformat.Errorf("the event under %q is not JSON", key)
		}
		if d.rec.First(d.slot) != nil {
			return nil
		}
		if depth+1 < maxWraps && d.unwrap(inner, depth+1) == nil {
			return nil
		}
	}
	return logformat.ErrSkip
}

// stampLength is the length of what CloudWatch Logs puts before each event that it exports to S3: 2026-03-02T10:00:00.000Z
// and a space.
const stampLength = len("2006-01-02T15:04:05.000Z ")

// stamp returns the length of such a time; 0 where none stands.
func stamp(buf []byte) int {
	if len(buf) <= stampLength || buf[stampLength-1] != ' ' || buf[stampLength] != '{' {
		return 0
	}
	if _, ok := timestamp.RFC3339(buf[:stampLength-1]); !ok {
		return 0
	}
	return stampLength
}

// maybeStamp reports whether more bytes could make a stamp of a short buffer.
func maybeStamp(buf []byte) bool {
	return len(buf) > 0 && len(buf) <= stampLength && buf[0] >= '0' && buf[0] <= '9'
}
