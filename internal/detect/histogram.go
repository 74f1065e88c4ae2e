package detect

import (
	"math"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// histogram counts matches over time by severity. It begins with bins of a minute and makes them wider when there are
// many, so its memory is bounded.
type histogram struct {
	width int64 // ns of a bin
	bins  map[int64]*[5]int

	latest int64   // the bin that was counted in last,
	counts *[5]int // and its counts; nil: none
}

const maxBins = 20_000

func newHistogram() *histogram {
	return &histogram{width: int64(time.Minute), bins: map[int64]*[5]int{}}
}

// add counts a match; one without a time is not counted.
func (h *histogram) add(t int64, s finding.Severity) {
	if t == 0 {
		return
	}
	if i := floorDiv(t, h.width); h.counts == nil || i != h.latest {
		h.latest, h.counts = i, h.bin(i)
	}
	h.counts[s]++
	if len(h.bins) > maxBins {
		h.widen(h.width * 10)
	}
}

func (h *histogram) bin(i int64) *[5]int {
	b := h.bins[i]
	if b == nil {
		b = new([5]int)
		h.bins[i] = b
	}
	return b
}

func (h *histogram) widen(width int64) {
	old, oldWidth := h.bins, h.width
	h.counts = nil
	h.bins, h.width = map[int64]*[5]int{}, width
	for i, counts := range old {
		b := h.bin(floorDiv(i*oldWidth, width))
		for s, n := range counts {
			b[s] += n
		}
	}
}

func (h *histogram) absorb(o *histogram) {
	if o.width > h.width {
		h.widen(o.width)
	}
	for i, counts := range o.bins {
		b := h.bin(floorDiv(i*o.width, h.width))
		for s, n := range counts {
			b[s] += n
		}
	}
}

// buckets returns at most some hundred equal bars that cover the time of all matches.
func (h *histogram) buckets() []finding.Bucket {
	if len(h.bins) == 0 {
		return nil
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range h.bins {
		first, last = min(first, i*h.width), max(last, i*h.width)
	}
	const most = 96
	for _, w := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		if width := int64(w); width >= h.width && (last-first)/width < most {
			return h.cut(first, last, width)
		}
	}
	return h.cut(first, last, max(h.width, (last-first)/most+1))
}

func (h *histogram) cut(first, last, width int64) []finding.Bucket {
	start := floorDiv(first, width)
	out := make([]finding.Bucket, floorDiv(last, width)-start+1)
	for i := range out {
		out[i].Start = time.Unix(0, (start+int64(i))*width).UTC()
		out[i].Width = time.Duration(width)
	}
	for i, counts := range h.bins {
		b := &out[floorDiv(i*h.width, width)-start]
		for s, n := range counts {
			b.Count[s] += n
		}
	}
	return out
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
