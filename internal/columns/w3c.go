package columns

import (
	"bytes"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// W3CHeader reads the directive that names the columns of a W3C extended log (W3C, "Extended Log File Format").
func W3CHeader(line []byte) ([]string, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("#Fields:"))
	if !ok {
		return nil, false
	}
	var names []string
	for part := range bytes.FieldsSeq(rest) {
		names = append(names, FieldName(string(part)))
	}
	return names, len(names) > 0
}

// FieldName turns cs(User-Agent) and the like into Sigma's names; case does not count.
func FieldName(name string) string {
	name = strings.ToLower(name)
	switch name {
	case "cs-protocol-version":
		return "cs-version"
	case "s-host", "cs(host)":
		return "cs-host"
	}
	if prefix, header, ok := strings.Cut(name, "("); ok && strings.HasSuffix(header, ")") {
		return prefix + "-" + header[:len(header)-1]
	}
	return name
}

// W3CTime reads the time of a log whose columns date and time are UTC.
func W3CTime(rec *event.Record, slots []int) (int64, bool) {
	day, rest, ok := timestamp.Date(text(rec, slots, 0))
	if !ok || len(rest) > 0 {
		return 0, false
	}
	ns, rest, ok := timestamp.Clock(text(rec, slots, 1))
	return day + ns, ok && len(rest) == 0
}

// RFC3339 reads a time that is written so in one field.
func RFC3339(rec *event.Record, slots []int) (int64, bool) {
	return timestamp.RFC3339(text(rec, slots, 0))
}

// CLF reads a time as NCSA's common log format has it.
func CLF(rec *event.Record, slots []int) (int64, bool) {
	return timestamp.CLF(text(rec, slots, 0))
}

// Epoch reads the first of the times that is there, a count since 1970.
func Epoch(rec *event.Record, slots []int) (int64, bool) {
	for i := range slots {
		if ns, ok := timestamp.Epoch(text(rec, slots, i)); ok {
			return ns, true
		}
	}
	return 0, false
}

// text returns the text of a field, nil if it is absent or nobody asked for it.
func text(rec *event.Record, slots []int, i int) []byte {
	if slots[i] < 0 {
		return nil
	}
	return rec.Text(slots[i])
}
