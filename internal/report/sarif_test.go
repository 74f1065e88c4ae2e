package report_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/report"
)

// at walks into decoded JSON; numbers of a path are indices.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	golden(t, "report.sarif", []byte(written(t, report.SARIF, sample())))
	odd := sample()
	odd.Findings[0].Evidence = []finding.Evidence{{File: "a b/ü:%2e.log", Line: 3}, {File: "/var/log/x", Line: 0}, {File: "c:d", Line: 1}, {File: "logs.tar!a/b.log", Line: 2}, {File: "", Line: 1}, {File: "x\xff.log", Line: 1}}
	for name, r := range map[string]*report.Report{"sample": sample(), "many": many(100), "hostile": hostile(), "odd": odd, "nothing": {}} {
		var log any
		if err := json.Unmarshal([]byte(written(t, report.SARIF, r)), &log); err != nil {
			t.Fatal(err)
		}
		if at(log, "version") != "2.1.0" || len(list(at(log, "runs"))) != 1 {
			t.Fatalf("%s: version or runs (3.13)", name)
		}
		run := at(log, "runs", 0)
		rules := list(at(run, "tool", "driver", "rules"))
		if at(run, "tool", "driver", "name") != "Gatehouse" || rules == nil || at(run, "invocations", 0, "executionSuccessful") != true {
			t.Errorf("%s: tool, rules or invocation (3.18, 3.19, 3.20)", name)
		}
		checkSARIFRules(t, name, rules)
		results := list(at(run, "results"))
		if len(results) != len(r.Findings) || at(run, "results") == nil {
			t.Errorf("%s: %d results of %d findings", name, len(results), len(r.Findings))
		}
		for _, res := range results {
			checkSARIFResult(t, name, res, rules, run)
		}
	}
}

func checkSARIFRules(t *testing.T, name string, rules []any) {
	t.Helper()
	seen := map[any]bool{}
	for _, rule := range rules {
		id := at(rule, "id")
		if id == "" || id == nil || seen[id] {
			t.Errorf("%s: rule id %q is empty or there twice (3.49.3)", name, id)
		}
		seen[id] = true
		for _, p := range [][]any{{"shortDescription", "text"}, {"help", "text"}, {"properties", "security-severity"}} {
			if s, _ := at(rule, p...).(string); s == "" {
				t.Errorf("%s: rule %q has no %v", name, id, p)
			}
		}
		if !slices.Contains([]any{"none", "note", "warning", "error"}, at(rule, "defaultConfiguration", "level")) {
			t.Errorf("%s: rule %q has level %v (3.50.3)", name, id, at(rule, "defaultConfiguration", "level"))
		}
		if uri, ok := at(rule, "helpUri").(string); ok && !strings.HasPrefix(uri, "http") {
			t.Errorf("%s: helpUri %q", name, uri)
		}
	}
}

func checkSARIFResult(t *testing.T, name string, res any, rules []any, run any) {
	t.Helper()
	i, ok := at(res, "ruleIndex").(float64)
	if !ok || int(i) >= len(rules) || at(rules[int(i)], "id") != at(res, "ruleId") {
		t.Errorf("%s: ruleIndex %v does not lead to %v (3.27.6)", name, at(res, "ruleIndex"), at(res, "ruleId"))
	}
	if s, _ := at(res, "message", "text").(string); s == "" {
		t.Errorf("%s: a result without a message (3.27.11)", name)
	}
	if !slices.Contains([]any{"none", "note", "warning", "error"}, at(res, "level")) {
		t.Errorf("%s: level %v (3.27.10)", name, at(res, "level"))
	}
	if s, _ := at(res, "partialFingerprints", "gatehouseFinding/v1").(string); s == "" {
		t.Errorf("%s: no fingerprint (3.27.17)", name)
	}
	for _, l := range list(at(res, "locations")) {
		uri, _ := at(l, "physicalLocation", "artifactLocation", "uri").(string)
		u, err := url.Parse(uri)
		if err != nil || uri == "" || u.IsAbs() || strings.HasPrefix(uri, "/") {
			t.Errorf("%s: %q is no relative URI reference (3.4.3): %v", name, uri, err)
		}
		if base, ok := at(l, "physicalLocation", "artifactLocation", "uriBaseId").(string); ok && at(run, "originalUriBaseIds", base) == nil {
			t.Errorf("%s: uriBaseId %q is not defined (3.14.14)", name, base)
		}
		if line, ok := at(l, "physicalLocation", "region", "startLine").(float64); ok && line < 1 {
			t.Errorf("%s: startLine %v (3.30.5)", name, line)
		}
	}
}
