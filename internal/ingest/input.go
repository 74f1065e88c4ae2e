package ingest

import (
	"bytes"
	"context"
	"io"
)

// input is the buffer between a unit's reader and its decoder.
type input struct {
	r    io.Reader
	unit *Unit
	buf  []byte // the whole buffer
	data []byte // the filled part that is not done with
	base int64  // offset of data in the unit
	err  error  // why no more can be read; io.EOF at the end
	// until ends the input early, when nothing more of it is wanted; nil: never.
	until func() bool
}

// fill drops the first n bytes of data and reads until the buffer is full, growing it when data alone fills it.
func (in *input) fill(n int) {
	in.base += int64(n)
	rest := len(in.data) - n
	if in.until != nil && in.until() {
		in.err = io.EOF
		in.data = in.data[n:][:0]
		return
	}
	if rest == len(in.buf) {
		grown := make([]byte, min(2*len(in.buf), MaxRecord))
		copy(grown, in.data[n:])
		in.buf = grown
	} else {
		copy(in.buf, in.data[n:])
	}
	for rest < len(in.buf) && in.err == nil {
		var m int
		m, in.err = in.r.Read(in.buf[rest:])
		rest += m
	}
	in.data = in.buf[:rest]
}

// split gives the buffer away to the chunk that data[:cut] is, and goes on with a new one that holds the rest. It returns
// the buffer given away.
func (in *input) split(cut int, alloc func() []byte) []byte {
	given := in.buf
	next := alloc()
	rest := in.data[cut:]
	for len(next) < len(rest) {
		next = make([]byte, len(given))
	}
	in.buf = next
	in.base += int64(cut)
	in.data = next[:copy(next, rest)]
	return given
}

// skipLine drops everything up to and with the next line end.
func (in *input) skipLine() {
	for {
		if i := bytes.IndexByte(in.data, '\n'); i >= 0 || in.err != nil {
			if i < 0 {
				i = len(in.data) - 1
			}
			in.base += int64(i + 1)
			in.data = in.buf[:copy(in.buf, in.data[i+1:])]
			return
		}
		in.base += int64(len(in.data))
		in.data = in.buf[:0]
		in.fill(0)
	}
}

// progressReader reports what is read, and ends when the context does.
type progressReader struct {
	ctx  context.Context //nolint:containedctx // a reader's interface has no place for it
	r    io.Reader
	read func(int64)
}

func (p *progressReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.read(int64(n))
	return n, err
}
