package sigma

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RuleSet is rules that work together: filters are applied, and correlations find the rules they refer to.
type RuleSet struct {
	// Rules are the detection and correlation rules, in the order given.
	Rules []*Rule

	byName map[string]*Rule // by id and by name
	quiet  map[*Rule]bool   // rules that only feed correlations
}

// NewRuleSet puts rules together. A rule that can't take part (a second one with the same id, a correlation that refers to
// a rule that is not there, or to itself) is left out, with a *ParseError; so is what depends on it. A filter is applied to
// those of its rules that it fits, and what it names in vain is an error. The detections of filtered rules are replaced in
// the rules given.
func NewRuleSet(rules []*Rule) (*RuleSet, []error) {
	b := &setBuilder{set: &RuleSet{byName: map[string]*Rule{}, quiet: map[*Rule]bool{}}, taken: map[string]*Rule{}}
	var filters []*Rule
	for _, r := range rules {
		if !b.take(r) {
			continue
		}
		if r.Filter != nil {
			filters = append(filters, r)
			continue
		}
		b.set.Rules = append(b.set.Rules, r)
		for _, name := range []string{r.ID, r.Name} {
			if name != "" {
				b.set.byName[name] = r
			}
		}
	}
	for _, f := range filters {
		b.filter(f)
	}
	b.link()
	b.set.hush()
	return b.set, b.errs
}

// Lookup returns the rule of an id or name, nil if there is none.
func (s *RuleSet) Lookup(name string) *Rule { return s.byName[name] }

// Reports reports whether matches of the rule are findings by themselves: those of a rule that a correlation refers to are
// not, unless a correlation that refers to it says generate (correlation rules specification, "Generate").
func (s *RuleSet) Reports(r *Rule) bool { return !s.quiet[r] }

// Only returns a set of one rule and of what it correlates.
func (s *RuleSet) Only(r *Rule) *RuleSet {
	wanted := map[*Rule]bool{r: true}
	for queue := []*Rule{r}; len(queue) > 0; queue = queue[1:] {
		if queue[0].Correlation == nil {
			continue
		}
		for _, name := range queue[0].Correlation.Rules {
			if base := s.byName[name]; !wanted[base] {
				wanted[base] = true
				queue = append(queue, base)
			}
		}
	}
	out := &RuleSet{byName: s.byName, quiet: map[*Rule]bool{}}
	for _, o := range s.Rules {
		if wanted[o] {
			out.Rules = append(out.Rules, o)
			out.quiet[o] = o != r
		}
	}
	return out
}

// hush works out which rules only feed correlations.
func (s *RuleSet) hush() {
	loud := map[*Rule]bool{}
	for _, r := range s.Rules {
		if r.Correlation == nil {
			continue
		}
		for _, name := range r.Correlation.Rules {
			base := s.byName[name]
			s.quiet[base] = true
			if r.Correlation.Generate {
				loud[base] = true
			}
		}
	}
	for r := range loud {
		delete(s.quiet, r)
	}
}

// setBuilder puts a RuleSet together.
type setBuilder struct {
	set   *RuleSet
	taken map[string]*Rule // ids and names, those of filters too
	errs  []error
}

func (b *setBuilder) refuse(r *Rule, format string, args ...any) {
	b.errs = append(b.errs, &ParseError{File: r.File, Line: max(r.Line, 1), Err: fmt.Errorf(format, args...)})
}

// take reserves a rule's id and name, if no rule before has them.
func (b *setBuilder) take(r *Rule) bool {
	if first := b.taken[r.ID]; r.ID != "" && first != nil {
		b.refuse(r, "id %s is that of %q (%s:%d) already", r.ID, first.Title, first.File, first.Line)
		return false
	}
	if first := b.taken[r.Name]; r.Name != "" && first != nil {
		b.refuse(r, "name %s is that of %q (%s:%d) already", r.Name, first.Title, first.File, first.Line)
		return false
	}
	b.taken[r.ID], b.taken[r.Name] = r, r
	return true
}

// filter narrows the rules that a filter document names to events that its condition holds for as well (Sigma filters
// specification). Its log source restricts it to rules of that log source.
func (b *setBuilder) filter(f *Rule) {
	narrow := func(r *Rule) {
		r.Detection = &Detection{Conditions: r.Detection.Conditions, Expr: And{r.Detection.Expr, f.Filter.Detection.Expr}}
	}
	if f.Filter.Any {
		for _, r := range b.set.Rules {
			if r.Detection != nil && f.LogSource.Applies(r.LogSource) {
				narrow(r)
			}
		}
		return
	}
	var done []*Rule
	for _, name := range f.Filter.Rules {
		switch r := b.set.byName[name]; {
		case r == nil:
			b.refuse(f, "the filter names a rule %q that is not loaded", name)
		case r.Detection == nil:
			b.refuse(f, "the filter names %q, which is a correlation; filters narrow detection rules", name)
		case !f.LogSource.Applies(r.LogSource):
			b.refuse(f, "the filter names rule %q, which is of another log source", name)
		case !slices.Contains(done, r):
			narrow(r)
			done = append(done, r)
		}
	}
}

// link leaves out the correlations that refer to what is not there, and then those that refer to these.
func (b *setBuilder) link() {
	for {
		bad := b.cyclic()
		for _, r := range b.set.Rules {
			if err := b.set.missing(r); err != nil && !bad[r] {
				b.refuse(r, "%w", err)
				bad[r] = true
			}
		}
		if len(bad) == 0 {
			return
		}
		b.set.Rules = slices.DeleteFunc(b.set.Rules, func(r *Rule) bool { return bad[r] })
		for name, r := range b.set.byName {
			if bad[r] {
				delete(b.set.byName, name)
			}
		}
	}
}

// missing reports what a correlation refers to that is not there.
func (s *RuleSet) missing(r *Rule) error {
	if r.Correlation == nil {
		return nil
	}
	for _, name := range r.Correlation.Rules {
		if s.byName[name] == nil {
			return fmt.Errorf("the correlation refers to a rule %q that is not loaded", name)
		}
	}
	for _, alias := range slices.Sorted(maps.Keys(r.Correlation.Aliases)) {
		for _, name := range slices.Sorted(maps.Keys(r.Correlation.Aliases[alias])) {
			if s.byName[name] == nil {
				return fmt.Errorf("alias %q refers to a rule %q that is not loaded", alias, name)
			}
		}
	}
	return nil
}

// cyclic refuses correlations that refer to themselves, directly or through others, and returns them.
func (b *setBuilder) cyclic() map[*Rule]bool {
	const visiting, visited = 1, 2
	state := map[*Rule]int{}
	bad := map[*Rule]bool{}
	var path []*Rule
	var visit func(r *Rule)
	visit = func(r *Rule) {
		if r == nil || r.Correlation == nil || state[r] == visited {
			return
		}
		if state[r] == visiting {
			b.refuseCycle(path[slices.Index(path, r):], bad)
			return
		}
		state[r] = visiting
		path = append(path, r)
		for _, name := range r.Correlation.Rules {
			visit(b.set.byName[name])
		}
		path = path[:len(path)-1]
		state[r] = visited
	}
	for _, r := range b.set.Rules {
		visit(r)
	}
	return bad
}

func (b *setBuilder) refuseCycle(cycle []*Rule, bad map[*Rule]bool) {
	var titles []string
	for _, r := range cycle {
		titles = append(titles, fmt.Sprintf("%q", r.Title))
	}
	for _, r := range cycle {
		if !bad[r] {
			b.refuse(r, "the correlation refers to itself: %s → %s", strings.Join(titles, " → "), titles[0])
			bad[r] = true
		}
	}
}
