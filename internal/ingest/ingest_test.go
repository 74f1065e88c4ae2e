package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// items is a source in memory: one item for each reader.
type items []func() (io.ReadCloser, error)

func (s items) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for i, open := range s {
			if !yield(source.Item{Name: fmt.Sprintf("item%d", i), Size: -1, Open: open}, nil) {
				return
			}
		}
	}
}

func holding(r io.Reader) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
}

// job counts records, and does something at each.
type job struct {
	refuse  error
	at      func()
	records atomic.Int64
}

func (j *job) Plan(logformat.Format) (*logformat.Plan, error) {
	return logformat.NewPlan("n"), j.refuse
}

func (j *job) Worker() ingest.Worker { return j }

func (j *job) Record(*ingest.Place, *event.Record) {
	j.records.Add(1)
	if j.at != nil {
		j.at()
	}
}

// TestRunEnds ends reading in every way in which it can end, with more items waiting than there are workers: Run returns,
// says why, and leaves no goroutine behind (TestMain).
func TestRunEnds(t *testing.T) {
	t.Parallel()
	const lines = 500
	text := strings.Repeat(`{"n":1,"text":"some words"}`+"\n", lines)
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		last    func() (io.ReadCloser, error) // the item after 20 good ones
		refuse  error
		cancel  bool
		want    error
		records int64 // 0: any number but all
		failed  string
	}{
		"all is read":         {last: holding(strings.NewReader(text)), records: 21 * lines},
		"an item can't open":  {last: func() (io.ReadCloser, error) { return nil, broken }, records: 20 * lines, failed: "broken"},
		"an item breaks off":  {last: holding(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))), records: 21 * lines, failed: "broken"},
		"the job refuses":     {last: holding(strings.NewReader(text)), refuse: broken, want: broken},
		"somebody interrupts": {last: holding(strings.NewReader(text)), cancel: true, want: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var src items
			for range 20 {
				src = append(src, holding(strings.NewReader(text)))
			}
			j := &job{refuse: c.refuse}
			if c.cancel {
				j.at = cancel
			}
			cfg := ingest.Config{Formats: []logformat.Format{jsonlines.Format{}}, Workers: 3, Chunk: 1 << 10}
			res, err := ingest.Run(ctx, cfg, append(src, c.last), j)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if got := j.records.Load(); got == 21*lines && c.want != nil || got != c.records && c.records > 0 {
				t.Errorf("%d records, want %d", got, c.records)
			}
			if c.want != nil {
				return
			}
			if c.failed == "" && len(res.Errors) > 0 || c.failed != "" && (len(res.Errors) != 1 || !strings.Contains(res.Errors[0].Err.Error(), c.failed)) {
				t.Errorf("errors %v, want %q", res.Errors, c.failed)
			}
		})
	}
}
