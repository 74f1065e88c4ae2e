package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
)

// maxProblems is how many problems of a kind are listed; the rest are counted.
const maxProblems = 20

// problems writes what was not read, and which bounds were reached, to standard error: most outputs have no place for it, and
// nothing is to be passed over in silence.
func problems(w io.Writer, s *finding.Summary) {
	var out strings.Builder
	list := func(n int, what string, line func(i int) string) {
		for i := range min(n, maxProblems) {
			fmt.Fprintf(&out, "gatehouse: %s\n", visible(line(i)))
		}
		if n > maxProblems {
			fmt.Fprintf(&out, "gatehouse: … and %d more %s\n", n-maxProblems, what)
		}
	}
	list(len(s.Warnings), "warnings", func(i int) string { return s.Warnings[i] })
	list(len(s.Unrecognised), "files of no known format", func(i int) string {
		return s.Unrecognised[i] + ": of no log format known here; --format reads it as one (see: gatehouse formats)"
	})
	list(len(s.Errors), "files with errors", func(i int) string { return problem(&s.Errors[i]) })
	io.WriteString(w, out.String()) //nolint:errcheck // there is nowhere else to say it
}

func problem(e *finding.FileError) string {
	text := e.File
	if e.Line > 0 {
		text += fmt.Sprintf(":%d", e.Line)
	}
	text += ": " + e.Error
	if e.Count > 1 {
		text += fmt.Sprintf(" (%d records passed over)", e.Count)
	}
	return text
}

// unread is what a count could not read, as a run's summary has it.
func unread(read *ingest.Result) *finding.Summary {
	s := &finding.Summary{Unrecognised: read.Unknown}
	for _, e := range read.Errors {
		s.Errors = append(s.Errors, finding.FileError{File: e.Name, Line: e.Line, Error: e.Err.Error(), Count: e.Count})
	}
	if read.MoreError > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d further files had errors and are not listed", read.MoreError))
	}
	return s
}
