package cloudtrail

import (
	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// rows decodes what get-query-results of CloudTrail Lake returns: {"QueryResultRows": [[{"eventName": "…"}, {"eventTime": "…"}], …]},
// where a row is a list of objects with one column each.
type rows struct {
	clock
	framer projection.Framer
	cells  *cells
	fill   func([]byte) (int, error)
	rec    *event.Record
	texts  []byte
}

func newRows(plan *logformat.Plan, c clock) *rows {
	r := &rows{clock: c, cells: newCells(plan), framer: projection.Framer{Wrappers: []string{"QueryResultRows"}, Rows: true}}
	r.fill = r.row
	return r
}

// Next decodes a row.
func (r *rows) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	r.rec = rec
	return r.framer.Next(buf, last, r.fill)
}

func (r *rows) row(buf []byte) (int, error) {
	n, err := projection.Length(buf)
	if err != nil {
		return 0, err
	}
	r.rec.Raw = buf[:n]
	r.cells.begin(r.rec)
	r.texts = r.texts[:0]
	for i := 0; i < n; {
		var column, value []byte
		if column, value, i = projection.Pair(buf[:n], i); column == nil {
			break
		}
		if value[0] != '"' {
			continue // null
		}
		start := len(r.texts)
		r.texts = projection.AppendUnquoted(r.texts, value)
		r.cells.set(r.rec, column, r.texts[start:])
	}
	if r.rec.First(r.slot) == nil {
		return n, logformat.ErrSkip // a count, or columns of another kind
	}
	return n, nil
}
