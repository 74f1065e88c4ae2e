package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/app"
	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/simulate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDemoDay runs detect over a day of logs in which attacks are hidden. Each must be told by the rules that its label names,
// with its entities, and no finding of level high or above may be about anything else. What else is found is in
// testdata/demo.golden: of honest traffic or of attacks, below high.
func TestDemoDay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	labels, err := simulate.Day(dir, 1, simulate.Start())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := simulate.Day(dir, 1, simulate.Start()); err == nil {
		t.Error("a second day was mixed into the first")
	}
	findings := detected(t, filepath.Join(dir, "logs"))
	told := map[string]bool{} // by fingerprint
	for _, l := range labels {
		for _, id := range l.Techniques {
			if attack.Name(id) == "" {
				t.Errorf("%s: ATT&CK has no technique %s", l.Name, id)
			}
		}
		for _, rule := range l.Rules {
			i := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Rule.ID == rule && tells(dir, f, l) })
			if i < 0 {
				t.Errorf("%s: no finding of rule %s names %v", l.Name, rule, l.Entities)
				continue
			}
			told[findings[i].Fingerprint] = true
		}
	}
	var golden strings.Builder
	noise := map[string]int{}
	for _, f := range findings {
		if n := hidden(labels, f); n > 0 && f.Severity >= finding.High && f.Rule.Correlation == "" && f.Count > n {
			t.Errorf("%s: %s, of %v: %d events, but the attacks that it is about have %d", f.Severity, f.Rule.Title, f.Key, f.Count, n)
		}
		if told[f.Fingerprint] {
			continue
		}
		about := slices.IndexFunc(labels, func(l simulate.Label) bool { return concerns(f, l) })
		name := "honest traffic"
		switch {
		case about >= 0 && labels[about].Events == 0: // goes on all day, from everywhere
			noise[fmt.Sprintf("%s: %s (%s)", f.Severity, f.Rule.Title, labels[about].Name)]++
			continue
		case about >= 0:
			name = "also of " + labels[about].Name
		case f.Severity >= finding.High:
			t.Errorf("%s: %s, of %v, is no attack", f.Severity, f.Rule.Title, f.Key)
		}
		fmt.Fprintf(&golden, "%s: %s: %s (%s)\n", f.Severity, f.Rule.Title, strings.Join(f.Key, " "), name)
	}
	for _, line := range slices.Sorted(maps.Keys(noise)) {
		fmt.Fprintf(&golden, "%d × %s\n", noise[line], line)
	}
	const file = "testdata/demo.golden"
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(golden.String(), "\n")); diff != "" {
		t.Errorf("other findings of the day (go test ./internal/app -run TestDemoDay -update):\n%s", diff)
	}
}

// hidden counts the events of the attacks that a finding is about.
func hidden(labels []simulate.Label, f finding.Finding) int {
	n := 0
	for _, l := range labels {
		if concerns(f, l) {
			n += l.Events
		}
	}
	return n
}

// detected runs gatehouse detect and returns its findings.
func detected(t *testing.T, logs string) []finding.Finding {
	t.Helper()
	var out, errs bytes.Buffer
	if status := app.Main(t.Context(), []string{"detect", "-o", "json", logs}, app.Streams{Out: &out, Err: &errs}); status != 1 {
		t.Fatalf("status %d: %s", status, &errs)
	}
	var report struct {
		Summary  finding.Summary
		Findings []finding.Finding
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if s := report.Summary; s.BadRecord > 0 || len(s.Errors) > 0 || s.Events < 150_000 {
		t.Errorf("%d events, %d bad records, errors %v", s.Events, s.BadRecord, s.Errors)
	}
	return report.Findings
}

// tells reports whether a finding names all that the label says, at the time and in the files of the attack.
func tells(dir string, f finding.Finding, l simulate.Label) bool {
	for _, e := range l.Entities {
		if !names(f, e) {
			return false
		}
	}
	return meets(f, l) && slices.ContainsFunc(f.Evidence, func(e finding.Evidence) bool {
		return slices.ContainsFunc(l.Files, func(file string) bool {
			return strings.HasPrefix(e.File, filepath.Join(dir, "logs", file))
		})
	})
}

// concerns reports whether a finding is about the address or the principal of an attack while it goes on.
func concerns(f finding.Finding, l simulate.Label) bool {
	return meets(f, l) && slices.ContainsFunc(l.Entities, func(e simulate.Entity) bool { return e.Kind != "host" && names(f, e) })
}

func meets(f finding.Finding, l simulate.Label) bool {
	return !f.First.After(l.Last) && !f.Last.Before(l.First)
}

func names(f finding.Finding, e simulate.Entity) bool {
	network, err := netip.ParsePrefix(e.Value)
	return slices.ContainsFunc(f.Entities, func(have finding.Entity) bool {
		if err == nil && have.Kind == e.Kind {
			ip, bad := netip.ParseAddr(have.Value)
			return bad == nil && network.Contains(ip)
		}
		return have.Kind == e.Kind && have.Value == e.Value
	})
}
