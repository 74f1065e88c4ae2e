package sigma_test

import (
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// TestHitEventsTellValuesApart checks that events of a value_count say which of them count as one, and others say nothing.
func TestHitEventsTellValuesApart(t *testing.T) {
	t.Parallel()
	spec := func(typ sigma.CorrelationType, fields ...string) *sigma.Correlation {
		return &sigma.Correlation{Type: typ, Rules: []string{"a"}, GroupBy: []string{"k"}, Fields: fields, Timespan: time.Hour, Condition: atLeast(2)}
	}
	c := correlator(t, spec(sigma.ValueCount, "v"), spec(sigma.EventCount))
	var ms []match
	for i, v := range []string{"one", "two", "ONE", "three", "two"} {
		ms = append(ms, match{0, int64(i), uint64(i), map[string][]string{"k": {"x"}, "v": {v}}})
	}
	feed(c, ms, 1)
	c.Finish(byPos, func(h sigma.Hit) bool {
		var v []uint32
		for ev := range h.Events {
			v = append(v, ev.Value)
		}
		switch {
		case len(v) != 5:
			t.Fatalf("rule %d: %d events", h.Rule, len(v))
		case h.Rule == 4 && (v[0] != v[2] || v[1] != v[4] || v[0] == v[1] || v[3] == v[0] || v[3] == v[1] || v[0]*v[1]*v[3] == 0):
			t.Errorf("values are numbered %v", v)
		case h.Rule == 5 && v[0]|v[1]|v[2]|v[3]|v[4] != 0:
			t.Errorf("an event_count numbers values: %v", v)
		}
		return true
	})
}
