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
	var data logs
	for _, name := range []string{
		"winevent/testdata/evtxdump", "winevent/testdata/evtxecmd", "winevent/testdata/nxlog", "winevent/testdata/winlogbeat6",
		"ecs/testdata/winlogbeat", "ecs/testdata/endpoint", "ocsf/testdata/host",
	} {
		log, err := os.ReadFile("../logformat/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, log)
	}
	res, err := detect.Run(t.Context(), detect.Config{Rules: b.Set, Ingest: ingest.Config{Formats: builtin.Formats(), Workers: 1}}, data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range res.Findings {
		got = append(got, f.Rule.Title)
	}
	for _, title := range []string{
		"Security Eventlog Cleared", "PowerShell Downgrade Attack - PowerShell", "Local Accounts Discovery", "Net.EXE Execution",
		"Failed Logon From Public IP", "Creation of an Executable by an Executable", "Windows Defender Threat Detected",
		"Suspicious User-Agents Related To Recon Tools", "Suspicious Download Via Certutil.EXE", "Linux Webshell Indicators",
		"Linux Crypto Mining Indicators",
	} {
		if !slices.Contains(got, title) {
			t.Errorf("%q did not match; %q did", title, got)
		}
	}
}
