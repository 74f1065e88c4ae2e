package sigma

// tally counts numbers: those of the values in a window. It is a table that is searched from the place that a number's hash says.
type tally struct {
	numbers []uint32 // 0: free
	counts  []uint32
	used    int
	shift   int // of the hash
}

const (
	tallyStart = 16 // places at least
	tallyBytes = 24 // most that it takes for a number, as half of it may be free and no more than 3/4 are used
)

// reset makes it empty.
func (t *tally) reset() {
	if t.numbers == nil {
		t.make(tallyStart)
	}
	clear(t.numbers)
	t.used = 0
}

func (t *tally) make(size int) {
	t.numbers, t.counts = make([]uint32, size), make([]uint32, size)
	t.shift = 32
	for ; size > 1; size /= 2 {
		t.shift--
	}
}

// at returns the count of a number, to be changed before at is called again.
func (t *tally) at(v uint32) *uint32 {
	if 4*t.used >= 3*len(t.numbers) {
		old := *t
		t.make(2 * len(old.numbers))
		for i, v := range old.numbers {
			if v != 0 {
				k := t.place(v)
				t.numbers[k], t.counts[k] = v, old.counts[i]
			}
		}
	}
	k := t.place(v)
	if t.numbers[k] == 0 {
		t.numbers[k], t.counts[k] = v, 0
		t.used++
	}
	return &t.counts[k]
}

// place returns where a number is, or would be.
func (t *tally) place(v uint32) uint32 {
	const golden = 0x9e3779b1 // Knuth, The Art of Computer Programming 3, section 6.4: 2³² divided by the golden ratio, odd
	mask := uint32(len(t.numbers) - 1)
	k := v * golden >> t.shift
	for t.numbers[k] != 0 && t.numbers[k] != v {
		k = (k + 1) & mask
	}
	return k
}
