package projection

import "github.com/gatehouse-sec/gatehouse/internal/event"

// Begin begins a record that is made of parts alone, which More walks.
func (w *Walker) Begin(rec *event.Record) {
	w.rec, w.scratch, w.arrays = rec, w.scratch[:0], 0
}

// Length returns the length of the JSON value at the start of buf.
func Length(buf []byte) (int, error) {
	var w Walker
	return w.result(w.skip(buf, 0))
}

// Pair returns the first key and value behind buf[i] of the objects in the array that buf begins with, as they stand there,
// and the position behind them; the key is nil after the last.
func Pair(buf []byte, i int) (key, value []byte, next int) {
	for i < len(buf) && buf[i] != '"' {
		i++
	}
	if i == len(buf) {
		return nil, nil, i
	}
	key, at := memberAt(buf, i)
	if at < 0 {
		return nil, nil, len(buf)
	}
	var w Walker
	if next = w.skip(buf, at); next < 0 {
		return nil, nil, len(buf)
	}
	return key, buf[at:next], next
}
