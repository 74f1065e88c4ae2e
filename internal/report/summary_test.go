package report

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }
	active := finding.RuleCount{Loaded: 9, Active: 3}
	of := func(sevs ...finding.Severity) (out []finding.Finding) {
		for i, s := range sevs {
			out = append(out, finding.Finding{Severity: s, First: at(10, i), Last: at(11, 30)})
		}
		return out
	}
	for want, r := range map[string]*Report{
		"No events were read":                                                                   {},
		"No events were read: 2 files of no known format":                                       {Summary: finding.Summary{Unrecognised: []string{"a", "b"}}},
		"No events were read: 1 file without any":                                               {Summary: finding.Summary{Files: 1}},
		"Nothing found in 1 event from 1 file":                                                  {Summary: finding.Summary{Files: 1, Events: 1, Rules: active}},
		"Nothing was looked for in 1 event from 1 file":                                         {Summary: finding.Summary{Files: 1, Events: 1}},
		"Nothing found in 1.5 million events from 2 files, 2 March 10:00 UTC":                   {Summary: finding.Summary{Files: 2, Events: 1_500_000, Rules: active, First: at(10, 0), Last: at(10, 0).Add(59 * time.Second)}},
		"1 high finding in 5 events from 1 file, 2 March 10:00 to 11:30 UTC":                    {Findings: of(finding.High), Summary: finding.Summary{Files: 1, Events: 5, First: at(1, 0), Last: at(23, 0)}},
		"3 findings, 1 critical, 1 high, in 5 events from 1 file, 2 March 10:00 to 11:30 UTC":   {Findings: of(finding.Low, finding.Critical, finding.High), Summary: finding.Summary{Files: 1, Events: 5}},
		"2 findings in 5 events from 1 file, 2 March 10:00 to 11:30 UTC":                        {Findings: of(finding.Low, finding.Medium), Summary: finding.Summary{Files: 1, Events: 5}},
		"1 finding in 5 events from 1 file, 30 December 2025 00:00 to 2 January 2026 00:00 UTC": {Findings: []finding.Finding{{First: at(0, 0).AddDate(0, -2, -3), Last: at(0, 0).AddDate(0, -2, 0)}}, Summary: finding.Summary{Files: 1, Events: 5}},
	} {
		r.Now = now
		if got := Verdict(r); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// That no rule looked at what was read is not the same as that nothing is there.
func TestFactsSayThatNoRuleLooked(t *testing.T) {
	t.Parallel()
	text := ""
	for _, f := range facts(&finding.Summary{Files: 1, Events: 1, Rules: finding.RuleCount{Loaded: 9}}) {
		text += strings.Join(f.lines, "\n") + "\n"
	}
	if !strings.Contains(text, "no rule is for logs of these formats") {
		t.Errorf("facts:\n%s", text)
	}
}
