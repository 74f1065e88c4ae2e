package report_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/gatehouse-sec/gatehouse/internal/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestProgressLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		done, total int64
		elapsed     time.Duration
		name        string
		width       int
		want        string
	}{
		{0, 1_000_000_000, 0, "", 100, "  0%  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  0 B of 1.00 GB"},
		{500_000_000, 1_000_000_000, 5 * time.Second, "cloudtrail.json.gz", 100, " 50%  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  500 MB of 1.00 GB  100 MB/s  5.0 s left  cloudtrail.json.gz"},
		{1_000_000_000, 1_000_000_000, 10 * time.Second, "a.log", 100, "100%  ━━━━━━━━━━━━━━━━━━━━━━━━  1.00 GB of 1.00 GB  finishing"},
		{2_000_000_000, 1_000_000_000, 10 * time.Second, "", 100, "100%  ━━━━━━━━━━━━━━━━━━━━━━━━  1.00 GB of 1.00 GB  finishing"},
		{123_456_789, 0, 4 * time.Second, "auth.log", 80, "123 MB read  30.9 MB/s  auth.log"},
		{500_000_000, 1_000_000_000, 5 * time.Second, "cloudtrail.json.gz", 60, " 50%  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  500 MB of 1.00 GB  100 MB/s"},
		{500_000_000, 1_000_000_000, 5 * time.Second, "cloudtrail.json.gz", 28, " 50%  500 MB of 1.00 GB"},
		{500_000_000, 1_000_000_000, 5 * time.Second, "x", 3, ""},
		{1, 0, time.Second, "\x1b[2J\n\u202egnp.exe\xff", 80, `1 B read  1 B/s  \x1b[2J\n\u202egnp.exe\xff`},
	} {
		if got := report.ProgressLine(tt.done, tt.total, tt.elapsed, tt.name, tt.width); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
	for width := range 120 {
		if n := ansi.StringWidth(report.ProgressLine(5e8, 1e9, 5*time.Second, strings.Repeat("/long 名前", 30), width)); n >= max(width, 1) {
			t.Errorf("width %d: %d columns", width, n)
		}
	}
}

type screen struct {
	mu     sync.Mutex
	writes []string
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, string(bytes.Clone(p)))
	return len(p), nil
}

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &screen{}
		p := report.NewProgress(s, 100, 1000)
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for range 250 {
					<-time.After(10 * time.Millisecond)
					p.Add(1)
					p.File("a.log")
				}
			})
		}
		readers.Wait()
		p.Stop()
		p.Stop()
		if n := len(s.writes); n < 20 || n > 26 {
			t.Errorf("%d drawings in 2.5 s, want at most ten in a second", n)
		}
		if last := s.writes[len(s.writes)-1]; last != "\r\x1b[K" {
			t.Errorf("the line stays: %q", last)
		}
		if line := s.writes[len(s.writes)-2]; !strings.Contains(line, "of 1.00 kB") || !strings.Contains(line, "a.log") && !strings.Contains(line, "finishing") {
			t.Errorf("last drawn: %q", line)
		}
	})
}

// A run that is over before the first drawing leaves no trace.
func TestProgressOfAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &screen{}
		report.NewProgress(s, 80, 0).Stop()
		if len(s.writes) > 0 {
			t.Errorf("written: %q", s.writes)
		}
	})
}
