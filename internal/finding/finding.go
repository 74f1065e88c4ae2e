// Package finding holds what a person should know: a Finding, with its evidence and a stable identity.
package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Severity is how much a finding matters. The order is that of Sigma's levels.
type Severity uint8

// The severities, lowest first.
const (
	Informational Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"informational", "low", "medium", "high", "critical"} //nolint:gochecknoglobals // a constant table

func (s Severity) String() string { return severityNames[min(s, Critical)] }

// ParseSeverity reads a severity's name.
func ParseSeverity(name string) (Severity, bool) {
	for i, n := range severityNames {
		if n == name {
			return Severity(i), true
		}
	}
	return 0, false
}

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the severity's name.
func (s *Severity) UnmarshalText(name []byte) error {
	v, ok := ParseSeverity(string(name))
	if !ok {
		return fmt.Errorf("%q is no severity", name)
	}
	*s = v
	return nil
}

// Finding is one thing found in logs: a burst of matches of one rule by one actor is one finding with a count.
type Finding struct {
	Fingerprint string     `json:"fingerprint"` // stable over runs: from the rule's id and Key alone
	Rule        Rule       `json:"rule"`
	Severity    Severity   `json:"severity"`
	First       time.Time  `json:"first_seen,omitzero"` // UTC; zero when no record had a time
	Last        time.Time  `json:"last_seen,omitzero"`
	Count       int        `json:"count"`         // matched events
	Key         []string   `json:"key,omitempty"` // the values that the matches were gathered by: the actor, or the group-by values
	Entities    []Entity   `json:"entities,omitempty"`
	Evidence    []Evidence `json:"evidence"`        // the first matched events in time order, capped
	Format      string     `json:"format"`          // the log format of the first event: "cloudtrail"
	Notes       []string   `json:"notes,omitempty"` // what the reader must know of how it was found (a bound was reached)
}

// Rule is what a finding says of the rule that made it.
type Rule struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Description    string   `json:"description,omitempty"`
	Level          string   `json:"level"`
	Correlation    string   `json:"correlation,omitempty"` // "event_count", … for a correlation rule
	Tactics        []Tactic `json:"tactics,omitempty"`
	Techniques     []Tactic `json:"techniques,omitempty"`
	Tags           []string `json:"tags,omitempty"`
	References     []string `json:"references,omitempty"`
	FalsePositives []string `json:"false_positives,omitempty"`
	Next           string   `json:"next_step,omitempty"` // what to do about it
	File           string   `json:"file,omitempty"`      // where the rule stands; "builtin:" before shipped ones
}

// Tactic is an ATT&CK tactic (TA0001) or technique (T1110.001).
type Tactic struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Entity is a thing that the finding is about, with the number of matched events that name it. Kind is one of
// source_ip, principal, account, region, resource, user_agent, host, dest_ip.
type Entity struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Evidence is one matched event.
type Evidence struct {
	File      string    `json:"file"`          // as given; members of archives as "logs.tar!a/b.log"
	Line      int       `json:"line"`          // from 1
	Offset    int64     `json:"offset"`        // of the record in the decompressed file
	Time      time.Time `json:"time,omitzero"` // UTC; zero if the record has none
	Raw       string    `json:"raw"`           // redacted and capped
	Truncated bool      `json:"truncated,omitempty"`
	Format    string    `json:"-"`              // the log format of the file
	Rule      string    `json:"rule,omitempty"` // for correlations: title of the base rule that matched this event
}

// Match is one matched event and rule, for the timeline.
type Match struct {
	Rule      *Rule
	RuleIndex int // of the rule in the run's rule set
	Severity  Severity
	Evidence  Evidence
	Entities  []Entity
}

// FingerprintOf returns the stable identity of a finding of a rule about the things named by key.
func FingerprintOf(ruleID string, key []string) string {
	h := sha256.New()
	h.Write([]byte(ruleID))
	for _, k := range key {
		h.Write([]byte{0})
		h.Write([]byte(k))
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// Summary is what a run of detect says besides its findings.
type Summary struct {
	Started   time.Time      `json:"started,omitzero"`
	Took      time.Duration  `json:"took_ns"`
	Files     int            `json:"files"`
	Bytes     int64          `json:"bytes"` // read, after decompression
	Events    int64          `json:"events"`
	Matched   int64          `json:"matched_events"`
	Outside   int64          `json:"events_outside_time_range"`
	First     time.Time      `json:"first_event,omitzero"` // of the matched events, or of all where --since or --until was given
	Last      time.Time      `json:"last_event,omitzero"`
	Formats   map[string]int `json:"formats"` // files by format
	Rules     RuleCount      `json:"rules"`
	BadRecord int64          `json:"bad_records"`
	Errors    []FileError    `json:"errors"`
	// Unrecognised are the files that are of no format known here; nothing in them was looked at.
	Unrecognised []string `json:"unrecognised,omitempty"`
	Warnings     []string `json:"warnings,omitempty"` // bounds that were reached, and what was left out for it
	Histogram    []Bucket `json:"histogram"`          // matched events over time, for reports
}

// RuleCount counts what became of the rules.
type RuleCount struct {
	Loaded      int `json:"loaded"`
	Skipped     int `json:"skipped"`     // could not be loaded
	Unsupported int `json:"unsupported"` // well formed, but asks for what can't be had here
	Active      int `json:"active"`      // loaded and for a format that was read
}

// FileError is what went wrong with one file. The run went on.
type FileError struct {
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
	Error string `json:"error"`
	Count int64  `json:"count"` // how many records it concerns; 0: the file or its tail as a whole
}

// Bucket is one bar of a histogram: how many matched events of each severity lie in [Start, Start+Width).
type Bucket struct {
	Start time.Time     `json:"start"`
	Width time.Duration `json:"width_ns"`
	Count [5]int        `json:"count"` // by Severity
}
