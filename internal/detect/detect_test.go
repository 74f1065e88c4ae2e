package detect_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rules = `title: one
name: one
logsource: {product: p}
detection:
  s: {a: x}
  condition: s
---
title: many
correlation:
  type: event_count
  rules: [one]
  group-by: [k]
  timespan: 1h
  condition: {gte: 3}
`

// lines is a source of log files in memory.
type lines []string

func (l lines) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for i, text := range l {
			if !yield(source.Item{
				Name: "log" + strconv.Itoa(i), Size: int64(len(text)),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
			}, nil) {
				return
			}
		}
	}
}

// TestRunEnds correlates over several files, once to the end and once interrupted on the way.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	parsed, errs := sigma.Parse("rules.yml", []byte(rules))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	set, errs := sigma.NewRuleSet(parsed)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var src lines
	for range 5 {
		src = append(src, strings.Repeat(`{"timestamp":"2026-03-02T10:00:00Z","a":"x","k":"1"}`+"\n"+`{"timestamp":"2026-03-02T10:00:01Z","a":"y","k":"1"}`+"\n", 200))
	}
	for name, interrupted := range map[string]bool{"to the end": false, "interrupted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cfg := detect.Config{
				Rules: set, LogSource: sigma.LogSource{Product: "p"},
				Ingest: ingest.Config{Formats: []logformat.Format{jsonlines.Format{}}, Workers: 3, Chunk: 1 << 10},
			}
			if interrupted {
				cfg.Ingest.Opened = func(name string) {
					if name == "log3" {
						cancel()
					}
				}
			}
			res, err := detect.Run(ctx, cfg, src)
			if interrupted {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Findings) != 1 || res.Findings[0].Rule.Title != "many" || res.Findings[0].Count != 5*200 || res.Summary.Events != 5*400 {
				t.Errorf("findings %+v, %+v", res.Findings, res.Summary)
			}
		})
	}
}

// TestFormatOfFinding: a finding whose events are of two formats has that of the first, whoever reads it when.
func TestFormatOfFinding(t *testing.T) {
	t.Parallel()
	const rules = `
title: missing
name: missing
level: low
logsource: {category: webserver}
detection:
  sel: {sc-status: 404}
  condition: sel
---
title: many missing
level: low
correlation: {type: event_count, rules: [missing], generate: true, group-by: [c-ip], timespan: 1h, condition: {gte: 2}}
`
	src := files{
		"a.log":  `192.0.2.1 - - [02/Mar/2026:10:00:09 +0000] "GET /a HTTP/1.1" 404 5 "-" "x"`,
		"b.json": `{"time":"2026-03-02T10:00:05Z","c-ip":"192.0.2.1","sc-status":404}`,
		"c.log":  `192.0.2.1 - - [02/Mar/2026:10:00:07 +0000] "GET /a HTTP/1.1" 404 5 "-" "x"`,
	}
	for round := range uint64(20) {
		cfg := detect.Config{Rules: ruleSet(t, rules), LogSource: sigma.LogSource{Category: "webserver"}, Ingest: ingest.Config{Workers: 1 + int(round%3)}}
		res := run(t, cfg, reordered{src, rand.New(rand.NewPCG(round, 1))})
		if len(res.Findings) != 2 {
			t.Fatalf("%d findings", len(res.Findings))
		}
		for _, f := range res.Findings {
			if want := (jsonlines.Format{}).Info().Name; f.Format != want || f.Count != 3 {
				t.Errorf("%s: format %s, %d events", f.Rule.Title, f.Format, f.Count)
			}
		}
	}
}

// TestTimesOfEvents: the summary says when the first and the last event was, in whatever order they came and whatever stands
// behind the last.
func TestTimesOfEvents(t *testing.T) {
	t.Parallel()
	var lines, records []string
	for _, second := range []string{"05", "01", "09", "03"} {
		lines = append(lines, `192.0.2.1 - - [02/Mar/2026:10:00:`+second+` +0000] "GET /a HTTP/1.1" 200 5 "-" "x"`)
		records = append(records, `{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventTime":"2026-03-02T10:00:`+second+`Z"}`)
	}
	for name, text := range map[string]string{
		"lines":   strings.Join(lines, "\n") + "\n\n",
		"records": `{"Records":[` + strings.Join(records, ",") + "]}\n",
	} {
		res := run(t, detect.Config{Rules: ruleSet(t, rules)}, files{"log": text})
		if got := res.Summary.First.Format("05") + " " + res.Summary.Last.Format("05"); got != "01 09" || res.Summary.Events != 4 {
			t.Errorf("%s: %d events from second %s", name, res.Summary.Events, got)
		}
	}
}
