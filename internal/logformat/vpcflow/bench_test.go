package vpcflow_test

import (
	"bytes"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/vpcflow"
)

// BenchmarkDecode decodes lines of the default format with the fields that the flow rules ask for.
func BenchmarkDecode(b *testing.B) {
	const lines = 4096
	log := bytes.Repeat([]byte("2 111122223333 eni-0a1b2c3d4e5f60718 203.0.113.9 10.0.0.5 4711 22 6 5 300 1772445600 1772445660 ACCEPT OK\n"), lines)
	plan := logformat.NewPlan("srcaddr", "dstaddr", "dstport", "protocol", "bytes", "action", "start", "end")
	dec := vpcflow.Format{}.NewDecoder(plan, logformat.File{Head: log[:64<<10]})
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
