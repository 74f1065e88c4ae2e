package detect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// program is the rules compiled for one format.
type program struct {
	info     *logformat.Info
	plan     *logformat.Plan
	raw      int // slot of the whole raw record for keyword searches; -1
	classes  []class
	entities []entitySlots
	actor    []int
}

type class struct{ matchers []matcher }

// matcher is the rules of one class that share one mapping of field names.
type matcher struct {
	index    int // among all matchers of the run
	compiled *sigma.Matcher
	rules    []int   // of the engine, by the compiled matcher's number
	wants    [][]int // the slots that correlation wants of each; nil: it is not correlated
}

type entitySlots struct {
	kind  string
	slots []int
}

// Plan compiles the rules for a format, and returns the fields they need.
func (e *engine) Plan(f logformat.Format) (*logformat.Plan, error) {
	info := f.Info()
	p := &program{info: info, plan: logformat.NewPlan(), raw: -1}
	keywords := e.keywordSlots(p)
	for _, ent := range info.Entities {
		p.entities = append(p.entities, entitySlots{kind: ent.Kind, slots: p.slots(ent.Fields)})
	}
	p.actor = p.slots(info.Actor)
	for _, c := range info.Classes {
		compiled, err := e.compileClass(p, c, keywords)
		if err != nil {
			return nil, fmt.Errorf("rules for %s: %w", info.Name, err)
		}
		p.classes = append(p.classes, compiled)
	}
	e.mu.Lock()
	e.programs[info.Name] = p
	e.mu.Unlock()
	return p.plan, nil
}

// keywordSlots plans what a keyword search looks into, if some rule that may apply makes one: it is dear to gather.
func (e *engine) keywordSlots(p *program) []int {
	searches := func(c logformat.Class) bool {
		return slices.ContainsFunc(Assign(&c, e.cfg.LogSource, e.rules), func(a Assigned) bool {
			return searchesKeywords(e.rules[a.Rule].Detection.Expr)
		})
	}
	if !slices.ContainsFunc(p.info.Classes, searches) {
		return nil
	}
	if len(p.info.Keywords) == 0 {
		p.raw = p.plan.Add("\x00raw") // no format has a field of this name, so that records leave the slot alone
		return []int{p.raw}
	}
	return p.slots(p.info.Keywords)
}

func searchesKeywords(e sigma.Expr) bool {
	switch e := e.(type) {
	case *sigma.Atom:
		return e.Field == ""
	case sigma.Not:
		return searchesKeywords(e.X)
	case sigma.And:
		return slices.ContainsFunc(e, searchesKeywords)
	case sigma.Or:
		return slices.ContainsFunc(e, searchesKeywords)
	case sigma.SameElement:
		return slices.ContainsFunc(e, searchesKeywords)
	}
	return false
}

func (p *program) slots(fields []string) []int {
	var slots []int
	for _, f := range fields {
		slots = append(slots, p.plan.AddLater(f))
	}
	return slots
}

// Assign returns the rules that apply to a class, each with the first of the class's log sources that it is for.
func Assign(c *logformat.Class, extra sigma.LogSource, rules []*sigma.Rule) []Assigned {
	sources := c.Sources
	if len(sources) == 0 {
		sources = []logformat.Source{{Product: extra.Product, Service: extra.Service, Category: extra.Category}}
	}
	var out []Assigned
	for i, r := range rules {
		if r.Detection == nil {
			continue
		}
		for k := range sources {
			s := &sources[k]
			if r.LogSource.Applies(sigma.LogSource{Category: s.Category, Product: s.Product, Service: s.Service}) {
				out = append(out, Assigned{Rule: i, Source: s})
				break
			}
		}
	}
	return out
}

// Assigned is a rule and the log source under which a class of records is shown to it.
type Assigned struct {
	Rule   int
	Source *logformat.Source
}

// Native returns a format's own name of a Sigma field; false if its records can have no such field.
func Native(info *logformat.Info, s *logformat.Source, field string) (string, bool) {
	name, mapped := s.Mapped(field)
	if !mapped {
		name = field
	}
	if info.Has(name) {
		return name, true
	}
	if !mapped && s.Default != "" {
		return s.Default + name, true
	}
	return "", false
}

func (e *engine) compileClass(p *program, c logformat.Class, keywords []int) (class, error) {
	var groups [][]Assigned // rules that see one mapping of names
next:
	for _, a := range Assign(&c, e.cfg.LogSource, e.rules) {
		for i, g := range groups {
			if g[0].Source == a.Source || maps.Equal(g[0].Source.Fields, a.Source.Fields) && g[0].Source.Default == a.Source.Default {
				groups[i] = append(g, a)
				continue next
			}
		}
		groups = append(groups, []Assigned{a})
	}
	var out class
	for _, g := range groups {
		m, err := e.compileGroup(p, g, keywords)
		if err != nil {
			return out, err
		}
		out.matchers = append(out.matchers, m)
	}
	return out, nil
}

func (e *engine) compileGroup(p *program, group []Assigned, keywords []int) (matcher, error) {
	resolve := func(field string) (int, bool) {
		name, ok := Native(p.info, group[0].Source, field)
		if !ok {
			return -1, false
		}
		return p.plan.AddLater(name), true
	}
	var m matcher
	var rules []*sigma.Rule
	for _, a := range group {
		rules = append(rules, e.rules[a.Rule])
		m.rules = append(m.rules, a.Rule)
		e.active[a.Rule].Store(true)
		var wants []int
		if e.correlator != nil && e.correlator.Correlates(a.Rule) {
			wants = []int{}
			for _, field := range e.correlator.Wants(a.Rule) {
				slot, _ := resolve(field)
				wants = append(wants, slot)
			}
		}
		m.wants = append(m.wants, wants)
	}
	compiled, err := sigma.Compile(rules, sigma.Options{Resolve: resolve, Keywords: keywords})
	if err != nil {
		return m, err
	}
	m.compiled = compiled
	for _, s := range compiled.Anchors() {
		p.plan.Add(p.plan.Fields[s])
	}
	e.mu.Lock()
	m.index = e.matchers
	e.matchers++
	e.mu.Unlock()
	return m, nil
}

// entitiesOf returns what a record says it is about.
func (p *program) entitiesOf(rec *event.Record) []finding.Entity {
	var out []finding.Entity
	for _, ent := range p.entities {
		if text := firstText(rec, ent.slots); len(text) > 0 {
			out = append(out, finding.Entity{Kind: ent.kind, Value: printable(text), Count: 1})
		}
	}
	return out
}

// actorOf returns who did what a record tells: the first of the format's actor fields that is there, else its source
// address, else its host.
func (p *program) actorOf(rec *event.Record) []byte {
	if text := firstText(rec, p.actor); len(text) > 0 {
		return text
	}
	for _, kind := range []string{logformat.SourceIP, logformat.Principal, logformat.Host} {
		for _, ent := range p.entities {
			if ent.kind == kind {
				if text := firstText(rec, ent.slots); len(text) > 0 {
					return text
				}
			}
		}
	}
	return nil
}

func firstText(rec *event.Record, slots []int) []byte {
	for _, s := range slots {
		if text := rec.Text(s); len(text) > 0 {
			return text
		}
	}
	return nil
}
