package sigma_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// TestBoundOfGroups: wherever the memory ends, adding ends too, groups that are known still get their matches, and every match
// was kept or counted as dropped.
func TestBoundOfGroups(t *testing.T) {
	t.Parallel()
	for allowed := int64(400 << 10); allowed < 1200<<10; allowed += 40 << 10 {
		spec := &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"a"}, GroupBy: []string{"k"}, Timespan: time.Hour, Condition: atLeast(1)}
		rules := []*sigma.Rule{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "x", Correlation: spec}}
		c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{MaxBytes: allowed})
		if err != nil {
			t.Fatal(err)
		}
		const n = 50_000
		var ms []match
		for i := range n {
			ms = append(ms, match{at: int64(i % 100), id: uint64(i), vals: map[string][]string{"k": {fmt.Sprintf("10.%d.%d.%d", i/5>>16, i/5>>8&255, i/5&255)}}})
		}
		feed(c, ms, 2)
		kept := int64(0)
		for _, hs := range hits(t, c) {
			for _, h := range hs {
				kept += int64(len(h.Events))
			}
		}
		if dropped := c.Dropped()[0]; kept+dropped != n || dropped == 0 {
			t.Errorf("%d bytes: %d kept, %d dropped of %d", allowed, kept, dropped, n)
		}
	}
}

// TestLargeGroups correlates groups whose times are not kept by themselves, among small ones.
func TestLargeGroups(t *testing.T) {
	t.Parallel()
	const large, small = 40_000, 50
	spec := &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"a"}, GroupBy: []string{"k"}, Timespan: time.Hour, Condition: atLeast(large)}
	c, err := sigma.NewCorrelator([]*sigma.Rule{{Name: "a"}, {Name: "x", Correlation: spec}}, sigma.CorrelatorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var ms []match
	for g := range 12 {
		n := small
		if g%3 == 0 {
			n = large - g%2 // of those with an odd number one is missing
		}
		for range n {
			ms = append(ms, match{at: int64(len(ms) % 100), id: uint64(len(ms)), vals: map[string][]string{"k": {fmt.Sprint("group ", g)}}})
		}
	}
	feed(c, ms, 4)
	var got []string
	for _, hs := range hits(t, c) {
		for _, h := range hs {
			got = append(got, fmt.Sprint(h.Key, " ", len(h.Events)))
		}
	}
	if diff := cmp.Diff([]string{"group 0 40000", "group 6 40000"}, got); diff != "" {
		t.Error(diff)
	}
}
