package app_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sec/gatehouse/internal/app"
)

// help returns what a command's --help says.
func help(t *testing.T, command ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	status := app.Main(t.Context(), append(command, "--help"), app.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if status != 0 || errs.Len() > 0 {
		t.Fatalf("%v --help: exit %d, %s", command, status, errs.String())
	}
	return out.String()
}

// section returns the lines under a heading of a help text.
func section(text, heading string) (lines []string) {
	_, rest, ok := strings.Cut(text, "\n"+heading+":\n")
	if !ok {
		return nil
	}
	for line := range strings.Lines(rest) {
		if strings.TrimSpace(line) == "" {
			break
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// allHelp returns the help of a command and of all below it that this program wrote.
func allHelp(t *testing.T, command ...string) map[string]string {
	t.Helper()
	text := help(t, command...)
	out := map[string]string{strings.Join(command, " "): text}
	for _, line := range section(text, "Available Commands") {
		name := strings.Fields(line)[0]
		if name == "help" || command != nil && command[0] == "completion" { // of another's making
			continue
		}
		maps.Copy(out, allHelp(t, append(slices.Clone(command), name)...))
	}
	return out
}

// Every command's help shows examples, and they run: with the files that they name there, none is a usage error.
func TestHelpExamples(t *testing.T) {
	t.Parallel()
	var lines []string
	for command, text := range allHelp(t) {
		examples := section(text, "Examples")
		if len(examples) == 0 {
			t.Errorf("gatehouse %s --help shows no example", command)
		}
		for _, e := range examples {
			if !strings.Contains(e, "gatehouse "+command) {
				t.Errorf("an example of gatehouse %s is of something else: %s", command, e)
			}
			lines = append(lines, e)
		}
	}
	runExamples(t, lines)
}

// The commands in docs/output.md run.
func TestOutputExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(page)) {
		if command, ok := strings.CutPrefix(line, "    gatehouse "); ok {
			lines = append(lines, "gatehouse "+strings.TrimSpace(command))
		}
	}
	if len(lines) < 3 {
		t.Fatalf("only %d commands in docs/output.md", len(lines))
	}
	runExamples(t, lines)
}

// runExamples runs lines of shell where the files of testdata/help.txt are; those that need jq only where it is installed.
func runExamples(t *testing.T, lines []string) {
	t.Helper()
	files, err := os.ReadFile("testdata/help.txt")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	script.WriteString("env PATH=$WORK${/}bin${:}$PATH\nchmod 755 bin/journalctl\n")
	for _, e := range lines {
		if strings.Contains(e, "| jq ") {
			script.WriteString("[exec:jq] ")
		}
		script.WriteString("example '" + strings.ReplaceAll(strings.ReplaceAll(e, "/var/log", "var/log"), "'", "''") + "'\n")
	}
	script.Write(files)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "help.txt"), []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){"example": example}})
}

// example runs a line of shell in which gatehouse may find something but may not say that it was used wrongly.
func example(ts *testscript.TestScript, _ bool, args []string) {
	failed := ts.Exec("sh", "-c", args[0]) != nil
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if strings.Contains(stderr, "gatehouse: ") || strings.Contains(stderr, "jq: ") || stdout == "" && !strings.Contains(args[0], "--output-file") {
		ts.Fatalf("%s\nfailed: %v\n%s%s", args[0], failed, stdout, stderr)
	}
}

// No flag is described by its Go type.
func TestHelpNamesValues(t *testing.T) {
	t.Parallel()
	typed := regexp.MustCompile(`--[a-z-]+ (string|int|stringArray|duration)\b`)
	for command, text := range allHelp(t) {
		if m := typed.FindString(text); m != "" {
			t.Errorf("gatehouse %s --help: %s", command, m)
		}
	}
}
