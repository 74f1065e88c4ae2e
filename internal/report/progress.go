package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// redraw is the least time between two drawings of the progress line.
const redraw = 100 * time.Millisecond

// Progress is a line on a terminal that says how far reading has come. Its methods may be called by several goroutines.
type Progress struct {
	w     io.Writer
	width int
	total int64
	start time.Time
	done  atomic.Int64
	file  atomic.Pointer[string]
	end   chan struct{}
	ended sync.WaitGroup
	once  sync.Once
}

// NewProgress begins to draw a line of at most width columns on w, until Stop. The total is in bytes; 0 means that nobody
// knows it.
func NewProgress(w io.Writer, width int, total int64) *Progress {
	p := &Progress{w: w, width: width, total: total, start: time.Now(), end: make(chan struct{})}
	p.ended.Go(p.draw)
	return p
}

// Add says that n more bytes were read.
func (p *Progress) Add(n int64) { p.done.Add(n) }

// File says what is being read.
func (p *Progress) File(name string) { p.file.Store(&name) }

// Stop ends the drawing and wipes the line out.
func (p *Progress) Stop() {
	p.once.Do(func() { close(p.end) })
	p.ended.Wait()
}

func (p *Progress) draw() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	drawn := ""
	for {
		select {
		case <-p.end:
			if drawn != "" {
				io.WriteString(p.w, "\r\x1b[K") //nolint:errcheck // a line that is for show
			}
			return
		case <-tick.C:
			name := ""
			if f := p.file.Load(); f != nil {
				name = *f
			}
			line := ProgressLine(p.done.Load(), p.total, time.Since(p.start), name, p.width)
			if line != drawn {
				io.WriteString(p.w, "\r"+line+"\x1b[K") //nolint:errcheck // likewise
				drawn = line
			}
		}
	}
}

const (
	barWidth  = 24
	leastName = 12 // columns below which a file's name says nothing
)

// ProgressLine is the text of a progress line after so many bytes of total in so long. It is shorter than width columns,
// so that no terminal wraps it; what there is no room for is left out from the right, the bar last but one.
func ProgressLine(done, total int64, elapsed time.Duration, name string, width int) string {
	room := width - 1
	var parts []string
	used := 0
	add := func(s string) {
		if n := columns(s) + 2; s != "" && used+n-2 <= room {
			parts = append(parts, s)
			used += n
		}
	}
	rate := 0.0
	if elapsed > 0 {
		rate = float64(done) / elapsed.Seconds()
	}
	if total > 0 {
		done = min(done, total)
		share := float64(done) / float64(total)
		add(fmt.Sprintf("%3d%%", int(share*100)))
		full := int(share * barWidth)
		add(strings.Repeat("━", full) + strings.Repeat("╌", barWidth-full))
		add(bytesOf(done) + " of " + bytesOf(total))
	} else {
		add(bytesOf(done) + " read")
	}
	if total > 0 && done == total { // everything is read, and what belongs together is being found
		add("finishing")
		return strings.Join(parts, "  ")
	}
	if elapsed >= time.Second {
		add(bytesOf(int64(rate)) + "/s")
	}
	if total > done && rate > 0 && elapsed >= 2*time.Second {
		add(shortDuration(time.Duration(float64(total-done)/rate*float64(time.Second))) + " left")
	}
	if left := room - used; left >= leastName {
		add(cutMiddle(visible(name), left))
	}
	return strings.Join(parts, "  ")
}

// bytesOf writes a number of bytes in decimal units with three digits at least.
func bytesOf(n int64) string {
	units := [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	v, u := float64(n), 0
	for v >= 999.5 && u < len(units)-1 {
		v /= 1000
		u++
	}
	switch {
	case u == 0:
		return fmt.Sprintf("%d B", n)
	case v < 9.995:
		return fmt.Sprintf("%.2f %s", v, units[u])
	case v < 99.95:
		return fmt.Sprintf("%.1f %s", v, units[u])
	}
	return fmt.Sprintf("%.0f %s", v, units[u])
}

// shortDuration writes a duration in the two units that matter.
func shortDuration(d time.Duration) string {
	switch s := int64(d.Round(time.Second) / time.Second); {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	case s < 48*3600:
		return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
	default:
		return fmt.Sprintf("%d d %02d h", s/86400, s/3600%24)
	}
}
