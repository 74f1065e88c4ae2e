package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
)

// memory measures the peak of resident memory: on a log and on one many times as large, and with more addresses to correlate
// than anybody has.
func (b *bench) memory(ctx context.Context) ([]Row, error) {
	var peaks []float64
	for _, size := range []int64{b.Size, b.Large} {
		l, err := lines(b.Dir, "cloudtrail", size)
		if err != nil {
			return nil, err
		}
		u, err := b.run(ctx, b.detect(2, l.path).watch())
		if err != nil {
			return nil, err
		}
		peaks = append(peaks, float64(u.peak)/1e6)
		if size == b.Large {
			if err := os.Remove(l.path); err != nil {
				return nil, err
			}
		}
	}
	rows := []Row{{
		Claim: fmt.Sprintf("Peak memory on %.1f GB of CloudTrail, two cores", float64(b.Large)/1e9), Target: "300 MB at most, whatever the size",
		Measured: fmt.Sprintf("%.0f MB (%.0f MB on %.1f GB)", peaks[1], peaks[0], float64(b.Size)/1e9), Met: verdict(max(peaks[0], peaks[1]) <= 300),
	}}
	row, err := b.addresses(ctx)
	return append(rows, row), err
}

// addresses measures correlation over a log in which each line is from another address.
func (b *bench) addresses(ctx context.Context) (Row, error) {
	l, err := guesses(b.Dir, b.Addresses)
	if err != nil {
		return Row{}, err
	}
	u, err := b.run(ctx, b.detect(2, l.path).watch())
	if err != nil {
		return Row{}, err
	}
	leftOut := regexp.MustCompile(`memory bound: (\d+) matches`)
	var report struct {
		Summary struct{ Warnings []string }
	}
	if err := json.Unmarshal(u.output, &report); err != nil {
		return Row{}, fmt.Errorf("read what gatehouse found: %w", err)
	}
	said := "everything was correlated"
	for _, w := range report.Summary.Warnings {
		if n := leftOut.FindStringSubmatch(w); n != nil {
			said = "the bound was reached, and it says so: " + n[1] + " matches were left out"
		}
	}
	return Row{
		Claim: fmt.Sprintf("Peak memory with brute-force correlation over %.0f million distinct addresses", float64(l.lines)/1e6), Target: "2 GB at most",
		Measured: fmt.Sprintf("%.2f GB in %.1f s; %s", float64(u.peak)/1e9, u.wall.Seconds(), said), Met: verdict(u.peak < 2e9),
	}, os.Remove(l.path)
}
