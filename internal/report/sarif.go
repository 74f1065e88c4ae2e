package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// The objects of SARIF 2.1.0 (OASIS standard, section 3), with the properties that are filled in here.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool                   `json:"tool"`
		Bases       map[string]sarifArtifact    `json:"originalUriBaseIds,omitempty"`
		Invocations []sarifInvocation           `json:"invocations"`
		Results     []sarifResult               `json:"results"`
		ColumnKind  string                      `json:"columnKind"`
		Properties  map[string]*finding.Summary `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string         `json:"id"`
		Name    string         `json:"name,omitempty"`
		Short   sarifText      `json:"shortDescription"`
		Full    *sarifText     `json:"fullDescription,omitempty"`
		Help    sarifText      `json:"help"`
		HelpURI string         `json:"helpUri,omitempty"`
		Config  sarifConfig    `json:"defaultConfiguration"`
		Props   sarifRuleProps `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifRuleProps struct {
		Tags             []string `json:"tags,omitempty"`
		SecuritySeverity string   `json:"security-severity"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Occurrences  int               `json:"occurrenceCount,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Props        sarifProps        `json:"properties"`
	}
	sarifProps struct {
		Severity string           `json:"severity"`
		First    time.Time        `json:"first_seen,omitzero"`
		Last     time.Time        `json:"last_seen,omitzero"`
		Format   string           `json:"format,omitempty"`
		Key      []string         `json:"key,omitempty"`
		Entities []finding.Entity `json:"entities,omitempty"`
		Notes    []string         `json:"notes,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine int       `json:"startLine"`
		Snippet   sarifText `json:"snippet"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Start         *time.Time          `json:"startTimeUtc,omitempty"`
		End           *time.Time          `json:"endTimeUtc,omitempty"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
)

// SARIF writes one run with a result per finding.
func SARIF(w io.Writer, r *Report) error {
	summary := normalised(r.Summary)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "Gatehouse", Version: r.Version, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{invocationOf(&summary)},
		Results:     []sarifResult{},
		ColumnKind:  "unicodeCodePoints",
		Properties:  map[string]*finding.Summary{"summary": &summary},
	}
	index := map[string]int{}
	rooted := len(summary.Errors) > 0
	for _, f := range r.sorted() {
		id := cmp.Or(f.Rule.ID, f.Rule.Title, "rule")
		at, ok := index[id]
		if !ok {
			at = len(run.Tool.Driver.Rules)
			index[id] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(id, &f))
		}
		res := sarifResult{
			RuleID: id, RuleIndex: at, Level: sarifLevel(f.Severity), Message: sarifText{Text: sarifMessage(&f)}, Occurrences: f.Count,
			Fingerprints: map[string]string{"gatehouseFinding/v1": f.Fingerprint},
			Props: sarifProps{
				Severity: f.Severity.String(), First: f.First, Last: f.Last, Format: f.Format, Key: f.Key, Entities: f.Entities, Notes: f.Notes,
			},
		}
		for i := range f.Evidence {
			res.Locations = append(res.Locations, locationOf(&f.Evidence[i]))
			rooted = true
		}
		run.Results = append(run.Results, res)
	}
	if rooted {
		run.Bases = map[string]sarifArtifact{"ROOT": {URI: "file:///"}}
	}
	text, err := encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}, "")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text+"\n")
	return err
}

func sarifRuleOf(id string, f *finding.Finding) sarifRule {
	rule := sarifRule{
		ID: id, Name: f.Rule.Title, Short: sarifText{Text: cmp.Or(f.Rule.Title, id)}, Help: helpOf(&f.Rule), Config: sarifConfig{sarifLevel(f.Severity)},
		Props: sarifRuleProps{Tags: append([]string{"security"}, f.Rule.Tags...), SecuritySeverity: securitySeverity(f.Severity)},
	}
	if f.Rule.Description != "" {
		rule.Full = &sarifText{Text: f.Rule.Description}
	}
	if l := links(f.Rule.References); len(l) > 0 {
		rule.HelpURI = l[0]
	}
	return rule
}

// helpOf says what a rule looks for and what to do, in plain text and in Markdown.
func helpOf(rule *finding.Rule) sarifText {
	var text, md strings.Builder
	part := func(head string, lines ...string) {
		if len(lines) == 0 || lines[0] == "" {
			return
		}
		if text.Len() > 0 {
			text.WriteString("\n\n")
			md.WriteString("\n\n")
		}
		if head != "" {
			text.WriteString(head + ": ")
			md.WriteString("**" + head + "**\n\n")
		}
		text.WriteString(strings.Join(lines, "; "))
		for i, l := range lines {
			if len(lines) > 1 || head == "References" {
				if i > 0 {
					md.WriteString("\n")
				}
				md.WriteString("- ")
			}
			md.WriteString(escapeMarkdown(l))
		}
	}
	part("", cmp.Or(rule.Description, rule.Title))
	part("What to do next", rule.Next)
	part("False positives", rule.FalsePositives...)
	part("References", rule.References...)
	return sarifText{Text: cmp.Or(text.String(), "A detection rule."), Markdown: md.String()}
}

// escapeMarkdown keeps a rule's text from becoming links, images or HTML in whatever shows the report.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "[", "\\[", "]", "\\]", "<", "&lt;", "`", "\\`", "*", "\\*", "|", "\\|", "!", "\\!").Replace(s)
}

func sarifMessage(f *finding.Finding) string {
	s := fmt.Sprintf("%s: %s, %s", cmp.Or(f.Rule.Title, f.Rule.ID), plural(f.Count, "event", "events"), exactSpan(f.First, f.Last))
	if w := who(f, 2); len(w) > 0 {
		s += ", " + strings.Join(w, ", ")
	}
	return s
}

func sarifLevel(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return "error"
	case s == finding.Medium:
		return "warning"
	}
	return "note"
}

// securitySeverity is a number in the ranges that code-scanning services read severities from: over 9 critical, from 7
// high, from 4 medium, over 0 low.
func securitySeverity(s finding.Severity) string {
	return [...]string{"0.0", "3.0", "5.5", "8.0", "9.5"}[min(s, finding.Critical)]
}

func locationOf(e *finding.Evidence) sarifLocation {
	l := sarifLocation{sarifPhysical{Artifact: artifactOf(e.File)}}
	if e.Line > 0 {
		l.Physical.Region = &sarifRegion{StartLine: e.Line, Snippet: sarifText{Text: e.Raw}}
	}
	return l
}

// artifactOf returns a file's name as a relative URI reference; those of absolute names are relative to the root.
func artifactOf(name string) sarifArtifact {
	path := filepath.ToSlash(strings.ToValidUTF8(name, "\uFFFD"))
	a := sarifArtifact{}
	if strings.HasPrefix(path, "/") {
		path, a.Base = strings.TrimLeft(path, "/"), "ROOT"
	}
	a.URI = (&url.URL{Path: cmp.Or(path, ".")}).String()
	return a
}

func invocationOf(s *finding.Summary) sarifInvocation {
	inv := sarifInvocation{Successful: true}
	if !s.Started.IsZero() {
		start, end := s.Started.UTC(), s.Started.Add(s.Took).UTC()
		inv.Start, inv.End = &start, &end
	}
	for _, e := range s.Errors {
		n := sarifNotification{Level: "error", Message: sarifText{Text: fileError(e)}, Locations: []sarifLocation{{sarifPhysical{Artifact: artifactOf(e.File)}}}}
		inv.Notifications = append(inv.Notifications, n)
	}
	for _, f := range facts(s) {
		if f.bad && f.name != "errors" {
			for _, l := range f.lines {
				inv.Notifications = append(inv.Notifications, sarifNotification{Level: "warning", Message: sarifText{Text: l}})
			}
		}
	}
	return inv
}
