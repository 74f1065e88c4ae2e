package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/report"
)

// ocsfSchema is testdata/ocsf-1.9.0.txt.
type ocsfSchema map[string]*ocsfObject

type ocsfObject struct {
	attributes map[string]ocsfAttribute
	atLeastOne []string
}

type ocsfAttribute struct {
	kind     string
	list     bool
	required string
	enum     []string
}

func readSchema(t *testing.T) ocsfSchema {
	t.Helper()
	text, err := os.ReadFile("testdata/ocsf-1.9.0.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := ocsfSchema{}
	var o *ocsfObject
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "#":
			if f[1] == "at_least_one:" {
				o.atLeastOne = f[2:]
			}
		case f[0][0] == '[':
			o = &ocsfObject{attributes: map[string]ocsfAttribute{}}
			s[strings.Trim(f[0], "[]")] = o
		default:
			kind, list := strings.CutSuffix(f[1], "[]")
			a := ocsfAttribute{kind: kind, list: list, required: f[2]}
			if len(f) > 3 {
				a.enum = strings.Split(f[3], ",")
			}
			o.attributes[f[0]] = a
		}
	}
	return s
}

// check returns what is wrong with an object of a class.
func (s ocsfSchema) check(class, at string, v any, profiles []string) (bad []string) {
	fail := func(format string, args ...any) { bad = append(bad, at+": "+fmt.Sprintf(format, args...)) }
	m, ok := v.(map[string]any)
	if !ok {
		fail("is %T, want an object", v)
		return bad
	}
	o := s[class]
	for name, a := range o.attributes {
		profile, ofProfile := strings.CutPrefix(a.required, "profile:")
		v, there := m[name]
		switch {
		case !there && (a.required == "required" || ofProfile && slices.Contains(profiles, profile)):
			fail("%s is required", name)
		case there && ofProfile && !slices.Contains(profiles, profile):
			fail("%s belongs to the profile %s, which is not applied", name, profile)
		case there && a.list:
			list, ok := v.([]any)
			if !ok {
				fail("%s is no list", name)
			}
			for i, e := range list {
				bad = append(bad, s.checkValue(a, fmt.Sprintf("%s.%s[%d]", at, name, i), e, profiles)...)
			}
		case there:
			bad = append(bad, s.checkValue(a, at+"."+name, v, profiles)...)
		}
	}
	for name := range m {
		if _, ok := o.attributes[name]; !ok {
			fail("%s is not in the schema", name)
		}
	}
	if len(o.atLeastOne) > 0 && !slices.ContainsFunc(o.atLeastOne, func(n string) bool { _, ok := m[n]; return ok }) {
		fail("has none of %v", o.atLeastOne)
	}
	return bad
}

func (s ocsfSchema) checkValue(a ocsfAttribute, at string, v any, profiles []string) []string {
	if s[a.kind] != nil {
		return s.check(a.kind, at, v, profiles)
	}
	var good bool
	switch a.kind {
	case "integer_t", "long_t", "timestamp_t":
		n, ok := v.(float64)
		good = ok && n == float64(int64(n)) && (a.kind != "timestamp_t" || n > 1e12 && n < 1e13) // ms since 1970
		if good && a.enum != nil {
			good = slices.Contains(a.enum, strconv.FormatInt(int64(n), 10))
		}
	case "boolean_t":
		_, good = v.(bool)
	case "object":
		_, good = v.(map[string]any)
	case "json_t":
		good = v != nil
	default:
		text, ok := v.(string)
		good = ok && text != ""
	}
	if !good {
		return []string{fmt.Sprintf("%s: %v is no %s %v", at, v, a.kind, a.enum)}
	}
	return nil
}

func TestOCSF(t *testing.T) {
	t.Parallel()
	golden(t, "report.ocsf.jsonl", []byte(written(t, report.OCSF, sample())))
	schema := readSchema(t)
	bare := sample()
	bare.Findings = []finding.Finding{{Fingerprint: "f", Rule: finding.Rule{Title: "bare"}, Count: 1}}
	service := sample()
	service.Findings[0].Entities = []finding.Entity{{Kind: "source_ip", Value: "ec2.amazonaws.com"}, {Kind: "host", Value: "10.0.0.9"}, {Kind: "dest_ip", Value: "a b"}}
	seen := map[float64]bool{}
	for name, r := range map[string]*report.Report{"sample": sample(), "many": many(200), "bare": bare, "hostile": hostile(), "service": service} {
		lines := strings.Split(strings.TrimSuffix(written(t, report.OCSF, r), "\n"), "\n")
		if len(lines) != len(r.Findings) {
			t.Errorf("%s: %d lines of %d findings", name, len(lines), len(r.Findings))
		}
		for i, line := range lines {
			var m map[string]any
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Fatal(err)
			}
			var profiles []string
			applied, _ := m["metadata"].(map[string]any)["profiles"].([]any)
			for _, p := range applied {
				profiles = append(profiles, p.(string))
			}
			for _, bad := range schema.check("detection_finding", fmt.Sprintf("%s %d", name, i), m, profiles) {
				t.Error(bad)
			}
			if m["type_uid"] != m["class_uid"].(float64)*100+m["activity_id"].(float64) {
				t.Errorf("type_uid is %v", m["type_uid"])
			}
			if m["metadata"].(map[string]any)["version"] != "1.9.0" {
				t.Error("metadata.version is not that of the schema")
			}
			seen[m["severity_id"].(float64)] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("severities %v, want 1 to 5", seen)
	}
}

// The check itself finds what is wrong.
func TestOCSFCheck(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	for text, want := range map[string]string{
		`{}`:                           "severity_id is required",
		`{"severity_id":9}`:            "severity_id: 9 is no integer_t",
		`{"made_up":1}`:                "made_up is not in the schema",
		`{"time":1700000000}`:          "time: 1.7e+09 is no timestamp_t",
		`{"evidences":[{"name":"x"}]}`: "evidences[0]: has none of",
		`{"cloud":{}}`:                 "cloud belongs to the profile",
		`{"finding_info":{"uid":"","analytic":{}}}`:      "finding_info.analytic: type_id is required",
		`{"observables":{"type_id":2}}`:                  "observables is no list",
		`{"observables":[{"type_id":28,"value":"a"}]}`:   "observables[0].type_id: 28",
		`{"metadata":{"version":"1.9.0","product":"G"}}`: "metadata.product: is string, want an object",
	} {
		var m any
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(schema.check("detection_finding", "f", m, nil), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not among\n%s", text, want, got)
		}
	}
}
