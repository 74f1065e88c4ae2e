package nlb_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nlb"
)

const log = "tls 2.0 2026-03-02T10:00:00 net/a/b g3d 203.0.113.9:51341 10.0.0.1:443 5 2 98 246 - arn:aws:acm - ECDHE tlsv12 - my.example.com h2 h2 \"h2\",\"http/1.1\" 2026-03-02T09:59:00\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, nlb.Format{}, log, 1, map[string]string{
		"c-ip":        "203.0.113.9",
		"domain_name": "my.example.com",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, nlb.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, nlb.Format{}, []byte(log+log))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, nlb.Format{})
}
