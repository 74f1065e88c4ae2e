package sigma_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// parseAll parses what must have no errors.
func parseAll(t *testing.T, text string) []*sigma.Rule {
	t.Helper()
	rules, errs := sigma.Parse("f", []byte(text))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return rules
}

func detection(title, more string) string {
	return fmt.Sprintf("---\n{title: %s, name: %s, logsource: {product: p}, detection: {s: {f: %s}, condition: s}%s}\n", title, title, title, more)
}

func correlation(title, rules, more string) string {
	return fmt.Sprintf("---\n{title: %s, name: %s, correlation: {type: temporal, rules: [%s], timespan: 1h%s}}\n", title, title, rules, more)
}

// ruleSets says for each set which rules stay, which of them report (with a *), and what the errors say.
var ruleSets = []struct{ name, text, want string }{
	{"order is kept", detection("b", "") + detection("a", ""), "b* a*"},
	{
		"what feeds a correlation does not report",
		detection("a", "") + detection("b", "") + correlation("c", "a, b", "") + detection("d", ""),
		"a b c* d*",
	},
	{"with generate it does", detection("a", "") + correlation("c", "a", ", generate: true"), "a* c*"},
	{
		"one that generates is enough",
		detection("a", "") + correlation("c", "a", "") + correlation("d", "a", ", generate: true"),
		"a* c* d*",
	},
	{"chains", detection("a", "") + correlation("c", "a", "") + correlation("d", "c, a", ""), "a c d*"},
	{"a correlation may stand before its rules", correlation("c", "a", "") + detection("a", ""), "c* a"},
	{"rules are found by id", detection("a", ", id: 1234") + correlation("c", "1234", ""), "a c*"},
	{
		"a reference to nothing",
		detection("a", "") + correlation("c", "a, nothing", "") + correlation("d", "c", ""),
		`a*
f:4: the correlation refers to a rule "nothing" that is not loaded
f:6: the correlation refers to a rule "c" that is not loaded`,
	},
	{
		"an alias of nothing",
		detection("a", "") + correlation("c", "a", ", aliases: {x: {a: f, nobody: g}}"),
		`a*
f:4: alias "x" refers to a rule "nobody" that is not loaded`,
	},
	{
		"a correlation of itself",
		detection("a", "") + correlation("c", "a, c", ""),
		`a*
f:4: the correlation refers to itself: "c" → "c"`,
	},
	{
		"a circle, and what refers to it",
		detection("a", "") + correlation("c", "d", "") + correlation("d", "e", "") + correlation("e", "c, a", "") + correlation("x", "c", ""),
		`a*
f:4: the correlation refers to itself: "c" → "d" → "e" → "c"
f:6: the correlation refers to itself: "c" → "d" → "e" → "c"
f:8: the correlation refers to itself: "c" → "d" → "e" → "c"
f:10: the correlation refers to a rule "c" that is not loaded`,
	},
	{
		"the same id twice",
		detection("a", ", id: 1234") + detection("b", ", id: 1234"),
		`a*
f:4: id 1234 is that of "a" (f:2) already`,
	},
	{
		"the same name twice",
		detection("a", "") + strings.Replace(detection("b", ""), "name: b", "name: a", 1),
		`a*
f:4: name a is that of "a" (f:2) already`,
	},
	{
		"a name that is another's id",
		detection("a", ", id: b") + detection("b", ""),
		`a*
f:4: name b is that of "a" (f:2) already`,
	},
	{
		"rules without ids do not clash",
		strings.Repeat("---\n{title: t, logsource: {product: p}, detection: {s: {f: x}, condition: s}}\n", 2),
		"t* t*",
	},
}

func TestRuleSet(t *testing.T) {
	t.Parallel()
	for _, c := range ruleSets {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set, errs := sigma.NewRuleSet(parseAll(t, c.text))
			var names []string
			for _, r := range set.Rules {
				mark := ""
				if set.Reports(r) {
					mark = "*"
				}
				names = append(names, r.Title+mark)
			}
			lines := []string{strings.Join(names, " ")}
			for _, err := range errs {
				lines = append(lines, err.Error())
			}
			got := strings.Join(lines, "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestFilters applies filters and holds what the rules become.
func TestFilters(t *testing.T) {
	t.Parallel()
	const filter = "---\n{title: filter, logsource: {%s}, filter: {rules: %s, s: {user: adm}, condition: not s}}\n"
	other := strings.Replace(detection("other", ""), "product: p", "product: q", 1)
	base := detection("a", ", id: '1'") + detection("b", "") + other + correlation("c", "a", "")
	for _, c := range []struct {
		name, source, rules string
		narrowed            []string
		errs                []string
	}{
		{"by name", "product: p", "[b]", []string{"b"}, nil},
		{"by id", "product: p", "['1']", []string{"a"}, nil},
		{"any of the log source", "product: p", "any", []string{"a", "b"}, nil},
		{"any in a list", "product: q", "[any]", []string{"other"}, nil},
		{"any of none", "product: r", "any", nil, nil},
		{"named without a log source", "", "[other]", []string{"other"}, nil},
		{"named twice", "product: p", "['1', a]", []string{"a"}, nil},
		{
			"those that fit, whatever the others are", "product: p", "[nobody, a, other, c, b]",
			[]string{"a", "b"},
			[]string{
				`f:10: the filter names a rule "nobody" that is not loaded`,
				`f:10: the filter names rule "other", which is of another log source`,
				`f:10: the filter names "c", which is a correlation; filters narrow detection rules`,
			},
		},
		{"more narrow than the rule", "product: p, service: s", "[a]", nil, []string{`f:10: the filter names rule "a", which is of another log source`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set, errs := sigma.NewRuleSet(parseAll(t, base+fmt.Sprintf(filter, c.source, c.rules)))
			var got, messages []string
			for _, r := range set.Rules {
				if r.Detection == nil {
					continue
				}
				plain := fmt.Sprintf("f = %q\n", r.Title)
				narrow := fmt.Sprintf("all of\n  f = %q\n  not\n    user = \"adm\"\n", r.Title)
				switch text := sigma.Format(r.Detection.Expr); text {
				case plain:
				case narrow:
					got = append(got, r.Title)
				default:
					t.Errorf("%s has become\n%s", r.Title, text)
				}
			}
			for _, err := range errs {
				messages = append(messages, err.Error())
			}
			if !slices.Equal(got, c.narrowed) || !slices.Equal(messages, c.errs) {
				t.Errorf("narrowed %q, errors %q; want %q, %q", got, messages, c.narrowed, c.errs)
			}
			if set.Lookup("filter") != nil || slices.ContainsFunc(set.Rules, func(r *sigma.Rule) bool { return r.Filter != nil }) {
				t.Error("the filter is in the set of rules")
			}
		})
	}
}

// TestFilteredRuleMatches puts events to a rule and its filter.
func TestFilteredRuleMatches(t *testing.T) {
	t.Parallel()
	rules := parseAll(t, detection("login", "")+"---\n{title: x, logsource: {product: p}, filter: {rules: [login], s: {user|startswith: adm_}, condition: not s}}\n")
	set, errs := sigma.NewRuleSet(rules)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	agree(t, set.Rules[0], `{"f":"login","user":"eve"}`, true)
	agree(t, set.Rules[0], `{"f":"login"}`, true)
	agree(t, set.Rules[0], `{"f":"login","user":"adm_1"}`, false)
	agree(t, set.Rules[0], `{"f":"other","user":"eve"}`, false)
}

// TestOnly takes one rule out of a set, with what it needs.
func TestOnly(t *testing.T) {
	t.Parallel()
	set, errs := sigma.NewRuleSet(parseAll(t, detection("a", "")+detection("b", "")+correlation("c", "a", "")+correlation("d", "c, a", "")+detection("e", "")))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	only := set.Only(set.Lookup("d"))
	var names []string
	for _, r := range only.Rules {
		names = append(names, fmt.Sprintf("%s %v", r.Title, only.Reports(r)))
	}
	if want := []string{"a false", "c false", "d true"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// TestLongChains links correlations of which each refers to the one before, twice.
func TestLongChains(t *testing.T) {
	t.Parallel()
	var rules []*sigma.Rule
	rules = append(rules, parseAll(t, detection("r0", ""))...)
	for i := range 2000 {
		c := &sigma.Correlation{Type: sigma.Temporal, Rules: []string{fmt.Sprintf("r%d", i), fmt.Sprintf("r%d", i)}}
		rules = append(rules, &sigma.Rule{Title: "t", Name: fmt.Sprintf("r%d", i+1), File: "f", Line: 1, Correlation: c})
	}
	set, errs := sigma.NewRuleSet(rules)
	if len(errs) > 0 || len(set.Only(rules[2000]).Rules) != 2001 {
		t.Error("a chain without circles is refused", errs)
	}
}

// TestCorrelationThatCannotRunIsRefused keeps one bad correlation of a person's own from ending the whole run.
func TestCorrelationThatCannotRunIsRefused(t *testing.T) {
	t.Parallel()
	rules, errs := sigma.Parse("x.yml", []byte("title: x\ncorrelation:\n  type: value_sum\n  rules: [a]\n  group-by: [k]\n  timespan: 1m\n  condition: {field: [b, c], gte: 1}\n"))
	if len(rules) != 0 || len(errs) != 1 {
		t.Errorf("%d rules, errors %v", len(rules), errs)
	}
}
