package sigma

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// correlationPlan is one correlation rule with its streams.
type correlationPlan struct {
	rule     int
	groupBy  []string
	aliases  map[string]map[string]string
	inputs   []*stream // of the rules it refers to, each once
	cells    []int     // in each input the cell of the values counted or computed with; -1
	criteria criteria
	supplies []supply // parallel to wants[rule]: where a match that is an episode has its fields from
	moments  int64    // the least timespan of the temporal correlations that refer to this one, in ns; 0: there are none
	strange  int64    // matches left out because their values are no numbers
	partial  bool     // a match that may matter was dropped; known when the plan is resolved
}

// supply is where an episode has the values of a field from: its key, or its events.
type supply struct {
	key   int   // of the group-by field; -1: none
	cells []int // otherwise, for each input, the cell of the field's values
}

// base is a rule that correlations refer to.
type base struct {
	rule     int
	episodes bool      // it is a correlation itself: positions are of Correlator.virtual
	mixed    bool      // some correlation refers to other rules too
	ranked   bool      // some correlation computes percentiles
	cells    []cell    // what a match is kept with
	streams  []*stream // how its matches are grouped
	log      matchLog  // of all adders; gathered by Finish
}

// cell is the values of a field or, of several that are counted together, their tuples.
type cell struct{ fields []int } // indexes into wants

// maxFields is how many fields a correlation may group by or count.
const maxFields = 64

// planAll plans every correlation after those that it refers to.
func (c *Correlator) planAll() error {
	byName := map[string]int{}
	for i, r := range c.rules {
		for _, name := range []string{r.ID, r.Name} {
			if _, taken := byName[name]; name != "" && !taken {
				byName[name] = i
			}
		}
	}
	state := make([]int, len(c.rules)) // 1: being planned, 2: planned
	var plan func(i int) error
	plan = func(i int) error {
		r := c.rules[i]
		if r.Correlation == nil || state[i] == 2 {
			return nil
		}
		if state[i] == 1 {
			return fmt.Errorf("correlation %q refers to itself", r.Title)
		}
		state[i] = 1
		var bases []int
		for _, name := range r.Correlation.Rules {
			b, ok := byName[name]
			if !ok {
				return fmt.Errorf("correlation %q refers to a rule %q that is not there", r.Title, name)
			}
			if err := plan(b); err != nil {
				return err
			}
			bases = append(bases, b)
		}
		state[i] = 2
		c.order = append(c.order, i)
		if err := c.plan(i, bases); err != nil {
			return fmt.Errorf("correlation %q: %w", r.Title, err)
		}
		return nil
	}
	for i := range c.rules {
		if err := plan(i); err != nil {
			return err
		}
	}
	return nil
}

// plan finds or makes the streams of a correlation over the rules bases, one for each entry of its list.
func (c *Correlator) plan(i int, bases []int) error {
	spec := c.rules[i].Correlation
	if err := checkCorrelation(spec); err != nil {
		return err
	}
	p := &correlationPlan{rule: i, groupBy: spec.GroupBy, aliases: spec.Aliases}
	p.criteria = criteria{typ: spec.Type, comparisons: spec.Condition, percentile: spec.Percentile, span: uint64(spec.Timespan)}
	c.plans[i] = p
	temporal := spec.Type == Temporal || spec.Type == TemporalOrdered
	for _, b := range bases {
		if k := slices.IndexFunc(p.inputs, func(s *stream) bool { return s.base.rule == b }); k >= 0 {
			p.criteria.steps = append(p.criteria.steps, k)
			continue
		}
		s := c.stream(b, c.fieldsOf(spec.Aliases, b, spec.GroupBy))
		cell := -1
		if spec.Type != EventCount && !temporal {
			cell = s.base.cellOf(c.wantAll(b, c.fieldsOf(spec.Aliases, b, spec.Fields)))
			s.count(cell)
		}
		s.base.ranked = s.base.ranked || spec.Type == ValuePercentile
		p.criteria.steps = append(p.criteria.steps, len(p.inputs))
		p.inputs, p.cells = append(p.inputs, s), append(p.cells, cell)
		if lower := c.plans[b]; lower != nil && temporal && (lower.moments == 0 || lower.moments > int64(spec.Timespan)) {
			lower.moments = int64(spec.Timespan)
		}
	}
	p.criteria.inputs = len(p.inputs)
	for _, s := range p.inputs {
		s.base.mixed = s.base.mixed || len(p.inputs) > 1
	}
	var err error
	p.criteria.expr, err = ruleCondition(spec, p.criteria.steps)
	return err
}

// ruleCondition reads a condition over rule names; nil if there is none.
func ruleCondition(spec *Correlation, inputs []int) (Expr, error) {
	if spec.Expr == "" {
		return nil, nil
	}
	names := map[string]Expr{}
	for k, name := range spec.Rules {
		names[name] = &Atom{Number: float64(inputs[k])}
	}
	return parseCondition(spec.Expr, spec.Rules, names)
}

// checkCorrelation reports what a correlation can't be evaluated for.
func checkCorrelation(spec *Correlation) error {
	computes := spec.Type == ValueSum || spec.Type == ValueAvg || spec.Type == ValuePercentile
	switch {
	case spec.Type > ValuePercentile:
		return fmt.Errorf("there is no correlation type %d", spec.Type)
	case len(spec.Rules) == 0:
		return errors.New("it refers to no rule")
	case spec.Timespan < 0:
		return fmt.Errorf("timespan %v is negative", spec.Timespan)
	case len(spec.GroupBy) > maxFields || len(spec.Fields) > maxFields:
		return fmt.Errorf("it has more than %d fields", maxFields)
	case computes && len(spec.Fields) != 1, spec.Type == ValueCount && len(spec.Fields) == 0:
		return fmt.Errorf("%s does not work over %d fields", spec.Type, len(spec.Fields))
	case spec.Type == ValuePercentile && !(spec.Percentile >= 0 && spec.Percentile <= 100):
		return fmt.Errorf("percentile %v is not from 0 to 100", spec.Percentile)
	}
	for _, cmp := range spec.Condition {
		if math.IsNaN(cmp.Bound) {
			return errors.New("a bound of the condition is no number")
		}
	}
	_, err := ruleCondition(spec, make([]int, len(spec.Rules)))
	return err
}

// fieldsOf replaces aliases by what they stand for in a base rule (correlation rules specification, "Field Name Aliases").
func (c *Correlator) fieldsOf(aliases map[string]map[string]string, base int, names []string) []string {
	out := slices.Clone(names)
	r := c.rules[base]
	for i, n := range names {
		for _, of := range []string{r.Name, r.ID} {
			if field := aliases[n][of]; of != "" && field != "" {
				out[i] = field
				break
			}
		}
	}
	return out
}

func (c *Correlator) wantAll(base int, fields []string) []int {
	out := make([]int, len(fields))
	for i, f := range fields {
		out[i] = c.want(base, f)
	}
	return out
}

// want returns the place of a field among those that a base rule supplies, and sees to it that a correlation can.
func (c *Correlator) want(base int, field string) int {
	if i := slices.Index(c.wants[base], field); i >= 0 {
		return i
	}
	c.wants[base] = append(c.wants[base], field)
	if p := c.plans[base]; p != nil {
		s := supply{key: c.keyNamed(p, field)}
		for _, in := range p.inputs {
			if s.key < 0 {
				inner := c.fieldsOf(p.aliases, in.base.rule, []string{field})
				s.cells = append(s.cells, in.base.cellOf(c.wantAll(in.base.rule, inner)))
			}
		}
		p.supplies = append(p.supplies, s)
	}
	return len(c.wants[base]) - 1
}

// keyNamed returns which group-by field of a correlation a name means: by its name there or, where that is an alias, by what
// it stands for, unless two of them stand for it.
func (c *Correlator) keyNamed(p *correlationPlan, field string) int {
	if i := slices.Index(p.groupBy, field); i >= 0 {
		return i
	}
	found := -1
	for i, name := range p.groupBy {
		for _, in := range p.inputs {
			if c.fieldsOf(p.aliases, in.base.rule, []string{name})[0] != field || found == i {
				continue
			}
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// stream finds or makes the stream of a rule under a list of group-by fields.
func (c *Correlator) stream(rule int, groupBy []string) *stream {
	b := c.bases[rule]
	if b == nil {
		b = &base{rule: rule, episodes: c.plans[rule] != nil}
		c.bases[rule], c.wants[rule] = b, []string{}
	}
	s := &stream{base: b}
	for _, field := range c.wantAll(rule, groupBy) {
		s.groupBy = append(s.groupBy, b.cellOf([]int{field}))
	}
	for _, have := range b.streams {
		if slices.Equal(s.groupBy, have.groupBy) {
			return have
		}
	}
	b.streams = append(b.streams, s)
	return s
}

// cellOf finds or makes the cell of some fields.
func (b *base) cellOf(fields []int) int {
	if i := slices.IndexFunc(b.cells, func(c cell) bool { return slices.Equal(c.fields, fields) }); i >= 0 {
		return i
	}
	b.cells = append(b.cells, cell{fields})
	return len(b.cells) - 1
}
