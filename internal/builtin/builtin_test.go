package builtin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEveryFormatIsListed compares the list with the folders.
func TestEveryFormatIsListed(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../logformat/*")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("builtin.go")
	if err != nil {
		t.Fatal(err)
	}
	dirs := 0
	for _, f := range folders {
		if info, err := os.Stat(f); err != nil || !info.IsDir() || filepath.Base(f) == "logformattest" {
			continue
		}
		dirs++
		if !strings.Contains(string(source), "\t"+filepath.Base(f)+".Format{}") {
			t.Errorf("format %s is not listed", filepath.Base(f))
		}
	}
	if got := len(builtin.Formats()); got != dirs {
		t.Errorf("%d formats are listed, %d folders are there", got, dirs)
	}
	names := map[string]bool{}
	for _, f := range builtin.Formats() {
		info := f.Info()
		if names[info.Name] || info.Name == "" || info.Title == "" || len(info.Fields) == 0 || len(info.Classes) == 0 {
			t.Errorf("format %q is described badly or twice", info.Name)
		}
		names[info.Name] = true
		for _, e := range info.Entities {
			for _, field := range e.Fields {
				if !info.Has(field) {
					t.Errorf("%s: entity %s names the field %s, which is not documented", info.Name, e.Kind, field)
				}
			}
		}
		for _, field := range append(info.Actor, info.Needs...) {
			if !info.Has(field) {
				t.Errorf("%s: field %s is not documented", info.Name, field)
			}
		}
	}
}

// TestShippedRules loads every shipped rule and runs its examples.
func TestShippedRules(t *testing.T) {
	t.Parallel()
	b, err := rulebook.Load(t.Context(), builtin.Rules())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range append(b.Skipped, b.Unsupported...) {
		t.Error(err)
	}
	for _, d := range b.Dead(builtin.Formats()) {
		t.Errorf("%s: %s", d.Rule.Title, d.Reason)
	}
	ran, failures, err := b.Test(t.Context(), builtin.Formats())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	if ran < 200 {
		t.Errorf("only %d examples ran", ran)
	}
	for _, r := range b.Set.Rules {
		if r.Level > sigma.Informational && !b.Set.Reports(r) {
			t.Errorf("%s: %s never reports, since a correlation refers to it; give the correlation an informational twin", r.File, r.Title)
		}
		if r.ID == "" || r.Description == "" || len(r.FalsePositives) == 0 || len(r.Tags) == 0 || b.Next(r) == "" {
			t.Errorf("%s:%d: a shipped rule has an id, a description, false positives, tags and a next step", r.File, r.Line)
		}
	}
}
