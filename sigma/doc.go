// Package sigma parses Sigma rules, matches them against events and correlates the matches.
//
// It is a library of its own: it does no I/O, reads no clock and knows no log format. A program reads the rule files, and
// shows each event through the small interface [Event]:
//
//	rules, errs := sigma.Parse("rules/x.yml", data)           // the documents of one file; what is wrong, with lines
//	set, more := sigma.NewRuleSet(rules)                      // filters applied, correlations linked
//	m, err := sigma.Compile(set.Rules, sigma.Options{…})      // detection rules of one kind of event
//	numbers := m.Scanner().Match(event)                       // which of them match
//
// # What rules mean
//
// The source is the Sigma specification, version 2.1: "Sigma Rules Specification", its appendix "Sigma Modifiers", "Sigma
// Correlation Rules Specification" and "Sigma Filters Specification". Where it leaves a choice, this is what holds here:
//
//   - A test holds if one of the field's values passes. A field has several values when it is an array, or lies inside one.
//     The items of a selection that look into one array must hold for the same element of it; two selections need not.
//   - An absent field has no values: it passes neither the empty string nor a wildcard, and passes null. So does a field
//     whose values are all null. exists looks at whether the field is there, be it null.
//   - Case is ignored, by Unicode's simple folding, except by cased and re. A regular expression finds a substring.
//   - A number in a rule is equal to numbers and to their texts (80 to 80.0 and "80"); a quoted number is a text, and equal to
//     what is written the same.
//   - not and neq hold where the test does not, thus also for absent fields.
//   - A keyword is found anywhere in a value of the event; field names are not looked at.
//   - "1 of" and "all of" leave out selections whose names begin with _, unless the pattern does as well.
//   - windash takes a dash that begins a word in every form, several in every combination.
//   - minute to year are those of the time in UTC; week is that of ISO 8601. hour|gte and the like compare them.
//   - Regular expressions are Go's (RE2). What of PCRE means the same in other words is translated; look-around and
//     back-references can't be had, and rules with them are rejected as unsupported.
//   - A placeholder without a value ([WithPlaceholders]) rejects the rule, as do aggregations in a condition ("| count()"),
//     which correlations have replaced.
//   - A filter's condition must hold beside that of each rule it names: "not selection" takes away, "selection" keeps.
//
// What can't be read is an error and never a guess: a key that stands twice, an unknown modifier, modifiers that exclude each
// other, an empty selection. Each is a [*ParseError] with its line, and concerns its own document only.
//
// The documents of old rules may share keys by "action: global", "reset" and "repeat".
//
// # Bounds
//
// A rule file is taken for hostile: its size, the number of documents, the depth and the number of values behind aliases, the
// texts that modifiers make and the tests that a condition comes to are all bounded. No input makes this package panic.
package sigma
