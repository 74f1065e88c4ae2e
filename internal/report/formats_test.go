package report_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/report"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
		if f.Doc == "" || f.Write == nil {
			t.Errorf("%s is not complete", f.Name)
		}
		for name, r := range map[string]*report.Report{"sample": sample(), "hostile": hostile(), "nothing": {}} {
			out := written(t, f.Write, r)
			if !utf8.ValidString(out) {
				t.Errorf("%s of %s is not UTF-8", f.Name, name)
			}
			if out != written(t, f.Write, r) {
				t.Errorf("%s of %s is not the same twice", f.Name, name)
			}
			if err := f.Write(&full{}, r); out != "" && !errors.Is(err, errFull) {
				t.Errorf("%s of %s: a full disk gives %v", f.Name, name, err)
			}
		}
	}
	if d := cmp.Diff([]string{"table", "json", "jsonl", "csv", "ocsf", "sarif", "timeline", "html"}, names); d != "" {
		t.Error(d)
	}
	if f, ok := report.FormatNamed("csv"); !ok || f.Name != "csv" {
		t.Error("csv is not found")
	}
	if _, ok := report.FormatNamed("xml"); ok {
		t.Error("xml is found")
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (*full) Write([]byte) (int, error) { return 0, errFull }

func TestJSON(t *testing.T) {
	t.Parallel()
	text := written(t, report.JSON, sample())
	golden(t, "report.json", []byte(text))
	var got struct {
		SchemaVersion string `json:"schema_version"`
		Summary       finding.Summary
		Findings      []finding.Finding
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := sample()
	if got.SchemaVersion != "1" {
		t.Errorf("schema_version %q", got.SchemaVersion)
	}
	if d := cmp.Diff(want.Summary, got.Summary); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want.Findings, got.Findings); d != "" {
		t.Error(d)
	}
	for _, r := range []*report.Report{{}, hostile()} {
		text := written(t, report.JSON, r)
		if !json.Valid([]byte(text)) || strings.Contains(text, `"findings": null`) || strings.Contains(text, `"errors": null`) || strings.Contains(text, "0001-01-01") {
			t.Errorf("not as programs want it:\n%s", text)
		}
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	text := written(t, report.JSONLines, sample())
	golden(t, "report.jsonl", []byte(text))
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var f finding.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil || f.Fingerprint != sample().Findings[i].Fingerprint {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
}

// records reads CSV back and fails if a record takes more than a line or a cell could be taken for a formula.
func records(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "\n"); n != len(rows) {
		t.Errorf("%d lines of %d records", n, len(rows))
	}
	for _, row := range rows {
		for _, c := range row {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n") {
				t.Errorf("a cell that a spreadsheet takes for a formula: %q", c)
			}
		}
	}
	return rows
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text := written(t, report.CSV, sample())
	golden(t, "report.csv", []byte(text))
	if rows := records(t, text); len(rows) != 11 {
		t.Errorf("%d rows", len(rows))
	}
	records(t, written(t, report.CSV, hostile()))
}

func TestCSVFormulas(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "' =1", "\r=1": "' =1", "\n=1": "' =1", "＝1": "'＝1",
		"a=1": "a=1", "'=1": "'=1", "a\nb": "a b", "a\x00\xffb": "a\uFFFD\uFFFDb", "Zürich": "Zürich", "": "",
		" =1": " =1", //nolint:gocritic // the space is what is tested
	} {
		r := &report.Report{Findings: []finding.Finding{{Rule: finding.Rule{Title: title}}}}
		if got := records(t, written(t, report.CSV, r))[1][1]; got != want {
			t.Errorf("%q became %q, want %q", title, got, want)
		}
		r.Matches = func(yield func(finding.Match, error) bool) {
			yield(finding.Match{Rule: &finding.Rule{Title: title}}, nil)
		}
		if got := records(t, written(t, report.Timeline, r))[1][4]; got != want {
			t.Errorf("in the timeline %q became %q, want %q", title, got, want)
		}
	}
}

const timelineHeader = "datetime,timestamp_desc,message,rule_id,rule_title,severity,source_file,line,source_ip,principal,account,region,resource,user_agent,host,dest_ip\n"

func TestTimeline(t *testing.T) {
	t.Parallel()
	text := written(t, report.Timeline, sample())
	golden(t, "timeline.csv", []byte(text))
	if !strings.HasPrefix(text, timelineHeader) {
		t.Errorf("header %q", text[:strings.IndexByte(text, '\n')])
	}
	rows := records(t, text)[1:]
	for i, row := range rows {
		at, err := time.Parse("2006-01-02T15:04:05.000000-07:00", row[0])
		if err != nil || !strings.HasSuffix(row[0], "+00:00") {
			t.Fatalf("datetime %q: %v", row[0], err)
		}
		if i > 0 && rows[i-1][0] > row[0] {
			t.Errorf("%s stands before %s", rows[i-1][0], at)
		}
	}
	records(t, written(t, report.Timeline, hostile()))
	if got := written(t, report.Timeline, &report.Report{}); got != timelineHeader {
		t.Errorf("of nothing: %q", got)
	}
}

// Events of one time are in order of file and line, events without a time come first and say so, and a failed run fails.
func TestTimelineOrder(t *testing.T) {
	t.Parallel()
	at := func(sec int, file string, line int) finding.Match {
		m := finding.Match{Rule: &finding.Rule{Title: "r"}, Evidence: finding.Evidence{File: file, Line: line}}
		if sec > 0 {
			m.Evidence.Time = day.Add(time.Duration(sec) * time.Second)
		}
		return m
	}
	all := []finding.Match{at(5, "b", 2), at(5, "b", 10), at(0, "z", 1), at(5, "a", 9), at(1, "c", 1)}
	var got []string
	r := &report.Report{Matches: seq(slices.Values(all))}
	for _, row := range records(t, written(t, report.Timeline, r))[1:] {
		got = append(got, row[0]+" "+row[1]+" "+row[6]+":"+row[7])
	}
	want := []string{
		"1970-01-01T00:00:00.000000+00:00 Not a time z:1", "2026-03-02T10:00:01.000000+00:00 Event Time c:1",
		"2026-03-02T10:00:05.000000+00:00 Event Time a:9", "2026-03-02T10:00:05.000000+00:00 Event Time b:2", "2026-03-02T10:00:05.000000+00:00 Event Time b:10",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	fails := errors.New("run failed")
	r.Matches = func(yield func(finding.Match, error) bool) { yield(finding.Match{}, fails) }
	var b strings.Builder
	if err := report.Timeline(&b, r); !errors.Is(err, fails) {
		t.Errorf("error %v", err)
	}
}

func seq(all iter.Seq[finding.Match]) iter.Seq2[finding.Match, error] {
	return func(yield func(finding.Match, error) bool) {
		for m := range all {
			if !yield(m, nil) {
				return
			}
		}
	}
}
