package bench

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Markers between which the table stands in a document.
const (
	begin = "<!-- make bench writes from here -->"
	end   = "<!-- to here -->"
)

// Table lays the rows out in Markdown, with the machine and the date.
func Table(rows []Row, cfg Config, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s/%s, %d cores (%s). Logs of %d MB; medians of %d rounds.\n\n", now.UTC().Format("2 January 2006"), runtime.Version(),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), cfg.Size/1e6, cfg.Rounds)
	b.WriteString("| claim | target | measured | |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Claim, r.Target, r.Measured, r.Met)
	}
	return b.String()
}

// Put replaces what stands between the markers of a document.
func Put(document, table string) (string, error) {
	before, rest, ok := strings.Cut(document, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("the document lacks the lines %q and %q", begin, end)
	}
	return before + begin + "\n\n" + table + "\n" + end + after, nil
}

// processor is the name of the processor, where the system tells it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "processor not known"
	}
	defer f.Close() //nolint:errcheck // only read
	s := bufio.NewScanner(f)
	for s.Scan() {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor not known"
}
