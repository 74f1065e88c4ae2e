package simulate

import "time"

// Label says what is hidden in logs: an attack, where and when it is, and which rules should tell of it.
type Label struct {
	Name       string    `json:"name"`
	Techniques []string  `json:"techniques"` // of ATT&CK
	Files      []string  `json:"files"`      // within the folder of logs; of CloudTrail the folder of its files
	First      time.Time `json:"first_seen"`
	Last       time.Time `json:"last_seen"`
	Events     int       `json:"events,omitempty"`
	Entities   []Entity  `json:"entities"` // what a finding must name
	Rules      []string  `json:"rules"`    // ids of the rules of which each must have a finding
}

// Entity is a thing that an attack is about, its kind as in findings. A source_ip may be a whole network.
type Entity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// attack is a player that does its steps once.
type attack struct {
	label Label
	start time.Duration // after midnight
	steps []step

	at, done int // the step, and how often it was done
}

// step is a record written some times, one after the other.
type step struct {
	bind  map[slot]template
	text  template
	times int
	gap   time.Duration // in mean, after each
	even  bool          // all gaps are nearly as long as gap
}

// never is a wait that outlasts every log.
const never = 100 * 365 * 24 * time.Hour

// act does the next step.
func (a *attack) act(s *scope, dst []byte) (out []byte, wait time.Duration) {
	s.begin(s.now)
	st := &a.steps[a.at]
	for at, t := range st.bind {
		s.bound[at] = t
	}
	dst = s.fill(dst, st.text)
	if a.label.Events == 0 {
		a.label.First = s.now
	}
	a.label.Last = s.now
	a.label.Events++
	wait = s.wait(st.gap)
	if st.even {
		wait = st.gap + time.Duration((s.Float64()-.5)*float64(st.gap)/25)
	}
	if a.done++; a.done >= st.times {
		a.at, a.done = a.at+1, 0
	}
	if a.at == len(a.steps) {
		return dst, never
	}
	return dst, wait
}

// by and from make the entities of a label.
func by(principal string) Entity { return Entity{"principal", principal} }
func from(ip string) Entity      { return Entity{"source_ip", ip} }
