package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

func ruleOf(e sigma.Expr) *sigma.Rule { return &sigma.Rule{Detection: &sigma.Detection{Expr: e}} }

// scannerOf compiles one expression over the fields a, b and c; a keyword search looks into c.
func scannerOf(tb testing.TB, exprs ...sigma.Expr) *sigma.Scanner {
	tb.Helper()
	var rules []*sigma.Rule
	for _, e := range exprs {
		rules = append(rules, ruleOf(e))
	}
	m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver([]string{"a", "b", "c"}), Keywords: []int{2}})
	if err != nil {
		tb.Fatal(err)
	}
	return m.Scanner()
}

// list is an event whose fields have several values.
type list map[int][]sigma.Value

func (l list) First(slot int) *sigma.Value {
	if len(l[slot]) == 0 {
		return nil
	}
	for i := range l[slot] {
		l[slot][i].Next = int32(slot<<8 | i + 1)
	}
	return &l[slot][0]
}

func (l list) Next(v *sigma.Value) *sigma.Value {
	vs := l[int(v.Next>>8)]
	if i := int(v.Next & 0xff); i < len(vs) {
		return &vs[i]
	}
	return nil
}

func text(s string) sigma.Value { return sigma.Value{Kind: sigma.String, Text: []byte(s)} }

func at(s string, elem uint32) sigma.Value {
	return sigma.Value{Kind: sigma.String, Text: []byte(s), Elem: elem}
}

func TestMatchValue(t *testing.T) {
	t.Parallel()
	null := sigma.Value{Kind: sigma.Null}
	object := sigma.Value{Kind: sigma.Object, Text: []byte(`{"Action":"s3:*"}`)}
	at := func(p sigma.TimePart, n float64) *sigma.Atom {
		return &sigma.Atom{Field: "a", Op: sigma.TimePartEqual, Part: p, Number: n}
	}
	equal := func(s string) *sigma.Atom { return &sigma.Atom{Field: "a", Op: sigma.Equal, Text: s} }
	contains := func(s string) *sigma.Atom { return &sigma.Atom{Field: "a", Op: sigma.Contains, Text: s} }
	cidr := func(s string) *sigma.Atom {
		return &sigma.Atom{Field: "a", Op: sigma.CIDR, Net: netip.MustParsePrefix(s)}
	}
	number := func(op sigma.Op, n float64, s string) *sigma.Atom {
		return &sigma.Atom{Field: "a", Op: op, Number: n, Text: s}
	}
	isNull, exists := &sigma.Atom{Field: "a", Op: sigma.IsNull}, &sigma.Atom{Field: "a", Op: sigma.Exists}
	for _, c := range []struct {
		name  string
		expr  sigma.Expr
		value sigma.Value
		want  bool
	}{
		{"equal ignores case", equal("ConsoleLogin"), text("consolelogin"), true},
		{"equal is whole", equal("Console"), text("ConsoleLogin"), false},
		{"empty equals empty", equal(""), text(""), true},
		{"null is not empty", equal(""), null, false},
		{"null contains nothing", contains(""), null, false},
		{"null exists", exists, null, true},
		{"null is null", isNull, null, true},
		{"empty is not null", isNull, text(""), false},
		{"not null", sigma.Not{X: isNull}, text("x"), true},
		{"not null of null", sigma.Not{X: isNull}, null, false},
		{"object contains", contains("S3:"), object, true},
		{"object equals nothing", equal(string(object.Text)), object, false},
		{"object exists", exists, object, true},
		{"object is not null", isNull, object, false},
		{"object by expression", &sigma.Atom{Field: "a", Op: sigma.Regexp, Regexp: regexp.MustCompile(`"s3:\*"`)}, object, true},
		{"folding beyond ASCII", equal("STRASSE Ä K"), text("straße ä k"), false},
		{"folding of Greek", equal("ΣΑΣ"), text("σας"), true},
		{"folding of long text", equal("Überwachungsgerät"), text("ÜBERWACHUNGSGERÄT"), true},
		{"folding of the Kelvin sign", contains("k"), text("27\u212a"), true},
		{"cased", &sigma.Atom{Field: "a", Op: sigma.Contains, Text: "Ab", Cased: true}, text("xabx"), false},
		{"cased bytes that are no text", &sigma.Atom{Field: "a", Op: sigma.Contains, Text: "\x84\xaa", Cased: true}, text("\u212a"), true},
		{"network", cidr("192.0.2.0/24"), text("192.0.2.255"), true},
		{"network, mapped address", cidr("192.0.2.0/24"), text("::ffff:192.0.2.1"), true},
		{"mapped network", cidr("::ffff:192.0.2.0/120"), text("192.0.2.1"), true},
		{"network of version 6", cidr("2001:db8::/32"), text("2001:DB8::7"), true},
		{"network, zone", cidr("fe80::/10"), text("fe80::1%eth0"), true},
		{"network, no address", cidr("0.0.0.0/0"), text("999.1.1.1"), false},
		{"number", number(sigma.NumberEqual, 80, "80"), text("80.0"), true},
		{"number as text", number(sigma.NumberEqual, 80, "0x50"), text("0X50"), true},
		{"less", number(sigma.Less, 80, ""), text("-7e1"), true},
		{"infinity is no number", number(sigma.Greater, 80, ""), text("inf"), false},
		{"number is not empty", number(sigma.GreaterEqual, 0, ""), text(""), false},
		{"hour of RFC 3339", at(sigma.Hour, 22), text("2026-03-02T23:30:00.5+01:00"), true},
		{"hour with a space", at(sigma.Hour, 10), text("2026-03-02 10:00:00"), true},
		{"day of the Common Log Format", at(sigma.Day, 1), text("02/Mar/2026:00:30:00 +0100"), true},
		{"week", at(sigma.Week, 53), text("2027-01-03"), true},
		{"month in milliseconds", at(sigma.Month, 3), text("1772445600000"), true},
		{"year in seconds", at(sigma.Year, 2026), text("1772445600"), true},
		{"minute", at(sigma.Minute, 0), text("2026-03-02T10:00Z"), true},
		{"no such day", at(sigma.Day, 3), text("2026-02-31T10:00:00Z"), false},
		{"no time", at(sigma.Year, 2026), text("2026 was a year"), false},
		{"field that no event has", &sigma.Atom{Field: "zz", Op: sigma.Exists}, text("x"), false},
		{"field that no event has is null", &sigma.Atom{Field: "zz", Op: sigma.IsNull}, text("x"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// A second rule keeps the first one from being alone in its tables; matching twice asks the memo.
			s := scannerOf(t, c.expr, equal("something else"))
			for range 2 {
				if got := slices.Contains(s.Match(list{0: {c.value}}), 0); got != c.want {
					t.Errorf("got %v", got)
				}
			}
		})
	}
}

func TestMatchElements(t *testing.T) {
	t.Parallel()
	eq := func(field, s string) *sigma.Atom { return &sigma.Atom{Field: field, Op: sigma.Equal, Text: s} }
	both := sigma.SameElement{eq("a", "x"), eq("b", "y")}
	ref := &sigma.Atom{Field: "a", Op: sigma.FieldRef, RefOp: sigma.Equal, Text: "b"}
	const second = 1 << 16 // an element of another array
	for _, c := range []struct {
		name string
		expr sigma.Expr
		ev   list
		want bool
	}{
		{"same element", both, list{0: {at("x", 1), at("q", 2)}, 1: {at("y", 1)}}, true},
		{"different elements", both, list{0: {at("x", 1), at("q", 2)}, 1: {at("y", 2)}}, false},
		{"different arrays", both, list{0: {at("x", 1)}, 1: {at("y", second+2)}}, true},
		{"one outside arrays", both, list{0: {at("x", 1)}, 1: {text("y")}}, true},
		{"as and", sigma.And{eq("a", "x"), eq("b", "y")}, list{0: {at("x", 1)}, 1: {at("y", 2)}}, true},
		{
			"negated item",
			sigma.SameElement{eq("a", "x"), sigma.Not{X: eq("b", "y")}},
			list{0: {at("x", 1)}, 1: {at("z", 2)}},
			true,
		},
		{
			"null in the element",
			sigma.SameElement{eq("a", "x"), &sigma.Atom{Field: "b", Op: sigma.Exists}},
			list{0: {at("x", 1)}, 1: {at("z", 2)}},
			false,
		},
		{
			"list of values",
			sigma.SameElement{eq("a", "x"), sigma.Or{eq("b", "y"), eq("b", "z")}},
			list{0: {at("x", 70), at("x", 3)}, 1: {at("y", 2), at("z", 70)}},
			true,
		},
		{
			"reference within the element",
			sigma.SameElement{ref, eq("a", "x")},
			list{0: {at("x", 1), at("q", 2)}, 1: {at("x", 2), at("q", 1)}},
			false,
		},
		{
			"reference to the same element",
			sigma.SameElement{ref, eq("a", "x")},
			list{0: {at("q", 1), at("x", 2)}, 1: {at("q", 1), at("X", 2)}},
			true,
		},
		{
			"reference out of the array",
			sigma.SameElement{ref, eq("a", "x")},
			list{0: {at("q", 1), at("x", 2)}, 1: {text("x")}},
			true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := len(scannerOf(t, c.expr).Match(c.ev)) == 1; got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestMatchElementsIsLinear matches a selection over arrays as long as they get.
func TestMatchElementsIsLinear(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	const n = 60_000
	ev := &chain{}
	for i := range uint32(n) {
		ev.a = append(ev.a, sigma.Value{Kind: sigma.String, Text: []byte("x"), Elem: 2*i%0xffff + 1})
		ev.b = append(ev.b, sigma.Value{Kind: sigma.String, Text: []byte("y"), Elem: (2*i+1)%0xfffe + 1})
	}
	s := scannerOf(t, sigma.SameElement{
		&sigma.Atom{Field: "a", Op: sigma.Contains, Text: "x"}, &sigma.Atom{Field: "b", Op: sigma.Contains, Text: "y"},
		&sigma.Atom{Field: "c", Op: sigma.IsNull},
	})
	s.Match(ev)
	if allocs := testing.AllocsPerRun(3, func() { s.Match(ev) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// chain is an event with two long arrays.
type chain struct{ a, b []sigma.Value }

func (c *chain) First(slot int) *sigma.Value {
	vs := [3][]sigma.Value{c.a, c.b}[slot]
	for i := range vs {
		vs[i].Next = int32(i + 1)
	}
	if len(vs) == 0 {
		return nil
	}
	return &vs[0]
}

func (c *chain) Next(v *sigma.Value) *sigma.Value {
	vs := c.a
	if v.Text[0] == 'y' {
		vs = c.b
	}
	if int(v.Next) == len(vs) {
		return nil
	}
	return &vs[v.Next]
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	resolve := resolver([]string{"a", "b"})
	for name, e := range map[string]sigma.Expr{
		"no expression":         nil,
		"no regular expression": &sigma.Atom{Field: "a", Op: sigma.Regexp},
		"no such test":          sigma.And{&sigma.Atom{Field: "a", Op: 200}},
		"reference by what":     &sigma.Atom{Field: "a", Op: sigma.FieldRef, Text: "b", RefOp: sigma.CIDR},
	} {
		if _, err := sigma.Compile([]*sigma.Rule{ruleOf(e)}, sigma.Options{Resolve: resolve}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := sigma.Compile(nil, sigma.Options{}); err == nil {
		t.Error("no resolver: no error")
	}
	m, err := sigma.Compile([]*sigma.Rule{{Correlation: &sigma.Correlation{}}}, sigma.Options{Resolve: resolve})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Scanner().Match(list{}); len(got) > 0 {
		t.Errorf("a correlation matches: %v", got)
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	m, err := sigma.Compile([]*sigma.Rule{
		ruleOf(&sigma.Atom{Field: "b", Op: sigma.FieldRef, Text: "n"}),
		ruleOf(&sigma.Atom{Op: sigma.Contains, Text: "k"}),
		ruleOf(&sigma.Atom{Field: "absent", Op: sigma.Exists}),
	}, sigma.Options{Resolve: resolver(fieldNames), Keywords: []int{keywordSlot}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Slots(), []int{1, 3, keywordSlot}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestMatchAllocates matches new values all the time, and rules that match: neither may allocate once tables have grown.
func TestMatchAllocates(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	rules := matcherCorpusRules(t)
	own := rulesOf(rules, sigma.LogSource{Product: "aws", Service: "cloudtrail"})
	events := traffic(cloudTrail(t), 20_000)
	names := known(atomFields(own), events)
	m, err := sigma.Compile(own, sigma.Options{Resolve: resolver(names)})
	if err != nil {
		t.Fatal(err)
	}
	flats := flatEvents(names, events)
	evs := make([]sigma.Event, len(flats))
	for i := range flats {
		evs[i] = flats[i]
	}
	s := m.Scanner()
	half := len(evs) / 2
	for _, ev := range evs[:half] {
		s.Match(ev)
	}
	i := half
	if allocs := testing.AllocsPerRun(half-2, func() { s.Match(evs[i]); i++ }); allocs > 0 {
		t.Errorf("%v allocations per event", allocs)
	}
}

// TestScannersAgree runs two scanners of one matcher side by side, one of which has seen other events before.
func TestScannersAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var rules []*sigma.Rule
	for range 200 {
		rules = append(rules, ruleOf(randomExpr(r, 3)))
	}
	m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver(fieldNames), Keywords: []int{keywordSlot}})
	if err != nil {
		t.Fatal(err)
	}
	old := m.Scanner()
	for n := range 2000 {
		ev := randomEvent(r)
		ev["a"] = append(ev["a"], val{text: fmt.Sprintf("unique %d %d", n, r.Uint64())})
		shown := eventOf(fieldNames, ev)
		if got, want := old.Match(shown), m.Scanner().Match(shown); !slices.Equal(got, want) {
			t.Fatalf("event %d: got %v, want %v", n, got, want)
		}
	}
}

// FuzzMatch compares the matcher with the reference on one value of any bytes.
func FuzzMatch(f *testing.F) {
	var rules []*sigma.Rule
	add := func(op sigma.Op, texts ...string) {
		for _, s := range texts {
			for _, cased := range []bool{false, true} {
				rules = append(rules, ruleOf(&sigma.Atom{Field: "a", Op: op, Text: s, Cased: cased}))
			}
		}
	}
	add(sigma.Equal, "", "k", "ConsoleLogin", "ÄÖ", "../../etc/passwd")
	add(sigma.Contains, "=", "é", "'#", "k8s", "${jndi", "../", "union select", "KΣ", "</script>", "\u212a", "/etc/passwd", "a\x00b")
	add(sigma.StartsWith, "/", "ss", "curl/", "python-requests", "Ж")
	add(sigma.EndsWith, "s", ".PHP", "ß?", "/wp-login.php", "\U0001f600")
	for _, re := range []string{`(?i)select.+from`, `^[a-z]{3}\d`, `(abc|abd)?x`, `\bk`, `[^\x00-\x7f]{2}`, `(?s).{5}$`, `(?i)straße|(etc|var)/[a-z]+`} {
		rules = append(rules, ruleOf(&sigma.Atom{Field: "a", Op: sigma.Regexp, Regexp: regexp.MustCompile(re)}))
	}
	anyOf, one := sigma.Piece{Kind: sigma.Any}, sigma.Piece{Kind: sigma.One}
	lit := func(s string) sigma.Piece { return sigma.Piece{Kind: sigma.Literal, Text: s} }
	for _, p := range [][]sigma.Piece{
		{},
		{anyOf},
		{one},
		{lit("a"), anyOf, lit("b"), anyOf, lit("Ab")},
		{anyOf, lit("ab"), one, one, anyOf, lit("K")},
		{one, anyOf, one},
		{lit("x"), one, lit("é")},
		{anyOf, lit("aab"), anyOf, lit("ab")},
		{lit("a"), lit("b"), anyOf},
	} {
		rules = append(rules, ruleOf(&sigma.Atom{Field: "a", Op: sigma.Glob, Glob: p}), ruleOf(&sigma.Atom{Field: "a", Op: sigma.Glob, Glob: p, Cased: true}))
	}
	m, err := sigma.Compile(rules, sigma.Options{Resolve: resolver([]string{"a"})})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "K", "\u212a8S", "straSSe", "x\xffé", "aabab", "/ETC/PASSWD", "union  Union Select", "\xe2\x84", strings.Repeat("ab", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ev := fields{"a": {{text: string(b)}}}
		var want []int
		for i, r := range rules {
			if refMatch(r.Detection.Expr, ev) {
				want = append(want, i)
			}
		}
		s := m.Scanner()
		for range 2 {
			if got := s.Match(eventOf([]string{"a"}, ev)); !slices.Equal(got, want) {
				t.Errorf("%q: got %v, want %v", b, got, want)
			}
		}
	})
}
