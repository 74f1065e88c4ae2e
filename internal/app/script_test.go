package app_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/gatehouse-sec/gatehouse/internal/app"
)

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){
		"gatehouse": func() { os.Exit(program()) }, //nolint:forbidigo // this is the script's gatehouse, a process of its own
	})
}

// leakless fails when a goroutine outlives the tests.
type leakless struct{ m *testing.M }

// Run runs the tests.
func (l leakless) Run() int {
	code := l.m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return app.Main(ctx, os.Args[1:], app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}

var exitNote = regexp.MustCompile(`\s+# exit ([0-9])$`)

// TestReadme runs the commands of the README in a folder with logs and a folder of rules, and compares what the first one
// shows with the picture that stands below it.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	commands := 0
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ")
		if !ok {
			continue
		}
		commands++
		if m := exitNote.FindStringSubmatch(command); m != nil {
			script.WriteString("! exec " + strings.TrimSuffix(command, m[0]) + "\n")
		} else {
			script.WriteString("exec " + command + "\n")
		}
		if commands == 1 {
			script.WriteString("shows picture.txt\n")
		}
	}
	_, picture, _ := strings.Cut(string(readme), "```text\n")
	picture, _, ok := strings.Cut(picture, "```\n")
	if !ok || strings.Count(picture, "\n") < 10 {
		t.Fatal("the README has no picture of what the program shows")
	}
	if commands < 8 {
		t.Fatalf("only %d commands found in the README", commands)
	}
	files, err := os.ReadFile("testdata/readme.txt")
	if err != nil {
		t.Fatal(err)
	}
	script.Write(files)
	script.WriteString("-- picture.txt --\n" + picture)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/readme.txt", []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"shows": func(ts *testscript.TestScript, _ bool, args []string) {
			if got, want := ts.ReadFile("stdout"), ts.ReadFile(args[0]); !strings.HasPrefix(got, want) {
				ts.Fatalf("the picture in the README is not what is shown:\n%s", got)
			}
		},
	}})
}
