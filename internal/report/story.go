package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// alike is from how many actors on, who all did the same, they are told of as one.
const alike = 3

// story is what one actor did, or what several did alike.
type story struct {
	actors   []string // the busiest first
	accounts []string
	steps    []step // in order of time
	findings int
	worst    finding.Severity
}

// step is what the findings of one rule say within a story.
type step struct {
	rule     *finding.Rule
	severity finding.Severity
	first    time.Time
	events   int
	findings int
	about    []string // what it was done to
}

// stories gathers findings by who did it: with the gravest first, then those with most steps, then the earliest.
func stories(findings []finding.Finding) []*story {
	byActor := map[string]*story{}
	var single []*story
	for i := range findings {
		f := &findings[i]
		name := actorOf(f)
		s := byActor[name]
		if s == nil {
			s = &story{actors: []string{name}}
			byActor[name] = s
			single = append(single, s)
		}
		s.add(f)
	}
	out := gatherAlike(single)
	for _, s := range out {
		slices.SortStableFunc(s.steps, func(a, b step) int {
			return cmp.Or(compareTimes(a.first, b.first), cmp.Compare(b.severity, a.severity))
		})
	}
	slices.SortStableFunc(out, func(a, b *story) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(len(b.steps), len(a.steps)), compareTimes(a.steps[0].first, b.steps[0].first),
			cmp.Compare(a.actors[0], b.actors[0]))
	})
	return out
}

// add takes a finding up into the story of its actor.
func (s *story) add(f *finding.Finding) {
	s.findings++
	s.worst = max(s.worst, f.Severity)
	for _, a := range values(f.Entities, "account") {
		if !slices.Contains(s.accounts, a) {
			s.accounts = append(s.accounts, a)
		}
	}
	s.join(step{rule: &f.Rule, severity: f.Severity, first: f.First, events: f.Count, findings: 1, about: aboutOf(f, s.actors[0])})
}

// join adds a step to a story, into the one of the same rule if there is one.
func (s *story) join(n step) {
	i := slices.IndexFunc(s.steps, func(o step) bool { return sameRule(o.rule, n.rule) && o.severity == n.severity })
	if i < 0 {
		s.steps = append(s.steps, n)
		return
	}
	at := &s.steps[i]
	if compareTimes(n.first, at.first) < 0 {
		at.first = n.first
	}
	at.events += n.events
	at.findings += n.findings
	for _, a := range n.about {
		if !slices.Contains(at.about, a) {
			at.about = append(at.about, a)
		}
	}
}

func sameRule(a, b *finding.Rule) bool { return a.ID == b.ID && a.Title == b.Title && a.File == b.File }

// gatherAlike makes one story of those in which several actors set off the very same rules, as the machines of a botnet do.
func gatherAlike(single []*story) []*story {
	sets := map[string][]*story{}
	var order []string
	for _, s := range single {
		var rules []string
		for _, p := range s.steps {
			rules = append(rules, p.severity.String()+"\x00"+p.rule.ID+"\x00"+p.rule.Title+"\x00"+p.rule.File)
		}
		slices.Sort(rules)
		set := strings.Join(rules, "\x01")
		if sets[set] == nil {
			order = append(order, set)
		}
		sets[set] = append(sets[set], s)
	}
	var out []*story
	for _, set := range order {
		same := sets[set]
		if len(same) < alike {
			out = append(out, same...)
			continue
		}
		slices.SortStableFunc(same, func(a, b *story) int { return cmp.Compare(b.events(), a.events()) })
		all := same[0]
		for _, s := range same[1:] {
			all.actors = append(all.actors, s.actors...)
			all.findings += s.findings
			for _, p := range s.steps {
				all.join(p)
			}
		}
		all.accounts = nil
		for i := range all.steps {
			all.steps[i].about = nil
		}
		out = append(out, all)
	}
	return out
}

func (s *story) events() (n int) {
	for _, p := range s.steps {
		n += p.events
	}
	return n
}

// actorOf names who a finding is about: the address or principal that it was gathered by, or else the only principal in it,
// or else whatever it was gathered by. Principals of the same name in several accounts count as one, as people's do.
func actorOf(f *finding.Finding) string {
	principals := values(f.Entities, "principal")
	known := append(values(f.Entities, "source_ip"), principals...)
	for _, k := range f.Key {
		if i := slices.IndexFunc(known, func(v string) bool { return k != "" && strings.EqualFold(v, k) }); i >= 0 {
			return shortARN(known[i])
		}
	}
	if len(principals) == 1 {
		return shortARN(principals[0])
	}
	if key := shortKey(f.Key); key != "" {
		return key
	}
	if len(known) > 0 {
		return shortARN(known[0])
	}
	return "somebody"
}

func shortKey(key []string) string {
	var names []string
	for _, k := range key {
		if k != "" {
			names = append(names, shortARN(k))
		}
	}
	return strings.Join(names, ", ")
}

// aboutOf names what a finding's actor did something to: resources, or else principals, destinations or hosts.
func aboutOf(f *finding.Finding, actor string) []string {
	for _, kind := range []string{"resource", "principal", "dest_ip", "host"} {
		var names []string
		for _, v := range values(f.Entities, kind) {
			if v = shortARN(v); v != actor {
				names = append(names, v)
			}
		}
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// compareTimes puts what has no time last.
func compareTimes(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
