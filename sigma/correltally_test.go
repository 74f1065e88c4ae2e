package sigma

import (
	"math/rand/v2"
	"testing"
)

// TestTally compares a tally with a map, over numbers that come again and many that do not.
func TestTally(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 8))
	var got tally
	most := 0
	for round := range 20 {
		got.reset()
		want := map[uint32]uint32{}
		for range round * 300 {
			v := 1 + r.Uint32N(1<<(1+uint(round)))
			want[v]++
			*got.at(v)++
		}
		for v, n := range want {
			if *got.at(v) != n {
				t.Fatalf("round %d: %d was counted %d times, want %d", round, v, *got.at(v), n)
			}
		}
		most = max(most, got.used)
		if size := 8 * len(got.numbers); got.used != len(want) || size > max(tallyBytes*most, 8*tallyStart) || got.used == len(got.numbers) {
			t.Errorf("round %d: %d places used for %d numbers, %d bytes", round, got.used, len(want), size)
		}
	}
}
