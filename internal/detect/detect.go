// Package detect runs rules over events and makes findings of what matches.
package detect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// Config says what to look for, and where in time.
type Config struct {
	Rules *sigma.RuleSet
	// Whole returns a rule with all that is said of its findings, and what to do about them; nil: the rule has it, and nothing is
	// said.
	Whole  func(*sigma.Rule) (whole *sigma.Rule, next string)
	Ingest ingest.Config
	// Since and Until bound the events by their time, Until excluded; the zero time bounds nothing. An event without a
	// readable time is looked at all the same.
	Since, Until time.Time
	// LogSource is what records count as whose format says nothing of it (generic JSON).
	LogSource sigma.LogSource
	Evidence  int // events kept with a finding, 10 by default
	// Timeline keeps every matched event. Memory grows with them.
	Timeline bool
	// CorrelationBytes bounds the memory of correlation, 1.5 GiB by default; what happens there is in the warnings.
	CorrelationBytes int64
}

// Result is what a run found.
type Result struct {
	Findings []finding.Finding
	Matches  []finding.Match // with Config.Timeline: in order of time, file and line
	Summary  finding.Summary
}

// Run reads all of a source and returns what the rules find in it.
func Run(ctx context.Context, cfg Config, src source.Source) (res *Result, err error) {
	e, err := newEngine(cfg)
	if err != nil {
		return nil, err
	}
	cfg.Ingest.KeepOnce = e.correlator != nil
	read, err := ingest.Run(ctx, cfg.Ingest, src, e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	return e.finish(ctx, read)
}

// engine is one run's compiled rules and what its workers gather.
type engine struct {
	cfg        Config
	rules      []*sigma.Rule
	reports    []bool // rules[i] makes findings by itself
	correlator *sigma.Correlator
	since      int64
	until      int64
	untimed    atomic.Int64 // matches without a time, which can't be correlated
	active     []atomic.Bool

	mu       sync.Mutex
	programs map[string]*program
	workers  []*worker
	matchers int
}

func newEngine(cfg Config) (*engine, error) {
	if cfg.Rules == nil {
		return nil, errors.New("detect: Config.Rules is required")
	}
	if cfg.Evidence <= 0 {
		cfg.Evidence = 10
	}
	if cfg.Whole == nil {
		cfg.Whole = func(r *sigma.Rule) (*sigma.Rule, string) { return r, "" }
	}
	e := &engine{cfg: cfg, rules: cfg.Rules.Rules, programs: map[string]*program{}, until: 1<<63 - 1, since: -1 << 63}
	if !cfg.Since.IsZero() {
		e.since = cfg.Since.UnixNano()
	}
	if !cfg.Until.IsZero() {
		e.until = cfg.Until.UnixNano()
	}
	e.reports = make([]bool, len(e.rules))
	e.active = make([]atomic.Bool, len(e.rules))
	correlates := false
	for i, r := range e.rules {
		e.reports[i] = cfg.Rules.Reports(r)
		correlates = correlates || r.Correlation != nil
	}
	if correlates {
		c, err := sigma.NewCorrelator(e.rules, sigma.CorrelatorOptions{MaxBytes: cfg.CorrelationBytes})
		if err != nil {
			return nil, fmt.Errorf("correlation rules: %w", err)
		}
		e.correlator = c
	}
	return e, nil
}

var _ ingest.Job = (*engine)(nil)

// Worker makes what one goroutine needs.
func (e *engine) Worker() ingest.Worker {
	w := &worker{engine: e, found: newGathering(e.cfg.Evidence), times: newHistogram()}
	if e.correlator != nil {
		w.adder = e.correlator.Adder()
	}
	e.mu.Lock()
	e.workers = append(e.workers, w)
	e.mu.Unlock()
	return w
}

// worker matches records.
type worker struct {
	engine   *engine
	scanners []*sigma.Scanner // by matcher.index
	adder    *sigma.Adder     // nil if nothing is correlated
	found    *gathering
	times    *histogram
	matches  []finding.Match

	unit    *ingest.Unit
	program *program
	event   recordEvent

	matched, outside int64
}

// Record matches one record.
func (w *worker) Record(at *ingest.Place, rec *event.Record) {
	if w.unit != at.Unit {
		w.enter(at.Unit)
	}
	e := w.engine
	if e.since != -1<<63 || e.until != 1<<63-1 {
		if t, ok := at.Decoder.Time(rec); ok && (t < e.since || t >= e.until) {
			w.outside++
			return
		}
	}
	w.event.at, w.event.rec, w.event.finisher = at, rec, nil
	m := match{at: at, rec: rec}
	c := &w.program.classes[rec.Class]
	for i := range c.matchers {
		mr := &c.matchers[i]
		for _, id := range w.scanners[mr.index].Match(&w.event) {
			w.hit(&m, mr, id)
		}
	}
	if m.any {
		w.matched++
	}
}

// match is a record that at least one rule matched, with what is worked out of it only then.
type match struct {
	at    *ingest.Place
	rec   *event.Record
	any   bool
	timed bool
	time  int64 // ns; 0 if the record has no time
}

func (w *worker) hit(m *match, mr *matcher, id int) {
	if !m.any {
		m.any = true
		w.event.finish()
		m.time, m.timed = m.at.Decoder.Time(m.rec)
	}
	e, rule := w.engine, mr.rules[id]
	if wants := mr.wants[id]; wants != nil {
		if m.timed {
			w.adder.Add(rule, m.time, sigma.Ref{Unit: m.at.Unit.ID, Pos: uint64(m.at.Pos)}, &w.event, wants)
		} else {
			e.untimed.Add(1)
		}
	}
	if !e.reports[rule] {
		return
	}
	w.found.add(rule, w.program, m)
	w.times.add(m.time, severityOf(e.rules[rule].Level))
	if e.cfg.Timeline {
		w.matches = append(w.matches, finding.Match{
			Severity: severityOf(e.rules[rule].Level), Evidence: evidenceOf(m.at, m.rec, m.time),
			Entities: w.program.entitiesOf(m.rec), RuleIndex: rule,
		})
	}
}

// enter takes up another unit's format.
func (w *worker) enter(u *ingest.Unit) {
	e := w.engine
	e.mu.Lock()
	w.unit, w.program = u, e.programs[u.Format.Info().Name]
	n := e.matchers
	e.mu.Unlock()
	for len(w.scanners) < n {
		w.scanners = append(w.scanners, nil)
	}
	for _, c := range w.program.classes {
		for _, m := range c.matchers {
			if w.scanners[m.index] == nil {
				w.scanners[m.index] = m.compiled.Scanner()
			}
		}
	}
	w.event.raw = w.program.raw
}

// recordEvent shows a record to package sigma. The two Values have one layout, so a pointer to the one is a pointer to
// the other.
type recordEvent struct {
	at       *ingest.Place
	rec      *event.Record
	finisher logformat.FieldFinisher // fills in what is left out once a field is read that it may belong to; nil: nothing is
	raw      int                     // the slot that stands for the whole raw record; -1: none
	whole    sigma.Value
}

var (
	_ sigma.Event     = (*recordEvent)(nil)
	_ sigma.Completer = (*recordEvent)(nil)
)

// Complete says that all fields may be read from now on. Few are, and fewer of those that wait to be filled in.
func (r *recordEvent) Complete() {
	if f, ok := r.at.Decoder.(logformat.FieldFinisher); ok {
		r.finisher = f
	} else {
		r.at.Complete(r.rec)
	}
}

// finish fills in what is still left out.
func (r *recordEvent) finish() {
	if r.finisher != nil {
		r.finisher.Finish(r.rec)
		r.finisher = nil
	}
}

func (r *recordEvent) First(slot int) *sigma.Value {
	if slot == r.raw {
		r.whole = sigma.Value{Text: r.rec.Raw, Kind: sigma.String}
		return &r.whole
	}
	if r.finisher != nil && r.finisher.Waits(slot) {
		r.finish()
	}
	return (*sigma.Value)(r.rec.First(slot))
}

func (r *recordEvent) Next(v *sigma.Value) *sigma.Value {
	return (*sigma.Value)(r.rec.Next((*event.Value)(v)))
}

func severityOf(l sigma.Level) finding.Severity { return finding.Severity(l) }

// summary fills in what reading and matching came to.
func (e *engine) summary(read *ingest.Result) finding.Summary {
	s := finding.Summary{
		Files: len(read.Units), Bytes: read.Bytes, Events: read.Records, BadRecord: read.Bad, Formats: read.Formats,
		First: timeOf(read.First), Last: timeOf(read.Last),
	}
	for i := range e.rules {
		if e.active[i].Load() {
			s.Rules.Active++
		}
	}
	s.Rules.Loaded = len(e.rules)
	for _, w := range e.workers {
		s.Matched += w.matched
		s.Outside += w.outside
	}
	for _, f := range read.Errors {
		s.Errors = append(s.Errors, finding.FileError{File: f.Name, Line: f.Line, Error: f.Err.Error(), Count: f.Count})
	}
	if read.MoreError > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d further files had errors and are not listed", read.MoreError))
	}
	s.Unrecognised = slices.Clone(read.Unknown)
	if n := e.untimed.Load(); n > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d matched events have no readable time and were left out of correlation", n))
	}
	return s
}

func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// formatOf returns the compiled rules for a unit's format.
func (e *engine) programOf(f logformat.Format) *program {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.programs[f.Info().Name]
}
