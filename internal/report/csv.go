package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// entityKinds are the kinds of entity in the order of the timeline's columns.
var entityKinds = [...]string{"source_ip", "principal", "account", "region", "resource", "user_agent", "host", "dest_ip"} //nolint:gochecknoglobals // a constant table

// CSV writes a line per finding, after a header.
func CSV(w io.Writer, r *Report) error {
	out := csv.NewWriter(w)
	header := []string{"severity", "title", "rule_id", "count", "first_seen", "last_seen", "fingerprint", "tactics", "techniques", "key"}
	header = append(header, entityKinds[:]...)
	header = append(header, "log_format", "source_file", "line", "next_step", "false_positives", "notes")
	if err := out.Write(header); err != nil {
		return err
	}
	for _, f := range r.sorted() {
		row := []string{
			f.Severity.String(), f.Rule.Title, f.Rule.ID, strconv.Itoa(f.Count), csvTime(f.First), csvTime(f.Last), f.Fingerprint,
			named(f.Rule.Tactics), named(f.Rule.Techniques), strings.Join(f.Key, "; "),
		}
		for _, kind := range entityKinds {
			row = append(row, strings.Join(values(f.Entities, kind), "; "))
		}
		file, line := "", ""
		if len(f.Evidence) > 0 {
			file, line = f.Evidence[0].File, lineNumber(f.Evidence[0].Line)
		}
		row = append(row, f.Format, file, line, f.Rule.Next, strings.Join(f.Rule.FalsePositives, "; "), strings.Join(f.Notes, "; "))
		if err := out.Write(cells(row)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

func lineNumber(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func named(items []finding.Tactic) string {
	var out []string
	for _, t := range items {
		out = append(out, strings.TrimSpace(t.ID+" "+t.Name))
	}
	return strings.Join(out, "; ")
}

func cells(row []string) []string {
	for i := range row {
		row[i] = cell(row[i])
	}
	return row
}

// cell makes foreign text safe to stand in a CSV file that a spreadsheet may open: what could be taken for a formula
// (OWASP, "CSV Injection") gets an apostrophe before it, line ends become spaces, so that a row is a line, and other
// control characters and bytes that are not UTF-8 become U+FFFD.
func cell(s string) string {
	if s == "" {
		return s
	}
	switch first, _ := utf8.DecodeRuneInString(s); first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		s = "'" + s
	}
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f
	}
	if clean {
		return s
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\r', c == '\t', c == '\u2028', c == '\u2029', c == '\u0085':
			return ' '
		case c < 0x20, c >= 0x7f && c < 0xa0:
			return utf8.RuneError
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
