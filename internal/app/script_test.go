package app_test

import (
	"context"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sec/gatehouse/internal/app"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gatehouse": func() { os.Exit(program()) }, //nolint:forbidigo // this is the script's gatehouse, a process of its own
	})
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

// TestReadme runs the commands of the README in a folder with an auth.log and a folder of rules.
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
	}
	if commands < 8 {
		t.Fatalf("only %d commands found in the README", commands)
	}
	files, err := os.ReadFile("testdata/readme.txt")
	if err != nil {
		t.Fatal(err)
	}
	script.Write(files)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/readme.txt", []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true})
}
