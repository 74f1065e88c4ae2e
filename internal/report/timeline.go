package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// timelineHeader begins with the three columns that Timesketch asks for ("Import timeline from JSON/CSV").
const timelineHeader = "datetime,timestamp_desc,message,rule_id,rule_title,severity,source_file,line,source_ip,principal,account,region,resource,user_agent,host,dest_ip\n"

const (
	timelineTime = "2006-01-02T15:04:05.000000-07:00"
	maxMessage   = 1000 // characters of an event that a message quotes
)

// Timeline writes a CSV line per matched event and rule, in order of time, file and line. Its memory is bounded.
func Timeline(w io.Writer, r *Report) (err error) {
	s := &sorter{limit: sortBytes}
	defer func() { err = cmp.Or(err, s.close()) }()
	if r.Matches != nil {
		var line bytes.Buffer
		enc := csv.NewWriter(&line)
		for m, err := range r.Matches {
			if err != nil {
				return err
			}
			line.Reset()
			if err := enc.Write(timelineRow(&m)); err != nil {
				return err
			}
			enc.Flush()
			if err := s.add(entryOf(&m, line.Bytes())); err != nil {
				return err
			}
		}
	}
	if _, err := io.WriteString(w, timelineHeader); err != nil {
		return err
	}
	return s.each(func(line []byte) error {
		_, err := w.Write(line)
		return err
	})
}

func entryOf(m *finding.Match, line []byte) entry {
	e := entry{file: m.Evidence.File, line: int64(m.Evidence.Line), offset: m.Evidence.Offset, text: bytes.Clone(line)}
	if t := m.Evidence.Time; !t.IsZero() {
		e.time = t.UnixNano()
	}
	return e
}

func timelineRow(m *finding.Match) []string {
	rule := m.Rule
	if rule == nil {
		rule = &finding.Rule{}
	}
	// A row must have a time to be shown at all; what has none is put where nothing else is and says so, as plaso does.
	at, desc := m.Evidence.Time, "Event Time"
	if at.IsZero() {
		at, desc = time.Unix(0, 0), "Not a time"
	}
	row := []string{
		at.UTC().Format(timelineTime), desc, rule.Title + ": " + excerpt(m.Evidence.Raw, maxMessage), rule.ID, rule.Title, m.Severity.String(),
		m.Evidence.File, lineNumber(m.Evidence.Line),
	}
	for _, kind := range entityKinds {
		row = append(row, strings.Join(values(m.Entities, kind), "; "))
	}
	return cells(row)
}

// excerpt returns the beginning of a text, cut between characters.
func excerpt(s string, most int) string {
	s = strings.TrimSpace(s)
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
