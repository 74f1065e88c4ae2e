package simulate

import (
	"time"
)

// actor is somebody who acts in bouts: some records one after the other, then a pause.
type actor struct {
	bind   map[slot]template // what slots are in all its records
	hold   []slot            // slots that keep their value throughout a bout
	open   []*line           // what a bout begins with
	lines  choice[*line]
	close  []*line // what a bout ends with
	bout   [2]int  // how many lines of lines there are in a bout, from and to
	gap    time.Duration
	pause  time.Duration
	even   bool // gaps and pauses are what they are, give or take a fiftieth, as with machines that wake by the clock
	rhythm *rhythm

	left  int      // lines still to come in this bout, those that open and close it included
	total int      // of this bout
	held  [][]byte // by position in hold
}

// line is a record that an actor may write, and how it comes out when it fails.
type line struct {
	good    template
	bad     []template
	badRate float64
}

func (l *line) pick(r random) template {
	if len(l.bad) > 0 && r.chance(l.badRate) {
		return l.bad[r.IntN(len(l.bad))]
	}
	return l.good
}

// rhythm is how busy each hour of a working day and of a day off is, from 0 to 1, in UTC.
type rhythm struct{ work, off [24]float64 }

func (r *rhythm) at(t time.Time) float64 {
	if r == nil {
		return 1
	}
	if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
		return r.off[t.Hour()]
	}
	return r.work[t.Hour()]
}

// office is people at work in central Europe; public is people who shop there.
func office() *rhythm {
	return &rhythm{
		work: [24]float64{.01, .01, .01, .01, .02, .08, .35, .8, 1, 1, .95, .6, .8, 1, .95, .8, .45, .2, .1, .08, .06, .04, .02, .01},
		off:  [24]float64{6: .02, 8: .04, 10: .05, 14: .05, 17: .05, 20: .04},
	}
}

func public() *rhythm {
	day := [24]float64{.2, .12, .08, .06, .07, .12, .25, .4, .5, .55, .6, .7, .7, .6, .55, .55, .6, .75, .95, 1, .95, .8, .55, .35}
	return &rhythm{work: day, off: day}
}

// act appends the next record and says how long the actor waits before the one after it.
func (a *actor) act(s *scope, dst []byte) (out []byte, wait time.Duration) {
	s.begin(s.now)
	for at, t := range a.bind {
		s.bound[at] = t
	}
	if a.left == 0 {
		a.begin(s)
	}
	for i, at := range a.hold {
		s.set(at, a.held[i])
	}
	dst = s.fill(dst, a.pick(s).pick(s.random))
	a.left--
	if a.left > 0 {
		return dst, a.spread(s, a.gap)
	}
	return dst, a.rest(s)
}

// begin starts a bout: it takes the values that are held.
func (a *actor) begin(s *scope) {
	a.total = len(a.open) + len(a.close)
	if len(a.lines.things) > 0 {
		a.total += s.between(a.bout[0], a.bout[1])
	}
	a.left = a.total
	if a.held == nil {
		a.held = make([][]byte, len(a.hold))
	}
	for i, at := range a.hold {
		a.held[i] = append(a.held[i][:0], s.value(at)...)
	}
}

func (a *actor) pick(s *scope) *line {
	switch done := a.total - a.left; {
	case done < len(a.open):
		return a.open[done]
	case a.left <= len(a.close):
		return a.close[len(a.close)-a.left]
	}
	return a.lines.pick(s.random)
}

func (a *actor) spread(s *scope, mean time.Duration) time.Duration {
	if a.even {
		return mean + time.Duration((s.Float64()-.5)*float64(mean)/25)
	}
	return s.wait(mean)
}

// rest is the pause after a bout; in quiet hours bouts that would have come do not.
func (a *actor) rest(s *scope) time.Duration {
	var total time.Duration
	for {
		total += a.spread(s, a.pause)
		if s.chance(a.rhythm.at(s.now.Add(total))) {
			return total
		}
	}
}
