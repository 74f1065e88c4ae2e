package sigma

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
)

// correlationPlan is one correlation rule with its streams.
type correlationPlan struct {
	rule     int
	groupBy  []string
	aliases  map[string]map[string]string
	inputs   []*stream // of the rules it refers to, each once
	column   []int     // in each input the column of the values counted or computed with; -1
	criteria criteria
	supplies []supply // parallel to wants[rule]: where a match that is an episode has its fields from
	moments  int64    // the least timespan of the temporal correlations that refer to this one, in ns; 0: there are none
	leftover Leftover
	partial  bool // a match that may matter was dropped; known when the plan is resolved
}

// supply is where an episode has the values of a field from: its key, or its events.
type supply struct {
	key     int   // of the group-by field; -1: none
	columns []int // otherwise, for each input, the column of the field's values
}

// stream is the matches of one base rule under one list of group-by fields, shared by all correlations that ask for it.
type stream struct {
	index     int
	base      int
	episodes  bool  // the base is a correlation itself: positions are of Correlator.virtual
	groupBy   []int // indexes into wants[base]
	columns   []*column
	lost      atomic.Int64 // matches that the memory bound kept out
	ungrouped atomic.Int64
	crowded   atomic.Int64
}

// column is values that are kept with each match: tuples of fields.
type column struct {
	fields  []int // indexes into wants[base]
	spelled bool  // as they are spelled, to be looked at as a field by a correlation of episodes; otherwise folded

	valueless atomic.Int64 // matches without a value
}

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
		if k := slices.IndexFunc(p.inputs, func(s *stream) bool { return s.base == b }); k >= 0 {
			p.criteria.steps = append(p.criteria.steps, k)
			continue
		}
		s := c.stream(b, c.fieldsOf(spec.Aliases, b, spec.GroupBy))
		col := -1
		if spec.Type != EventCount && !temporal {
			col = s.columnOf(c.wantAll(b, c.fieldsOf(spec.Aliases, b, spec.Fields)), false)
		}
		p.criteria.steps = append(p.criteria.steps, len(p.inputs))
		p.inputs, p.column = append(p.inputs, s), append(p.column, col)
		if lower := c.plans[b]; lower != nil && temporal && (lower.moments == 0 || lower.moments > int64(spec.Timespan)) {
			lower.moments = int64(spec.Timespan)
		}
	}
	p.criteria.inputs = len(p.inputs)
	c.ranked = c.ranked || spec.Type == ValuePercentile
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
				inner := c.fieldsOf(p.aliases, in.base, []string{field})
				s.columns = append(s.columns, in.columnOf(c.wantAll(in.base, inner), true))
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
			if c.fieldsOf(p.aliases, in.base, []string{name})[0] != field || found == i {
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
func (c *Correlator) stream(base int, groupBy []string) *stream {
	if c.wants[base] == nil {
		c.wants[base] = []string{}
	}
	by := c.wantAll(base, groupBy)
	for _, s := range c.streams[base] {
		if slices.Equal(s.groupBy, by) {
			return s
		}
	}
	s := &stream{index: len(c.all), base: base, groupBy: by, episodes: c.plans[base] != nil}
	c.streams[base] = append(c.streams[base], s)
	c.all = append(c.all, s)
	return s
}

func (s *stream) columnOf(fields []int, spelled bool) int {
	for i, col := range s.columns {
		if slices.Equal(col.fields, fields) && col.spelled == spelled {
			return i
		}
	}
	s.columns = append(s.columns, &column{fields: fields, spelled: spelled})
	return len(s.columns) - 1
}
