package bench

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRatio(t *testing.T) {
	t.Parallel()
	took := func(seconds ...float64) (us []usage) {
		for _, s := range seconds {
			us = append(us, usage{wall: time.Duration(s * float64(time.Second))})
		}
		return us
	}
	// The machine was busy in the second round, for both.
	if r := ratio(took(2, 20, 2.2), took(1, 10, 1), wall); r != 2 {
		t.Errorf("ratio %v", r)
	}
	if r := ratio(less(took(3, 5), took(1, 1)), less(took(2, 2), took(1, 1)), wall); r != 3 {
		t.Errorf("ratio without starting %v", r)
	}
	if m := median([]float64{9, 1, 4, 2}); m != 3 {
		t.Errorf("median %v", m)
	}
}

// TestRun measures a program that is no Gatehouse, to see that what it takes is seen.
func TestRun(t *testing.T) {
	t.Parallel()
	b := &bench{Config: Config{Rounds: 2}}
	script := "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exit 1"
	u, err := b.compete(t.Context(), command{args: []string{"sh", "-c", script}, cores: 1, watched: true}, command{args: []string{"true"}, cores: 1})
	if err != nil {
		t.Fatal(err)
	}
	busy, idle := u[0][1], u[1][1]
	if busy.cpu <= idle.cpu || busy.wall <= 0 || busy.peak < 100<<10 || busy.peak > 100<<20 || string(busy.output) != "done\n" {
		t.Errorf("%+v against %+v", busy, idle)
	}
	if _, err := b.run(t.Context(), command{args: []string{"sh", "-c", "echo no such log >&2; exit 2"}, cores: 1}); err == nil || !strings.Contains(err.Error(), "no such log") {
		t.Errorf("a program that failed: %v", err)
	}
}

// TestPeers checks that the peers do the work that they are measured by.
func TestPeers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := lines(dir, "cloudtrail", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	if l.bytes != int64(len(text)) || l.lines != int64(bytes.Count(text, []byte("\n"))) || l.lines < 50 {
		t.Errorf("%d bytes, %d lines", l.bytes, l.lines)
	}
	b, err := bucket(dir, 300_000)
	if err != nil || b.bytes < 10_000 || b.bytes > 200_000 || b.files < 2 || b.files > 30 {
		t.Errorf("a bucket of %d bytes in %d files: %v", b.bytes, b.files, err)
	}
	for _, p := range [][2]string{{"json", l.path}, {"gunzip", b.path}} {
		if err := Peer(p[0], p[1]); err != nil {
			t.Errorf("%s: %v", p[0], err)
		}
	}
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("{\"cut\": \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range [][2]string{{"json", bad}, {"gunzip", bad}, {"fly", bad}, {"json", filepath.Join(dir, "absent")}} {
		if err := Peer(p[0], p[1]); err == nil {
			t.Errorf("%s took %s", p[0], p[1])
		}
	}
}

func TestGuessesAreAllDifferent(t *testing.T) {
	t.Parallel()
	l, err := guesses(t.TempDir(), 70_000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(line, " from ")
		ip, _, _ := strings.Cut(rest, " ")
		seen[ip] = true
	}
	if len(seen) != 70_000 || l.lines != 70_000 {
		t.Errorf("%d addresses in %d lines", len(seen), l.lines)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	cfg := Config{Size: 500e6, Rounds: 5, Progress: io.Discard}
	table := Table([]Row{{"reading", "8× as fast", "9×", Met}, {"writing", "as fast", "half", Missed}, {"more", "x", "skipped: mawk is not installed", Skipped}},
		cfg, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	document := "# Benchmarks\n\n" + begin + "\nold\n" + end + "\n\nMore.\n"
	put, err := Put(document, table)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"25 November 2026, go", "Logs of 500 MB; medians of 5 rounds.", "| reading | 8× as fast | 9× | met |", "| writing | as fast | half | **not met** |", "| skipped: mawk is not installed | skipped |", "# Benchmarks\n", "\nMore.\n"} {
		if !strings.Contains(put, want) {
			t.Errorf("%q is not in\n%s", want, put)
		}
	}
	again, err := Put(put, table)
	if err != nil || again != put || strings.Contains(put, "old") {
		t.Errorf("putting it again changes the document: %v\n%s", err, again)
	}
	if _, err := Put("# Benchmarks\n", table); err == nil {
		t.Error("a document without a place for the table was taken")
	}
}
