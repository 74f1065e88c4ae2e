package iam_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gatehouse-sec/gatehouse/iam"
)

// withoutPlaces compares policies by what they say.
var withoutPlaces = cmpopts.IgnoreTypes(iam.Position{})

func TestParse(t *testing.T) {
	t.Parallel()
	all := &iam.Patterns{List: []string{"*"}}
	for _, c := range []struct {
		name, document string
		want           iam.Policy
	}{
		{
			"a single statement, texts for lists", `{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}`,
			iam.Policy{Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.Patterns{List: []string{"s3:Get*"}}, Resource: all}}},
		},
		{
			"everything negated", `{"Version": "2008-10-17", "Id": "x", "Statement": [{"Sid": "a", "Effect": "Deny", "NotPrincipal": {"AWS": "111122223333", "Service": ["ec2.amazonaws.com"]}, "NotAction": ["a:B", "c:D"], "NotResource": []}]}`,
			iam.Policy{Version: "2008-10-17", ID: "x", Statements: []iam.Statement{{
				Sid: "a", Principal: &iam.Principal{Not: true, AWS: []string{"111122223333"}, Service: []string{"ec2.amazonaws.com"}},
				Action: iam.Patterns{Not: true, List: []string{"a:B", "c:D"}}, Resource: &iam.Patterns{Not: true, List: []string{}},
			}}},
		},
		{
			"names in any case", `{"VERSION": "2012-10-17", "statement": [{"effect": "Allow", "PRINCIPAL": "*", "action": [], "condition": {"stringlike": {"aws:X": "*"}}}]}`,
			iam.Policy{Version: "2012-10-17", Statements: []iam.Statement{{
				Effect: iam.Allow, Principal: &iam.Principal{Everyone: true}, Action: iam.Patterns{List: []string{}},
				Conditions: []iam.Condition{{Operator: iam.Operator{Test: iam.StringLike}, Key: "aws:X", Values: []string{"*"}}},
			}}},
		},
		{
			"condition values without quotation marks", `{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValue:NumericLessThanIfExists": {"a:b": [1.50, "2"], "c:d": true}}}]}`,
			iam.Policy{Statements: []iam.Statement{{
				Action: *all, Resource: all, Conditions: []iam.Condition{
					{Operator: iam.Operator{Set: iam.ForAnyValue, Test: iam.NumericLessThan, IfExists: true}, Key: "a:b", Values: []string{"1.50", "2"}},
					{Operator: iam.Operator{Set: iam.ForAnyValue, Test: iam.NumericLessThan, IfExists: true}, Key: "c:d", Values: []string{"true"}},
				},
			}}},
		},
		{"no statements", `{"Statement": []}`, iam.Policy{}},
	} {
		got, err := iam.Parse([]byte(c.document))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, *got, withoutPlaces); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		roundTrip(t, c.name, got)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	p, err := iam.Parse([]byte("{\"Statement\": [\n  {\"Effect\": \"Allow\",\n   \"Action\" : \"*\", \"Resource\":\n\"*\",\"Principal\":\"*\",\"Condition\":{\"Null\":{ \"a:b\":\"true\"}}}]}"))
	if err != nil {
		t.Fatal(err)
	}
	s := p.Statements[0]
	got := []iam.Position{s.Pos, s.Action.Pos, s.Resource.Pos, s.Principal.Pos, s.Conditions[0].Pos}
	if diff := cmp.Diff([]iam.Position{{2, 3}, {3, 15}, {4, 1}, {4, 17}, {4, 43}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	statement := func(s string) string { return `{"Statement":{` + s + `}}` }
	for _, c := range []struct{ document, want, aws string }{
		{``, "1:1: the document is no JSON: it ends too early", ""},
		{`{"Statement": [`, "1:16: the document is no JSON: it ends too early", ""},
		{"{\n \"Version\": nope}", "2:14: the document is no JSON", ""},
		{`[]`, "1:1: the policy is no object", "Syntax errors in policy."},
		{`{"Statement":[]} x`, "1:18: the document is no JSON: invalid character 'x' after top-level value", ""},
		{`{"Statement":[],"Statement":[]}`, `1:17: "Statement" stands twice`, ""},
		{`{"Statement":[],"statement":[]}`, `1:17: the policy has "statement" twice`, "Syntax errors in policy."},
		{`{"Version":"2012-10-18","Statement":[]}`, "1:12: Version is neither", "The policy must contain a valid version string."},
		{`{"Version":"2012-10-17"}`, "1:1: the policy has no Statement", "Syntax errors in policy."},
		{`{"Statements":[]}`, `1:2: the policy has an element "Statements", which there is not`, "Syntax errors in policy."},
		{`{"Id":1,"Statement":[]}`, "1:7: Id is no text", "Syntax errors in policy."},
		{`{"Statement":["x"]}`, "1:15: a statement is no object", "Syntax errors in policy."},
		{statement(`"Action":"*","Resource":"*"`), "1:14: a statement has no Effect", "Syntax errors in policy."},
		{statement(`"Effect":"allow","Action":"*"`), `1:24: Effect is "allow", neither Allow nor Deny`, "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Resource":"*"`), "1:14: a statement has neither Action nor NotAction", "Policy statement must contain actions."},
		{statement(`"Effect":"Allow","Action":"*","NotAction":"*"`), "1:57: a statement has both Action and NotAction", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":{"a":1}`), "1:41: a value of Action is no text", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":[["a"]]`), "1:42: a value of Action is no text", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Principal":"111122223333"`), `1:57: a principal that is a text can only be "*"`, "Invalid principal in policy."},
		{statement(`"Effect":"Allow","Action":"*","Principal":["*"]`), `1:57: a principal is neither "*" nor an object`, "Invalid principal in policy."},
		{statement(`"Effect":"Allow","Action":"*","Principal":{"aws":"*"}`), `1:58: "aws" is no kind of principal`, "Invalid principal in policy."},
		{statement(`"Effect":"Allow","Action":"*","Principal":"*","NotPrincipal":"*"`), "1:76: a statement has both Principal and NotPrincipal", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":[]`), "1:57: Condition is no object", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"StringIs":{}}`), `1:58: there is no condition operator "StringIs"`, "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"NullIfExists":{}}`), `1:58: there is no condition operator "NullIfExists"`, "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"ForSome:Bool":{}}`), `1:58: there is no condition operator "ForSome:Bool"`, "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{},"bool":{}}`), "1:68: Condition has Bool twice", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":"x"}`), "1:65: Bool has no object of keys", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":null}}`), "1:70: a value of a is neither", "Syntax errors in policy."},
		{statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":[[1]]}}`), "1:71: a value of a is neither", "Syntax errors in policy."},
		{`{"Statement":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "}", "1:21: values are nested more than 8 deep", ""},
		{`{"Statement":["` + strings.Repeat("x", 1<<20) + `"]}`, "more than 1048576 bytes", ""},
		{"{\"Statement\":[\"\xff\"]}", "not UTF-8", ""},
	} {
		p, err := iam.Parse([]byte(c.document))
		var pe *iam.ParseError
		if !errors.As(err, &pe) || !strings.Contains(err.Error(), c.want) || pe.AWS != c.aws || p != nil {
			t.Errorf("%.60s: error %v, want %q with %q", c.document, err, c.want, c.aws)
		}
	}
}

func TestOperators(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
		for test := iam.StringEquals; test <= iam.Null; test++ {
			for _, suffix := range []string{"", "IfExists"} {
				name := set + test.String() + suffix
				p, err := iam.Parse([]byte(`{"Statement":{"Effect":"Deny","Action":"*","Condition":{"` + strings.ToUpper(name) + `":{"a:b":"c"}}}}`))
				if test == iam.Null && suffix != "" {
					if err == nil {
						t.Errorf("%s was taken", name)
					}
					continue
				}
				if err != nil || p.Statements[0].Conditions[0].Operator.String() != name {
					t.Errorf("%s: %v %v", name, p, err)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind            iam.Kind
		statement, want string // the errors, without their kind; "": none
	}{
		{iam.Identity, `"Effect":"Allow","Action":"*","Resource":"*"`, ""},
		{iam.Identity, `"Effect":"Allow","Action":"*"`, "1:14: a statement has neither Resource nor NotResource (Policy statement must contain resources.)"},
		{iam.Session, `"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"`, "1:72: a statement has a principal, which is whom the policy is attached to (Policy document should not specify a principal.)"},
		{iam.ServiceControl, `"Effect":"Deny","NotAction":"*","NotResource":"*"`, ""},
		{iam.Resource, `"Effect":"Allow","Action":"*","Principal":{"AWS":"*"}`, ""},
		{iam.Endpoint, `"Effect":"Allow","Action":"*","Resource":"*"`, "1:14: a statement has neither Principal nor NotPrincipal (Missing required field Principal)"},
		{iam.Trust, `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}`, ""},
		{iam.Trust, `"Effect":"Allow","Action":["STS:TagSession","*"],"Resource":"*"`, "1:14: a statement has neither Principal nor NotPrincipal (Missing required field Principal)\n1:75: a statement has a resource, which is the role itself (Has prohibited field Resource)\n1:41: the action \"*\" is none of sts (AssumeRole policy may only specify STS AssumeRole actions.)"},
		{iam.ResourceControl, `"Effect":"Deny","Action":"s3:*","Principal":"*","Resource":"*"`, ""},
		{iam.ResourceControl, `"Effect":"Deny","Action":"s3:*","Principal":{"AWS":["*"]},"NotResource":"*"`, ""},
		{iam.ResourceControl, `"Effect":"Allow","Action":"*","Principal":"*","Resource":"*"`, "1:14: a statement allows; such a policy can only deny"},
		{iam.ResourceControl, `"Effect":"Deny","Action":"*","Principal":{"AWS":["*"],"Service":"x"},"Resource":"*"`, `1:14: the principal is not "*"`},
		{iam.ResourceControl, `"Effect":"Deny","NotAction":"*","Principal":"*","Resource":"*"`, "1:43: NotAction is not supported"},
		{iam.ResourceControl, `"Effect":"Deny","Action":"*","Principal":"*"`, "1:14: a statement has neither Resource nor NotResource (Policy statement must contain resources.)"},
	} {
		p, err := iam.Parse([]byte(`{"Statement":{` + c.statement + `}}`))
		if err != nil {
			t.Fatalf("%s: %v", c.statement, err)
		}
		var got []string
		if joined, ok := p.Check(c.kind).(interface{ Unwrap() []error }); ok {
			for _, err := range joined.Unwrap() {
				text := strings.Replace(err.Error(), c.kind.String()+": ", "", 1)
				var pe *iam.ParseError
				if errors.As(err, &pe) && pe.AWS != "" {
					text += " (" + pe.AWS + ")"
				}
				got = append(got, text)
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s of %s: %s", c.statement, c.kind, diff)
		}
	}
}

// roundTrip writes a policy and reads it again.
func roundTrip(tb testing.TB, name string, p *iam.Policy) {
	tb.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		tb.Errorf("%s: %v", name, err)
		return
	}
	again, err := iam.Parse(text)
	if err != nil {
		tb.Errorf("%s: %v in\n%s", name, err, text)
		return
	}
	byKey := cmpopts.SortSlices(func(a, b iam.Condition) bool {
		return a.Operator.String()+" "+a.Key < b.Operator.String()+" "+b.Key
	})
	if diff := cmp.Diff(p, again, withoutPlaces, byKey, cmpopts.EquateEmpty()); diff != "" {
		tb.Errorf("%s: after writing and reading: %s", name, diff)
	}
}
