package detect

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
)

const (
	// maxActors is how many actors of one rule get a finding of their own; the rest share one. Which actors those are
	// depends on the actors alone (those with the smallest hashes), never on the order in which logs were read.
	maxActors = 2000
	// maxValues is how many values of one kind of entity are counted for one finding, chosen likewise.
	maxValues = 48
	// shownValues is how many of them a finding names.
	shownValues = 8
	// maxRaw is the most bytes of an event that evidence quotes.
	maxRaw = 8 << 10
)

// gathering is what one worker found: matches gathered by rule and actor.
type gathering struct {
	evidence int
	groups   map[string]*group
	rules    map[int]*ruleGroups
	key      []byte
}

type ruleGroups struct {
	byHash []*group // a heap, the largest hash first
	others *group
}

// group is the matches of one rule by one actor.
type group struct {
	rule        int
	key         string
	hash        uint64
	count       int
	first, last int64
	evidence    []finding.Evidence
	entities    []entityValues
	hidden      bool // some entity values were not counted
}

// entityValues is the values of one kind of entity that are counted.
type entityValues struct {
	kind   string
	counts []entityCount
	last   int // where the last one counted is
	worst  int // where that of the largest hash is
}

type entityCount struct {
	value string
	hash  uint64
	count int
}

func newGathering(evidence int) *gathering {
	return &gathering{evidence: evidence, groups: map[string]*group{}, rules: map[int]*ruleGroups{}}
}

func (g *gathering) add(rule int, p *program, m *match) {
	actor := p.actorOf(m.rec)
	g.key = binary.LittleEndian.AppendUint32(g.key[:0], uint32(rule))
	g.key = append(g.key, actor...)
	gr := g.groups[string(g.key)]
	if gr == nil {
		gr = g.enter(rule, string(actor))
	}
	gr.count++
	gr.span(m.time, m.time)
	gr.offer(g.evidence, m)
	for _, ent := range p.entities {
		if text := firstText(m.rec, ent.slots); len(text) > 0 {
			gr.entity(ent.kind, text, 1)
		}
	}
}

// enter makes a group for a new actor, or returns that of the others.
func (g *gathering) enter(rule int, actor string) *group {
	rg := g.rules[rule]
	if rg == nil {
		rg = &ruleGroups{}
		g.rules[rule] = rg
	}
	gr := &group{rule: rule, key: actor, hash: hashOf(actor)}
	if len(rg.byHash) < maxActors {
		g.groups[groupKey(gr)] = gr
		rg.push(gr)
		return gr
	}
	if gr.hash >= rg.byHash[0].hash {
		return rg.other(gr)
	}
	evicted := rg.byHash[0]
	delete(g.groups, groupKey(evicted))
	rg.replace(gr)
	g.groups[groupKey(gr)] = gr
	rg.other(evicted).merge(evicted, g.evidence)
	return gr
}

func groupKey(g *group) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(g.rule))) + g.key
}

// other returns the group of the rule's actors beyond the limit.
func (rg *ruleGroups) other(g *group) *group {
	if rg.others == nil {
		rg.others = &group{rule: g.rule, key: othersKey}
	}
	return rg.others
}

const othersKey = "(further actors)"

func (rg *ruleGroups) push(g *group) {
	rg.byHash = append(rg.byHash, g)
	h := rg.byHash
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].hash >= h[i].hash {
			break
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
}

func (rg *ruleGroups) replace(g *group) {
	h := rg.byHash
	h[0] = g
	for i := 0; ; {
		big := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(h) && h[c].hash > h[big].hash {
				big = c
			}
		}
		if big == i {
			return
		}
		h[i], h[big] = h[big], h[i]
		i = big
	}
}

// absorb takes over what another worker gathered.
func (g *gathering) absorb(o *gathering) {
	for _, gr := range o.groups {
		mine := g.groups[groupKey(gr)]
		if mine == nil {
			mine = g.enter(gr.rule, gr.key)
		}
		mine.merge(gr, g.evidence)
	}
	for rule, rg := range o.rules {
		if rg.others != nil {
			if g.rules[rule] == nil {
				g.rules[rule] = &ruleGroups{}
			}
			g.rules[rule].other(rg.others).merge(rg.others, g.evidence)
		}
	}
}

func (g *group) span(first, last int64) {
	if first != 0 && (g.first == 0 || first < g.first) {
		g.first = first
	}
	if last != 0 && last > g.last {
		g.last = last
	}
}

// merge adds another group's matches to g.
func (g *group) merge(o *group, evidence int) {
	g.count += o.count
	g.span(o.first, o.last)
	g.hidden = g.hidden || o.hidden
	for _, ev := range o.evidence {
		g.insert(evidence, ev)
	}
	for _, kind := range o.entities {
		for _, e := range kind.counts {
			g.entity(kind.kind, []byte(e.value), e.count)
		}
	}
}

// offer keeps the match as evidence if it is among the earliest.
func (g *group) offer(limit int, m *match) {
	if len(g.evidence) == limit {
		last := &g.evidence[limit-1]
		if t := timeOf(m.time); t.After(last.Time) || t.Equal(last.Time) && m.at.Unit.Name == last.File && m.at.Pos > last.Offset {
			return
		}
	}
	g.insert(limit, evidenceOf(m.at, m.rec, m.time))
}

func (g *group) insert(limit int, ev finding.Evidence) {
	i, found := slices.BinarySearchFunc(g.evidence, ev, compareEvidence)
	if found || i >= limit {
		return
	}
	g.evidence = slices.Insert(g.evidence, i, ev)
	g.evidence = g.evidence[:min(len(g.evidence), limit)]
}

// compareEvidence puts evidence in order of time, then file, then place.
func compareEvidence(a, b finding.Evidence) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.File, b.File), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Rule, b.Rule))
}

// entity counts one value of one kind.
func (g *group) entity(kind string, value []byte, n int) {
	i := slices.IndexFunc(g.entities, func(e entityValues) bool { return e.kind == kind })
	if i < 0 {
		i = len(g.entities)
		g.entities = append(g.entities, entityValues{kind: kind})
	}
	if !g.entities[i].count(value, n) {
		g.hidden = true
	}
}

// count counts a value. It reports whether all values are counted.
func (e *entityValues) count(value []byte, n int) bool {
	if len(e.counts) > 0 && e.counts[e.last].value == string(value) { // often it is the same as before
		e.counts[e.last].count += n
		return true
	}
	hash := hashOf(value)
	full := len(e.counts) == maxValues
	if full && hash > e.counts[e.worst].hash {
		return false
	}
	for i := range e.counts {
		if c := &e.counts[i]; c.hash == hash && c.value == string(value) {
			e.last = i
			c.count += n
			return true
		}
	}
	if full && hash == e.counts[e.worst].hash {
		return false
	}
	c := entityCount{string(value), hash, n}
	if !full {
		e.last = len(e.counts)
		e.counts = append(e.counts, c)
	} else {
		e.last = e.worst
		e.counts[e.worst] = c
	}
	for i := range e.counts {
		if e.counts[i].hash > e.counts[e.worst].hash {
			e.worst = i
		}
	}
	return !full
}

// hashOf is FNV-1a with a finishing mix: the same in every run, since it decides what a finding shows.
func hashOf[T string | []byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0x9fb21c651e98df25
	return h ^ h>>29
}

// shown returns the entities that a finding names: the most frequent values of each kind.
func (g *group) shown() []finding.Entity {
	var out []finding.Entity
	for _, kind := range g.entities {
		for _, e := range kind.counts {
			out = append(out, finding.Entity{Kind: kind.kind, Value: printable([]byte(e.value)), Count: e.count})
		}
	}
	return topEntities(out)
}

// topEntities puts entities in order of kind and count, and cuts each kind off at shownValues.
func topEntities(all []finding.Entity) []finding.Entity {
	slices.SortFunc(all, func(a, b finding.Entity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	out := all[:0]
	n := 0
	for i, e := range all {
		if i == 0 || e.Kind != all[i-1].Kind {
			n = 0
		}
		if n++; n <= shownValues {
			out = append(out, e)
		}
	}
	return out
}

func evidenceOf(at *ingest.Place, rec *event.Record, t int64) finding.Evidence {
	raw, cut := rec.Raw, false
	if len(raw) > maxRaw {
		raw, cut = raw[:maxRaw], true
	}
	ev := finding.Evidence{
		Format: at.Unit.Format.Info().Name, File: at.Unit.Name, Line: at.Line(rec), Offset: at.Pos, Raw: finding.Redact(printable(raw)), Truncated: cut,
	}
	if t != 0 {
		ev.Time = time.Unix(0, t).UTC()
	}
	return ev
}

// printable returns foreign bytes as valid UTF-8.
func printable(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
