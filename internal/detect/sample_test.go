package detect

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// TestSampleShowsValues checks that an event of a value that comes once in the middle of many is quoted.
func TestSampleShowsValues(t *testing.T) {
	t.Parallel()
	s := newSample(10)
	for i := range 200 {
		ev := sigma.HitEvent{Time: int64(i), Value: 7}
		if i == 90 || i == 91 {
			ev.Value = uint32(i)
		}
		s.offer(ev)
	}
	values, times := map[uint32]int{}, map[int64]int{}
	for _, ev := range s.events() {
		values[ev.Value]++
		times[ev.Time]++
	}
	if len(times) != 10 || values[7] != 8 || values[90] != 1 || values[91] != 1 || times[0] != 1 {
		t.Errorf("quoted: values %v at %v", values, times)
	}
}

// TestSampleWithManyValues checks that no more is quoted than asked for, nothing twice, when every event has its own value.
func TestSampleWithManyValues(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 10} {
		s := newSample(size)
		for i := range 50 {
			s.offer(sigma.HitEvent{Time: int64(i), Value: uint32(i/3 + 1)})
		}
		times, values := map[int64]bool{}, map[uint32]bool{}
		for _, ev := range s.events() {
			times[ev.Time], values[ev.Value] = true, true
		}
		if len(times) != size || len(values) != size || !times[0] {
			t.Errorf("of %d to quote: %d events with %d values", size, len(times), len(values))
		}
	}
}
