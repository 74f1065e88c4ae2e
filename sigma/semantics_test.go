package sigma_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

// semantic is a detection with events that it matches and events that it does not.
type semantic struct {
	name, detection string
	match, miss     []string
}

// semantics are the texts of the Sigma specification that engines are known to read differently.
var semantics = []semantic{
	{
		name:      "contains anything needs a value",
		detection: `{s: {f|contains: '*'}, condition: s}`,
		match:     []string{`{"f":"x"}`, `{"f":""}`, `{"f":7}`, `{"f":[null,"x"]}`},
		miss:      []string{`{}`, `{"f":null}`, `{"g":"x"}`, `{"f":[null]}`},
	},
	{
		name:      "a star alone needs a value",
		detection: `{s: {f: '*'}, condition: s}`,
		match:     []string{`{"f":"x"}`, `{"f":""}`, `{"f":"two\nlines"}`},
		miss:      []string{`{}`, `{"f":null}`},
	},
	{
		name:      "empty text is not an absent field",
		detection: `{s: {f: ''}, condition: s}`,
		match:     []string{`{"f":""}`, `{"f":["x",""]}`},
		miss:      []string{`{}`, `{"f":null}`, `{"f":"x"}`, `{"f":" "}`},
	},
	{
		name:      "null is an absent field or null",
		detection: `{s: {f: null}, condition: s}`,
		match:     []string{`{}`, `{"f":null}`, `{"g":1}`},
		miss:      []string{`{"f":""}`, `{"f":"null"}`, `{"f":0}`, `{"f":false}`},
	},
	{
		name:      "not null",
		detection: `{s: {e: 1}, n: {f: null}, condition: s and not n}`,
		match:     []string{`{"e":1,"f":""}`, `{"e":1,"f":"x"}`},
		miss:      []string{`{"e":1}`, `{"e":1,"f":null}`},
	},
	{
		name:      "exists looks at the field, not at its value",
		detection: `{s: {f|exists: true}, condition: s}`,
		match:     []string{`{"f":null}`, `{"f":""}`, `{"f":"x"}`},
		miss:      []string{`{}`, `{"g":1}`},
	},
	{
		name:      "exists false",
		detection: `{s: {f|exists: false}, condition: s}`,
		match:     []string{`{}`},
		miss:      []string{`{"f":null}`, `{"f":"x"}`},
	},
	{
		name:      "equality ignores case",
		detection: `{s: {f: CreateUser}, condition: s}`,
		match:     []string{`{"f":"createuser"}`, `{"f":"CREATEUSER"}`},
		miss:      []string{`{"f":"CreateUsers"}`, `{"f":" CreateUser"}`},
	},
	{
		name:      "case is ignored beyond ASCII",
		detection: `{s: {f|startswith: 'Über'}, condition: s}`,
		match:     []string{`{"f":"ÜBERMUT"}`, `{"f":"übermut"}`},
		miss:      []string{`{"f":"Ubermut"}`},
	},
	{
		name:      "cased does not",
		detection: `{s: {f|contains|cased: Ab}, condition: s}`,
		match:     []string{`{"f":"xAbx"}`},
		miss:      []string{`{"f":"xabx"}`, `{"f":"xABx"}`},
	},
	{
		name:      "re finds a substring and minds case",
		detection: `{s: {f|re: 'b[0-9]'}, condition: s}`,
		match:     []string{`{"f":"ab7c"}`},
		miss:      []string{`{"f":"aB7c"}`, `{"f":"b"}`, `{}`},
	},
	{
		name:      "re with i",
		detection: `{s: {f|re|i: '^b[0-9]$'}, condition: s}`,
		match:     []string{`{"f":"B7"}`},
		miss:      []string{`{"f":"aB7"}`},
	},
	{
		name:      "a list is or",
		detection: `{s: {f: [a, b], g|contains: [c, d]}, condition: s}`,
		match:     []string{`{"f":"a","g":"xd"}`, `{"f":"b","g":"c"}`},
		miss:      []string{`{"f":"a"}`, `{"f":"c","g":"c"}`},
	},
	{
		name:      "all is and",
		detection: `{s: {f|contains|all: [a, b]}, condition: s}`,
		match:     []string{`{"f":"b a"}`},
		miss:      []string{`{"f":"a"}`, `{"f":"b"}`},
	},
	{
		name:      "all of texts that have several forms",
		detection: `{s: {f|windash|contains|all: [' -a', ' -b']}, condition: s}`,
		match:     []string{`{"f":"x -a /b"}`, `{"f":"x –b -a"}`},
		miss:      []string{`{"f":"x -a"}`, `{"f":"x /a –a"}`},
	},
	{
		name:      "hidden selections are not in them",
		detection: `{a: {f: 1}, _b: {f: 2}, condition: 1 of them}`,
		match:     []string{`{"f":1}`},
		miss:      []string{`{"f":2}`},
	},
	{
		name:      "a list of conditions is or",
		detection: `{a: {f: 1}, b: {g: 2}, condition: [a and b, not a]}`,
		match:     []string{`{"f":1,"g":2}`, `{"f":3}`, `{}`},
		miss:      []string{`{"f":1}`},
	},
	{
		name:      "numbers and texts of numbers",
		detection: `{s: {f: 80}, condition: s}`,
		match:     []string{`{"f":80}`, `{"f":80.0}`, `{"f":"80"}`, `{"f":"80.0"}`, `{"f":[443,80]}`},
		miss:      []string{`{"f":8080}`, `{"f":"080x"}`, `{"f":"eighty"}`, `{"f":""}`, `{}`},
	},
	{
		name:      "a quoted number is a text",
		detection: `{s: {f: '80'}, condition: s}`,
		match:     []string{`{"f":80}`, `{"f":"80"}`},
		miss:      []string{`{"f":"80.0"}`, `{"f":"080"}`},
	},
	{
		name:      "part of a number is a text",
		detection: `{s: {f|startswith: 40}, condition: s}`,
		match:     []string{`{"f":404}`, `{"f":"40"}`},
		miss:      []string{`{"f":140}`},
	},
	{
		name:      "hexadecimal numbers of YAML",
		detection: `{s: {f: 0x1F}, condition: s}`,
		match:     []string{`{"f":31}`, `{"f":"0x1f"}`},
		miss:      []string{`{"f":"1f"}`},
	},
	{
		name:      "true is the text",
		detection: `{s: {f: true}, condition: s}`,
		match:     []string{`{"f":true}`, `{"f":"True"}`},
		miss:      []string{`{"f":false}`, `{"f":1}`, `{}`},
	},
	{
		name:      "comparisons need numbers",
		detection: `{s: {f|gte: 10}, condition: s}`,
		match:     []string{`{"f":10}`, `{"f":"11.5"}`, `{"f":1e3}`},
		miss:      []string{`{"f":9}`, `{"f":"9"}`, `{"f":"many"}`, `{"f":""}`, `{}`, `{"f":null}`},
	},
	{
		name:      "fieldref compares two fields",
		detection: `{s: {f|fieldref: g}, condition: s}`,
		match:     []string{`{"f":"a","g":"A"}`, `{"f":["x","y"],"g":"y"}`, `{"f":7,"g":"7"}`},
		miss:      []string{`{"f":"a","g":"b"}`, `{"f":"g"}`, `{"g":"a"}`, `{}`, `{"f":null,"g":null}`},
	},
	{
		name:      "fieldref with endswith",
		detection: `{s: {f|fieldref|endswith: g}, condition: s}`,
		match:     []string{`{"f":"host.example","g":"example"}`},
		miss:      []string{`{"f":"example.host","g":"example"}`},
	},
	{
		name:      "two fields that differ",
		detection: `{s: {f|fieldref|neq: g}, condition: s}`,
		match:     []string{`{"f":"a","g":"b"}`, `{"f":"a"}`},
		miss:      []string{`{"f":"a","g":"a"}`},
	},
	{
		name:      "neq",
		detection: `{s: {e: 1, f|neq: [a, b]}, condition: s}`,
		match:     []string{`{"e":1,"f":"c"}`, `{"e":1}`},
		miss:      []string{`{"e":1,"f":"A"}`, `{"e":1,"f":"b"}`},
	},
	{
		name:      "an array matches with one element",
		detection: `{s: {f: x}, condition: s}`,
		match:     []string{`{"f":["a","X"]}`},
		miss:      []string{`{"f":["a"]}`, `{"f":[]}`},
	},
	{
		name:      "maps in an array match element by element",
		detection: `{s: {r.type: bucket, r.name: secret}, condition: s}`,
		match:     []string{`{"r":[{"type":"key","name":"k"},{"type":"bucket","name":"secret"}]}`, `{"r":{"type":"bucket","name":"secret"}}`},
		miss:      []string{`{"r":[{"type":"key","name":"secret"},{"type":"bucket","name":"public"}]}`},
	},
	{
		name:      "two selections may mean two elements",
		detection: `{s: {r.type: bucket}, t: {r.name: secret}, condition: s and t}`,
		match:     []string{`{"r":[{"type":"key","name":"secret"},{"type":"bucket","name":"public"}]}`},
		miss:      []string{`{"r":[{"type":"key","name":"secret"}]}`},
	},
	{
		name:      "names with dots, nested and plain",
		detection: `{s: {a.b: x}, condition: s}`,
		match:     []string{`{"a":{"b":"x"}}`, `{"a.b":"x"}`, `{"a":[{"b":"x"}]}`},
		miss:      []string{`{"a":"x"}`, `{"b":"x"}`},
	},
	{
		name:      "question mark is one character",
		detection: `{s: {f: 'prog?.exe'}, condition: s}`,
		match:     []string{`{"f":"progA.exe"}`, `{"f":"progä.exe"}`},
		miss:      []string{`{"f":"prog.exe"}`, `{"f":"progAB.exe"}`},
	},
	{
		name:      "escaped wildcards are plain",
		detection: `{s: {f|contains: ['a\*b', 'c\?d', 'e\\*f']}, condition: s}`,
		match:     []string{`{"f":"a*b"}`, `{"f":"c?d"}`, `{"f":"e\\xxf"}`, `{"f":"e\\f"}`},
		miss:      []string{`{"f":"axb"}`, `{"f":"cxd"}`, `{"f":"exf"}`},
	},
	{
		name:      "a backslash before other characters is one",
		detection: `{s: {f|endswith: '\cmd.exe'}, condition: s}`,
		match:     []string{`{"f":"C:\\Windows\\CMD.EXE"}`},
		miss:      []string{`{"f":"xcmd.exe"}`},
	},
	{
		name:      "a pattern spans lines",
		detection: `{s: {f: 'a*z'}, condition: s}`,
		match:     []string{`{"f":"a\n\nz"}`},
		miss:      []string{`{"f":"a\nz\n"}`},
	},
	{
		name:      "keywords look into every field",
		detection: `{k: [event::clear, 'drop*table'], condition: k}`,
		match:     []string{`{"a":"x EVENT::clear y"}`, `{"a":{"b":["drop the table"]}}`},
		miss:      []string{`{"a":"event:clear"}`, `{"event::clear":"x"}`, `{"a":"drop","b":"table"}`, `{}`},
	},
	{
		name:      "keywords with all may stand in different fields",
		detection: `{k: {'|all': [one, two]}, condition: k}`,
		match:     []string{`{"a":"one two"}`, `{"a":"one","b":"two"}`},
		miss:      []string{`{"a":"one"}`},
	},
	{
		name:      "a placeholder is its values",
		detection: `{s: {f|expand: '%users%'}, condition: s}`,
		match:     []string{`{"f":"alice"}`, `{"f":"bob"}`},
		miss:      []string{`{"f":"%users%"}`, `{"f":"carol"}`},
	},
	{
		name:      "without expand it is a text",
		detection: `{s: {f: '%users%'}, condition: s}`,
		match:     []string{`{"f":"%USERS%"}`},
		miss:      []string{`{"f":"alice"}`},
	},
	{
		name:      "networks",
		detection: `{s: {f|cidr: [10.0.0.0/8, '2001:db8::/32']}, condition: s}`,
		match:     []string{`{"f":"10.1.2.3"}`, `{"f":"2001:DB8::1"}`},
		miss:      []string{`{"f":"11.1.2.3"}`, `{"f":"10.1.2"}`, `{"f":"10.0.0.0/8"}`, `{}`},
	},
	{
		name:      "parts of a time",
		detection: `{s: {t|hour|gte: 22, t|year: 2026}, w: {t|week: 53}, condition: s or w}`,
		match:     []string{`{"t":"2026-05-01T22:00:00Z"}`, `{"t":"2026-05-02T01:30:00+02:00"}`, `{"t":"2027-01-01T00:00:00Z"}`},
		miss:      []string{`{"t":"2026-05-01T21:59:59Z"}`, `{"t":"2025-05-01T22:00:00Z"}`, `{"t":"late"}`, `{}`},
	},
	{
		name:      "base64offset finds a text at each offset",
		detection: `{s: {f|base64offset|contains: 'http://'}, condition: s}`,
		match:     []string{`{"f":"aHR0cDovL3g="}`, `{"f":"eGh0dHA6Ly94"}`, `{"f":"eHhodHRwOi8veA=="}`},
		miss:      []string{`{"f":"http://"}`, `{"f":"aHR0cHM6Ly94"}`},
	},
}

// TestSemantics puts every case to the reference and to the compiled matcher.
func TestSemantics(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(semantics, modifierSemantics) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules, errs := sigma.Parse("f", []byte("{title: t, logsource: {product: p}, detection: "+c.detection+"}"), sigma.WithPlaceholders(placeholders))
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			for _, ev := range c.match {
				agree(t, rules[0], ev, true)
			}
			for _, ev := range c.miss {
				agree(t, rules[0], ev, false)
			}
		})
	}
}

func agree(t *testing.T, r *sigma.Rule, event string, want bool) {
	t.Helper()
	ev := fieldsOf(t, event)
	if got := refMatch(r.Detection.Expr, ev); got != want {
		t.Errorf("reference: %s: got %v, want %v", event, got, want)
	}
	names := slices.Sorted(maps.Keys(ev))
	m, err := sigma.Compile([]*sigma.Rule{r}, sigma.Options{Resolve: resolver(names), Keywords: []int{keywordSlot}})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(m.Scanner().Match(eventOf(names, ev))) > 0; got != want {
		t.Errorf("matcher: %s: got %v, want %v", event, got, want)
	}
}

// fieldsOf flattens a JSON object: nested keys are joined by dots, and values within arrays get the number of the element.
func fieldsOf(t *testing.T, event string) fields {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(event))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	out := fields{}
	arrays := uint32(0)
	var walk func(name string, v any, elem uint32)
	walk = func(name string, v any, elem uint32) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(strings.TrimPrefix(name+"."+k, "."), v[k], elem)
			}
		case []any:
			array := arrays
			if elem == 0 {
				arrays++
			}
			for i, x := range v {
				at := elem
				if at == 0 {
					at = array<<16 + uint32(i) + 1
				}
				walk(name, x, at)
			}
		case nil:
			out[name] = append(out[name], val{null: true, elem: elem})
		case json.Number:
			out[name] = append(out[name], val{text: v.String(), elem: elem})
		case bool:
			out[name] = append(out[name], val{text: map[bool]string{true: "true", false: "false"}[v], elem: elem})
		case string:
			out[name] = append(out[name], val{text: v, elem: elem})
		}
	}
	walk("", doc, 0)
	return out
}
