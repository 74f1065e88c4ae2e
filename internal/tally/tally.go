// Package tally counts records by the values of their fields.
package tally

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/source"
)

// Config says what to count.
type Config struct {
	Fields   []string
	Where    string        // a condition in CEL; "" counts every record
	By       time.Duration // also by time, in buckets of this width; 0: not by time
	Distinct string        // counts the different values of this field instead of records
	Since    time.Time
	Until    time.Time
	Ingest   ingest.Config
}

// Row is one combination of values and its count.
type Row struct {
	Time   time.Time // of the bucket; zero unless Config.By is set
	Values []string  // by Config.Fields; "" where a record does not have the field
	Count  int64
}

// Result is the counts, the largest first (by time first where counted by time).
type Result struct {
	Rows    []Row
	Records int64 // that passed the condition
	Missing int64 // of those, records that have none of the fields, which are not counted
	// Lacking says why the files of some formats were left out: they can't have a field that was asked for.
	Lacking []*UnknownFieldError
	Full    bool // more than MaxKeys combinations: the counts are of those that came first
	Read    *ingest.Result
}

// MaxKeys is how many combinations of values are counted.
const MaxKeys = 20_000_000

// Run counts the records of a source. Where no format that was read has the fields, the error is an *UnknownFieldError.
func Run(ctx context.Context, cfg Config, src source.Source) (*Result, error) {
	if len(cfg.Fields) == 0 && cfg.By == 0 && cfg.Where == "" && cfg.Distinct == "" {
		return nil, errors.New("tally: Config.Fields is required")
	}
	t := &tally{cfg: cfg, formats: map[string]*formatPlan{}, since: math.MinInt64, until: math.MaxInt64}
	if !cfg.Since.IsZero() {
		t.since = cfg.Since.UnixNano()
	}
	if !cfg.Until.IsZero() {
		t.until = cfg.Until.UnixNano()
	}
	read, err := ingest.Run(ctx, cfg.Ingest, src, t)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(t.lacking, func(a, b *UnknownFieldError) int { return cmp.Compare(a.Format, b.Format) })
	if n := len(t.lacking); n > 0 && n == len(t.formats) {
		return nil, t.lacking[0]
	}
	return t.result(read), nil
}

type tally struct {
	cfg          Config
	since, until int64

	mu      sync.Mutex
	formats map[string]*formatPlan // nil: left out
	lacking []*UnknownFieldError
	workers []*worker
}

type formatPlan struct {
	fields   []int
	distinct int
	where    *where
	slots    []int
}

// Plan finds the fields asked for in a format. One that lacks a field is left out.
func (t *tally) Plan(f logformat.Format) (*logformat.Plan, error) {
	plan := logformat.NewPlan()
	fp, err := t.planFormat(f.Info(), plan)
	var unknown *UnknownFieldError
	if errors.As(err, &unknown) {
		fp, err = nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.formats[f.Info().Name] = fp
	if unknown != nil {
		t.lacking = append(t.lacking, unknown)
	}
	return plan, err
}

func (t *tally) planFormat(info *logformat.Info, plan *logformat.Plan) (*formatPlan, error) {
	fp := &formatPlan{distinct: -1}
	slot := func(name string) (int, error) {
		native, ok := nativeName(info, name)
		if !ok {
			return 0, &UnknownFieldError{Field: name, Format: info.Name, Known: knownFields(info)}
		}
		return plan.Add(native), nil
	}
	for _, name := range t.cfg.Fields {
		s, err := slot(name)
		if err != nil {
			return nil, err
		}
		fp.fields = append(fp.fields, s)
	}
	if t.cfg.Distinct != "" {
		s, err := slot(t.cfg.Distinct)
		if err != nil {
			return nil, err
		}
		fp.distinct = s
	}
	if t.cfg.Where != "" {
		w, err := compileWhere(t.cfg.Where, info)
		if err != nil {
			return nil, err
		}
		fp.where = w
		for _, name := range w.fields {
			fp.slots = append(fp.slots, plan.Add(name))
		}
	}
	return fp, nil
}

// Worker returns a counter for one goroutine.
func (t *tally) Worker() ingest.Worker {
	w := &worker{t: t, counts: map[string]*int64{}}
	t.mu.Lock()
	t.workers = append(t.workers, w)
	t.mu.Unlock()
	return w
}

type worker struct {
	t      *tally
	unit   *ingest.Unit
	plan   *formatPlan
	bound  *bound
	key    []byte
	counts map[string]*int64

	records, missing int64
	full             bool
}

var _ ingest.Worker = (*worker)(nil)

// Record counts one record.
func (w *worker) Record(at *ingest.Place, rec *event.Record) {
	if w.unit != at.Unit {
		w.t.mu.Lock()
		w.unit, w.plan = at.Unit, w.t.formats[at.Unit.Format.Info().Name]
		w.t.mu.Unlock()
		if w.plan != nil && w.plan.where != nil {
			w.bound = &bound{w: w.plan.where, slots: w.plan.slots}
		}
	}
	if w.plan == nil {
		return
	}
	var ns int64
	if w.t.cfg.By > 0 || w.t.since != math.MinInt64 || w.t.until != math.MaxInt64 {
		t, ok := at.Decoder.Time(rec)
		if ok && (t < w.t.since || t >= w.t.until) || !ok && w.t.cfg.By > 0 {
			return
		}
		ns = t
	}
	if w.plan.where != nil && !w.bound.holds(rec) {
		return
	}
	w.records++
	w.count(ns, rec)
}

// count adds a record to the count of its key: bucket, then each value behind its length.
func (w *worker) count(ns int64, rec *event.Record) {
	w.key = w.key[:0]
	if by := int64(w.t.cfg.By); by > 0 {
		w.key = binary.BigEndian.AppendUint64(w.key, uint64(ns-((ns%by)+by)%by))
	}
	some := len(w.plan.fields) == 0
	for _, s := range w.plan.fields {
		text := rec.Text(s)
		some = some || text != nil
		w.key = binary.AppendUvarint(w.key, uint64(len(text)))
		w.key = append(w.key, text...)
	}
	if !some {
		w.missing++
		return
	}
	if w.plan.distinct >= 0 {
		w.key = append(w.key, rec.Text(w.plan.distinct)...)
	}
	if n := w.counts[string(w.key)]; n != nil {
		*n++
		return
	}
	if len(w.counts) >= MaxKeys {
		w.full = true
		return
	}
	one := int64(1)
	w.counts[string(w.key)] = &one
}

func (t *tally) result(read *ingest.Result) *Result {
	res := &Result{Read: read, Lacking: t.lacking}
	all := map[string]int64{}
	for _, w := range t.workers {
		res.Records += w.records
		res.Missing += w.missing
		res.Full = res.Full || w.full
		for k, n := range w.counts {
			all[k] += *n
		}
	}
	if t.cfg.Distinct != "" {
		groups := map[string]int64{}
		for k := range all {
			groups[k[:t.prefix(k)]]++
		}
		all = groups
	}
	for k, n := range all {
		res.Rows = append(res.Rows, t.row(k, n))
	}
	slices.SortFunc(res.Rows, func(a, b Row) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(b.Count, a.Count), slices.Compare(a.Values, b.Values))
	})
	return res
}

// prefix returns the length of the part of a key before the distinct value.
func (t *tally) prefix(key string) int {
	i := 0
	if t.cfg.By > 0 {
		i = 8
	}
	for range t.cfg.Fields {
		n, size := binary.Uvarint([]byte(key[i:min(i+binary.MaxVarintLen64, len(key))]))
		i += size + int(n)
	}
	return i
}

func (t *tally) row(key string, n int64) Row {
	r := Row{Count: n}
	if t.cfg.By > 0 {
		r.Time = time.Unix(0, int64(binary.BigEndian.Uint64([]byte(key[:8])))).UTC()
		key = key[8:]
	}
	for range t.cfg.Fields {
		l, size := binary.Uvarint([]byte(key[:min(binary.MaxVarintLen64, len(key))]))
		r.Values = append(r.Values, key[size:size+int(l)])
		key = key[size+int(l):]
	}
	return r
}
