package rulebook_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
)

// formats are two, so that what no format provides is easily named.
func formats() []logformat.Format { return []logformat.Format{linuxauth.Format{}, access.Format{}} }

func folder(files map[string]string) rulebook.Folder {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return rulebook.Folder{FS: fsys, Name: "dir"}
}

func load(t *testing.T, folders ...rulebook.Folder) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Load(t.Context(), folders...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sshd is a rule for sshd with a detection, and more keys.
func sshd(title, detection, more string) string {
	return fmt.Sprintf("title: %s\nname: %[1]s\nlogsource: {product: linux, service: sshd}\ndetection: %s\n%s\n", title, detection, more)
}

// TestLoad: what can't be loaded is named with file, line and reason, and the rest loads, in the order of the files' names.
func TestLoad(t *testing.T) {
	t.Parallel()
	f := folder(map[string]string{
		"b/two.yaml":   sshd("two", "{s: {user: root}, condition: s}", ""),
		"a.yml":        sshd("one", "{s: {user: root}, condition: s}", "") + "---\ntitle: bad\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: t}\n",
		"c.yml":        "title: [",
		"d.yml":        sshd("held", "{s: {'user|expand': '%who%'}, condition: s}", ""),
		"notes.md":     "title: no rule",
		"e.yml":        sshd("keyed", "{s: {user: root}, condition: s}", "gatehouse: {next: [a]}"),
		"sub/deep.yml": sshd("three", "{s: {user: root}, condition: s}", "gatehouse: {next: look}"),
	})
	b := load(t, f)
	var titles []string
	for _, r := range b.Set.Rules {
		titles = append(titles, r.Title+" "+r.File+" "+b.Next(r))
	}
	want := []string{"one dir/a.yml ", "two dir/b/two.yaml ", "three dir/sub/deep.yml look"}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Error(diff)
	}
	wantErrors(t, b.Skipped, "dir/a.yml:9: ", "dir/c.yml:1: ", "dir/e.yml:1: key gatehouse")
	wantErrors(t, b.Unsupported, "dir/d.yml:4: placeholder %who%")
	if diff := cmp.Diff([]string{"who"}, b.Wanted()); diff != "" {
		t.Error(diff)
	}
	text, err := b.Source(b.Set.Rules[2])
	if err != nil || !strings.Contains(string(text), "title: three") {
		t.Errorf("source: %q, %v", text, err)
	}
}

func wantErrors(t *testing.T, errs []error, want ...string) {
	t.Helper()
	if len(errs) != len(want) {
		t.Fatalf("%d errors, want %d: %v", len(errs), len(want), errs)
	}
	for i, err := range errs {
		if !strings.HasPrefix(err.Error(), want[i]) {
			t.Errorf("%v does not begin with %q", err, want[i])
		}
	}
}

// TestShippedNeedExamples: without an example each way, a shipped rule does not load.
func TestShippedNeedExamples(t *testing.T) {
	t.Parallel()
	example := func(match string) string {
		return "{name: x, match: " + match + ", format: linux-auth, events: [{line: x}]}"
	}
	detection := "{s: {user: root}, condition: s}"
	f := folder(map[string]string{
		"none.yml": sshd("none", detection, ""),
		"one.yml":  sshd("one", detection, "gatehouse: {examples: ["+example("true")+"]}"),
		"two.yml":  sshd("two", detection, "gatehouse: {examples: ["+example("true")+", "+example("false")+"]}"),
	})
	f.Shipped = true
	b := load(t, f)
	wantErrors(t, b.Skipped, "dir/none.yml:1: a shipped rule needs", "dir/one.yml:1: a shipped rule needs")
	if len(b.Set.Rules) != 1 {
		t.Errorf("%d rules", len(b.Set.Rules))
	}
}

// TestExamples: what an example says is run, and what does not hold is named.
func TestExamples(t *testing.T) {
	t.Parallel()
	line := "{line: '{syslog} web1 sshd[1]: Accepted password for root from 192.0.2.1 port 22 ssh2', repeat: 3}"
	example := func(name, match, format, event string) string {
		return fmt.Sprintf("{name: %s, match: %s, format: %s, events: [%s]}", name, match, format, event)
	}
	b := load(t, folder(map[string]string{"a.yml": sshd("a", "{s: {user: root}, condition: s}", "gatehouse: {examples: ["+strings.Join([]string{
		example("right", "true", "linux-auth", line),
		example("wrong", "false", "linux-auth", line),
		example("absent", "true", "linux-auth", "{line: '{syslog} web1 sshd[1]: Accepted password for ann from 192.0.2.1 port 22 ssh2'}"),
		example("unknown", "true", "linux-oath", line),
		example("empty", "true", "linux-auth", "{repeat: 2}"),
		example("both", "true", "linux-auth", "{line: x, json: {a: b}}"),
		example("endless", "true", "linux-auth", "{line: x, repeat: 1000000000}"),
	}, ", ")+"]}")}))
	ran, failures, err := b.Test(t.Context(), formats())
	if err != nil || ran != 7 {
		t.Fatalf("%d ran, %v", ran, err)
	}
	var got []error
	for _, f := range failures {
		got = append(got, f)
	}
	wantErrors(t, got,
		`dir/a.yml:1: a: example "wrong": matches and should not`,
		`dir/a.yml:1: a: example "absent": does not match and should`,
		`dir/a.yml:1: a: example "unknown": there is no log format "linux-oath"`,
		`dir/a.yml:1: a: example "empty": event 1: has neither`,
		`dir/a.yml:1: a: example "both": event 1: has both`,
		`dir/a.yml:1: a: example "endless": event 1: repeats`)
}

// TestDead: a rule that no format can match is named with the reason, and so is what depends on it.
func TestDead(t *testing.T) {
	t.Parallel()
	count := func(title, base, more string) string {
		return fmt.Sprintf("title: %s\nname: %[1]s\ncorrelation: {type: event_count, rules: [%s], timespan: 1m, condition: {gte: 2}%s}\n", title, base, more)
	}
	b := load(t, folder(map[string]string{"a.yml": strings.Join([]string{
		sshd("alive", "{s: {user: root, src_ip|exists: true}, condition: s}", ""),
		sshd("keyword", "{k: [needle], condition: k}", ""),
		sshd("oneField", "{s: {user: root, nosuch: x}, condition: s}", ""),
		sshd("eitherField", "{s: [{user: root}, {nosuch: x}], condition: s}", ""),
		sshd("absence", "{s: {user: root}, n: {nosuch: null}, condition: s and n}", ""),
		sshd("negated", "{s: {user: root}, n: {nosuch: x}, condition: s and not n}", ""),
		"title: elsewhere\nname: elsewhere\nlogsource: {product: azure}\ndetection: {s: {a: b}, condition: s}\n",
		count("counted", "alive", ", group-by: [src_ip]"),
		count("ungrouped", "alive", ", group-by: [sourceIp]"),
		count("aliased", "alive", ", group-by: [ip], aliases: {ip: {alive: src_ip}}"),
		count("ofDead", "elsewhere", ""),
		count("ofSome", "elsewhere, alive", ""),
		count("chained", "ofDead", ""),
		count("chainedField", "counted", ", group-by: [user]"),
		"title: together\ncorrelation: {type: temporal, rules: [alive, elsewhere], timespan: 1m}\n",
		"title: values\ncorrelation: {type: value_count, rules: [alive], timespan: 1m, condition: {gte: 2, field: usr}}\n",
	}, "---\n")}))
	if len(b.Skipped)+len(b.Unsupported) > 0 {
		t.Fatal(b.Skipped, b.Unsupported)
	}
	got := map[string]string{}
	for _, d := range b.Dead(formats()) {
		got[d.Rule.Title] = d.Reason
	}
	want := map[string]string{
		"oneField":  "no format has its fields nosuch",
		"elsewhere": "no format provides its log source (product: azure)",
		"ungrouped": `what its rule "alive" matches has no field sourceIp`,
		"ofDead":    `its rule "elsewhere" can't match`,
		"chained":   `its rule "ofDead" can't match`,
		"together":  `its rule "elsewhere" can't match`,
		"values":    `what its rule "alive" matches has no field usr`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	p := rulebook.Placeholders{}
	for _, file := range []string{"admins: [ann, 7]\n\"%hosts%\": srv*\n", "admins: bob\n", ""} {
		if err := p.Add([]byte(file)); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(rulebook.Placeholders{"admins": {"ann", "7", "bob"}, "hosts": {"srv*"}}, p); diff != "" {
		t.Error(diff)
	}
	for file, want := range map[string]string{
		"- a\n":            "not a map",
		"a: b: c\n":        "not a map",
		"x: y\nadmins:\n":  `line 2: placeholder "admins"`,
		"admins: []\n":     `line 1: placeholder "admins"`,
		"admins: [[a]]\n":  `line 1: placeholder "admins"`,
		"admins: {a: b}\n": `line 1: placeholder "admins"`,
		"admins: [a, ~]\n": `line 1: placeholder "admins"`,
	} {
		if err := (rulebook.Placeholders{}).Add([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// FuzzPlaceholders: whatever the file, names and values are there or an error is.
func FuzzPlaceholders(f *testing.F) {
	f.Add([]byte("admins: [ann, bob]\n"))
	f.Add([]byte("a: &x [b]\nc: *x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := rulebook.Placeholders{}
		if p.Add(data) != nil {
			return
		}
		for name, values := range p {
			if len(values) == 0 {
				t.Fatalf("%q has no values", name)
			}
		}
	})
}
