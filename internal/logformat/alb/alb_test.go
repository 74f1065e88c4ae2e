package alb_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/alb"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = "https 2026-03-02T10:00:00.186641Z app/a/b 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \"GET https://www.example.com:443/p?x=%27 HTTP/1.1\" \"curl/7.46.0\" ECDHE TLSv1.2 arn:aws:tg \"Root=1-58\" \"www.example.com\" \"arn:aws:acm\" 1 2026-03-02T10:00:00.000000Z \"authenticate,forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, alb.Format{}, log, 1, map[string]string{
		"c-ip":          "203.0.113.9",
		"c-port":        "2817",
		"cs-method":     "GET",
		"cs-uri":        "/p?x=%27",
		"sc-status":     "200",
		"cs-user-agent": "curl/7.46.0",
		"cs-host":       "www.example.com",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, alb.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, alb.Format{}, []byte(log+log))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, alb.Format{})
}
