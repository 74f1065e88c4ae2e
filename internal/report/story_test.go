package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// by makes a finding of a rule about somebody.
func by(actor, rule string, sev finding.Severity, minute, count int) finding.Finding {
	return finding.Finding{
		Rule: finding.Rule{ID: rule, Title: rule}, Severity: sev, Count: count, Key: []string{actor},
		First:    time.Date(2026, 3, 2, 10, minute, 0, 0, time.UTC),
		Entities: []finding.Entity{{Kind: "source_ip", Value: actor, Count: count}},
	}
}

func told(all []*story) []string {
	var out []string
	for _, s := range all {
		line := strings.Join(s.actors, "+") + ":"
		for _, p := range s.steps {
			line += fmt.Sprintf(" %s/%d", p.rule.Title, p.events)
		}
		out = append(out, line)
	}
	return out
}

func TestStories(t *testing.T) {
	t.Parallel()
	got := told(stories([]finding.Finding{
		by("10.0.0.1", "sign-in", finding.Critical, 9, 1),
		by("10.0.0.1", "guessing", finding.Medium, 5, 40),
		by("10.0.0.2", "scan", finding.Low, 1, 3), // three do the same
		by("10.0.0.3", "scan", finding.Low, 2, 30),
		by("10.0.0.4", "scan", finding.Low, 3, 4),
		by("10.0.0.5", "scan", finding.Low, 0, 9), // and a fourth does more than that
		by("10.0.0.5", "guessing", finding.Medium, 1, 2),
	}))
	want := []string{
		"10.0.0.1: guessing/40 sign-in/1",
		"10.0.0.5: scan/9 guessing/2",
		"10.0.0.3+10.0.0.4+10.0.0.2: scan/37",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Whatever the findings, each is told once, with all its events, and steps and stories are in order.
func TestStoriesTellEverythingOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var in []finding.Finding
		events := 0
		for range rnd.IntN(60) {
			f := by(fmt.Sprintf("10.0.0.%d", rnd.IntN(9)), fmt.Sprintf("rule %d", rnd.IntN(4)), finding.Severity(rnd.IntN(5)), rnd.IntN(50), 1+rnd.IntN(9))
			if rnd.IntN(5) == 0 {
				f.First = time.Time{}
			}
			events += f.Count
			in = append(in, f)
		}
		all := stories(in)
		findings := 0
		for i, s := range all {
			findings += s.findings
			events -= s.events()
			if i > 0 && s.worst > all[i-1].worst {
				t.Fatalf("seed %d: %s stands behind %s", seed, s.worst, all[i-1].worst)
			}
			if !slices.IsSortedFunc(s.steps, func(a, b step) int { return compareTimes(a.first, b.first) }) {
				t.Fatalf("seed %d: steps out of order: %v", seed, told(all))
			}
		}
		if findings != len(in) || events != 0 {
			t.Fatalf("seed %d: %d of %d findings told, %d events missing", seed, findings, len(in), events)
		}
	}
}

func TestActorOf(t *testing.T) {
	t.Parallel()
	ent := func(pairs ...string) (out []finding.Entity) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, finding.Entity{Kind: pairs[i], Value: pairs[i+1], Count: 1})
		}
		return out
	}
	for want, f := range map[string]finding.Finding{
		"10.0.0.1":   {Key: []string{"web1", "10.0.0.1"}, Entities: ent("host", "web1", "source_ip", "10.0.0.1", "principal", "root")},
		"user/alice": {Key: []string{"trail"}, Entities: ent("resource", "trail", "principal", "arn:aws:iam::111122223333:user/alice", "source_ip", "10.0.0.1")},
		"trail":      {Key: []string{"trail"}, Entities: ent("principal", "a", "principal", "b")},
		"a":          {Entities: ent("source_ip", "a", "principal", "b", "principal", "c")},
		"somebody":   {Key: []string{""}},
	} {
		if got := actorOf(&f); got != want {
			t.Errorf("actorOf = %q, want %q", got, want)
		}
	}
}

func TestGravest(t *testing.T) {
	t.Parallel()
	var steps []step
	for i := range 30 {
		steps = append(steps, step{severity: finding.Severity(i % 3), events: i})
	}
	kept, left := gravest(steps, 14)
	var got []int
	for _, p := range kept {
		got = append(got, p.events)
	}
	// All ten of the gravest, and the first four of the next.
	if want := []int{1, 2, 4, 5, 7, 8, 10, 11, 14, 17, 20, 23, 26, 29}; !slices.Equal(got, want) || left != 16 {
		t.Errorf("kept %v, left out %d", got, left)
	}
}

func TestNamesIn(t *testing.T) {
	t.Parallel()
	names := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}
	for width, want := range map[int]string{40: "10.0.0.1, 10.0.0.2, 10.0.0.3", 27: "10.0.0.1, 10.0.0.2 +1", 20: "10.0.0.1 +2", 10: "10.…0.1 +2"} {
		if got := namesIn(names, width); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}
