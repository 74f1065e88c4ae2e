package sigma_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// corpusFile is a rule file of the corpus.
type corpusFile struct {
	name string // with slashes, below the corpus
	data []byte
}

// corpusRules reads SigmaHQ's rules; the test is skipped where they are absent.
func corpusRules(tb testing.TB) []corpusFile {
	tb.Helper()
	root := filepath.Join("..", "..", "shared", "corpus", "sigma")
	if _, err := os.Stat(root); err != nil {
		tb.Skip("corpus/sigma is absent")
	}
	var files []corpusFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files = append(files, corpusFile{filepath.ToSlash(name), data})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// TestCorpusLoads parses all of SigmaHQ: what does not load must be in the golden file, with the reason.
func TestCorpusLoads(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	var rules []*sigma.Rule
	files := corpusRules(t)
	skipped, unsupported := 0, 0
	for _, f := range files {
		parsed, errs := sigma.Parse(f.name, f.data)
		rules = append(rules, parsed...)
		for _, err := range errs {
			var pe *sigma.ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("%s: %v is no ParseError", f.name, err)
			}
			kind := "skipped"
			if pe.Unsupported {
				kind = "unsupported"
				unsupported++
			} else {
				skipped++
			}
			fmt.Fprintf(&got, "%s %v\n", kind, err)
		}
	}
	set, errs := sigma.NewRuleSet(rules)
	for _, err := range errs {
		skipped++
		fmt.Fprintf(&got, "skipped %v\n", err)
	}
	fmt.Fprintf(&got, "%d loaded, %d skipped, %d unsupported\n", len(set.Rules), skipped, unsupported)
	t.Logf("%d files: %d loaded, %d skipped, %d unsupported", len(files), len(set.Rules), skipped, unsupported)

	golden := filepath.Join("testdata", "corpus.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("what loads has changed (-want +got):\n%s", diff)
	}
}

// TestCorpusWithPlaceholders gives every placeholder of the corpus a value: nothing may be left that can't be expanded.
func TestCorpusWithPlaceholders(t *testing.T) {
	t.Parallel()
	values := map[string][]string{}
	files := corpusRules(t)
	for _, f := range files {
		for part := range strings.SplitSeq(string(f.data), "%") {
			if len(part) > 0 && len(part) < 64 && !strings.ContainsAny(part, " \n'") {
				values[part] = []string{"one", "two*"}
			}
		}
	}
	expanded := 0
	for _, f := range files {
		if !strings.Contains(string(f.data), "|expand") {
			continue
		}
		expanded++
		_, errs := sigma.Parse(f.name, f.data, sigma.WithPlaceholders(values))
		for _, err := range errs {
			if strings.Contains(err.Error(), "placeholder") {
				t.Error(err)
			}
		}
	}
	if expanded == 0 {
		t.Error("no rule of the corpus has a placeholder")
	}
}

// BenchmarkParseCorpus is the time to load all of SigmaHQ.
func BenchmarkParseCorpus(b *testing.B) {
	files := corpusRules(b)
	size := 0
	for _, f := range files {
		size += len(f.data)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		var rules []*sigma.Rule
		for _, f := range files {
			parsed, _ := sigma.Parse(f.name, f.data)
			rules = append(rules, parsed...)
		}
		sigma.NewRuleSet(rules)
	}
}
