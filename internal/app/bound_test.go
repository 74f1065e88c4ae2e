package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/simulate"
	"github.com/gatehouse-sec/gatehouse/internal/source/file"
)

// TestMemoryBoundIsTold correlates guesses from more addresses than fit into the memory allowed: the summary must say so, and so
// must the finding whose count is too small; with enough memory neither does.
func TestMemoryBoundIsTold(t *testing.T) {
	t.Parallel()
	const addresses = 40_000
	var log bytes.Buffer
	if err := simulate.Guesses(&log, addresses); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "auth.log")
	if err := os.WriteFile(path, log.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := load(t)
	told := func(texts []string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "memory bound") })
	}
	for allowed, want := range map[int64]bool{2 << 20: true, 64 << 20: false} {
		cfg := detect.Config{Rules: b.Set, Whole: b.Whole, Ingest: ingest.Config{Formats: builtin.Formats()}, CorrelationBytes: allowed}
		res, err := detect.Run(t.Context(), cfg, &file.Source{Paths: []string{path}})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(res.Findings, func(f finding.Finding) bool { return f.Rule.ID == "d02b41ea-88c9-46a3-a057-2d7a15c0a07e" })
		if i < 0 {
			t.Fatalf("with %d bytes nothing is found: %v", allowed, res.Summary.Warnings)
		}
		f := res.Findings[i]
		if told(res.Summary.Warnings) != want || told(f.Notes) != want || (f.Count < addresses) != want {
			t.Errorf("with %d bytes: %d of %d counted, notes %q, warnings %q", allowed, f.Count, addresses, f.Notes, res.Summary.Warnings)
		}
	}
}
