package sigma_test

import (
	"fmt"
	"testing"
	"time"

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
