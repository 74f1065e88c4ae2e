// Package event holds one log record as its decoder projected it: the few fields that somebody asked for, as slices of
// the record's own bytes.
package event

// The kinds of a value. They are plain bytes so that package sigma, which knows nothing of this house, can declare the
// same layout and read a Value in place.
const (
	Absent uint8 = iota // the field is not in the record
	Null                // the field is there and is null (JSON null, or the format's mark for "no value" where it means null)
	String
	Number // Text is the number as it was written
	Bool   // Text is "true" or "false"
	Object // Text is a raw JSON object: the field is there but has no scalar value
)

// Value is one value of one field. Text points into the read buffer, or into the decoder's scratch where the value had to
// be unescaped, and is valid only until the next record is decoded.
type Value struct {
	Text []byte
	Elem uint32 // 0 outside arrays; else (ordinal of the outermost array in this record)<<16 | element number from 1
	Next int32  // index of the field's next value in Record.More plus 1; 0 at the last
	Kind uint8
}

// Record is one decoded log record. It is reused from record to record; nothing in it may be kept without a copy.
type Record struct {
	Raw   []byte // the record's bytes as they stood in the log, without the line end
	Class uint8  // index into the format's Classes: which kinds of log this record counts as

	slots []Value  // the first value of each field of the plan
	set   []uint32 // the slots that this record filled
	more  []Value  // second and further values
	last  []int32  // for each slot the index in more of its last value, plus 1
}

// NewRecord returns a record with room for n fields.
func NewRecord(n int) *Record {
	return &Record{slots: make([]Value, n), last: make([]int32, n), set: make([]uint32, 0, n)}
}

// Reset forgets the record's values.
func (r *Record) Reset() {
	for _, s := range r.set {
		r.slots[s].Kind = Absent
	}
	r.set = r.set[:0]
	r.more = r.more[:0]
	r.Raw = nil
	r.Class = 0
}

// Add gives the field in a slot one more value.
func (r *Record) Add(slot int, kind uint8, text []byte, elem uint32) {
	v := &r.slots[slot]
	if v.Kind == Absent {
		v.Text, v.Elem, v.Next, v.Kind = text, elem, 0, kind
		r.last[slot] = 0
		r.set = append(r.set, uint32(slot))
		return
	}
	r.more = append(r.more, Value{Text: text, Elem: elem, Kind: kind})
	n := int32(len(r.more))
	if l := r.last[slot]; l == 0 {
		v.Next = n
	} else {
		r.more[l-1].Next = n
	}
	r.last[slot] = n
}

// Set gives the field in a slot its one string value.
func (r *Record) Set(slot int, text []byte) { r.Add(slot, String, text, 0) }

// First returns the first value of the field in a slot, nil if the field is absent.
func (r *Record) First(slot int) *Value {
	if v := &r.slots[slot]; v.Kind != Absent {
		return v
	}
	return nil
}

// Filled returns the slots that have a value, in the order in which they got it.
func (r *Record) Filled() []uint32 { return r.set }

// Values returns how many values the fields have in all.
func (r *Record) Values() int { return len(r.set) + len(r.more) }

// Next returns the value after v, nil after the last.
func (r *Record) Next(v *Value) *Value {
	if v.Next == 0 {
		return nil
	}
	return &r.more[v.Next-1]
}

// Text returns the first value of the field in a slot as text, nil if the field is absent, null or an object.
func (r *Record) Text(slot int) []byte {
	if v := r.First(slot); v != nil && v.Kind != Null && v.Kind != Object {
		return v.Text
	}
	return nil
}
