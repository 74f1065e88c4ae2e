package event_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// TestReset forgets values wherever they stand, also in a plan of more fields than 16 bits count.
func TestReset(t *testing.T) {
	t.Parallel()
	const fields = 1<<16 + 2
	rec := event.NewRecord(fields)
	for _, slot := range []int{0, 1, 1 << 16, fields - 1} {
		rec.Set(slot, []byte("a"))
		rec.Add(slot, event.Number, []byte("1"), 0)
		if v := rec.First(slot); v == nil || string(v.Text) != "a" || rec.Next(v) == nil {
			t.Errorf("slot %d: %v", slot, v)
		}
	}
	rec.Reset()
	for slot := range fields {
		if v := rec.First(slot); v != nil {
			t.Errorf("slot %d has %q after Reset", slot, v.Text)
		}
	}
}
