package sigma_test

import (
	"fmt"

	"github.com/gatehouse-sec/gatehouse/sigma"
)

const exampleRule = `
title: Trail stopped
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventSource: cloudtrail.amazonaws.com
    eventName: [StopLogging, DeleteTrail]
  own_tools:
    userAgent|contains: terraform
  condition: selection and not own_tools
`

func ExampleParse() {
	rules, errs := sigma.Parse("trail.yml", []byte(exampleRule))
	fmt.Println(rules[0].Title, errs)
	fmt.Print(sigma.Format(rules[0].Detection.Expr))
	// Output:
	// Trail stopped []
	// all of
	//   all of, in one element
	//     eventSource = "cloudtrail.amazonaws.com"
	//     one of
	//       eventName = "StopLogging"
	//       eventName = "DeleteTrail"
	//   not
	//     userAgent contains "terraform"
}

func ExampleParse_error() {
	_, errs := sigma.Parse("broken.yml", []byte("title: x\nlogsource: {product: aws}\ndetection:\n  selection:\n    eventName|containz: Delete\n  condition: selection\n"))
	fmt.Println(errs[0])
	// Output: broken.yml:5: there is no modifier "containz"; did you mean "contains"?
}

func ExampleWithPlaceholders() {
	text := "{title: x, logsource: {product: p}, detection: {s: {host|expand: '%Servers%'}, condition: s}}"
	rules, _ := sigma.Parse("f.yml", []byte(text), sigma.WithPlaceholders(map[string][]string{"Servers": {"srv*", "db1"}}))
	fmt.Print(sigma.Format(rules[0].Detection.Expr))
	// Output:
	// one of
	//   host starts with "srv"
	//   host = "db1"
}

func ExampleNewRuleSet() {
	rules, _ := sigma.Parse("f.yml", []byte(`
title: Failed login
name: failed
logsource: {product: linux}
detection: {s: {action: failed}, condition: s}
---
title: Many failed logins
correlation: {type: event_count, rules: [failed], group-by: [ip], timespan: 5m, condition: {gte: 10}}
`))
	set, errs := sigma.NewRuleSet(rules)
	for _, r := range set.Rules {
		fmt.Println(r.Title, set.Reports(r))
	}
	fmt.Println(errs)
	// Output:
	// Failed login false
	// Many failed logins true
	// []
}

// record is an event with one value for each field; a slot is the place of a field's name.
type record struct {
	names  []string
	values map[string]string
}

func (r record) First(slot int) *sigma.Value {
	text, ok := r.values[r.names[slot]]
	if !ok {
		return nil
	}
	return &sigma.Value{Text: []byte(text), Kind: sigma.String}
}

func (r record) Next(*sigma.Value) *sigma.Value { return nil }

func ExampleCompile() {
	rules, _ := sigma.Parse("trail.yml", []byte(exampleRule))
	var names []string
	m, err := sigma.Compile(rules, sigma.Options{Resolve: func(field string) (int, bool) {
		names = append(names, field)
		return len(names) - 1, true
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ev := record{names, map[string]string{"eventSource": "cloudtrail.amazonaws.com", "eventName": "stoplogging"}}
	for _, n := range m.Scanner().Match(ev) {
		fmt.Println(rules[n].Title)
	}
	// Output: Trail stopped
}
