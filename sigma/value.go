package sigma

// The kinds of a value.
const (
	Absent uint8 = iota // the field is not in the event
	Null                // the field is there and is null
	String
	Number // Text is the number as it was written
	Bool   // Text is "true" or "false"
	Object // the field is there but has no scalar value
)

// Value is one value of one field of an event.
type Value struct {
	Text []byte
	// Elem is 0 for a value outside arrays. Inside one it is the number of the outermost array within the event, from 0,
	// shifted left by 16, plus the number of the element, from 1: two values with equal Elem stand in the same element.
	Elem uint32
	Next int32 // 0 for a field's last value; otherwise the caller's own link to the next
	Kind uint8
}

// Event gives the values of one event's fields. Fields are asked for by the slots that the Resolver handed out.
type Event interface {
	// First returns the field's first value, nil if the event does not have the field.
	First(slot int) *Value
	// Next returns the value of the same field after v, nil after the last. A field has several when it is an array, or
	// lies inside one.
	Next(v *Value) *Value
}

// A Completer is an Event that has only the fields of Matcher.Anchors until Complete is called, which is when some rule may
// match.
type Completer interface {
	Complete()
}
