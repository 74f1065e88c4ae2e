package projection

import (
	"bytes"
	"errors"
	"slices"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Framer steps through a JSON log: JSON lines, objects one behind the other in any layout, arrays of objects, and objects
// that only wrap a list of records.
type Framer struct {
	// Lines says that each line is a record of its own, so that a broken one ends at its line's end.
	Lines bool
	// Wrappers are keys whose array holds the records: {"Records": [ … ]}.
	Wrappers []string
	// Outer are keys whose object holds, in its turn, the key of such an array: {"hits": {"hits": [ … ]}}.
	Outer []string

	// Rows says that each record in such an array is an array itself.
	Rows bool

	broken  bool // the rest of a broken part is to be passed over
	passing bool // the broken part was reported
	wrapped bool // an object that wraps records has been entered: members of it may follow the records
	listed  bool // within a list of records
}

// firstLine is how much of a first line is looked at: one that is longer may well be a whole object.
const firstLine = 8 << 10

// LooksLikeLines reports whether the log that begins with head is JSON lines: its first line is a whole object.
func LooksLikeLines(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	head = head[:min(len(head), firstLine)]
	end := bytes.IndexByte(head, '\n')
	line := head
	if end >= 0 {
		line = head[:end]
	}
	line = bytes.TrimRight(line, " \t\r")
	if len(line) < 2 || line[0] != '{' {
		return false
	}
	var w Walker
	n := w.skip(line, 0)
	return n == len(line) || n == short && end < 0
}

var byteOrderMark = []byte("\xef\xbb\xbf") //nolint:gochecknoglobals // a constant

// Next finds the first record of buf and gives it to fill, which returns the record's length as Walker.Object does. What
// Next returns is what logformat.Decoder's Next is to return.
func (f *Framer) Next(buf []byte, last bool, fill func(buf []byte) (int, error)) (int, error) {
	if f.broken {
		n := f.resync(buf, last)
		if n == 0 {
			return 0, logformat.ErrShort
		}
		return n, logformat.ErrSkip
	}
	if n := f.between(buf); n > 0 {
		return n, logformat.ErrSkip
	}
	if buf[0] == '"' && f.wrapped {
		if n := f.member(buf); n > 0 {
			return n, logformat.ErrSkip
		} else if n == short && !last {
			return 0, logformat.ErrShort
		}
	}
	if buf[0] != '{' && (buf[0] != '[' || !f.row()) {
		if f.Lines && !last && bytes.IndexByte(buf, '\n') < 0 {
			return 0, logformat.ErrShort
		}
		return f.pass(buf, last)
	}
	if n, inside := f.wrapper(buf); inside {
		return n, logformat.ErrSkip
	} else if n < 0 && !last {
		return 0, logformat.ErrShort
	}
	window := buf
	if f.Lines {
		if end := bytes.IndexByte(buf, '\n'); end >= 0 {
			window = buf[:end]
		} else if !last {
			return 0, logformat.ErrShort
		}
	}
	f.passing = false
	n, err := fill(window)
	if err == nil { // errors.As allocates, so it is kept for errors
		if n < len(buf) && (buf[n] == '\n' || buf[n] == ',') {
			n++ // what stands between records nearly always need not be looked at by itself
		}
		return n, nil
	}
	switch {
	case errors.Is(err, ErrShort):
		if !f.Lines && !last {
			return 0, logformat.ErrShort
		}
		return f.resync(buf, last), logformat.Errorf("the JSON object is not complete")
	case isSyntax(err):
		return f.resync(buf, last), logformat.Errorf("%v", err)
	}
	return n, err
}

// row reports whether an array that begins here is a record.
func (f *Framer) row() bool { return f.Rows && f.wrapped && f.listed }

// between returns the length of what stands between records: white space, a byte order mark, and the brackets and commas of
// lists and of objects that wrap them.
func (f *Framer) between(buf []byte) int {
	i := 0
	if bytes.HasPrefix(buf, byteOrderMark) {
		i = len(byteOrderMark)
	}
	for i < len(buf) && (buf[i] <= ' ' || buf[i] == ',' || buf[i] == ']' || buf[i] == '[' && !f.row() || buf[i] == '}') {
		switch buf[i] {
		case '[':
			f.listed = true
		case ']':
			f.listed = false
		}
		i++
	}
	return i
}

func isSyntax(err error) bool {
	_, ok := errors.AsType[*SyntaxError](err)
	return ok
}

// wrapper reports whether buf begins an object that wraps records, and the length of what stands before them. n is -1 if
// the buffer is too short to tell. Only the first keys of an object are looked at.
func (f *Framer) wrapper(buf []byte) (n int, inside bool) {
	if len(f.Wrappers) == 0 || buf[0] != '{' {
		return 0, false
	}
	i := 1
	for range maxWrapperKeys {
		for i < len(buf) && (buf[i] <= ' ' || buf[i] == ',') {
			i++
		}
		if i >= len(buf) {
			return short, false
		}
		key, value := memberAt(buf, i)
		switch {
		case value == short:
			return short, false
		case value < 0:
			return 0, false
		}
		if at, ok := f.entered(buf, key, value); ok {
			f.wrapped, f.listed = true, buf[value] == '['
			return at, true
		}
		if f.Lines || f.listed && (buf[value] == '{' || buf[value] == '[') {
			return 0, false // a record, nearly always
		}
		switch i = passOver(buf, value); i {
		case short:
			return short, false
		case bad:
			return 0, false
		}
	}
	return 0, false
}

// passOver returns the position behind the value at buf[i]; bad for an object or array that is too long to stand before the
// records.
func passOver(buf []byte, i int) int {
	var w Walker
	if buf[i] != '{' && buf[i] != '[' {
		return w.skip(buf, i)
	}
	end := w.skip(buf[:min(len(buf), i+maxPassedOver)], i)
	if end == short && len(buf) >= i+maxPassedOver {
		return bad
	}
	return end
}

// memberAt returns the key of the member at buf[i] and where its value begins; short or bad instead.
func memberAt(buf []byte, i int) (key []byte, value int) {
	if buf[i] != '"' {
		return nil, bad
	}
	end, _ := stringEnd(buf, i+1)
	if end < 0 {
		return nil, short
	}
	var w Walker
	value = w.colon(buf, end+1)
	for value >= 0 && value < len(buf) && buf[value] <= ' ' {
		value++
	}
	if value == len(buf) {
		value = short
	}
	return buf[i+1 : end], value
}

// entered returns where to go on if the member's value holds the records.
func (f *Framer) entered(buf, key []byte, value int) (int, bool) {
	switch {
	case buf[value] == '[' && contains(f.Wrappers, key):
		return value + 1, true
	case buf[value] == '{' && contains(f.Outer, key):
		return value, true
	}
	return 0, false
}

func contains(keys []string, key []byte) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return k == string(key) })
}

// member returns the length of a member of a wrapping object that stands behind records ("NextToken": "…"); if it holds
// records itself, of what stands before them.
func (f *Framer) member(buf []byte) int {
	key, value := memberAt(buf, 0)
	if value < 0 {
		return value
	}
	if at, ok := f.entered(buf, key, value); ok {
		f.listed = buf[value] == '['
		return at
	}
	var w Walker
	return w.skip(buf, value)
}

// maxWrapperKeys is how many keys may stand before the list of records, and maxPassedOver how long the value of one that
// is no list may be; in JSON lines no key may stand before it.
const (
	maxWrapperKeys = 8
	maxPassedOver  = 1 << 10
)

// pass goes over what is no JSON object up to the next line that begins with one. In JSON lines each line of it is one broken
// record, elsewhere all of it.
func (f *Framer) pass(buf []byte, last bool) (int, error) {
	n := f.resync(buf, last)
	if f.passing && !f.Lines {
		return n, logformat.ErrSkip
	}
	f.passing = true
	return n, logformat.Errorf("not a JSON object")
}

// resync returns the length of what has to be passed over after a broken record: in JSON lines the line, else everything
// before the next line that begins with an object. Where buf does not show that line, broken says that there is more.
func (f *Framer) resync(buf []byte, last bool) int {
	f.broken = !last
	for from := 0; ; {
		end := bytes.IndexByte(buf[from:], '\n')
		if end < 0 {
			return len(buf)
		}
		next := from + end + 1
		if !f.Lines && !last && len(buf)-next < maxIndent {
			return next - 1 // the line end comes again, with more behind it
		}
		if line := buf[next:]; f.Lines || bytes.HasPrefix(bytes.TrimLeft(line[:min(maxIndent, len(line))], " \t"), []byte("{")) {
			f.broken = false
			return next
		}
		from = next
	}
}

// maxIndent is how many bytes of a line are looked at for an object that is indented.
const maxIndent = 32
