package cloudfront_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudfront"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type\n2026-03-02\t10:00:00\tFRA2\t182\t203.0.113.9\tGET\td1.cloudfront.net\t/a.html\t200\t-\tMozilla/5.0%20(X11)\tq=1\t-\tHit\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, cloudfront.Format{}, log, 1, map[string]string{
		"c-ip":        "203.0.113.9",
		"cs-uri-stem": "/a.html",
		"sc-status":   "200",
		"cs-host":     "d1.cloudfront.net",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, cloudfront.Format{})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, cloudfront.Format{})
}
