package sigma

import (
	"errors"
	"fmt"
	"slices"
)

// RuleSet is rules that work together: filters are applied, and correlations find the rules they refer to.
type RuleSet struct {
	// Rules are the detection and correlation rules, in the order given.
	Rules []*Rule

	byName map[string]*Rule // by id and by name
	quiet  map[*Rule]bool   // rules that only feed correlations
}

// NewRuleSet puts rules together. A rule that can't take part (a second one with the same id, a correlation that refers to
// a rule that is not there, or to itself) is left out, with a *ParseError; so is what depends on it.
func NewRuleSet(rules []*Rule) (*RuleSet, []error) {
	s := &RuleSet{byName: map[string]*Rule{}, quiet: map[*Rule]bool{}}
	var errs []error
	refuse := func(r *Rule, format string, args ...any) {
		errs = append(errs, &ParseError{File: r.File, Line: r.Line, Err: fmt.Errorf(format, args...)})
	}
	var filters []*Rule
	for _, r := range rules {
		if r.Filter != nil {
			filters = append(filters, r)
			continue
		}
		if first := s.byName[r.ID]; r.ID != "" && first != nil {
			refuse(r, "id %s is that of %q (%s:%d) already", r.ID, first.Title, first.File, first.Line)
			continue
		}
		if first := s.byName[r.Name]; r.Name != "" && first != nil {
			refuse(r, "name %s is that of %q (%s:%d) already", r.Name, first.Title, first.File, first.Line)
			continue
		}
		s.Rules = append(s.Rules, r)
		for _, name := range []string{r.ID, r.Name} {
			if name != "" {
				s.byName[name] = r
			}
		}
	}
	for _, f := range filters {
		if err := s.filter(f); err != nil {
			refuse(f, "%w", err)
		}
	}
	for {
		bad := map[*Rule]bool{}
		for _, r := range s.Rules {
			if err := s.linked(r); err != nil {
				refuse(r, "%w", err)
				bad[r] = true
			}
		}
		if len(bad) == 0 {
			break
		}
		s.remove(bad)
	}
	s.hush()
	return s, errs
}

func (s *RuleSet) remove(bad map[*Rule]bool) {
	s.Rules = slices.DeleteFunc(s.Rules, func(r *Rule) bool { return bad[r] })
	for name, r := range s.byName {
		if bad[r] {
			delete(s.byName, name)
		}
	}
}

// Lookup returns the rule of an id or name, nil if there is none.
func (s *RuleSet) Lookup(name string) *Rule { return s.byName[name] }

// Reports reports whether matches of the rule are findings by themselves: those of a rule that a correlation refers to are
// not, unless a correlation that refers to it says generate (correlation rules specification, "Generate").
func (s *RuleSet) Reports(r *Rule) bool { return !s.quiet[r] }

// Only returns a set of one rule and of what it correlates.
func (s *RuleSet) Only(r *Rule) *RuleSet {
	wanted := map[*Rule]bool{}
	var add func(r *Rule)
	add = func(r *Rule) {
		wanted[r] = true
		if r.Correlation != nil {
			for _, name := range r.Correlation.Rules {
				add(s.byName[name])
			}
		}
	}
	add(r)
	out := &RuleSet{byName: s.byName, quiet: map[*Rule]bool{}}
	for _, o := range s.Rules {
		if wanted[o] {
			out.Rules = append(out.Rules, o)
			out.quiet[o] = o != r
		}
	}
	return out
}

// linked reports what a correlation refers to that is not there.
func (s *RuleSet) linked(r *Rule) error {
	if r.Correlation == nil {
		return nil
	}
	for _, name := range r.Correlation.Rules {
		if s.byName[name] == nil {
			return fmt.Errorf("the correlation refers to a rule %q that is not loaded", name)
		}
	}
	for alias, of := range r.Correlation.Aliases {
		for name := range of {
			if s.byName[name] == nil {
				return fmt.Errorf("alias %q refers to a rule %q that is not loaded", alias, name)
			}
		}
	}
	if s.reaches(r, r, map[*Rule]bool{}) {
		return errors.New("the correlation refers to itself")
	}
	return nil
}

func (s *RuleSet) reaches(from, to *Rule, seen map[*Rule]bool) bool {
	if from.Correlation == nil || seen[from] {
		return false
	}
	seen[from] = true
	for _, name := range from.Correlation.Rules {
		next := s.byName[name]
		if next == nil {
			continue
		}
		if next == to || s.reaches(next, to, seen) {
			return true
		}
	}
	return false
}

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

// filter narrows the rules that a filter document names to events that its condition holds for as well (Sigma filters
// specification). A log source in the filter restricts it to rules of that log source.
func (s *RuleSet) filter(f *Rule) error {
	applied := func(r *Rule) bool {
		if r.Detection == nil || !f.LogSource.Applies(r.LogSource) {
			return false
		}
		r.Detection = &Detection{Conditions: r.Detection.Conditions, Expr: And{r.Detection.Expr, f.Filter.Detection.Expr}}
		return true
	}
	if f.Filter.Any {
		for _, r := range s.Rules {
			applied(r)
		}
		return nil
	}
	for _, name := range f.Filter.Rules {
		r := s.byName[name]
		if r == nil {
			return fmt.Errorf("the filter names a rule %q that is not loaded", name)
		}
		if !applied(r) {
			return fmt.Errorf("the filter names rule %q, which is of another log source", name)
		}
	}
	return nil
}
