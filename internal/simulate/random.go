package simulate

import (
	"hash/fnv"
	"math/rand/v2"
	"sort"
	"time"
)

// random draws numbers; the same seed and name give the same ones on every machine.
type random struct{ *rand.Rand }

func newRandom(seed uint64, name string) random {
	h := fnv.New64a()
	h.Write([]byte(name))
	return random{rand.New(rand.NewPCG(seed, h.Sum64()))} //nolint:gosec // logs are to come out the same again
}

// between draws evenly from low to high, both included.
func (r random) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + r.IntN(high-low+1)
}

func (r random) chance(p float64) bool { return r.Float64() < p }

// wait draws how long the next arrival takes when they come independently of each other, one in mean.
func (r random) wait(mean time.Duration) time.Duration {
	return time.Duration(r.ExpFloat64() * float64(mean))
}

// heavy draws below n with a long tail: the first tenth of all numbers has more than half of the turns.
func (r random) heavy(n int) int {
	u := r.Float64()
	return int(u * u * u * u * float64(n))
}

const (
	digits16 = "0123456789abcdef"
	digits10 = "0123456789"
	letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // of AWS's identifiers: base 32
)

// digits appends n of the digits of an alphabet whose length is a power of two up to 32, or ten.
func (r random) digits(dst []byte, alphabet string, n int) []byte {
	if len(alphabet)&(len(alphabet)-1) != 0 {
		for range n {
			dst = append(dst, alphabet[r.IntN(len(alphabet))])
		}
		return dst
	}
	mask := uint64(len(alphabet) - 1)
	for n > 0 {
		bits := r.Uint64()
		for range min(n, 12) {
			dst = append(dst, alphabet[bits&mask])
			bits >>= 5
		}
		n -= 12
	}
	return dst
}

// choice is some things of which one is drawn by weight.
type choice[T any] struct {
	things []T
	upTo   []float64 // the weights added up
}

func (c *choice[T]) add(weight float64, thing T) {
	total := weight
	if n := len(c.upTo); n > 0 {
		total += c.upTo[n-1]
	}
	c.things, c.upTo = append(c.things, thing), append(c.upTo, total)
}

func (c *choice[T]) pick(r random) T {
	x := r.Float64() * c.upTo[len(c.upTo)-1]
	return c.things[sort.Search(len(c.upTo)-1, func(i int) bool { return x < c.upTo[i] })]
}
