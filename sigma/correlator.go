package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
)

// Ref is the caller's handle of a matched event: a file and an offset, say.
type Ref struct {
	Unit uint32
	Pos  uint64
}

// CorrelatorOptions bound a Correlator.
type CorrelatorOptions struct {
	// MaxBytes is the memory that matches may take, 1.5 GiB by default. From 7/8 of it on, groups that were not seen
	// before are left out; at the whole of it every further match is. What is left out is counted (Dropped), and hits that
	// it may have changed say so (Hit.Incomplete).
	MaxBytes int64
}

// Correlator keeps the matches of the rules that correlation rules refer to, and then says which correlations hold. It is
// exact whatever the order in which matches are added: only Finish looks at their times.
type Correlator struct {
	rules   []*Rule
	order   []int // correlation rules, those that others refer to first
	plans   map[int]*correlationPlan
	wants   [][]string  // by base rule: the fields it supplies
	streams [][]*stream // by base rule
	all     []*stream
	shards  [shardCount]shard
	bytes   atomic.Int64
	max     int64
	dropped []atomic.Int64
	virtual []virtualMatch // matches that are hits of other correlations
}

// correlationPlan is one correlation rule with its streams.
type correlationPlan struct {
	rule    int
	spec    *Correlation
	bases   []int // the rules it refers to
	streams []*stream
	column  []int // in each stream the column of the counted values; -1
	expr    Expr  // extended temporal condition, over atoms whose field is a number of bases
}

// stream is the matches of one base rule under one list of group-by fields, shared by all correlations that ask for it.
type stream struct {
	index   int
	base    int
	groupBy []int   // indexes into wants[base]
	columns [][]int // value tuples: indexes into wants[base]
}

const virtualUnit = 1<<32 - 1

// virtualMatch is an episode of one correlation as a match of another.
type virtualMatch struct {
	last  Ref
	parts []HitEvent // some of its events, the first and the last
}

// NewCorrelator makes a correlator for the rules of a RuleSet, in the set's order.
func NewCorrelator(rules []*Rule, opts CorrelatorOptions) (*Correlator, error) {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = 3 << 29
	}
	c := &Correlator{
		rules: rules, plans: map[int]*correlationPlan{}, wants: make([][]string, len(rules)),
		streams: make([][]*stream, len(rules)), max: opts.MaxBytes, dropped: make([]atomic.Int64, len(rules)),
	}
	byName := map[string]int{}
	for i, r := range rules {
		for _, name := range []string{r.ID, r.Name} {
			if name != "" {
				byName[name] = i
			}
		}
	}
	state := make([]int, len(rules)) // 1: being planned, 2: planned
	var plan func(i int) error
	plan = func(i int) error {
		if rules[i].Correlation == nil || state[i] == 2 {
			return nil
		}
		if state[i] == 1 {
			return fmt.Errorf("correlation %q refers to itself", rules[i].Title)
		}
		state[i] = 1
		for _, name := range rules[i].Correlation.Rules {
			b, ok := byName[name]
			if !ok {
				return fmt.Errorf("correlation %q refers to a rule %q that is not there", rules[i].Title, name)
			}
			if err := plan(b); err != nil {
				return err
			}
		}
		state[i] = 2
		c.order = append(c.order, i)
		return c.plan(i, byName)
	}
	for i := range rules {
		if err := plan(i); err != nil {
			return nil, err
		}
	}
	c.open()
	return c, nil
}

// plan finds or makes the streams of a correlation.
func (c *Correlator) plan(i int, byName map[string]int) error {
	spec := c.rules[i].Correlation
	p := &correlationPlan{rule: i, spec: spec}
	for _, name := range spec.Rules {
		base := byName[name]
		p.bases = append(p.bases, base)
		s := c.stream(base, c.fieldsOf(spec, base, spec.GroupBy))
		column := -1
		if len(spec.Fields) > 0 {
			column = s.columnOf(c.want(base, c.fieldsOf(spec, base, spec.Fields)))
		}
		p.streams, p.column = append(p.streams, s), append(p.column, column)
	}
	if spec.Expr != "" {
		names := map[string]Expr{}
		for k, name := range spec.Rules {
			names[name] = &Atom{Number: float64(k)}
		}
		x, err := parseCondition(spec.Expr, spec.Rules, names)
		if err != nil {
			return fmt.Errorf("correlation %q: %w", c.rules[i].Title, err)
		}
		p.expr = x
	}
	c.plans[i] = p
	return nil
}

// fieldsOf replaces aliases by what they stand for in a base rule (correlation rules specification, "Field Name Aliases").
func (c *Correlator) fieldsOf(spec *Correlation, base int, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		of := spec.Aliases[n]
		out[i] = cmp.Or(of[c.rules[base].Name], of[c.rules[base].ID], n)
	}
	return out
}

func (c *Correlator) want(base int, fields []string) []int {
	var out []int
	for _, f := range fields {
		i := slices.Index(c.wants[base], f)
		if i < 0 {
			i = len(c.wants[base])
			c.wants[base] = append(c.wants[base], f)
		}
		out = append(out, i)
	}
	return out
}

func (c *Correlator) stream(base int, groupBy []string) *stream {
	by := c.want(base, groupBy)
	for _, s := range c.streams[base] {
		if slices.Equal(s.groupBy, by) {
			return s
		}
	}
	s := &stream{index: len(c.all), base: base, groupBy: by}
	c.streams[base] = append(c.streams[base], s)
	c.all = append(c.all, s)
	return s
}

func (s *stream) columnOf(fields []int) int {
	for i, col := range s.columns {
		if slices.Equal(col, fields) {
			return i
		}
	}
	s.columns = append(s.columns, fields)
	return len(s.columns) - 1
}

// Correlates reports whether some correlation refers to the rule.
func (c *Correlator) Correlates(base int) bool { return len(c.streams[base]) > 0 }

// Wants returns the fields that Add is to be given of a match of the rule, by Sigma's names.
func (c *Correlator) Wants(base int) []string { return c.wants[base] }

// Dropped returns for each rule how many of its matches the memory bound kept out, where that is not 0.
func (c *Correlator) Dropped() map[int]int64 {
	out := map[int]int64{}
	for i := range c.dropped {
		if n := c.dropped[i].Load(); n > 0 {
			out[i] = n
		}
	}
	return out
}

// maxKeys is how many groups one event can be in.
const maxKeys = 64

// Add takes a match of a base rule at time t, in nanoseconds. slots are those of Wants(base), -1 for a field that the
// event can't have. Workers may call it at the same time. A match that lacks a group-by field is in no group; one that has
// several values of it is in each of their groups.
func (c *Correlator) Add(base int, t int64, ref Ref, ev Event, slots []int) {
	for _, s := range c.streams[base] {
		c.addTo(s, t, ref, ev, slots)
	}
}

func (c *Correlator) addTo(s *stream, t int64, ref Ref, ev Event, slots []int) {
	var room [128]byte
	var first [4]*Value
	firsts := first[:0]
	several := false
	for _, f := range s.groupBy {
		v := firstValue(ev, slots[f])
		if v == nil {
			return
		}
		several = several || v.Next != 0
		firsts = append(firsts, v)
	}
	if !several {
		c.put(s, t, ref, keyOf(room[:0], firsts), ev, slots)
		return
	}
	n := 0
	at := slices.Clone(firsts)
	for {
		c.put(s, t, ref, keyOf(room[:0], at), ev, slots)
		if n++; n == maxKeys {
			return
		}
		k := 0
		for ; k < len(at); k++ { // the next combination, like a counter's wheels
			if at[k] = nextValue(ev, at[k]); at[k] != nil {
				break
			}
			at[k] = firsts[k]
		}
		if k == len(at) {
			return
		}
	}
}

// firstValue returns the first value that is not null.
func firstValue(ev Event, slot int) *Value {
	if slot < 0 {
		return nil
	}
	v := ev.First(slot)
	for v != nil && v.Kind == Null {
		v = ev.Next(v)
	}
	return v
}

func nextValue(ev Event, v *Value) *Value {
	for v = ev.Next(v); v != nil && v.Kind == Null; {
		v = ev.Next(v)
	}
	return v
}

// keyOf writes a tuple of values: one as it is, several each behind its length.
func keyOf(dst []byte, vs []*Value) []byte {
	if len(vs) == 1 {
		return append(dst, vs[0].Text...)
	}
	for _, v := range vs {
		dst = appendPart(dst, v.Text)
	}
	return dst
}

func appendPart[T []byte | string](dst []byte, text T) []byte {
	n := len(text)
	dst = append(dst, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	return append(dst, text...)
}

// splitKey undoes keyOf.
func splitKey(key []byte, parts int) []string {
	switch parts {
	case 0:
		return nil
	case 1:
		return []string{string(key)}
	}
	var out []string
	for range parts {
		n := int(key[0])<<24 | int(key[1])<<16 | int(key[2])<<8 | int(key[3])
		out = append(out, string(key[4:4+n]))
		key = key[4+n:]
	}
	return out
}
