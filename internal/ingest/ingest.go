// Package ingest reads logs: it opens items, unpacks them, recognises their format, cuts them into chunks and hands every
// record to the workers of a job, with as many workers as there are cores.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/internal/unpack"
)

// Job is what is done with the records.
type Job interface {
	// Plan returns the fields that the job wants of a format. It is called once for each format, by one goroutine at a time.
	Plan(f logformat.Format) (*logformat.Plan, error)
	// Worker returns what one goroutine is to do.
	Worker() Worker
}

// Worker is given records by one goroutine.
type Worker interface {
	// Record is called for each record. rec and what it points to are valid during the call only.
	Record(at *Place, rec *event.Record)
}

// Config says how to read.
type Config struct {
	Formats []logformat.Format
	Force   logformat.Format // read everything as this format; nil: recognise it
	Workers int              // 0: as many as there are cores
	Chunk   int              // bytes of a chunk, 128 KiB by default: it stays in a core's cache until it is decoded
	Zone    *time.Location   // of times that name none; nil: UTC
	Limits  unpack.Limits
	// Read is told the bytes of stored items read so far, for progress; it is called by several goroutines.
	Read func(n int64)
	// KeepOnce copies items that can be read only once (standard input, pipes) to a temporary file, for Result.Again.
	KeepOnce bool
	// Opened is told the name of each item as it is begun.
	Opened func(name string)
}

func (c *Config) withDefaults() (Config, error) {
	d := *c
	if len(d.Formats) == 0 {
		return d, errors.New("ingest: Config.Formats is required")
	}
	if d.Workers <= 0 {
		d.Workers = runtime.GOMAXPROCS(0)
	}
	if d.Chunk <= 0 {
		d.Chunk = 1 << 17
	}
	if d.Chunk > MaxRecord {
		return d, fmt.Errorf("ingest: Config.Chunk is %d, more than a record may have (%d)", d.Chunk, MaxRecord)
	}
	if d.Read == nil {
		d.Read = func(int64) {}
	}
	if d.Opened == nil {
		d.Opened = func(string) {}
	}
	return d, nil
}

// MaxRecord is the most bytes that one record may have.
const MaxRecord = 16 << 20

// Unit is one plain stream: a file, or a member of an archive.
type Unit struct {
	ID     uint32
	Name   string // "logs.tar.gz!a/b.log" for a member
	Item   int    // index of the stored item
	Member string // within the item; "" if the item is no archive
	Format logformat.Format
	Layout logformat.Layout
	Plain  bool           // offsets in the unit are offsets in the stored file
	File   logformat.File // without its Head, which is too much to keep of many files

	starts []start // of the chunks, for Lines layout: where lines are counted from when the unit is read again
	length int64   // what was read of it, likewise
}

// decoder returns a decoder for the unit, whose first bytes are head: used, if that will do, which may be nil.
func (u *Unit) decoder(plan *logformat.Plan, head []byte, used logformat.Decoder) logformat.Decoder {
	file := u.File
	file.Head = head
	if r, ok := used.(logformat.Resetter); ok && r.Reset(file) {
		return used
	}
	return u.Format.NewDecoder(plan, file)
}

type start struct {
	offset int64
	line   int
}

// Place says where a record stands.
type Place struct {
	Unit    *Unit
	Decoder logformat.Decoder // that filled the record: for its Time
	Pos     int64             // offset in the unit at which decoding of the record began

	buf     []byte
	base    int64 // offset of buf in the unit
	line    int   // line number at buf[counted]
	counted int
}

// Complete fills in the fields of Plan.Later of a record that the worker is given.
func (p *Place) Complete(rec *event.Record) {
	if f, ok := p.Decoder.(logformat.Finisher); ok {
		f.Finish(rec)
	}
}

// Result is what reading came to.
type Result struct {
	Items     int
	Units     []*Unit
	Bytes     int64 // unpacked
	Records   int64
	Bad       int64 // records that could not be read
	First     int64 // time of the earliest and latest record seen at the edges of chunks, ns; 0 if none had a time
	Last      int64
	Formats   map[string]int // units by format
	Unknown   []string       // units whose format nobody knows
	Errors    []FileError
	MoreError int // errors beyond those listed

	cfg   Config
	items []source.Item
	plans map[string]*planned
	kept  []string // temporary files
}

// FileError is what went wrong with one unit or item.
type FileError struct {
	Name  string
	Line  int // of the first bad record; 0 for the file or its tail as a whole
	Err   error
	Count int64 // bad records; 0 for the file or its tail as a whole
}

// ahead is how many chunks of a file wait for each worker that does not read it, so that none has to wait for the one that does: that
// one decodes a chunk itself when all are provided for.
const ahead = 2

// Run reads all items of a source. The error is that of the job or the context; what went wrong with single files is in
// the result.
func Run(ctx context.Context, cfg Config, src source.Source, job Job) (*Result, error) {
	c, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &run{cfg: c, job: job, plans: map[string]*planned{}, chunks: make(chan *chunk, ahead*(c.Workers-1)), result: Result{Formats: map[string]int{}}}
	for item, err := range src.Items(ctx) {
		if err != nil {
			r.fail(FileError{Name: item.Name, Err: err})
			continue
		}
		r.items = append(r.items, item)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.result.Items = len(r.items)
	if err := r.read(ctx); err != nil {
		return nil, errors.Join(err, r.result.Close())
	}
	r.finish()
	return &r.result, nil
}

// Close removes what KeepOnce put aside.
func (r *Result) Close() error {
	var errs []error
	for _, name := range r.kept {
		errs = append(errs, os.Remove(name))
	}
	r.kept = nil
	return errors.Join(errs...)
}

// run is one Run under way.
type run struct {
	cfg    Config
	job    Job
	items  []source.Item
	chunks chan *chunk
	bufs   sync.Pool
	bytes  atomic.Int64

	mu     sync.Mutex // guards what follows
	plans  map[string]*planned
	result Result
	bad    map[uint32]*FileError
}

type planned struct {
	once sync.Once
	plan *logformat.Plan
	err  error
}

func (r *run) read(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var files, workers sync.WaitGroup
	files.Add(len(r.items))
	go func() {
		defer close(next)
		for i := range r.items {
			select {
			case next <- i:
			case <-ctx.Done():
				for range len(r.items) - i {
					files.Done()
				}
				return
			}
		}
	}()
	go func() {
		files.Wait()
		close(r.chunks)
	}()
	for range r.cfg.Workers {
		workers.Go(func() {
			w := &worker{run: r, sink: r.job.Worker(), records: map[*logformat.Plan]*event.Record{}, used: map[*logformat.Plan]logformat.Decoder{}}
			w.loop(ctx, cancel, next, &files)
			r.mu.Lock()
			r.result.Records += w.read
			r.result.First, r.result.Last = widen(r.result.First, r.result.Last, w.first, w.last)
			r.mu.Unlock()
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// plan asks the job once for each format.
func (r *run) plan(f logformat.Format) (*logformat.Plan, error) {
	r.mu.Lock()
	p := r.plans[f.Info().Name]
	if p == nil {
		p = &planned{}
		r.plans[f.Info().Name] = p
	}
	r.mu.Unlock()
	p.once.Do(func() {
		if p.plan, p.err = r.job.Plan(f); p.err != nil {
			return
		}
		for _, field := range f.Info().Needs {
			p.plan.Add(field)
		}
	})
	return p.plan, p.err
}

func (r *run) addUnit(u *Unit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u.ID = uint32(len(r.result.Units))
	r.result.Units = append(r.result.Units, u)
	r.result.Formats[u.Format.Info().Name]++
}

// maxErrors is how many errors are listed; the rest are counted.
const maxErrors = 1000

func (r *run) fail(e FileError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.result.Errors) >= maxErrors {
		r.result.MoreError++
		return
	}
	r.result.Errors = append(r.result.Errors, e)
}

// badRecord counts a record that could not be read, and keeps where the first of its unit stood.
func (r *run) badRecord(u *Unit, line int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Bad++
	if r.bad == nil {
		r.bad = map[uint32]*FileError{}
	}
	e := r.bad[u.ID]
	if e == nil {
		e = &FileError{Name: u.Name, Line: line, Err: err}
		r.bad[u.ID] = e
	}
	e.Count++
	if line < e.Line {
		e.Line, e.Err = line, err
	}
}

// keep makes item i readable again: what is read from in goes to a temporary file as well.
func (r *run) keep(i int, in io.Reader) (io.Reader, error) {
	f, err := os.CreateTemp("", "gatehouse-stdin-*")
	if err != nil {
		return nil, fmt.Errorf("put standard input aside: %w", err)
	}
	r.mu.Lock()
	r.result.kept = append(r.result.kept, f.Name())
	r.mu.Unlock()
	r.items[i].Open = func() (io.ReadCloser, error) { return os.Open(f.Name()) }
	return &keeper{r: io.TeeReader(in, f), f: f}, nil
}

// keeper closes its file at the end of the input.
type keeper struct {
	r io.Reader
	f *os.File
}

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.r.Read(p)
	if err != nil {
		if cerr := k.f.Close(); cerr != nil && errors.Is(err, io.EOF) && !errors.Is(cerr, os.ErrClosed) {
			err = cerr
		}
	}
	return n, err
}

func (r *run) unknown(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Unknown = append(r.result.Unknown, name)
}

// finish puts what the workers noted into an order that does not depend on them.
func (r *run) finish() {
	for _, e := range r.bad {
		r.fail(*e)
	}
	r.result.Bytes = r.bytes.Load()
	r.result.cfg, r.result.items, r.result.plans = r.cfg, r.items, r.plans
	slices.Sort(r.result.Unknown)
	slices.SortStableFunc(r.result.Errors, func(a, b FileError) int {
		if a.Name != b.Name {
			if a.Name < b.Name {
				return -1
			}
			return 1
		}
		return a.Line - b.Line
	})
}

// widen returns the span that covers both spans; 0 stands for no time.
func widen(first, last, otherFirst, otherLast int64) (int64, int64) {
	if otherFirst != 0 && (first == 0 || otherFirst < first) {
		first = otherFirst
	}
	if otherLast != 0 && (last == 0 || otherLast > last) {
		last = otherLast
	}
	return first, last
}
