package builtin_test

import (
	"os"
	"slices"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
)

// sigmaHQ loads SigmaHQ's rules from the corpus.
func sigmaHQ(t *testing.T) *rulebook.Book {
	t.Helper()
	const folder = "../../../shared/corpus/sigma"
	if _, err := os.Stat(folder + "/rules"); err != nil {
		t.Skip("corpus/sigma is absent")
	}
	b, err := rulebook.Load(t.Context(), rulebook.Folder{FS: os.DirFS(folder), Name: "sigma"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSigmaHQCanMatch counts the rules that no format can match, by product.
func TestSigmaHQCanMatch(t *testing.T) {
	t.Parallel()
	b := sigmaHQ(t)
	all, dead := map[string]int{}, map[string]int{}
	for _, r := range b.Set.Rules {
		all[r.LogSource.Product]++
	}
	for _, d := range b.Dead(builtin.Formats()) {
		dead[d.Rule.LogSource.Product]++
		if slices.Contains([]string{"windows", "macos", "aws", "kubernetes", "github", "zeek"}, d.Rule.LogSource.Product) {
			t.Errorf("%s: %s", d.Rule.Title, d.Reason)
		}
	}
	if all["windows"] < 2500 {
		t.Errorf("only %d rules for Windows: the test proves little", all["windows"])
	}
	total := 0
	for _, n := range dead {
		total += n
	}
	if total > 200 {
		t.Errorf("%d rules can match no format: %v", total, dead)
	}
}

// TestSigmaHQMatches runs SigmaHQ's rules over test data that holds what some of them look for.
func TestSigmaHQMatches(t *testing.T) {
	t.Parallel()
	b := sigmaHQ(t)
	for name, want := range map[string][]string{
		"winevent/testdata/evtxdump.log": {
			"Security Eventlog Cleared", "PowerShell Downgrade Attack - PowerShell", "Local Accounts Discovery", "Net.EXE Execution",
		},
		"winevent/testdata/evtxecmd.log":    {"Failed Logon From Public IP"},
		"winevent/testdata/nxlog.log":       {"Creation of an Executable by an Executable"},
		"winevent/testdata/splunk.log":      {"Local Accounts Discovery", "Net.EXE Execution"},
		"winevent/testdata/winlogbeat6.log": {"Windows Defender Threat Detected"},
		"ecs/testdata/winlogbeat.log":       {"Failed Logon From Public IP"},
		"ocsf/testdata/host.log":            {"Suspicious User-Agents Related To Recon Tools"},
	} {
		log, err := os.ReadFile("../logformat/" + name)
		if err != nil {
			t.Fatal(err)
		}
		res, err := detect.Run(t.Context(), detect.Config{Rules: b.Set, Ingest: ingest.Config{Formats: builtin.Formats(), Workers: 1}}, text(log))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Rule.Title)
		}
		for _, title := range want {
			if !slices.Contains(got, title) {
				t.Errorf("%s: %q did not match; %q did", name, title, got)
			}
		}
	}
}
