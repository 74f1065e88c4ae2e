package journald

import (
	"bytes"
	"encoding/binary"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Bounds of an entry.
const (
	maxName  = 64      // bytes of a field's name (systemd's journal-file.h)
	maxEntry = 8 << 20 // bytes of an entry; journald drops fields that are larger (768 MiB of a core dump go elsewhere)
)

// export steps through entries in the export format: lines NAME=VALUE, or NAME alone, followed by the value's length in 64
// bits, little-endian, the value and a line end. A blank line ends the entry.
type export struct {
	plan     *logformat.Plan
	skipping bool // within an entry that is none
}

// Next takes one entry.
func (x *export) Next(buf []byte, last bool, entry *event.Record) (int, error) {
	if x.skipping {
		return x.skip(buf, last)
	}
	start := 0
	for start < len(buf) && buf[start] == '\n' {
		start++
	}
	if start > 0 {
		return start, logformat.ErrSkip
	}
	for at := 0; ; {
		if at > maxEntry {
			return x.broken(buf, at, "an entry longer than 8 MiB")
		}
		if at == len(buf) && last || at < len(buf) && buf[at] == '\n' {
			entry.Raw = bytes.TrimSuffix(buf[:at], []byte("\n"))
			return min(at+1, len(buf)), nil
		}
		f := cut(buf[at:], last)
		switch {
		case f.reason != "":
			return x.broken(buf, at, f.reason)
		case f.size == 0 && last:
			return x.broken(buf, at, "the entry is cut off")
		case f.size == 0:
			return 0, logformat.ErrShort
		}
		if slot := x.slot(f.name); slot >= 0 && len(f.value) > 0 {
			entry.Set(slot, f.value)
		}
		at += f.size
	}
}

// slot is plan.Slot without making a string.
func (x *export) slot(name []byte) int {
	for i, f := range x.plan.Fields {
		if f == string(name) {
			return i
		}
	}
	return -1
}

// field is a field as it lies in an entry.
type field struct {
	name, value []byte
	size        int    // with its line end; 0: it goes on behind what is there
	reason      string // why it is none
}

// cut takes the field at the start of b.
func cut(b []byte, last bool) field {
	end := bytes.IndexByte(b, '\n')
	line := b
	if end >= 0 {
		line = b[:end]
	}
	name, value, text := bytes.Cut(line, []byte("="))
	if len(name) > maxName || (text || end >= 0) && !fieldName(name) {
		return field{reason: "NAME=VALUE is expected"}
	}
	switch {
	case text && end >= 0:
		return field{name: name, value: value, size: end + 1}
	case text && last:
		return field{name: name, value: value, size: len(b)}
	case end < 0:
		return field{}
	}
	const length = 8
	b = b[end+1:]
	if len(b) < length {
		return field{}
	}
	size := binary.LittleEndian.Uint64(b)
	if size > maxEntry {
		return field{reason: "a field longer than 8 MiB"}
	}
	if b = b[length:]; uint64(len(b)) <= size {
		return field{}
	}
	if b[size] != '\n' {
		return field{reason: "a field's length is wrong"}
	}
	return field{name: name, value: b[:size], size: end + 1 + length + int(size) + 1}
}

// broken passes over the entry from where it is none.
func (x *export) broken(buf []byte, at int, reason string) (int, error) {
	x.skipping = true
	return min(at+1, len(buf)), logformat.Errorf("%s", reason)
}

// skip goes on to the next blank line.
func (x *export) skip(buf []byte, last bool) (int, error) {
	if i := bytes.Index(buf, []byte("\n\n")); i >= 0 {
		x.skipping = false
		return i + 2, logformat.ErrSkip
	}
	if last {
		return len(buf), logformat.ErrSkip
	}
	if len(buf) < 2 {
		return 0, logformat.ErrShort
	}
	return len(buf) - 1, logformat.ErrSkip // a blank line may begin with the last byte
}

// fieldName reports whether a name is one of the journal's: upper-case letters, digits and underscores.
func fieldName(name []byte) bool {
	for _, c := range name {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return len(name) > 0 && len(name) <= maxName
}
