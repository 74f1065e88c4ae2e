package auditd_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/auditd"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, auditd.Format{})
}

// TestWindows reads the log in windows of many sizes up to that of a few records: what a record is given from others
// must not depend on how the log was read.
func TestWindows(t *testing.T) {
	t.Parallel()
	log, err := os.ReadFile("testdata/raw.log")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint(logformattest.All(t, auditd.Format{}, log, len(log)+1, logformattest.Fields(auditd.Format{})...))
	for window := 1; window < 3000; window += 37 {
		if got := fmt.Sprint(logformattest.All(t, auditd.Format{}, log, window, logformattest.Fields(auditd.Format{})...)); got != want {
			t.Fatalf("in windows of %d bytes it is different", window)
		}
	}
}

// TestProcess joins the records of an execution, and finds the parent.
func TestProcess(t *testing.T) {
	t.Parallel()
	exec := func(n, pid, ppid int, exe, success string) string {
		id := fmt.Sprintf("1772445600.%03d:%d", n, n)
		return fmt.Sprintf("type=SYSCALL msg=audit(%s): arch=c000003e syscall=59 success=%s ppid=%d pid=%d uid=0 ses=4294967295 exe=\"%s\"\n"+
			"type=EXECVE msg=audit(%s): argc=1 a0=\"%s\"\n", id, success, ppid, pid, exe, id, exe)
	}
	last := func(log string) logformattest.Record {
		recs, bad := logformattest.All(t, auditd.Format{}, []byte(log), 1<<20, "Image", "CommandLine", "ParentImage", "User", "LogonId")
		if bad != 0 {
			t.Fatalf("%d bad", bad)
		}
		return recs[len(recs)-1]
	}
	first := func(r logformattest.Record, field string) string { return strings.Join(r.Values[field], "|") }

	r := last(exec(1, 10, 1, "/bin/a", "yes") + exec(2, 11, 10, "/bin/b", "yes"))
	if first(r, "Image") != "/bin/b" || first(r, "ParentImage") != "/bin/a" || first(r, "User") != "root" || first(r, "LogonId") != "0" {
		t.Errorf("joined: %v", r.Values)
	}
	if r := last(exec(1, 10, 1, "/bin/a", "yes") + exec(2, 10, 1, "/bin/b", "yes") + exec(3, 11, 10, "/bin/c", "yes")); first(r, "ParentImage") != "/bin/b" {
		t.Errorf("the parent runs another program by now: %v", r.Values)
	}
	if r := last(exec(1, 10, 1, "/bin/a", "no")); r.Class != 0 || first(r, "Image") != "" {
		t.Errorf("an execution that failed is no new process: %v", r.Values)
	}
	if r := last("type=EXECVE msg=audit(1772445600.001:1): argc=1 a0=\"id\"\n"); first(r, "CommandLine") != "id" || first(r, "Image") != "" {
		t.Errorf("without its SYSCALL record: %v", r.Values)
	}
}

// TestEventsKeepApart joins only records of one event on one host, also when an event's memory is used again.
func TestEventsKeepApart(t *testing.T) {
	t.Parallel()
	image := func(log string) []string {
		recs, bad := logformattest.All(t, auditd.Format{}, []byte(log), 1<<20, "Image", "TargetFilename")
		if bad != 0 {
			t.Fatalf("%d bad", bad)
		}
		return recs[len(recs)-1].Values["Image"]
	}
	const id = "msg=audit(1772445600.001:1):"
	call := "type=SYSCALL " + id + " success=yes pid=1 exe=\"/bin/a\"\n"
	created := "type=PATH " + id + " item=1 name=\"/x\" nametype=CREATE\n"
	if got := image(call + created); len(got) != 1 {
		t.Errorf("one event: %q", got)
	}
	if got := image("node=web1 " + call + "node=web2 " + created); len(got) != 0 {
		t.Errorf("two hosts: %q", got)
	}
	var many strings.Builder
	for n := range 100 {
		fmt.Fprintf(&many, "type=SYSCALL msg=audit(1772445599.000:%d): success=yes pid=1 exe=\"/bin/a\"\n", n)
	}
	if got := image(many.String() + "type=CWD " + id + " cwd=\"/\"\n" + created); len(got) != 0 {
		t.Errorf("an event without its SYSCALL record: %q", got)
	}
	if got := image(call + many.String() + created); len(got) != 0 {
		t.Errorf("an event that is long past: %q", got)
	}
}

// TestShape says what is a record and what is not, and what is hexadecimal.
func TestShape(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"type=USER msg=audit(1.0:1): acct=726F6F74":        "root",
		"type=USER msg=audit(1.0:1): acct=726F6F7":         "726F6F7",
		"type=USER msg=audit(1.0:1): acct=cafe":            "cafe",
		"type=USER msg=audit(1.0:1): acct=\"726F6F74\"":    "726F6F74",
		"x: type=USER msg=audit(1.0:1): acct=\"a\"":        "a",
		"subtype=USER msg=audit(1.0:1): acct=\"a\"":        "bad",
		"type=USER msg=audit(1.0): acct=\"a\"":             "bad",
		"type= msg=audit(1.0:1): acct=\"a\"":               "bad",
		"type=USER msg=audit(03/02/2026:1) : acct=\"a\"":   "bad",
		"type=USER msg=audit(1.0:1): acct=(null)":          "",
		"type=USER msg=audit(1.0:1): acct=\"unended x=y":   "\"unended",
		"type=USER msg=audit(1.0:1): (acct=root, addr=?)'": "root",
	} {
		recs, bad := logformattest.All(t, auditd.Format{}, []byte(line), 1<<20, "acct")
		got := "bad"
		if bad == 0 {
			got = strings.Join(recs[0].Values["acct"], "|")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestParentsAreBounded starts more processes than are remembered.
func TestParentsAreBounded(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	start := func(pid, ppid int) {
		fmt.Fprintf(&log, "type=SYSCALL msg=audit(1772445600.000:%d): success=yes ppid=%d pid=%d exe=\"/bin/x%d\"\ntype=EXECVE msg=audit(1772445600.000:%d): argc=1 a0=\"x\"\n", pid, ppid, pid, pid, pid)
	}
	const many = 20_000
	for pid := range many {
		start(pid, 0)
	}
	start(many, 1)        // a parent that is forgotten
	start(many+1, many-1) // one that is not
	recs, _ := logformattest.All(t, auditd.Format{}, log.Bytes(), 1<<30, "ParentImage")
	forgotten, kept := recs[len(recs)-3].Values["ParentImage"], recs[len(recs)-1].Values["ParentImage"]
	if len(forgotten) != 0 || len(kept) != 1 || kept[0] != fmt.Sprintf("/bin/x%d", many-1) {
		t.Errorf("the oldest parent is %q, the newest %q", forgotten, kept)
	}
}

// TestSyscallNames looks some calls up that the three ABIs number differently.
func TestSyscallNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ arch, number, want string }{
		{"c000003e", "59", "execve"},
		{"c000003e", "101", "ptrace"},
		{"c000003e", "435", "clone3"},
		{"c000003e", "9999", ""},
		{"c00000b7", "221", "execve"},
		{"c00000b7", "117", "ptrace"},
		{"40000003", "11", "execve"},
		{"40000003", "26", "ptrace"},
		{"80000016", "1", ""},
	} {
		line := fmt.Sprintf("type=SYSCALL msg=audit(1772445600.001:1): arch=%s syscall=%s success=yes\n", c.arch, c.number)
		recs, _ := logformattest.All(t, auditd.Format{}, []byte(line), 1<<20, "SYSCALL")
		if got := strings.Join(recs[0].Values["SYSCALL"], "|"); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.arch, c.number, got, c.want)
		}
	}
}

// TestLegible shows what a record has in hexadecimal only, for whoever reads it as evidence.
func TestLegible(t *testing.T) {
	t.Parallel()
	const id = "msg=audit(1772445600.001:1): "
	for line, want := range map[string]string{
		"type=EXECVE " + id + `argc=3 a0="sh" a1="-c" a2=6964203B206C73`: ` CommandLine="sh -c id ; ls"`,
		"type=EXECVE " + id + `argc=1 a0="sh"`:                           "",
		"type=PROCTITLE " + id + "proctitle=7368002D63":                  ` proctitle="sh -c"`,
		"type=CWD " + id + "cwd=2F746D702F6120":                          ` cwd="/tmp/a "`,
		"type=CWD " + id + `cwd="/tmp"`:                                  "",
	} {
		rec := event.NewRecord(2)
		dec := auditd.Format{}.NewDecoder(logformat.NewPlan("time", "cwd"), logformat.File{})
		if _, err := dec.Next([]byte(line), true, rec); err != nil {
			t.Fatal(err)
		}
		if got := string(rec.Raw); got != line+want {
			t.Errorf("got %s, want %s", got, line+want)
		}
	}
}

// TestForged gives no field that is put together to a pair of its name.
func TestForged(t *testing.T) {
	t.Parallel()
	line := "type=USER msg=audit(1.0:1): msg='Image=\"/x\" node=evil type=SYSCALL time=7 laddr=192.0.2.1 op=x'\n"
	recs, _ := logformattest.All(t, auditd.Format{}, []byte(line), 1<<20, "Image", "node", "type", "time", "laddr", "op")
	want := map[string][]string{"type": {"USER"}, "time": {"1.0"}, "op": {"x"}}
	if diff := cmp.Diff(want, recs[0].Values); diff != "" {
		t.Error(diff)
	}
}

// TestUnset makes an id that is not set null, so that no comparison of numbers holds for it.
func TestUnset(t *testing.T) {
	t.Parallel()
	plan := logformat.NewPlan("auid", "time")
	rec := event.NewRecord(2)
	dec := auditd.Format{}.NewDecoder(plan, logformat.File{})
	if _, err := dec.Next([]byte("type=LOGIN msg=audit(1.0:1): auid=4294967295"), true, rec); err != nil {
		t.Fatal(err)
	}
	if v := rec.First(0); v == nil || v.Kind != event.Null {
		t.Errorf("auid is %v", v)
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	log, err := os.ReadFile("testdata/raw.log")
	if err != nil {
		t.Fatal(err)
	}
	logformattest.NoAllocations(t, auditd.Format{}, log)
}

// FuzzDecode checks beyond the common properties that records do not depend on how the log was read.
func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, auditd.Format{})
}

func FuzzWindows(f *testing.F) {
	log, err := os.ReadFile("testdata/raw.log")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(log, 64)
	fields := logformattest.Fields(auditd.Format{})
	f.Fuzz(func(t *testing.T, log []byte, window int) {
		whole := fmt.Sprint(logformattest.All(t, auditd.Format{}, log, len(log)+1, fields...))
		pieces := fmt.Sprint(logformattest.All(t, auditd.Format{}, log, max(1, window%4096), fields...))
		if whole != pieces {
			t.Errorf("in windows of %d bytes it is different", window)
		}
	})
}
