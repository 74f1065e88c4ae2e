package sigma_test

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// addressEvent is an event with one address, and a user, both of which it makes without allocating.
type addressEvent struct {
	address, user sigma.Value
	room          [2][24]byte
}

func (e *addressEvent) set(i int) {
	b := e.room[0][:0]
	for shift := 24; shift >= 0; shift -= 8 {
		b = strconv.AppendUint(b, uint64(i*2654435761>>shift&0xff), 10) // spread over all addresses, each another
		if shift > 0 {
			b = append(b, '.')
		}
	}
	e.address = sigma.Value{Text: b, Kind: sigma.String}
	e.user = sigma.Value{Text: strconv.AppendInt(append(e.room[1][:0], "user"...), int64(i%1000), 10), Kind: sigma.String}
}

func (e *addressEvent) First(slot int) *sigma.Value {
	if slot == 0 {
		return &e.address
	}
	return &e.user
}

func (*addressEvent) Next(*sigma.Value) *sigma.Value { return nil }

// bruteForce is rules that share one base rule: three thresholds, guessed users, and success after guessing.
func bruteForce() []*sigma.Rule {
	by := []string{"ip"}
	count := func(name string, n float64, span time.Duration) *sigma.Rule {
		return &sigma.Rule{Name: name, Correlation: &sigma.Correlation{
			Type: sigma.EventCount, Rules: []string{"failed"}, GroupBy: by, Timespan: span, Condition: atLeast(n),
		}}
	}
	return []*sigma.Rule{
		{Name: "failed"},
		{Name: "worked"},
		count("many", 10, 10*time.Minute), count("very_many", 100, time.Hour), count("slow", 20, 24*time.Hour),
		{Name: "users", Correlation: &sigma.Correlation{
			Type: sigma.ValueCount, Rules: []string{"failed"}, GroupBy: by, Fields: []string{"user"}, Timespan: time.Hour, Condition: atLeast(10),
		}},
		{Name: "then", Correlation: &sigma.Correlation{Type: sigma.TemporalOrdered, Rules: []string{"many", "worked"}, GroupBy: by, Timespan: time.Hour}},
	}
}

// addAddresses adds matches of so many addresses, one of each and of every other a second one, and of every 100,000th twenty
// in a row. It returns how many matches that were.
func addAddresses(c *sigma.Correlator, n int) int64 {
	const workers = 2
	slots := make([]int, len(c.Wants(0)))
	for i, f := range c.Wants(0) {
		if f == "user" {
			slots[i] = 1
		}
	}
	var wg sync.WaitGroup
	var counts [workers]int64
	for w := range workers {
		wg.Go(func() {
			e, adder := &addressEvent{}, c.Adder()
			for i := w; i < n; i += workers {
				times := 1 + i%2
				if i%100_000 == 7 {
					times = 20
				}
				e.set(i)
				for k := range times {
					ref := sigma.Ref{Unit: uint32(w), Pos: uint64(i)<<8 | uint64(k)}
					adder.Add(0, int64(i)*1e6+int64(k)*1e9, ref, e, slots)
				}
				counts[w] += int64(times)
			}
		})
	}
	wg.Wait()
	return counts[0] + counts[1]
}

func byUnit(a, b sigma.Ref) bool { return a.Unit < b.Unit || a.Unit == b.Unit && a.Pos < b.Pos }

// heap watches the heap until it is stopped, which returns the most that was seen.
func heap() (stop func() uint64) {
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.Sys-m.HeapReleased)
			select {
			case <-tick.C:
			case <-done:
				result <- most
				return
			}
		}
	}()
	return func() uint64 { close(done); return <-result }
}

// BenchmarkTenMillionAddresses adds 15 million matches of ten million addresses and correlates them by five rules. It
// reports what the correlator counted and the most that the process had from the system.
func BenchmarkTenMillionAddresses(b *testing.B) {
	for b.Loop() {
		c, err := sigma.NewCorrelator(bruteForce(), sigma.CorrelatorOptions{})
		if err != nil {
			b.Fatal(err)
		}
		stop := heap()
		start := time.Now()
		matches := addAddresses(c, 10_000_000)
		added := time.Since(start)
		found := 0
		c.Finish(byUnit, func(sigma.Hit) bool { found++; return true })
		b.ReportMetric(float64(stop())/(1<<20), "peak-MiB")
		b.ReportMetric(float64(c.Bytes())/(1<<20), "counted-MiB")
		b.ReportMetric(float64(added.Nanoseconds())/float64(matches), "ns/add")
		b.ReportMetric(float64(found), "hits")
		if len(c.Dropped()) > 0 {
			b.Errorf("dropped %v", c.Dropped())
		}
	}
}

// BenchmarkAdd adds matches of a thousand addresses again and again.
func BenchmarkAdd(b *testing.B) {
	for _, full := range []bool{false, true} {
		b.Run(fmt.Sprintf("users=%v", full), func(b *testing.B) {
			rules := bruteForce()
			if !full {
				rules = rules[:5]
			}
			c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{MaxBytes: 1 << 40})
			if err != nil {
				b.Fatal(err)
			}
			events := make([]addressEvent, 1000)
			for i := range events {
				events[i].set(i)
			}
			slots := []int{0, 1}[:len(c.Wants(0))]
			b.ReportAllocs()
			i, adder := 0, c.Adder()
			for b.Loop() {
				adder.Add(0, int64(i), sigma.Ref{Pos: uint64(i)}, &events[i%1000], slots)
				i++
			}
		})
	}
}

// TestBound adds more than fits, and checks that what was left out is told and that no more memory is taken than was allowed.
func TestBound(t *testing.T) {
	t.Parallel()
	const allowed = 16 << 20
	c, err := sigma.NewCorrelator(bruteForce(), sigma.CorrelatorOptions{MaxBytes: allowed})
	if err != nil {
		t.Fatal(err)
	}
	total := addAddresses(c, 400_000)
	dropped := c.Dropped()[0]
	if dropped == 0 || dropped == total {
		t.Fatalf("%d of %d dropped", dropped, total)
	}
	if c.Bytes() > allowed || c.Bytes() < allowed*3/4 {
		t.Errorf("%d bytes taken of %d", c.Bytes(), allowed)
	}
	// A group that is known is still counted.
	e, adder := &addressEvent{}, c.Adder()
	e.set(7)
	for k := range 200 {
		adder.Add(0, int64(k)*1e9, sigma.Ref{Unit: 9, Pos: uint64(k)}, e, []int{0, 1})
	}
	adder.Add(1, 150e9, sigma.Ref{Unit: 10}, e, []int{0})
	if n := c.Dropped()[0]; n != dropped {
		t.Errorf("%d matches of a known group were dropped", n-dropped)
	}
	hits := map[int]int{}
	c.Finish(byUnit, func(h sigma.Hit) bool {
		if !h.Incomplete {
			t.Errorf("a hit of rule %d does not say that matches were left out", h.Rule)
		}
		hits[h.Rule] = max(hits[h.Rule], h.Count)
		return true
	})
	if hits[2] < 220 || hits[3] < 200 || hits[4] < 220 || hits[6] < 221 {
		t.Errorf("the most events by rule: %v", hits)
	}
	if c.Bytes() > allowed {
		t.Errorf("%d bytes taken of %d", c.Bytes(), allowed)
	}
}

// TestKept keeps every match or counts it as dropped, at any bound, and with nothing to spare.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, allowed := range []int64{1, 1000, 10_000, 50_000, 200_000, 1 << 20, 3 << 20} {
		one := &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"failed"}, GroupBy: []string{"ip"}, Timespan: time.Hour, Condition: atLeast(1)}
		up := &sigma.Correlation{Type: sigma.EventCount, Rules: []string{"one"}, Timespan: time.Hour, Condition: atLeast(1)}
		c, err := sigma.NewCorrelator([]*sigma.Rule{{Name: "failed"}, {Name: "one", Correlation: one}, {Name: "up", Correlation: up}}, sigma.CorrelatorOptions{MaxBytes: allowed})
		if err != nil {
			t.Fatal(err)
		}
		total := addAddresses(c, 40_000)
		kept, episodes, above := int64(0), int64(0), int64(0)
		c.Finish(byUnit, func(h sigma.Hit) bool {
			if h.Rule == 1 {
				kept += int64(h.Count)
				episodes += int64(h.Windows)
			} else {
				above = int64(h.Count)
			}
			if !h.Incomplete && len(c.Dropped()) > 0 {
				t.Error("a hit does not say that matches were left out")
			}
			return true
		})
		if kept+c.Dropped()[0] != total {
			t.Errorf("with %d bytes: %d kept and %d dropped of %d", allowed, kept, c.Dropped()[0], total)
		}
		if above > kept || c.Dropped()[1] == 0 && above != kept {
			t.Errorf("with %d bytes: %d of %d events above, %d of %d episodes dropped", allowed, above, kept, c.Dropped()[1], episodes)
		}
		if c.Bytes() > allowed {
			t.Errorf("%d bytes taken of %d", c.Bytes(), allowed)
		}
	}
}

// TestLargestGroup counts what putting one group in order takes.
func TestLargestGroup(t *testing.T) {
	t.Parallel()
	rules := bruteForce()
	for _, r := range rules[2:] {
		r.Correlation.GroupBy = nil
	}
	const n, allowed = 50_000, 1 << 20
	for _, bound := range []int64{0, allowed} {
		c, err := sigma.NewCorrelator(rules, sigma.CorrelatorOptions{MaxBytes: bound})
		if err != nil {
			t.Fatal(err)
		}
		e, adder := &addressEvent{}, c.Adder()
		e.set(1)
		for i := range n {
			adder.Add(0, int64(i), sigma.Ref{Pos: uint64(i)}, e, []int{1})
		}
		kept := n - c.Dropped()[0]
		if c.Bytes() < kept*(24+8+4+8) || bound > 0 && c.Bytes() > bound || kept < n && bound == 0 || kept == 0 {
			t.Errorf("%d matches kept, %d bytes counted of %d", kept, c.Bytes(), bound)
		}
	}
}
