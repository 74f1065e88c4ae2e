package clb_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/clb"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = "2026-03-02T10:00:00.945958Z my-lb 203.0.113.9:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/a?b=1 HTTP/1.1\" \"curl/7.38.0\" - -\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, clb.Format{}, log, 1, map[string]string{
		"c-ip":         "203.0.113.9",
		"cs-uri-stem":  "/a",
		"cs-uri-query": "b=1",
		"sc-status":    "200",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, clb.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, clb.Format{}, []byte(log+log))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, clb.Format{})
}
