package builtin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
)

// TestSniff shows every format the test data of all: each log goes to its own format, and no other format is as sure of it.
func TestSniff(t *testing.T) {
	t.Parallel()
	logs, err := filepath.Glob("../logformat/*/testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no test data (%v)", err)
	}
	for _, name := range logs {
		head, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Base(filepath.Dir(filepath.Dir(name)))
		best := ingest.Recognise(builtin.Formats(), head)
		if best == nil {
			t.Errorf("%s: nobody claims it", name)
			continue
		}
		own := best.Sniff(head)
		for _, f := range builtin.Formats() {
			is := strings.ReplaceAll(f.Info().Name, "-", "") == folder
			sure := f.Sniff(head)
			if is && f != best || !is && sure >= own {
				t.Errorf("%s: %s is %d sure, and %s is chosen with %d", name, f.Info().Name, sure, best.Info().Name, own)
			}
		}
	}
}
