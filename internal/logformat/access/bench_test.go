package access_test

import (
	"bytes"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
)

// BenchmarkDecode decodes combined lines with the nine fields that web rules ask for.
func BenchmarkDecode(b *testing.B) {
	line := `203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET /presentations/logstash/images/kibana-search.png?size=large HTTP/1.1" 200 203023 "http://example.com/presentations/logstash/" "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"` + "\n"
	const lines = 4096
	log := bytes.Repeat([]byte(line), lines)
	plan := logformat.NewPlan("c-ip", "cs-method", "cs-uri", "cs-uri-stem", "cs-uri-query", "sc-status", "cs-user-agent", "cs-referer", "time")
	dec := access.Format{}.NewDecoder(plan, logformat.File{Head: log[:64<<10]})
	rec := event.NewRecord(len(plan.Fields))
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		for buf := log; len(buf) > 0; {
			rec.Reset()
			n, err := dec.Next(buf, true, rec)
			if err != nil {
				b.Fatal(err)
			}
			buf = buf[n:]
		}
	}
	b.ReportMetric(float64(b.N)*lines/b.Elapsed().Seconds(), "lines/s")
}
