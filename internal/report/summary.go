package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// Verdict says in one sentence what was found, in how much, and of which time.
func Verdict(r *Report) string {
	head, rest := verdict(r)
	switch {
	case rest == "":
		return head
	case strings.Contains(head, ","):
		return head + ", " + rest
	}
	return head + " " + rest
}

// verdict returns what was found, and in what.
func verdict(r *Report) (head, rest string) {
	s := &r.Summary
	switch n := len(r.Findings); {
	case n == 0 && s.Events == 0:
		return "No events were read" + nothingRead(s), ""
	case n == 0 && s.Rules.Active == 0:
		head = "Nothing was looked for"
	case n == 0:
		head = "Nothing found"
	default:
		head = plural(n, "finding", "findings")
		by := r.bySeverity()
		var grave []string
		for sev := finding.Critical; sev >= finding.High; sev-- {
			if by[sev] > 0 {
				grave = append(grave, grouped(by[sev])+" "+sev.String())
			}
		}
		for sev := finding.High; sev <= finding.Critical; sev++ {
			if by[sev] == n {
				head, grave = plural(n, sev.String()+" finding", sev.String()+" findings"), nil
			}
		}
		if grave != nil {
			head += ", " + strings.Join(grave, ", ")
		}
	}
	rest = fmt.Sprintf("in %s from %s", countOfEvents(s.Events), plural(s.Files, "file", "files"))
	if span := r.span(); span != "" {
		rest += ", " + span
	}
	return head, rest
}

// span says from when to when the findings were seen, or where there are none, the events.
func (r *Report) span() string {
	first, last := r.Summary.First, r.Summary.Last
	if len(r.Findings) > 0 {
		first, last = time.Time{}, time.Time{}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if first.IsZero() || !f.First.IsZero() && f.First.Before(first) {
			first = f.First
		}
		if end := f.Last; !end.IsZero() && end.After(last) {
			last = end
		}
	}
	return spanOf(first, last, r.Now)
}

// nothingRead says of what there is nothing.
func nothingRead(s *finding.Summary) string {
	why := strings.TrimPrefix(unreadable(s), ", ")
	switch {
	case s.Files > 0 && why != "":
		why = plural(s.Files, "file", "files") + ", " + why
	case s.Files > 0:
		why = plural(s.Files, "file", "files") + " without any"
	case why == "":
		return ""
	}
	return ": " + why
}

func unreadable(s *finding.Summary) string {
	var parts []string
	if n := len(s.Errors); n > 0 {
		parts = append(parts, plural(n, "error", "errors"))
	}
	if n := len(s.Unrecognised); n > 0 {
		parts = append(parts, plural(n, "file", "files")+" of no known format")
	}
	if parts == nil {
		return ""
	}
	return ", " + strings.Join(parts, ", ")
}

// countOfEvents writes 1,234 events in full and larger numbers in words.
func countOfEvents(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f billion events", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f million events", float64(n)/1e6)
	}
	return plural(n, "event", "events")
}

// spanOf writes a span of time as people say it, with the year where it is not this one; "" if there is none.
func spanOf(first, last, now time.Time) string {
	if first.IsZero() || last.IsZero() {
		return ""
	}
	first, last = first.UTC(), last.UTC()
	day := "2 January"
	if first.Year() != now.UTC().Year() || last.Year() != now.UTC().Year() {
		day = "2 January 2006"
	}
	if first.Truncate(time.Minute).Equal(last.Truncate(time.Minute)) {
		return first.Format(day+" 15:04") + " UTC"
	}
	to := last.Format(day + " 15:04")
	if first.Format(time.DateOnly) == last.Format(time.DateOnly) {
		to = last.Format("15:04")
	}
	return first.Format(day+" 15:04") + " to " + to + " UTC"
}

// exactSpan writes first and last seen to the second.
func exactSpan(first, last time.Time) string {
	switch {
	case first.IsZero():
		return "time unknown"
	case last.IsZero() || first.Equal(last):
		return first.UTC().Format(time.DateTime) + " UTC"
	case first.UTC().Format(time.DateOnly) == last.UTC().Format(time.DateOnly):
		return first.UTC().Format(time.DateTime) + " – " + last.UTC().Format(time.TimeOnly) + " UTC"
	}
	return first.UTC().Format(time.DateTime) + " – " + last.UTC().Format(time.DateTime) + " UTC"
}

// fact is a line of the summary: what it is about, and one or more sentences.
type fact struct {
	name  string
	lines []string
	bad   bool // something was not read
}

// facts are the summary of a run, with everything that was not read or not looked at last.
func facts(s *finding.Summary) []fact {
	out := []fact{{name: "read", lines: []string{readFact(s)}}, {name: "rules", lines: []string{rulesFact(s.Rules)}}}
	if s.Events > 0 && s.Rules.Active == 0 {
		out = append(out, fact{name: "warning", lines: []string{"no rule is for logs of these formats; add some with --rules, or name the format with --format"}, bad: true})
	}
	if s.Outside > 0 {
		out = append(out, fact{name: "outside", lines: []string{plural(s.Outside, "event", "events") + " outside --since and --until"}})
	}
	if len(s.Warnings) > 0 {
		out = append(out, fact{name: "warning", lines: s.Warnings, bad: true})
	}
	if s.BadRecord > 0 {
		out = append(out, fact{name: "records", lines: []string{plural(s.BadRecord, "record", "records") + " could not be read and " + isAre(s.BadRecord) + " passed over"}, bad: true})
	}
	if n := len(s.Unrecognised); n > 0 {
		const most = 5
		names := strings.Join(s.Unrecognised[:min(n, most)], ", ")
		if n > most {
			names += fmt.Sprintf(" and %d more", n-most)
		}
		out = append(out, fact{name: "unread", lines: []string{plural(n, "file", "files") + " of no known format: " + names}, bad: true})
		out[len(out)-1].lines = append(out[len(out)-1].lines, instead(s.Unrecognised)...)
	}
	if n := len(s.Errors); n > 0 {
		f := fact{name: "errors", bad: true}
		for _, e := range s.Errors {
			f.lines = append(f.lines, fileError(e))
		}
		f.lines = append(f.lines, plural(n, "error", "errors")+" in "+plural(filesOf(s.Errors), "file", "files"))
		out = append(out, f)
	}
	return out
}

// instead says how to read files that are known but are no logs by themselves.
func instead(names []string) []string {
	isJournal := func(name string) bool {
		return strings.HasSuffix(name, ".journal") || strings.HasSuffix(name, ".journal~")
	}
	if slices.ContainsFunc(names, isJournal) {
		return []string{"The systemd journal is binary; read it with: journalctl -o json | gatehouse detect -"}
	}
	return nil
}

func isAre(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func readFact(s *finding.Summary) string {
	line := fmt.Sprintf("%s in %s, %s", plural(s.Events, "event", "events"), plural(s.Files, "file", "files"), bytesOf(s.Bytes))
	if s.Took > 0 {
		line += fmt.Sprintf(" in %s (%s/s)", shortDuration(s.Took), bytesOf(int64(float64(s.Bytes)/s.Took.Seconds())))
	}
	if names := formatNames(s.Formats); names != "" {
		line += ": " + names
	}
	return line
}

func formatNames(formats map[string]int) string {
	names := slices.SortedFunc(maps.Keys(formats), func(a, b string) int {
		return cmp.Or(cmp.Compare(formats[b], formats[a]), cmp.Compare(a, b))
	})
	for i, n := range names {
		names[i] = grouped(formats[n]) + " " + n
	}
	return strings.Join(names, ", ")
}

func rulesFact(c finding.RuleCount) string {
	return fmt.Sprintf("%s loaded (%s for these logs), %s skipped, %s unsupported", grouped(c.Loaded), grouped(c.Active), grouped(c.Skipped), grouped(c.Unsupported))
}

func fileError(e finding.FileError) string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	s += ": " + e.Error
	if e.Count > 1 {
		s += " (" + grouped(e.Count) + " records)"
	}
	return s
}

func filesOf(errs []finding.FileError) int {
	seen := map[string]bool{}
	for _, e := range errs {
		seen[e.File] = true
	}
	return len(seen)
}

// otherEvents is how many events of a finding its evidence does not show.
func otherEvents(f *finding.Finding, shown int) string {
	if n := f.Count - shown; n > 0 {
		return plural(n, "more event", "more events")
	}
	return ""
}
