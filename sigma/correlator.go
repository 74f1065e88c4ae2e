package sigma

import (
	"hash/maphash"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

// Ref is the caller's handle of a matched event: a file and an offset, say.
type Ref struct {
	Unit uint32
	Pos  uint64
}

// CorrelatorOptions bound a Correlator.
type CorrelatorOptions struct {
	// MaxBytes is the memory that correlation may take, 1.5 GiB by default: matches, the texts of their values with all
	// tables, and what Finish needs to put them in order. A match takes about 60 bytes and 15 to 20 more for each further way
	// in which it is grouped; a different value takes about 40 bytes and its text.
	//
	// From 7/8 of it on, matches with a value that was not seen before are left out, so that the known groups are still
	// counted; at the whole of it every further match is. What is left out is counted (Dropped), and hits that it may have
	// changed say so (Hit.Incomplete). Which matches these are depends on the order in which they came.
	MaxBytes int64
}

// Correlator keeps the matches of the rules that correlation rules refer to, and then says which correlations hold (Sigma
// correlation rules specification 2.0.2; value_sum, value_avg, value_percentile and conditions over rule names as pySigma
// has them). It is exact whatever the order in which matches are added: only Finish looks at their times.
//
// Groups ("Grouping"). Matches belong together when their values of the group-by fields are equal as Sigma's equality has
// it, that is, ignoring case; a hit's key is written in the spellings that sort first of those that occurred. Without
// group-by there is one group. A match that has no value of a group-by field (it is absent, null or an object) is in no
// group; one that has several is in each of their groups, up to 256. Leftovers counts what this leaves out.
//
// Time ("Time Selection"). A window is a longest run of a group's matches whose last is not later than its first by more
// than the timespan: it slides and knows no fixed boundaries. The condition is put to every window. Windows that pass and
// have matches in common are one episode. All episodes of one group are one hit: its events are those of all windows that
// pass. For a lower bound (gt, gte, temporal) this is the same as looking back from every match; for an upper bound (lt,
// lte, eq, not) it is what keeps the first match of a burst from passing for a small count. There is no window without a
// match, so that no condition holds because nothing happened.
//
// What is computed over a window ("Correlation Types"):
//   - event_count: the matches.
//   - value_count: the distinct values, ignoring case; of several fields, the distinct tuples. A field with several values
//     counts with each.
//   - value_sum, value_avg, value_percentile: over the field's numbers. The percentile is the nearest rank: the least number
//     that at least so many per cent of them do not exceed.
//   - temporal: the rules that matched. Without a condition all of them must.
//   - temporal_ordered: the most rules that matched in the order of the list, each before the next. Of matches at one time
//     the one whose Ref sorts first is before; one and the same event is not before itself. Without a condition all rules
//     must, and only what lies from a match of the first to one of the last is of the episode. With a condition over rule
//     names the rules that matched must all be in order as well.
//
// Matches without a value to count or to compute with take no part in a value_… correlation, nor do those whose values are
// no numbers in one that computes. Leftovers counts them.
//
// Chains ("Related rules"). An episode of a correlation is a match of the correlations that refer to it, at the time of its
// last event. For the temporal types it also stands at earlier moments at which its condition was met: that a burst goes on
// must not hide what happened in the middle of it. It has the group-by fields, under their names and under what an alias
// stands for. Any other field that is asked for has all values that the episode's events have, since a correlation "only
// uses its own group-by" (the note in "Ordered Temporal Proximity"). A hit's events are those of its episodes.
type Correlator struct {
	rules     []*Rule
	order     []int // correlation rules, those that others refer to first
	plans     map[int]*correlationPlan
	wants     [][]string // by base rule: the fields it supplies
	bases     []*base    // by rule; nil: no correlation refers to it
	texts     textStore
	sets      valueSets
	finishers int // goroutines that Finish looks through groups with
	bytes     atomic.Int64
	max       int64
	dropped   []atomic.Int64 // by rule
	virtual   []virtualMatch
	episodes  []groupEpisode // what virtual matches are of
	own       *Adder         // of these

	mu     sync.Mutex
	adders []*Adder // guarded by mu
}

// Hit is a group for which a correlation holds.
type Hit struct {
	Rule        int      // its place among the rules
	Key         []string // the values of the group-by fields
	First, Last int64    // times of the first and last contributing event, in nanoseconds
	Count       int      // contributing events
	Value       float64  // the most that was computed over one window that passed
	Windows     int      // separate episodes
	Incomplete  bool     // the memory bound kept matches out that may belong here
	// Events are the contributing events in the order of time and Ref, each once. They are looked up as they are asked for.
	Events iter.Seq[HitEvent]
}

// HitEvent is one event that contributes to a hit.
type HitEvent struct {
	Base  int // the rule that matched it; never a correlation
	Time  int64
	Ref   Ref
	Value uint32 // for value_count: the number of the value that it counts with, from 1; the same value has the same number
}

// Leftover is what a correlation rule could not use of its matches.
type Leftover struct {
	Ungrouped  int64 // matches without a value of a group-by field
	Crowded    int64 // matches with more than 256 groups or values, which were not put in all groups or counted with all
	Valueless  int64 // matches without a value of the field that is counted or computed with
	NonNumeric int64 // matches without a number in the field that is computed with
}

// NewCorrelator makes a correlator for the rules of a RuleSet, in the set's order.
func NewCorrelator(rules []*Rule, opts CorrelatorOptions) (*Correlator, error) {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = 3 << 29
	}
	c := &Correlator{
		rules: rules, plans: map[int]*correlationPlan{}, wants: make([][]string, len(rules)), bases: make([]*base, len(rules)),
		texts: textStore{seed: maphash.MakeSeed()}, max: opts.MaxBytes, dropped: make([]atomic.Int64, len(rules)),
		finishers: min(runtime.GOMAXPROCS(0), shardCount),
	}
	if err := c.planAll(); err != nil {
		return nil, err
	}
	c.own = c.Adder()
	return c, nil
}

// Correlates reports whether some correlation refers to the rule.
func (c *Correlator) Correlates(base int) bool { return c.bases[base] != nil }

// Wants returns the fields that Add is to be given of a match of the rule, by Sigma's names with aliases resolved: nil if
// no correlation refers to it, empty if one does that needs no field.
func (c *Correlator) Wants(base int) []string { return c.wants[base] }

// Bytes returns how much of CorrelatorOptions.MaxBytes is taken.
func (c *Correlator) Bytes() int64 { return c.bytes.Load() }

// Dropped returns for each rule how many of its matches the memory bound kept out of some correlation, where that is not 0.
// The matches of a correlation rule are its episodes; they are known after Finish.
func (c *Correlator) Dropped() map[int]int64 {
	out := map[int]int64{}
	for i := range c.dropped {
		if n := c.dropped[i].Load(); n > 0 {
			out[i] = n
		}
	}
	return out
}

// Leftovers returns for each correlation rule what it could not use, where there is something. It is complete after Finish.
func (c *Correlator) Leftovers() map[int]Leftover {
	out := map[int]Leftover{}
	for i, p := range c.plans {
		l := Leftover{NonNumeric: p.strange}
		for k, in := range p.inputs {
			l.Ungrouped += in.ungrouped
			l.Crowded += in.crowded
			l.Valueless += in.valueless(p.cells[k])
		}
		if l != (Leftover{}) {
			out[i] = l
		}
	}
	return out
}

// take sets memory aside, unless that would make it more than limit.
func (c *Correlator) take(n, limit int64) bool {
	if c.bytes.Add(n) > limit {
		c.bytes.Add(-n)
		return false
	}
	return true
}
