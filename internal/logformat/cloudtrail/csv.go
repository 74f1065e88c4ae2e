package cloudtrail

import (
	"bytes"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// header reads the line that names the columns of a table of events, and reports whether it is one.
func header(head []byte) ([][]byte, bool) {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	if len(line) > 8<<10 || bytes.IndexByte(line, ',') < 0 && len(line) > len(`"eventJson"`)+1 {
		return nil, false
	}
	var names [][]byte
	var has [3]bool
	for name := range bytes.SplitSeq(bytes.TrimRight(line, "\r"), []byte(",")) {
		name = bytes.Trim(name, `" `)
		names = append(names, name)
		for i, want := range [...]string{"eventname", "eventtime", "eventjson"} {
			has[i] = has[i] || strings.EqualFold(string(name), want)
		}
	}
	return names, has[0] && has[1] || has[2]
}

// table decodes CSV (RFC 4180) whose first line names the columns.
type table struct {
	clock
	names  [][]byte
	cells  *cells
	headed bool
	parts  []byte // cells whose quotes are undone
}

func newTable(plan *logformat.Plan, names [][]byte, c clock) *table {
	t := &table{clock: c, cells: newCells(plan)}
	for _, n := range names {
		t.names = append(t.names, bytes.Clone(n))
	}
	return t
}

// maxRow bounds a row: a quote that is never closed would make one of the rest of the file.
const maxRow = 1 << 20

// Next decodes a row.
func (t *table) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	n, whole, quoted := rowEnd(buf)
	switch {
	case n > maxRow, last && quoted:
		return lineEnd(buf), logformat.Errorf("a row longer than %d MiB, or a quote that is not closed", maxRow>>20)
	case !whole && !last:
		return 0, logformat.ErrShort
	}
	row := bytes.TrimRight(buf[:n], "\r\n")
	if !t.headed || len(row) == 0 {
		t.headed = true
		return n, logformat.ErrSkip
	}
	rec.Raw = row
	if count := t.row(row, rec); count != len(t.names) {
		return n, logformat.Errorf("%d cells, the header names %d", count, len(t.names))
	}
	return n, nil
}

// row takes the cells of a row and returns how many there are.
func (t *table) row(row []byte, rec *event.Record) (count int) {
	t.cells.begin(rec)
	t.parts = t.parts[:0]
	for i := 0; i <= len(row); count++ {
		var cell []byte
		if i < len(row) && row[i] == '"' {
			start := len(t.parts)
			for i++; i < len(row); i++ {
				if row[i] == '"' {
					if i+1 == len(row) || row[i+1] != '"' {
						break
					}
					i++
				}
				t.parts = append(t.parts, row[i])
			}
			cell = t.parts[start:]
			i++
		}
		end := bytes.IndexByte(row[min(i, len(row)):], ',')
		if end < 0 {
			end = len(row) - min(i, len(row))
		}
		if cell == nil {
			cell = row[i : i+end]
		}
		i += end + 1
		if count < len(t.names) {
			t.cells.set(rec, t.names[count], cell)
		}
	}
	return count
}

// rowEnd returns the length of the row that buf begins with, its line end included, and whether it ends within buf, or where
// it does not, within quotes.
func rowEnd(buf []byte) (n int, whole, quoted bool) {
	for i, b := range buf {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n' && !quoted:
			return i + 1, true, false
		}
	}
	return len(buf), false, quoted
}

func lineEnd(buf []byte) int {
	if i := bytes.IndexByte(buf, '\n'); i >= 0 {
		return i + 1
	}
	return len(buf)
}
