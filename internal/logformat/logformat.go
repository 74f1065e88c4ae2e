// Package logformat is the contract of a log format: how bytes are cut into records, which fields a record has, and which
// of Sigma's log sources it counts as. Each format lives in a folder of its own below this one.
package logformat

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// Format is one kind of log.
type Format interface {
	// Info describes the format. It is constant.
	Info() *Info
	// Sniff says how sure it is that head, the first bytes of a log (up to 64 KiB, decompressed), is of this format:
	// 0 no; 1 to 49 could be, when nothing else claims it (generic formats); 50 to 89 looks like it; 90 to 100 certain.
	Sniff(head []byte) int
	// NewDecoder returns a decoder for one file that fills the plan's fields. Of a file of layout Lines it is given some of
	// the chunks, in any order; each ends with last.
	NewDecoder(plan *Plan, file File) Decoder
}

// Decoder cuts records off a buffer and projects them. It is used by one goroutine.
type Decoder interface {
	// Next decodes the first record of buf into rec, which the caller has Reset, and says how many bytes it took.
	// ErrSkip: n bytes were taken and hold no event (a header, a comment, white space, a digest).
	// ErrShort: the record goes on past buf and last is false; call again with more. n may be positive: bytes done with.
	// *RecordError: n bytes are no record of this format and are passed over; decoding goes on behind them.
	// When buf is not empty and last is true, n is at least 1.
	Next(buf []byte, last bool, rec *event.Record) (n int, err error)
	// Time returns the time of a record that this decoder has just filled, in nanoseconds since 1970 UTC; false if it
	// has none that can be read.
	Time(rec *event.Record) (int64, bool)
}

// What Decoder.Next says of bytes that hold no event, and of a buffer that ends too early.
var (
	ErrSkip  = errors.New("no event here")
	ErrShort = errors.New("record is not complete")
)

// RecordError says why some bytes are not a record of their format.
type RecordError struct{ Reason string }

func (e *RecordError) Error() string { return "not a record: " + e.Reason }

// Layout says where a file of a format may be cut into chunks.
type Layout uint8

const (
	// Lines means that each line is a record whatever stands before it; the file may be cut at any line end.
	Lines Layout = iota
	// Stream means that records run over line ends, or depend on lines before them (a header in mid-file); the file is
	// decoded from its start to its end by one decoder.
	Stream
)

// A Layouter is a format whose layout depends on the file; other formats are Lines.
type Layouter interface {
	Layout(head []byte) Layout
}

// LayoutOf returns the layout of a file of format f that begins with head.
func LayoutOf(f Format, head []byte) Layout {
	if l, ok := f.(Layouter); ok {
		return l.Layout(head)
	}
	return Lines
}

// File is what a decoder may know of the file it reads.
type File struct {
	Name    string
	ModTime time.Time      // for logs whose time has no year; zero if unknown
	Head    []byte         // the first bytes of the file, for formats whose header names the fields
	Zone    *time.Location // for times without a zone; nil means UTC
}

// Info describes a format.
type Info struct {
	Name    string // "cloudtrail": what --format takes
	Title   string // "AWS CloudTrail"
	Fields  []Field
	Classes []Class
	// Entities says which fields name the things that a finding is about, by entity kind; of several fields of one
	// kind the first that is present counts.
	Entities []Entity
	// Actor lists fields, first present counts: findings of one rule are gathered by it. Empty: by source IP.
	Actor []string
	// Needs are fields that decoders read themselves (for the time, for the class); they are in every plan.
	Needs []string
	// Keywords names the fields that a Sigma keyword search looks into; empty means the whole raw record. AllText stands
	// for every string in the record.
	Keywords []string
}

// AllText is the name under which a JSON format gives, when the plan asks for it, every string value of the record.
const AllText = "*"

// Field is one field of a format. Its name is Sigma's where Sigma has one.
type Field struct {
	Name string
	Type Type
	Doc  string
	Open bool // anything may follow: "requestParameters" stands for every requestParameters.x.y
}

// Type is the type of a field where it is typed (gatehouse top --where).
type Type uint8

// The types that fields have.
const (
	Text Type = iota
	Integer
	Float
	Boolean
	IP
	Time
)

// Class is one kind of record within a format: Linux auth has sshd, sudo, cron.
type Class struct {
	Name    string
	Sources []Source
}

// Source is one of Sigma's log sources that a class counts as.
type Source struct {
	Product, Service, Category string
	// Fields maps Sigma's field names to this format's where they differ. What lies below a name that is here is mapped
	// along with it: "requestParameters" stands for requestParameters.x.y too.
	Fields map[string]string
	// Default goes before a Sigma field's name that is neither in Fields nor a field of the format: "winlog.event_data.".
	Default string
}

// Mapped returns what Fields says of a Sigma field; false if it says nothing.
func (s *Source) Mapped(field string) (string, bool) {
	if name, ok := s.Fields[field]; ok {
		return name, true
	}
	for i := len(field) - 1; i > 0; i-- {
		if field[i] != '.' {
			continue
		}
		if name, ok := s.Fields[field[:i]]; ok {
			return name + field[i:], true
		}
	}
	return "", false
}

// Kinds of entity.
const (
	SourceIP  = "source_ip"
	Principal = "principal"
	Account   = "account"
	Region    = "region"
	Resource  = "resource"
	UserAgent = "user_agent"
	Host      = "host"
	DestIP    = "dest_ip"
)

// Entity is a kind of thing that a finding can be about and the fields that name it.
type Entity struct {
	Kind   string
	Fields []string
}

// Has reports whether records of the format can have a field of this name.
func (i *Info) Has(name string) bool { return i.Field(name) != nil }

// Field returns the description of a field, or of the open field it lies under; nil if the format has no such field.
func (i *Info) Field(name string) *Field {
	for k := range i.Fields {
		f := &i.Fields[k]
		if f.Name == name || f.Open && (f.Name == "" || len(name) > len(f.Name) && name[:len(f.Name)] == f.Name && name[len(f.Name)] == '.') {
			return f
		}
	}
	return nil
}

// Plan is the list of fields that a run asks of a format. A field's place in it is its slot in the records.
type Plan struct {
	Fields []string
	slots  map[string]int
	later  map[int]bool
	made   sync.Map
}

// NewPlan returns a plan for the given fields; a name given twice counts once.
func NewPlan(fields ...string) *Plan {
	p := &Plan{slots: make(map[string]int)}
	for _, f := range fields {
		p.Add(f)
	}
	return p
}

// Add puts a field into the plan and returns its slot. It must not be called once decoders exist.
func (p *Plan) Add(field string) int {
	if s, ok := p.slots[field]; ok {
		delete(p.later, s)
		return s
	}
	p.slots[field] = len(p.Fields)
	p.Fields = append(p.Fields, field)
	return len(p.Fields) - 1
}

// AddLater puts a field into the plan that is wanted of few records only: unless it is added otherwise too, a Finisher may
// leave it out until it is asked for.
func (p *Plan) AddLater(field string) int {
	if s, ok := p.slots[field]; ok {
		return s
	}
	s := p.Add(field)
	if p.later == nil {
		p.later = map[int]bool{}
	}
	p.later[s] = true
	return s
}

// Later reports whether the field in a slot may be left out until it is asked for.
func (p *Plan) Later(slot int) bool { return p.later[slot] }

// A Finisher is a Decoder that leaves out what may wait.
type Finisher interface {
	// Finish fills in what Next left out of the record that it has just filled.
	Finish(rec *event.Record)
}

// A FieldFinisher is a Finisher that tells fields of which it left something out: where no other field is read, Finish need not
// be called.
type FieldFinisher interface {
	Finisher
	// Waits reports whether a field may have values among what Next left out of the record that it has just filled.
	Waits(slot int) bool
}

// A Resetter is a Decoder that can go on with another file: what it has learnt of one serves it in the next.
type Resetter interface {
	// Reset makes the decoder as good as a new one for the file. It is false if that takes a new one.
	Reset(file File) bool
}

// Slot returns the slot of a field, -1 if nobody asked for it.
func (p *Plan) Slot(field string) int {
	if s, ok := p.slots[field]; ok {
		return s
	}
	return -1
}

// Once returns what build makes of a plan for a key, which it is asked for once: a run has many decoders, and they share what
// they do not change. A key goes with one type.
func Once[T any](p *Plan, key any, build func() T) T {
	once, _ := p.made.LoadOrStore(key, sync.OnceValue(build))
	if built, ok := once.(func() T); ok {
		return built()
	}
	return build()
}

// Errorf makes a RecordError.
func Errorf(format string, args ...any) error {
	return &RecordError{Reason: fmt.Sprintf(format, args...)}
}

var typeNames = [...]string{"text", "integer", "float", "boolean", "ip", "time"} //nolint:gochecknoglobals // a constant table

func (t Type) String() string { return typeNames[t] }
