// Package report writes what a detect run found, for people and for programs.
package report

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// Report is what a detect run found, and how it is to be shown.
type Report struct {
	Findings []finding.Finding
	Summary  finding.Summary
	// Matches are the matched events, for the timeline. An error ends the report with it.
	Matches iter.Seq2[finding.Match, error]
	Now     time.Time // when the report is made
	Version string    // of this program

	// Of the table alone.
	Width int  // columns of the terminal; 0: 100, and nothing that only fits a terminal
	Color bool // the terminal shows colours, and nobody asked for none
}

// Writer writes a report in one format.
type Writer func(w io.Writer, r *Report) error

// Format is an output format.
type Format struct {
	Name  string // what --output takes
	Doc   string
	Write Writer
	// Timeline: the format shows every matched event, so Report.Matches is needed.
	Timeline bool
}

// Formats returns the output formats; the first is the default.
func Formats() []Format {
	return []Format{
		{Name: "table", Doc: "findings and a summary to be read on a terminal", Write: Table},
		{Name: "json", Doc: "one JSON object: schema_version, summary, findings", Write: JSON},
		{Name: "jsonl", Doc: "one JSON object per finding and line", Write: JSONLines},
		{Name: "csv", Doc: "one line per finding, safe to open in a spreadsheet", Write: CSV},
		{Name: "ocsf", Doc: "OCSF " + ocsfVersion + " Detection Findings, one JSON object per line", Write: OCSF},
		{Name: "sarif", Doc: "SARIF 2.1.0, for code-scanning dashboards", Write: SARIF},
		{Name: "timeline", Doc: "CSV with one line per matched event and rule, in order of time (Timesketch)", Write: Timeline, Timeline: true},
		{Name: "html", Doc: "one self-contained page with a histogram, an ATT&CK view and a searchable table", Write: HTML},
	}
}

// FormatNamed returns the format of a name.
func FormatNamed(name string) (Format, bool) {
	all := Formats()
	if i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name }); i >= 0 {
		return all[i], true
	}
	return Format{}, false
}

// sorted returns the findings with the gravest first, then the earliest.
func (r *Report) sorted() []finding.Finding {
	out := slices.Clone(r.Findings)
	slices.SortStableFunc(out, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.First.Compare(b.First), cmp.Compare(a.Rule.Title, b.Rule.Title),
			cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// bySeverity counts the findings of each severity.
func (r *Report) bySeverity() (n [5]int) {
	for i := range r.Findings {
		n[min(r.Findings[i].Severity, finding.Critical)]++
	}
	return n
}

// values returns the values of one kind of entity, most frequent first.
func values(ents []finding.Entity, kind string) []string {
	var of []finding.Entity
	for _, e := range ents {
		if e.Kind == kind {
			of = append(of, e)
		}
	}
	slices.SortStableFunc(of, func(a, b finding.Entity) int { return cmp.Compare(b.Count, a.Count) })
	out := make([]string, len(of))
	for i, e := range of {
		out[i] = e.Value
	}
	return out
}

// writer keeps the first error of many writes.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) print(parts ...string) {
	for _, p := range parts {
		if w.err == nil {
			_, w.err = io.WriteString(w.w, p)
		}
	}
}
