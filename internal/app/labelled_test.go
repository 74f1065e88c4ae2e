package app_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/internal/source"
)

// TestLabelledLogs runs the shipped rules over third-party logs of which it is known what happened in them. What fired in
// each file is held by a golden file, so that a change of rules shows as a difference; recall and false positives are printed
// and stand at its end.
func TestLabelledLogs(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "shared", "corpus", "logs")
	if _, err := os.Stat(root); err != nil {
		t.Skip("corpus/logs is absent")
	}
	logs := &labelled{root: root, book: load(t), found: map[string]*detect.Result{}}
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".json", ".log", ".zip", ""}, filepath.Ext(path)) {
			return err
		}
		name, err := filepath.Rel(root, path)
		files = append(files, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, name := range files {
		res := logs.run(t, name)
		fmt.Fprintf(&got, "%s: %d events\n%s", name, res.Summary.Events, fired(res.Findings))
	}
	for _, line := range logs.measures(t) {
		t.Log(line)
		fmt.Fprintln(&got, line)
	}
	golden := filepath.Join("testdata", "labelled.txt")
	if *update {
		write(t, golden, []byte(got.String()))
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("what fires has changed; look at it and run with -update (-want +got):\n%s", diff)
	}
}

// fired lists rules with the number of their findings and of the events in them.
func fired(fs []finding.Finding) string {
	type line struct {
		severity         finding.Severity
		findings, events int
	}
	lines := map[string]line{}
	for _, f := range fs {
		l := lines[f.Rule.Title]
		lines[f.Rule.Title] = line{f.Severity, l.findings + 1, l.events + f.Count}
	}
	var out strings.Builder
	titles := slices.SortedFunc(maps.Keys(lines), func(a, b string) int {
		return cmp.Or(cmp.Compare(lines[b].severity, lines[a].severity), cmp.Compare(a, b))
	})
	for _, title := range titles {
		l := lines[title]
		fmt.Fprintf(&out, "  %-13s %s: %d in %d\n", l.severity, title, l.events, l.findings)
	}
	return out.String()
}

// labelled is the logs of the corpus.
type labelled struct {
	root  string
	book  *rulebook.Book
	found map[string]*detect.Result
}

// giveaway is what tells the tool that made the attacks from an attacker.
var giveaway = regexp.MustCompile(`(?i)stratus[-_]?red[-_]?team`)

func (l *labelled) run(t *testing.T, name string) *detect.Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	src := memory{name: name, data: giveaway.ReplaceAll(data, []byte("team"))}
	res, err := detect.Run(t.Context(), detect.Config{Rules: l.book.Set, Ingest: ingest.Config{Formats: builtin.Formats()}}, src)
	if err != nil {
		t.Fatal(err)
	}
	l.found[name] = res
	return res
}

// memory is one file in memory, last written at a time that does not depend on the machine (syslog's lines have no year).
type memory struct {
	name string
	data []byte
}

var _ source.Source = memory{}

// Items yields the file.
func (m memory) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		yield(source.Item{
			Name: m.name, Size: int64(len(m.data)), ModTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.data)), nil },
		}, nil)
	}
}

// measures returns recall and false positives, a line for each set.
func (l *labelled) measures(t *testing.T) []string {
	t.Helper()
	attacks, seen, grave := 0, 0, 0
	for name, res := range l.found {
		if !strings.HasPrefix(name, "stratus/") { // each file is one attack technique
			continue
		}
		attacks++
		if len(res.Findings) > 0 {
			seen++
		}
		if slices.ContainsFunc(res.Findings, func(f finding.Finding) bool { return f.Severity >= finding.Medium }) {
			grave++
		}
	}
	out := []string{fmt.Sprintf("stratus: %d of %d techniques found, %d of them at medium or above", seen, attacks, grave)}
	out = append(out, l.guessers(t)...)
	for _, quiet := range []string{"elastic/apache_combined_10k.log", "elastic/nginxplus_json_logs", "loghub/Apache_2k.log"} {
		res := l.found[quiet]
		out = append(out, fmt.Sprintf("%s: %d findings in %d events in which no attack is known", quiet, len(res.Findings), res.Summary.Events))
	}
	return out
}

var (
	failure = regexp.MustCompile(`(?:Failed (?:password|none) for|authentication failure;)`)
	address = regexp.MustCompile(`(?:from |rhost=)([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)`)
)

// guessers compares the addresses that brute-force findings name with those of which the log has many failures: 20 and more
// are an attacker, fewer than 5 are not.
func (l *labelled) guessers(t *testing.T) []string {
	t.Helper()
	const many, few = 20, 5
	var out []string
	for _, name := range []string{"loghub/OpenSSH_2k.log", "loghub/Linux_2k.log", "elastic/auth_7k.log"} {
		data, err := os.ReadFile(filepath.Join(l.root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		failures := map[string]int{}
		for line := range strings.Lines(string(data)) {
			if m := address.FindStringSubmatch(line); m != nil && failure.MatchString(line) {
				failures[m[1]]++
			}
		}
		named := map[string]bool{}
		for _, f := range l.found[name].Findings {
			for _, e := range f.Entities {
				named[e.Value] = named[e.Value] || f.Severity >= finding.Medium
			}
		}
		attackers, found, wrong := 0, 0, 0
		for addr, n := range failures {
			switch {
			case n >= many:
				attackers++
				if named[addr] {
					found++
				}
			case n < few && named[addr]:
				wrong++
			}
		}
		out = append(out, fmt.Sprintf("%s: %d of %d guessing addresses found, %d of %d others named", name, found, attackers, wrong, len(failures)-attackers))
	}
	return out
}

// TestLabelsOfLoghub: the failures that guessers counts are those that the set's own annotation has.
func TestLabelsOfLoghub(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "corpus", "logs", "loghub", "OpenSSH_2k.log_structured.csv"))
	if err != nil {
		t.Skip("corpus/logs/loghub is absent")
	}
	defer f.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	content, template := slices.Index(rows[0], "Content"), slices.Index(rows[0], "EventTemplate")
	for _, row := range rows[1:] {
		labelled := strings.HasPrefix(row[template], "Failed ") || strings.Contains(row[template], "authentication failure;")
		if got := failure.MatchString(row[content]); got != labelled && !strings.HasPrefix(row[content], "message repeated") {
			t.Errorf("%q: a failure %v, labelled %v", row[content], got, labelled)
		}
	}
}
