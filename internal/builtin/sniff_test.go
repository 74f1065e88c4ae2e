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

// TestSniffCorpus recognises logs that others wrote.
func TestSniffCorpus(t *testing.T) {
	t.Parallel()
	const corpus = "../../../shared/corpus/logs/"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("corpus/logs is absent")
	}
	for name, want := range map[string]string{
		"elastic/apache_combined_10k.log":                  "access",
		"elastic/auth_7k.log":                              "linux-auth",
		"loghub/Apache_2k.log":                             "apache-error",
		"loghub/Linux_2k.log":                              "linux-auth",
		"loghub/OpenSSH_2k.log":                            "linux-auth",
		"stratus/aws.defense-evasion.dns-delete-logs.json": "cloudtrail",
		"loghub/README.md":                                 "",
		"loghub/Linux_2k.log_structured.csv":               "",
		"loghub/OpenSSH_2k.log_structured.csv":             "",
		"loghub/Apache_2k.log_structured.csv":              "",
	} {
		head, err := os.ReadFile(corpus + name)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := ingest.Recognise(builtin.Formats(), head[:min(len(head), 64<<10)]); f != nil {
			got = f.Info().Name
		}
		if got != want {
			t.Errorf("%s: taken for %q, want %q", name, got, want)
		}
	}
}
