package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/internal/unpack"
)

// chunk is a run of whole lines of one unit.
type chunk struct {
	unit *Unit
	plan *logformat.Plan
	head []byte // the first bytes of the unit
	buf  []byte
	base int64
	line int
	own  []byte // the whole buffer behind buf, where it goes back to the pool after decoding
}

// worker reads items, and decodes the chunks of items that other workers read when it has none of its own: a reader
// offers each chunk to whoever is idle and decodes it itself if nobody is. So many small files and one large one keep all
// cores at work, and no more chunks are in memory than there are workers.
type worker struct {
	run     *run
	sink    Worker
	records map[*logformat.Plan]*event.Record
	place   Place
	chunked chunkDecoder
	used    map[*logformat.Plan]logformat.Decoder // of the last file that was read in sequence
	latest  logformat.Format                      // of the last file that was recognised
	head    []byte                                // the first bytes of the unit at hand

	read        int64
	first, last int64
}

func (w *worker) loop(ctx context.Context, cancel context.CancelCauseFunc, next <-chan int, files *sync.WaitGroup) {
	for next != nil || w.run.chunks != nil {
		select {
		case c, ok := <-w.run.chunks:
			if !ok {
				return
			}
			w.decodeChunk(c)
		case i, ok := <-next:
			if !ok {
				next = nil
				continue
			}
			if err := w.item(ctx, i); err != nil {
				cancel(err)
			}
			files.Done()
		}
	}
}

// item reads one stored item. The error is the job's; the item's own are noted.
func (w *worker) item(ctx context.Context, i int) error {
	it := &w.run.items[i]
	w.run.cfg.Opened(it.Name)
	rc, err := it.Open()
	if err != nil {
		w.run.fail(FileError{Name: it.Name, Err: err})
		return nil
	}
	defer rc.Close() //nolint:errcheck // it was only read
	var in io.Reader = rc
	if it.Once && w.run.cfg.KeepOnce {
		if in, err = w.run.keep(i, rc); err != nil {
			return err
		}
	}
	var stop error
	err = unpack.Each(&progressReader{ctx: ctx, r: in, read: w.run.cfg.Read}, w.run.cfg.Limits,
		func(s *unpack.Stream) error {
			if stop = w.stream(it, i, s); stop != nil {
				return unpack.Stop(stop)
			}
			return ctx.Err()
		},
		func(name string, err error) { w.run.fail(FileError{Name: it.Name + "!" + name, Err: err}) })
	if stop != nil || ctx.Err() != nil {
		return stop
	}
	if err != nil {
		w.run.fail(FileError{Name: it.Name, Err: err})
	}
	return nil
}

// headSize is how much of a stream its format is recognised by.
const headSize = 64 << 10

// stream reads one plain stream. The error is the job's.
func (w *worker) stream(it *source.Item, item int, s *unpack.Stream) error {
	u := &Unit{Name: it.Name, Item: item, Member: s.Name, Plain: s.Plain && !it.Once}
	if s.Name != "" {
		u.Name += "!" + s.Name
	}
	br := bufio.NewReaderSize(s.Reader, headSize) // which is what unpack gives, and is taken as it is
	peeked, _ := br.Peek(headSize)                // an error comes again with the first fill
	w.head = append(w.head[:0], peeked...)
	head := w.head
	in := &input{r: br, buf: w.buffer(), unit: u}
	defer func() { w.run.bufs.Put(&in.buf) }()
	in.fill(0)
	if len(in.data) == 0 {
		if in.err != nil && !errors.Is(in.err, io.EOF) {
			w.run.fail(FileError{Name: u.Name, Err: in.err})
		}
		return nil
	}
	u.Format = w.run.cfg.Force
	if u.Format == nil {
		if u.Format = w.recognise(head); u.Format == nil {
			w.run.unknown(u.Name)
			return nil
		}
	}
	mod := s.ModTime
	if mod.IsZero() {
		mod = it.ModTime
	}
	u.File = logformat.File{Name: u.Name, ModTime: mod, Zone: w.run.cfg.Zone}
	u.Layout = logformat.LayoutOf(u.Format, head)
	w.run.addUnit(u)
	plan, err := w.run.plan(u.Format)
	if err != nil {
		return err
	}
	if u.Layout == logformat.Lines {
		w.lines(in, plan, bytes.Clone(head)) // other workers make decoders too
	} else {
		w.sequence(in, plan, head)
	}
	w.run.bytes.Add(in.base + int64(len(in.data)))
	if in.err != nil && !errors.Is(in.err, io.EOF) {
		w.run.fail(FileError{Name: u.Name, Err: fmt.Errorf("read up to byte %d: %w", in.base+int64(len(in.data)), in.err)})
	}
	return nil
}

// recognise asks the format of the last file first: of the formats that are certain of a log there is one.
func (w *worker) recognise(head []byte) logformat.Format {
	if w.latest == nil || w.latest.Sniff(head[:min(len(head), briefHead)]) < certain {
		w.latest = Recognise(w.run.cfg.Formats, head)
	}
	return w.latest
}

// Recognise returns the format that is surest of the head, nil if none claims it. Nearly always the beginning of the head
// is enough for a format to know its own, and looking no further is what makes many small files quick.
func Recognise(formats []logformat.Format, head []byte) logformat.Format {
	if len(head) > briefHead {
		if f, sure := surest(formats, head[:briefHead]); sure >= looksLikeIt {
			return f
		}
	}
	f, _ := surest(formats, head)
	return f
}

const (
	briefHead   = 8 << 10
	looksLikeIt = 50 // see logformat.Format.Sniff
	certain     = 90 // likewise
)

func surest(formats []logformat.Format, head []byte) (best logformat.Format, sure int) {
	for _, f := range formats {
		if s := f.Sniff(head); s > sure {
			best, sure = f, s
		}
	}
	return best, sure
}

// lines cuts the unit at line ends and lets whoever is idle decode the chunks.
func (w *worker) lines(in *input, plan *logformat.Plan, head []byte) {
	line := 1
	for {
		done := in.err != nil
		cut := len(in.data)
		if !done {
			cut = bytes.LastIndexByte(in.data, '\n') + 1
		}
		if cut == 0 && !done {
			if len(in.data) >= MaxRecord {
				w.run.badRecord(in.unit, line, fmt.Errorf("a line longer than %d MiB is passed over", MaxRecord>>20))
				in.skipLine()
				line++
				continue
			}
			in.fill(0)
			continue
		}
		c := &chunk{unit: in.unit, plan: plan, head: head, buf: in.data[:cut], base: in.base, line: line}
		in.unit.starts = append(in.unit.starts, start{in.base, line})
		in.unit.length = in.base + int64(cut)
		if done {
			w.decodeChunk(c)
			return
		}
		line += bytes.Count(c.buf, newline)
		c.own = in.split(cut, w.buffer)
		select {
		case w.run.chunks <- c:
		default:
			w.decodeChunk(c)
		}
		in.fill(0)
	}
}

// sequence decodes the unit from its start to its end.
func (w *worker) sequence(in *input, plan *logformat.Plan, head []byte) {
	dec := in.unit.decoder(plan, head, w.used[plan])
	w.used[plan] = dec
	line := 1
	for {
		done := in.err != nil
		c := &chunk{unit: in.unit, plan: plan, buf: in.data, base: in.base, line: line}
		n := w.decode(c, dec, done)
		if done {
			return
		}
		if n == 0 && len(in.data) >= MaxRecord {
			w.run.badRecord(in.unit, line, fmt.Errorf("a record longer than %d MiB is passed over", MaxRecord>>20))
			n = len(in.data)
		}
		line += bytes.Count(in.data[:n], newline)
		in.fill(n)
	}
}

// chunkDecoder is the decoder of the unit whose chunk a worker decoded last. Chunks of one unit follow each other often, and
// a decoder of lines can go on with any of them.
type chunkDecoder struct {
	unit *Unit
	logformat.Decoder
}

func (w *worker) decodeChunk(c *chunk) {
	if w.chunked.unit != c.unit {
		w.chunked = chunkDecoder{c.unit, c.unit.decoder(c.plan, c.head, nil)}
	}
	w.decode(c, w.chunked.Decoder, true)
	if c.own != nil {
		w.run.bufs.Put(&c.own)
	}
}

// decode hands the chunk's records to the sink and returns how many bytes are done with.
func (w *worker) decode(c *chunk, dec logformat.Decoder, last bool) (pos int) {
	rec := w.records[c.plan]
	if rec == nil {
		rec = event.NewRecord(len(c.plan.Fields))
		w.records[c.plan] = rec
	}
	at := &w.place
	*at = Place{Unit: c.unit, Decoder: dec, buf: c.buf, base: c.base, line: c.line}
	defer func() {
		if p := recover(); p != nil {
			delete(w.used, c.plan) // a decoder that has failed is not gone on with
			w.chunked = chunkDecoder{}
			w.run.fail(FileError{Name: c.unit.Name, Line: at.Line(nil), Err: fmt.Errorf("internal error, the rest of this part of the file is not read; please report it: %v\n%s", p, debug.Stack())})
			pos = len(c.buf)
		}
	}()
	for pos < len(c.buf) {
		rec.Reset()
		at.Pos = c.base + int64(pos)
		n, err := dec.Next(c.buf[pos:], last, rec)
		pos += n
		if n == 0 && (err == nil || last) {
			w.run.fail(FileError{Name: c.unit.Name, Line: at.Line(nil), Err: fmt.Errorf("internal error: format %s makes no progress; the rest of this part of the file is not read", c.unit.Format.Info().Name)})
			return len(c.buf)
		}
		switch {
		case err == nil:
			w.read++
			w.timed(dec, rec)
			w.sink.Record(at, rec)
		case errors.Is(err, logformat.ErrSkip):
		case errors.Is(err, logformat.ErrShort):
			return pos
		default:
			w.run.badRecord(c.unit, at.Line(nil), err)
		}
	}
	return pos
}

func (w *worker) timed(dec logformat.Decoder, rec *event.Record) {
	if t, ok := dec.Time(rec); ok {
		w.first, w.last = widen(w.first, w.last, t, t)
	}
}

var newline = []byte{'\n'} //nolint:gochecknoglobals // a constant

func (w *worker) buffer() []byte {
	if b, ok := w.run.bufs.Get().(*[]byte); ok && len(*b) >= w.run.cfg.Chunk {
		return *b
	}
	return make([]byte, w.run.cfg.Chunk)
}

// Line returns the number of the line that the record begins in, from 1. With nil: of the place where decoding stands.
// Places are asked in order: lines are counted from the last one on.
func (p *Place) Line(rec *event.Record) int {
	at := min(int(p.Pos-p.base), len(p.buf))
	if rec != nil {
		if off := cap(p.buf) - cap(rec.Raw); len(rec.Raw) > 0 && off >= at && off < len(p.buf) && &p.buf[off] == &rec.Raw[0] {
			at = off
		}
	}
	if at > p.counted {
		p.line += bytes.Count(p.buf[p.counted:at], newline)
		p.counted = at
	}
	return p.line
}
