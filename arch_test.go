package gatehouse_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/gatehouse-sec/gatehouse/"

// floors is a statement of policy: a package imports only from floors above its own line here (which are the floors below
// it in the house). A package on no floor fails the test.
const floors = `
values:    internal/event internal/finding internal/attack internal/timestamp internal/unpack internal/simulate rules
languages: sigma iam
contracts: internal/logformat internal/source
tools:     internal/lines internal/projection internal/ingest
formparts: internal/web internal/hostlog internal/jsonlog internal/windows internal/logformat/logformattest
parts:     internal/columns internal/webjson
engines:   internal/detect internal/tally
books:     internal/rulebook
plugins:   internal/logformat/* internal/source/*
faces:     internal/report
lists:     internal/builtin
app:       internal/app internal/bench
cmd:       cmd/*
`

// TestFloors holds the import graph against the floors.
func TestFloors(t *testing.T) {
	t.Parallel()
	floorOf := func(pkg string) int {
		for i, line := range strings.Split(strings.TrimSpace(floors), "\n") {
			_, names, _ := strings.Cut(line, ":")
			for pattern := range strings.FieldsSeq(names) {
				if ok, err := path.Match(pattern, pkg); err == nil && ok {
					return i
				}
			}
		}
		return -1
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkg, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours { // the root, which holds only this test
			continue
		}
		seen++
		at := floorOf(pkg)
		if at < 0 {
			t.Errorf("%s is on no floor", pkg)
		}
		for _, imp := range p.Imports {
			if dep, ok := strings.CutPrefix(imp, module); ok && floorOf(dep) >= at {
				t.Errorf("%s imports %s, which is not on a floor below it", pkg, dep)
			}
			if (pkg == "sigma" || pkg == "iam") && strings.HasPrefix(imp, module) {
				t.Errorf("%s imports %s: it is a library of its own", pkg, imp)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d packages seen", seen)
	}
}
