package report

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
)

// sortBytes is how much of a timeline is held in memory; what goes beyond is sorted piece by piece in a temporary file.
const sortBytes = 64 << 20

// entry is a line of the timeline and what it is sorted by. Entries that are equal in that keep their order.
type entry struct {
	time   int64
	file   string
	line   int64
	offset int64
	text   []byte
}

func (e *entry) compare(o *entry) int {
	return cmp.Or(cmp.Compare(e.time, o.time), strings.Compare(e.file, o.file), cmp.Compare(e.line, o.line), cmp.Compare(e.offset, o.offset))
}

// sorter puts any number of entries in order in bounded memory.
type sorter struct {
	limit int
	held  []entry
	bytes int
	spill *os.File
	ends  []int64 // where each sorted piece ends in spill
}

func (s *sorter) add(e entry) error {
	s.held = append(s.held, e)
	s.bytes += len(e.text) + len(e.file) + 96
	if s.bytes < s.limit {
		return nil
	}
	return s.writeOut()
}

// writeOut appends what is held to the temporary file as one sorted piece.
func (s *sorter) writeOut() (err error) {
	if s.spill == nil {
		if s.spill, err = os.CreateTemp("", "gatehouse-timeline-*"); err != nil {
			return err
		}
	}
	s.sort()
	w := bufio.NewWriterSize(s.spill, 1<<20)
	var head []byte
	for _, e := range s.held {
		head = binary.AppendVarint(head[:0], e.time)
		head = binary.AppendVarint(head, e.line)
		head = binary.AppendVarint(head, e.offset)
		head = binary.AppendUvarint(head, uint64(len(e.file)))
		head = append(head, e.file...)
		head = binary.AppendUvarint(head, uint64(len(e.text)))
		w.Write(head)   //nolint:errcheck // Flush says it
		w.Write(e.text) //nolint:errcheck // likewise
	}
	if err := w.Flush(); err != nil {
		return err
	}
	end, err := s.spill.Seek(0, io.SeekCurrent)
	s.ends = append(s.ends, end)
	clear(s.held)
	s.held, s.bytes = s.held[:0], 0
	return err
}

func (s *sorter) sort() {
	slices.SortStableFunc(s.held, func(a, b entry) int { return a.compare(&b) })
}

// each yields the texts in order.
func (s *sorter) each(yield func([]byte) error) error {
	s.sort()
	h := &merge{}
	start := int64(0)
	for i, end := range s.ends {
		p := &piece{order: i, r: bufio.NewReaderSize(io.NewSectionReader(s.spill, start, end-start), 64<<10)}
		start = end
		if err := p.next(); err != nil {
			return err
		}
		*h = append(*h, p)
	}
	held := &piece{order: len(s.ends), held: s.held}
	if len(s.held) > 0 {
		held.next() //nolint:errcheck // nothing is read
		*h = append(*h, held)
	}
	heap.Init(h)
	for h.Len() > 0 {
		p := (*h)[0]
		if err := yield(p.entry.text); err != nil {
			return err
		}
		switch err := p.next(); {
		case errors.Is(err, io.EOF):
			heap.Pop(h)
		case err != nil:
			return err
		default:
			heap.Fix(h, 0)
		}
	}
	return nil
}

// close removes the temporary file.
func (s *sorter) close() error {
	if s.spill == nil {
		return nil
	}
	return errors.Join(s.spill.Close(), os.Remove(s.spill.Name()))
}

// piece is a sorted part of the entries, read one by one.
type piece struct {
	entry entry
	order int
	r     *bufio.Reader // nil: held
	held  []entry
}

// next takes up the following entry, or returns io.EOF.
func (p *piece) next() error {
	if p.r == nil {
		if len(p.held) == 0 {
			return io.EOF
		}
		p.entry, p.held = p.held[0], p.held[1:]
		return nil
	}
	if _, err := p.r.Peek(1); err != nil {
		return err
	}
	var text bytes.Buffer
	file, err := readEntry(p.r, &p.entry, &text)
	if err != nil {
		return errors.Join(errors.New("temporary file of the timeline is damaged"), err)
	}
	p.entry.file, p.entry.text = file, text.Bytes()
	return nil
}

func readEntry(r *bufio.Reader, e *entry, text *bytes.Buffer) (file string, err error) {
	for _, n := range []*int64{&e.time, &e.line, &e.offset} {
		if *n, err = binary.ReadVarint(r); err != nil {
			return "", err
		}
	}
	var name bytes.Buffer
	for _, b := range []*bytes.Buffer{&name, text} {
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return "", err
		}
		if _, err := io.CopyN(b, r, int64(n)); err != nil {
			return "", err
		}
	}
	return name.String(), nil
}

// merge is a heap of pieces by their first entries.
type merge []*piece

func (m merge) Len() int { return len(m) }
func (m merge) Less(i, j int) bool {
	return cmp.Or(m[i].entry.compare(&m[j].entry), cmp.Compare(m[i].order, m[j].order)) < 0
}
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)   { *m = append(*m, x.(*piece)) } //nolint:errcheck // nothing else is pushed
func (m *merge) Pop() any {
	old := *m
	p := old[len(old)-1]
	*m = old[:len(old)-1]
	return p
}
