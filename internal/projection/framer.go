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

	passing bool // between the records of a broken part
}

// LooksLikeLines reports whether the log that begins with head is JSON lines: its first line is a whole object.
func LooksLikeLines(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
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

// Next finds the first record of buf and gives it to fill, which returns the record's length as Walker.Object does. What
// Next returns is what logformat.Decoder's Next is to return.
func (f *Framer) Next(buf []byte, last bool, fill func(buf []byte) (int, error)) (int, error) {
	i := 0
	for i < len(buf) && (buf[i] <= ' ' || buf[i] == ',' || buf[i] == ']' || buf[i] == '[' || buf[i] == '}' || buf[i] >= 0xbb && i < 3) {
		i++
	}
	if i > 0 {
		return i, logformat.ErrSkip
	}
	if buf[0] != '{' {
		return f.pass(buf)
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
		return n, nil
	}
	switch {
	case errors.Is(err, ErrShort):
		if !f.Lines && !last {
			return 0, logformat.ErrShort
		}
		return f.resync(buf), logformat.Errorf("the JSON object is not complete")
	case isSyntax(err):
		return f.resync(buf), logformat.Errorf("%v", err)
	}
	return n, err
}

func isSyntax(err error) bool {
	_, ok := errors.AsType[*SyntaxError](err)
	return ok
}

// wrapper reports whether buf begins an object that wraps records, and the length of what stands before them. n is -1 if
// the buffer is too short to tell. Only the first keys of an object are looked at.
func (f *Framer) wrapper(buf []byte) (n int, inside bool) {
	if len(f.Wrappers) == 0 {
		return 0, false
	}
	var w Walker
	i := 1
	for range maxWrapperKeys {
		for i < len(buf) && (buf[i] <= ' ' || buf[i] == ',') {
			i++
		}
		if i >= len(buf) {
			return -1, false
		}
		if buf[i] != '"' {
			return 0, false
		}
		start := i + 1
		end, _ := stringEnd(buf, start)
		if end < 0 {
			return -1, false
		}
		if i = w.colon(buf, end+1); i < 0 {
			return 0, false
		}
		for i < len(buf) && buf[i] <= ' ' {
			i++
		}
		if i >= len(buf) {
			return -1, false
		}
		if buf[i] == '[' {
			named := buf[start:end]
			if slices.ContainsFunc(f.Wrappers, func(key string) bool { return key == string(named) }) {
				return i + 1, true
			}
		}
		if buf[i] == '{' || buf[i] == '[' || f.Lines {
			return 0, false
		}
		if i = w.skip(buf, i); i < 0 {
			return -1, false
		}
	}
	return 0, false
}

// maxWrapperKeys is how many scalar keys may stand before the list of records; in JSON lines none may.
const maxWrapperKeys = 8

// pass goes over what is no JSON object up to the next line that begins with one.
func (f *Framer) pass(buf []byte) (int, error) {
	n := f.resync(buf)
	if f.passing && !f.Lines {
		return n, logformat.ErrSkip
	}
	f.passing = true
	return n, logformat.Errorf("not a JSON object")
}

// resync returns the length of what has to be passed over after a broken record: in JSON lines the line, else everything
// before the next line that begins with an object.
func (f *Framer) resync(buf []byte) int {
	from := 0
	for {
		end := bytes.IndexByte(buf[from:], '\n')
		if end < 0 {
			return len(buf)
		}
		from += end + 1
		if f.Lines || from < len(buf) && (buf[from] == '{' || from+1 < len(buf) && buf[from] == ' ' && bytes.HasPrefix(bytes.TrimLeft(buf[from:min(from+32, len(buf))], " \t"), []byte("{"))) {
			return from
		}
		if from >= len(buf) {
			return from
		}
	}
}
