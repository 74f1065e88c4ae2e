package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

var day = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// golden compares what was written with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func written(t *testing.T, write report.Writer, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rule makes a rule with the names of its tags filled in.
func rule(id, title, level, tags, next string) finding.Rule {
	r := finding.Rule{
		ID: id, Title: title, Level: level, Next: next, Tags: strings.Fields(tags), File: "builtin:" + strings.ReplaceAll(strings.ToLower(title), " ", "-") + ".yml",
		Description: title + ", which few people do on purpose.", FalsePositives: []string{"An administrator at work", "A penetration test"},
		References: []string{"https://attack.mitre.org/", "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"},
	}
	ta, te := attack.Parse(r.Tags)
	for _, t := range ta {
		r.Tactics = append(r.Tactics, finding.Tactic(t))
	}
	for _, t := range te {
		r.Techniques = append(r.Techniques, finding.Tactic(t))
	}
	return r
}

func rules() []finding.Rule {
	out := []finding.Rule{
		rule("0b7a2b8e-0001-4000-8000-000000000001", "Root user signed in without MFA", "critical", "attack.initial-access attack.persistence attack.t1078.004",
			"Ask the owner of the account whether it was them. If not, change the root password, delete root access keys, turn on MFA and look at everything this address did in the hour after."),
		rule("0b7a2b8e-0002-4000-8000-000000000002", "CloudTrail trail stopped", "critical", "attack.defense-impairment attack.t1685.002",
			"Start the trail again (aws cloudtrail start-logging), then find out what was done while it was off from S3 and VPC flow logs."),
		rule("0b7a2b8e-0003-4000-8000-000000000003", "SSH brute force followed by a login", "critical", "attack.credential-access attack.initial-access attack.t1110.001 attack.t1078",
			"Isolate the host, end the session and change the password of the account."),
		rule("0b7a2b8e-0004-4000-8000-000000000004", "Administrator policy attached to a user", "high", "attack.privilege-escalation attack.persistence attack.t1098.003", "Detach the policy and ask who attached it."),
		rule("0b7a2b8e-0005-4000-8000-000000000005", "S3 bucket opened to everyone", "high", "attack.exfiltration attack.t1537", "Turn on Block Public Access for the bucket and look in its access log for readers."),
		rule("0b7a2b8e-0006-4000-8000-000000000006", "Many secrets read in a short time", "high", "attack.credential-access attack.t1555.006", "Rotate the secrets that were read."),
		rule("0b7a2b8e-0007-4000-8000-000000000007", "Path traversal against a web server", "medium", "attack.initial-access attack.t1190", "Look for answers with status 200 to these requests."),
		rule("0b7a2b8e-0008-4000-8000-000000000008", "Access denied many times from one address", "medium", "attack.discovery attack.t1580 attack.t1526", "Look at what the identity was after, and whether anything was allowed."),
		rule("0b7a2b8e-0009-4000-8000-000000000009", "Known scanner by its user agent", "low", "attack.reconnaissance attack.t1595.002", "Nothing, unless requests of it were answered."),
		rule("0b7a2b8e-0010-4000-8000-000000000010", "API call in a region never used before", "informational", "attack.stealth attack.t1535", "Ask whether the region is meant to be used."),
	}
	out[2].Correlation = "temporal_ordered"
	return out
}

const cloudTrail = `{"eventVersion":"1.09","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2026-03-02T10:00:12Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"Mozilla/5.0","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No","LoginTo":"https://console.aws.amazon.com/"},"eventID":"5c1bb6c1-6c4d-4a5f-9f0e-1a2b3c4d5e6f"}`

// findingOf makes the nth finding of a rule.
func findingOf(r finding.Rule, n, count int, format string) finding.Finding {
	sev, _ := finding.ParseSeverity(r.Level)
	first := day.Add(time.Duration(n*97) * time.Minute).Add(12 * time.Second)
	key := fmt.Sprintf("203.0.113.%d", n%250+7)
	f := finding.Finding{
		Rule: r, Severity: sev, First: first, Last: first.Add(time.Duration(count) * 7 * time.Second), Count: count, Key: []string{key}, Format: format,
		Fingerprint: finding.FingerprintOf(r.ID, []string{key}),
		Entities: []finding.Entity{
			{Kind: "source_ip", Value: key, Count: count},
			{Kind: "source_ip", Value: "2001:db8::7", Count: 1},
			{Kind: "principal", Value: "arn:aws:iam::111122223333:user/alice", Count: count},
			{Kind: "user_agent", Value: "aws-cli/2.15.0 Python/3.11", Count: count},
		},
	}
	if format == "cloudtrail" {
		f.Entities = append(f.Entities, finding.Entity{Kind: "account", Value: "111122223333", Count: count}, finding.Entity{Kind: "region", Value: "us-east-1", Count: count},
			finding.Entity{Kind: "resource", Value: "arn:aws:s3:::example-logs", Count: 1})
	} else {
		f.Entities = append(f.Entities, finding.Entity{Kind: "host", Value: "web-1", Count: count}, finding.Entity{Kind: "dest_ip", Value: "10.0.0.5", Count: 1})
	}
	for i := range min(count, 10) {
		e := finding.Evidence{File: "logs/2026/03/02/" + format + ".json.gz", Line: n*10 + i + 1, Offset: int64(n*10+i) * 512, Time: first.Add(time.Duration(i) * 7 * time.Second), Raw: cloudTrail}
		if format != "cloudtrail" {
			e.File, e.Raw = "/var/log/auth.log", fmt.Sprintf("Mar  2 10:00:%02d web-1 sshd[%d]: Failed password for invalid user admin from %s port 4711 ssh2", i, 700+n, key)
			if r.Correlation != "" {
				e.Rule = "Failed password"
			}
		}
		f.Evidence = append(f.Evidence, e)
	}
	return f
}

// sample is a report as of a day's logs.
func sample() *report.Report {
	r := &report.Report{Now: day.Add(26 * time.Hour), Version: "0.1.0"}
	counts := []int{3, 1, 1482, 2, 1, 61, 240, 318, 12, 1}
	for i, ru := range rules() {
		format := "cloudtrail"
		if i == 2 || i == 6 || i == 8 {
			format = "linux-auth"
		}
		r.Findings = append(r.Findings, findingOf(ru, i, counts[i], format))
	}
	r.Findings[2].Notes = []string{"2 separate bursts"}
	r.Summary = finding.Summary{
		Started: day.Add(26 * time.Hour), Took: 2400 * time.Millisecond, Files: 12, Bytes: 1_234_567_890, Events: 1_234_567, Matched: 2121,
		First: day, Last: day.Add(24 * time.Hour), Formats: map[string]int{"cloudtrail": 9, "linux-auth": 2, "nginx": 1},
		Rules: finding.RuleCount{Loaded: 182, Skipped: 1, Unsupported: 2, Active: 131}, BadRecord: 17,
		Errors: []finding.FileError{
			{File: "logs/broken.json.gz", Error: "gzip: unexpected end; the tail of the file was not read"},
			{File: "logs/2026/03/02/mixed.json", Line: 41, Error: "not a record: no closing brace", Count: 17},
		},
		Unrecognised: []string{"logs/README.bin"},
		Warnings:     []string{"12 matched events have no readable time and were left out of correlation"},
	}
	r.Summary.Histogram = histogram(r)
	r.Matches = matches(r)
	return r
}

func histogram(r *report.Report) []finding.Bucket {
	out := make([]finding.Bucket, 48)
	for i := range out {
		out[i] = finding.Bucket{Start: day.Add(time.Duration(i) * 30 * time.Minute), Width: 30 * time.Minute}
	}
	for _, f := range r.Findings {
		if i := int(f.First.Sub(day) / (30 * time.Minute)); i >= 0 && i < len(out) {
			out[i].Count[f.Severity] += f.Count
		}
	}
	return out
}

// matches are the evidence of all findings, which is in no order of time.
func matches(r *report.Report) iter.Seq2[finding.Match, error] {
	return func(yield func(finding.Match, error) bool) {
		for i := range r.Findings {
			f := &r.Findings[i]
			for _, e := range f.Evidence {
				if !yield(finding.Match{Rule: &f.Rule, Severity: f.Severity, Evidence: e, Entities: f.Entities}, nil) {
					return
				}
			}
		}
	}
}

// many is a report with so many findings.
func many(n int) *report.Report {
	r := sample()
	all := rules()
	r.Findings = nil
	for i := range n {
		format := "cloudtrail"
		if i%3 == 2 {
			format = "linux-auth"
		}
		f := findingOf(all[(i*7+i/10)%len(all)], i%15, 1+i*i%97, format)
		f.First, f.Last = f.First.Add(time.Duration(i)*time.Second), f.Last.Add(time.Duration(i)*time.Second)
		f.Key[0] = fmt.Sprintf("198.51.%d.%d", i/250, i%250)
		f.Entities[0].Value = f.Key[0]
		f.Fingerprint = finding.FingerprintOf(f.Rule.ID, f.Key)
		f.Evidence = f.Evidence[:min(len(f.Evidence), 3)]
		r.Findings = append(r.Findings, f)
	}
	r.Summary.Histogram = histogram(r)
	return r
}

// hostile is a report in which every text that comes from logs or rules tries to do harm.
func hostile() *report.Report {
	const evil = "</script><script>window.pwned=1</script><img src=x onerror=\"window.pwned=1\">\"'`${7*7}{{7*7}}\x1b[2J\x1b]0;pwned\x07\u202e\u2028\xff\r\n=cmd|' /C calc'!A1<!--"
	r := sample()
	ru := finding.Rule{
		ID: evil, Title: evil, Description: evil, Level: "critical", Correlation: evil, Tactics: []finding.Tactic{{ID: evil, Name: evil}},
		Techniques: []finding.Tactic{{ID: evil, Name: evil}}, Tags: []string{evil}, FalsePositives: []string{evil}, Next: evil, File: evil,
		References: []string{"javascript:window.pwned=1", "JaVaScRiPt://x/%0awindow.pwned=1", "data:text/html,<script>window.pwned=1</script>", "http://ok.example/\"onmouseover=\"window.pwned=1", evil},
	}
	f := finding.Finding{Fingerprint: evil, Rule: ru, Severity: finding.Critical, Count: 2, Key: []string{evil}, Format: evil, Notes: []string{evil}}
	for _, kind := range []string{"source_ip", "principal", "account", "region", "resource", "user_agent", "host", "dest_ip", evil} {
		f.Entities = append(f.Entities, finding.Entity{Kind: kind, Value: evil, Count: 1})
	}
	f.Evidence = []finding.Evidence{{File: evil, Line: 3, Raw: evil}, {File: "a.json", Line: 1, Raw: `{"a":"</script><script>window.pwned=1</script>"}`}}
	r.Findings = append(r.Findings[:1:1], f)
	r.Summary.Errors = []finding.FileError{{File: evil, Error: evil}}
	r.Summary.Warnings = []string{evil}
	r.Summary.Unrecognised = []string{evil}
	r.Summary.Formats = map[string]int{evil: 1}
	r.Matches = matches(r)
	return r
}
