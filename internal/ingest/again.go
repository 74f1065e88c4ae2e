package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/unpack"
)

// Again reads some records a second time: those at the positions wanted, by unit. visit is called by one goroutine, in
// order of position within a unit. A file that cannot be read any more is given to lost.
func (r *Result) Again(ctx context.Context, wanted map[uint32][]int64, visit func(at *Place, rec *event.Record), lost func(u *Unit, err error)) error {
	byItem := map[int][]*Unit{}
	var order []int
	for id, positions := range wanted {
		u := r.Units[id]
		slices.Sort(positions)
		wanted[id] = slices.Compact(positions)
		if byItem[u.Item] == nil {
			order = append(order, u.Item)
		}
		byItem[u.Item] = append(byItem[u.Item], u)
	}
	slices.Sort(order)
	for _, item := range order {
		a := &again{result: r, units: byItem[item], wanted: wanted, visit: visit}
		if err := a.item(ctx, item); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			for _, u := range byItem[item] {
				if !slices.Contains(a.done, u) {
					lost(u, err)
				}
			}
		}
	}
	return nil
}

type again struct {
	result *Result
	units  []*Unit // wanted of the item at hand
	done   []*Unit
	wanted map[uint32][]int64
	visit  func(at *Place, rec *event.Record)
	buf    []byte // of a chunk
}

var errDone = errors.New("nothing more is wanted of this item")

func (a *again) item(ctx context.Context, i int) error {
	rc, err := a.result.items[i].Open()
	if err != nil {
		return err
	}
	defer rc.Close() //nolint:errcheck // it was only read
	if seeker, ok := rc.(io.ReadSeeker); ok && len(a.units) == 1 && a.units[0].Plain {
		return a.unit(a.units[0], seeker)
	}
	err = unpack.Each(&progressReader{ctx: ctx, r: rc, read: func(int64) {}}, a.result.cfg.Limits, func(s *unpack.Stream) error {
		for _, u := range a.units {
			if u.Member == s.Name {
				if err := a.unit(u, s.Reader); err != nil {
					return err
				}
				if len(a.done) == len(a.units) {
					return unpack.Stop(errDone)
				}
			}
		}
		return nil
	}, func(string, error) {})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// unit visits the wanted records of a unit whose bytes r gives from the start.
func (a *again) unit(u *Unit, r io.Reader) error {
	plan := a.result.plans[u.Format.Info().Name].plan
	rec := event.NewRecord(len(plan.Fields))
	r, head, err := peek(r)
	if err != nil {
		return err
	}
	if u.Layout == logformat.Lines {
		err = a.lines(u, r, head, plan, rec)
	} else {
		err = a.sequence(u, r, head, plan, rec)
	}
	if err == nil {
		a.done = append(a.done, u)
	}
	return err
}

// peek returns the first bytes of what r reads, and a reader that begins with them. A file can still be sought in.
func peek(r io.Reader) (again io.Reader, head []byte, err error) {
	s, ok := r.(io.ReadSeeker)
	if !ok {
		br := bufio.NewReaderSize(r, headSize)
		head, _ = br.Peek(headSize) // an error comes again when it is read
		return br, bytes.Clone(head), nil
	}
	head = make([]byte, headSize)
	n, err := io.ReadFull(s, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, err
	}
	_, err = s.Seek(0, io.SeekStart)
	return s, head[:n], err
}

// lines reads the chunks that hold wanted records and no others.
func (a *again) lines(u *Unit, r io.Reader, head []byte, plan *logformat.Plan, rec *event.Record) error {
	var at int64 // where r stands
	wanted := a.wanted[u.ID]
	for len(wanted) > 0 {
		k := sort.Search(len(u.starts), func(i int) bool { return u.starts[i].offset > wanted[0] }) - 1
		from, end := u.starts[k], u.length
		if k+1 < len(u.starts) {
			end = u.starts[k+1].offset
		}
		if err := advance(r, from.offset-at); err != nil {
			return err
		}
		n := 0 // wanted records in this chunk
		for n < len(wanted) && wanted[n] < end {
			n++
		}
		if size := int(end - from.offset); len(a.buf) < size {
			a.buf = make([]byte, size)
		}
		got, err := io.ReadFull(r, a.buf[:end-from.offset])
		if err != nil && got == 0 {
			return err
		}
		buf := a.buf[:got]
		at = from.offset + int64(len(buf))
		dec := u.decoder(plan, head, nil)
		place := &Place{Unit: u, Decoder: dec, buf: buf, base: from.offset, line: from.line}
		for _, pos := range wanted[:n] {
			rec.Reset()
			place.Pos = pos
			off := pos - from.offset
			if off >= int64(len(buf)) {
				return errors.New("the file is shorter than when it was first read")
			}
			if _, err := dec.Next(buf[off:], true, rec); err != nil {
				return fmt.Errorf("the file is not what it was when it was first read: %w", err)
			}
			place.Complete(rec)
			a.visit(place, rec)
		}
		wanted = wanted[n:]
	}
	return nil
}

func advance(r io.Reader, n int64) error {
	if n == 0 {
		return nil
	}
	if s, ok := r.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	return err
}

// sequence decodes from the start up to the last wanted record, as the first reading did.
func (a *again) sequence(u *Unit, r io.Reader, head []byte, plan *logformat.Plan, rec *event.Record) error {
	wanted := a.wanted[u.ID]
	again := &sequenceAgain{wanted: wanted, visit: a.visit}
	w := &worker{run: &run{cfg: a.result.cfg}, sink: again, records: map[*logformat.Plan]*event.Record{plan: rec}, used: map[*logformat.Plan]logformat.Decoder{}}
	in := &input{r: r, buf: make([]byte, a.result.cfg.Chunk), unit: u, until: func() bool { return len(again.wanted) == 0 }}
	in.fill(0)
	w.sequence(in, plan, head)
	if len(again.wanted) > 0 {
		return errors.New("the file is not what it was when it was first read")
	}
	return nil
}

type sequenceAgain struct {
	wanted []int64
	visit  func(at *Place, rec *event.Record)
}

func (s *sequenceAgain) Record(at *Place, rec *event.Record) {
	if len(s.wanted) > 0 && at.Pos == s.wanted[0] {
		at.Complete(rec)
		s.visit(at, rec)
		s.wanted = s.wanted[1:]
	}
}
