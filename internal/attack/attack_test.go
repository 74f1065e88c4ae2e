package attack_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
)

func TestParse(t *testing.T) {
	t.Parallel()
	type items = []attack.Item
	tests := []struct {
		name       string
		tags       string
		tactics    items
		techniques items
	}{
		{
			"tactic and sub-technique", "attack.credential-access attack.t1110.001",
			items{{"TA0006", "Credential Access"}},
			items{{"T1110.001", "Brute Force: Password Guessing"}},
		},
		{
			"order of the matrix, each once", "attack.t1098 attack.impact attack.persistence attack.t1078.004 attack.impact attack.t1098",
			items{{"TA0003", "Persistence"}, {"TA0040", "Impact"}},
			items{{"T1078.004", "Valid Accounts: Cloud Accounts"}, {"T1098", "Account Manipulation"}},
		},
		{"former tactic, alone", "attack.defense-evasion", items{{"TA0005", "Stealth"}}, nil},
		{"former tactic, its one half", "attack.defense-evasion attack.t1070", items{{"TA0005", "Stealth"}}, items{{"T1070", "Indicator Removal"}}},
		{
			"former tactic, its other half", "attack.defense_evasion attack.t1562.008",
			items{{"TA0112", "Defense Impairment"}},
			items{{"T1562.008", "Impair Defenses: Disable or Modify Cloud Logs"}},
		},
		{
			"tactic from the technique", "attack.T1685.002",
			items{{"TA0112", "Defense Impairment"}},
			items{{"T1685.002", "Disable or Modify Tools: Disable or Modify Cloud Log"}},
		},
		{"tactic by number", "attack.ta0001 attack.ta9999", items{{"TA0001", "Initial Access"}}, nil},
		{"unknown technique", "attack.impact attack.t9999.123", items{{"TA0040", "Impact"}}, items{{"T9999.123", ""}}},
		{"no tags of ATT&CK", "attack.g0016 attack.s0002 attack.ds0005 cve.2021-44228 t1110 attack. attack.t1110.1 attack.t11100 attack.t1110x001", nil, nil},
		{"nothing", "", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tactics, techniques := attack.Parse(strings.Fields(tt.tags))
			if d := cmp.Diff(tt.tactics, tactics); d != "" {
				t.Errorf("tactics (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.techniques, techniques); d != "" {
				t.Errorf("techniques (-want +got):\n%s", d)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if n := len(attack.Tactics()); n != 15 {
		t.Errorf("%d tactics, want 15", n)
	}
	for id, want := range map[string]string{"T1021.004": "SSH", "TA0112": "Defense Impairment", "T0000": "", "T1055.013": "Process Doppelgänging"} {
		if got := attack.Name(id); got != want {
			t.Errorf("Name(%s) = %q, want %q", id, got, want)
		}
	}
	if d := cmp.Diff([]string{"TA0001", "TA0003", "TA0004", "TA0005"}, attack.TacticsOf("T1078.004")); d != "" {
		t.Error(d)
	}
	attack.TacticsOf("T1110")[0] = "changed"
	if attack.TacticsOf("T1110")[0] != "TA0006" {
		t.Error("the table was changed through a result")
	}
}

// Every tactic and technique that SigmaHQ's rules name has a name here.
func TestSigmaHQ(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "shared", "corpus", "sigma")
	if _, err := os.Stat(root); err != nil {
		t.Skip("corpus/sigma is absent")
	}
	tag := regexp.MustCompile(`(?m)^\s+-\s+(attack\.[a-z][a-z0-9._-]+)`)
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range tag.FindAllSubmatch(text, -1) {
			seen[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	other := regexp.MustCompile(`^attack\.(g|s|ds)\d{4}$`)
	named := 0
	for tag := range seen {
		tactics, techniques := attack.Parse([]string{tag})
		switch {
		case other.MatchString(tag):
		case len(tactics) == 0:
			t.Errorf("%s: no tactic", tag)
		case len(techniques) == 1 && techniques[0].Name == "":
			t.Errorf("%s: no name", tag)
		default:
			named++
		}
	}
	if named < 300 {
		t.Errorf("only %d tags were found", named)
	}
}
