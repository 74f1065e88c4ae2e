package detect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// finish makes findings of what the workers gathered and of what correlates.
func (e *engine) finish(ctx context.Context, read *ingest.Result) (*Result, error) {
	res := &Result{Summary: e.summary(read)}
	all := newGathering(e.cfg.Evidence)
	times := newHistogram()
	for _, w := range e.workers {
		all.absorb(w.found)
		times.absorb(w.times)
		res.Matches = append(res.Matches, w.matches...)
	}
	res.Findings = e.findingsOf(all)
	if e.correlator != nil {
		c := &correlating{engine: e, read: read, times: times, result: res, pending: map[uint32]map[int64][]wish{}}
		if err := c.run(ctx); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(res.Findings, compareFindings)
	slices.SortFunc(res.Matches, func(a, b finding.Match) int {
		return cmp.Or(compareEvidence(a.Evidence, b.Evidence), cmp.Compare(a.RuleIndex, b.RuleIndex))
	})
	rules := map[int]*finding.Rule{}
	for i := range res.Matches {
		m := &res.Matches[i]
		if rules[m.RuleIndex] == nil {
			r := e.describe(m.RuleIndex)
			rules[m.RuleIndex] = &r
		}
		m.Rule = rules[m.RuleIndex]
	}
	res.Summary.Histogram = times.buckets()
	return res, nil
}

// compareFindings puts the gravest first, then the earliest.
func compareFindings(a, b finding.Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.First.Compare(b.First), cmp.Compare(a.Rule.Title, b.Rule.Title),
		slices.Compare(a.Key, b.Key), cmp.Compare(a.Rule.ID, b.Rule.ID))
}

func (e *engine) findingsOf(all *gathering) []finding.Finding {
	var out []finding.Finding
	for _, g := range all.groups {
		out = append(out, e.findingOf(g))
	}
	for _, rg := range all.rules {
		if rg.others != nil {
			f := e.findingOf(rg.others)
			f.Notes = append(f.Notes, fmt.Sprintf("the rule matched more than %d actors; the matches of those beyond are gathered here", maxActors))
			out = append(out, f)
		}
	}
	return out
}

func (e *engine) findingOf(g *group) finding.Finding {
	r := e.rules[g.rule]
	var key []string
	if g.key != "" {
		key = []string{printable([]byte(g.key))}
	}
	return finding.Finding{
		Fingerprint: finding.FingerprintOf(ruleKey(r), key), Rule: e.describe(g.rule), Severity: severityOf(r.Level),
		First: timeOf(g.first), Last: timeOf(g.last), Count: g.count, Key: key, Entities: g.shown(), Evidence: g.evidence,
		Format: formatOf(g.evidence),
	}
}

// formatOf is the format of the first event.
func formatOf(evidence []finding.Evidence) string {
	if len(evidence) == 0 {
		return ""
	}
	return evidence[0].Format
}

// ruleKey identifies a rule over runs: by its id, or by its title where it has none.
func ruleKey(r *sigma.Rule) string {
	return cmp.Or(r.ID, r.Title)
}

func (e *engine) describe(i int) finding.Rule {
	r, next := e.cfg.Whole(e.rules[i])
	f := finding.Rule{
		ID: cmp.Or(r.ID, r.Name), Title: r.Title, Description: strings.TrimSpace(r.Description), Level: severityOf(r.Level).String(),
		Tags: r.Tags, References: r.References, FalsePositives: r.FalsePositives, Next: next, File: r.File,
	}
	if r.Correlation != nil {
		f.Correlation = r.Correlation.Type.String()
	}
	f.Tactics, f.Techniques = tagsOf(r.Tags)
	return f
}

func tagsOf(tags []string) (tactics, techniques []finding.Tactic) {
	ta, te := attack.Parse(tags)
	for _, t := range ta {
		tactics = append(tactics, finding.Tactic{ID: t.ID, Name: t.Name})
	}
	for _, t := range te {
		techniques = append(techniques, finding.Tactic{ID: t.ID, Name: t.Name})
	}
	return tactics, techniques
}

// correlating makes findings of the correlator's hits. Their events were kept as places only; those that findings quote
// are read again.
type correlating struct {
	engine  *engine
	read    *ingest.Result
	times   *histogram
	result  *Result
	found   []*correlated
	perRule map[int]int
	left    map[int]int // hits beyond maxActors of a rule
	pending map[uint32]map[int64][]wish
}

type correlated struct {
	finding.Finding
	rule     int
	entities map[finding.Entity]int
}

// wish is what a record is wanted for when it is read again.
type wish struct {
	hit      *correlated
	base     int
	evidence bool
	timeline bool
}

func (c *correlating) run(ctx context.Context) error {
	e := c.engine
	c.perRule, c.left = map[int]int{}, map[int]int{}
	names := make([]uint32, len(c.read.Units)) // a unit's place by name: what order ties are put in
	order := make([]int, len(c.read.Units))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.read.Units[a].Name, c.read.Units[b].Name) })
	for rank, i := range order {
		names[i] = uint32(rank)
	}
	e.correlator.Finish(func(a, b sigma.Ref) bool {
		return cmp.Or(cmp.Compare(names[a.Unit], names[b.Unit]), cmp.Compare(a.Pos, b.Pos)) < 0
	}, func(h sigma.Hit) bool {
		if e.reports[h.Rule] {
			c.hit(h)
		}
		return ctx.Err() == nil
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.quote(ctx); err != nil {
		return err
	}
	for _, h := range c.found {
		var ents []finding.Entity
		for ent, n := range h.entities {
			ent.Count = n
			ents = append(ents, ent)
		}
		h.Entities = topEntities(ents)
		slices.SortFunc(h.Evidence, compareEvidence)
		h.Format = formatOf(h.Evidence)
		c.result.Findings = append(c.result.Findings, h.Finding)
	}
	c.warn()
	return nil
}

func (c *correlating) warn() {
	warn := func(format string, args ...any) {
		c.result.Summary.Warnings = append(c.result.Summary.Warnings, fmt.Sprintf(format, args...))
	}
	leftovers, dropped := c.engine.correlator.Leftovers(), c.engine.correlator.Dropped()
	for i, r := range c.engine.rules {
		if l := leftovers[i]; l.Crowded > 0 || l.NonNumeric > 0 {
			warn("correlation %q left out %d matches with more values than it takes, and %d without a number", r.Title, l.Crowded, l.NonNumeric)
		}
		if n := c.left[i]; n > 0 {
			warn("rule %q found %d groups; %d of them are not listed", r.Title, n+maxActors, n)
		}
		if n := dropped[i]; n > 0 {
			warn("correlation reached its memory bound: %d matches of rule %q were not correlated", n, r.Title)
		}
	}
}

// hit notes a finding and which of its events are to be read again.
func (c *correlating) hit(h sigma.Hit) {
	if c.perRule[h.Rule]++; c.perRule[h.Rule] > maxActors {
		c.left[h.Rule]++
		return
	}
	e := c.engine
	r := e.rules[h.Rule]
	severity := severityOf(r.Level)
	f := &correlated{rule: h.Rule, entities: map[finding.Entity]int{}, Finding: finding.Finding{
		Fingerprint: finding.FingerprintOf(ruleKey(r), folded(h.Key)), Rule: e.describe(h.Rule), Severity: severity,
		First: timeOf(h.First), Last: timeOf(h.Last), Count: h.Count, Key: h.Key,
	}}
	if h.Windows > 1 {
		f.Notes = append(f.Notes, strconv.Itoa(h.Windows)+" separate bursts")
	}
	if h.Incomplete {
		f.Notes = append(f.Notes, "the correlation's memory bound was reached, so some events may be missing from this count")
	}
	c.found = append(c.found, f)
	quoted := newSample(e.cfg.Evidence)
	for ev := range h.Events {
		c.times.add(ev.Time, severity)
		if e.cfg.Timeline {
			c.want(ev.Ref, wish{hit: f, base: ev.Base, timeline: true})
		}
		quoted.offer(ev)
	}
	for _, ev := range quoted.events() {
		c.want(ev.Ref, wish{hit: f, base: ev.Base, evidence: true})
	}
}

// folded returns a group's key without its case, which the group ignores: the same group keeps its fingerprint when another
// spelling of it turns up.
func folded(key []string) []string {
	out := make([]string, len(key))
	for i, k := range key {
		out[i] = strings.ToLower(k)
	}
	return out
}

func (c *correlating) want(ref sigma.Ref, w wish) {
	unit := c.pending[ref.Unit]
	if unit == nil {
		unit = map[int64][]wish{}
		c.pending[ref.Unit] = unit
	}
	unit[int64(ref.Pos)] = append(unit[int64(ref.Pos)], w)
}

// quote reads the wanted events again.
func (c *correlating) quote(ctx context.Context) error {
	wanted := map[uint32][]int64{}
	for unit, places := range c.pending {
		for pos := range places {
			wanted[unit] = append(wanted[unit], pos)
		}
	}
	visit := func(at *ingest.Place, rec *event.Record) {
		p := c.engine.programOf(at.Unit.Format)
		t, _ := at.Decoder.Time(rec)
		ev := evidenceOf(at, rec, t)
		entities := p.entitiesOf(rec)
		for _, w := range c.pending[at.Unit.ID][at.Pos] {
			c.grant(w, ev, entities)
		}
	}
	lost := func(u *ingest.Unit, err error) {
		c.result.Summary.Warnings = append(c.result.Summary.Warnings, fmt.Sprintf("%s: events could not be read again to be quoted: %v", u.Name, err))
	}
	return c.read.Again(ctx, wanted, visit, lost)
}

func (c *correlating) grant(w wish, ev finding.Evidence, entities []finding.Entity) {
	if w.timeline {
		c.result.Matches = append(c.result.Matches, finding.Match{
			RuleIndex: w.hit.rule, Severity: w.hit.Severity, Evidence: ev, Entities: entities,
		})
	}
	if w.evidence {
		ev.Rule = c.engine.rules[w.base].Title
		w.hit.Evidence = append(w.hit.Evidence, ev)
		for _, ent := range entities {
			w.hit.entities[finding.Entity{Kind: ent.Kind, Value: ent.Value}]++
		}
	}
}
