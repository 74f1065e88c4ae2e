package iis_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/iis"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n2026-03-02 10:00:00 10.0.0.1 GET /a.aspx x=1 443 - 203.0.113.9 Mozilla/5.0+(X11) - 404 0 2 15\n#Fields: date time c-ip cs-method sc-status\n2026-03-02 10:00:01 203.0.113.9 GET 404\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, iis.Format{}, log, 2, map[string]string{
		"c-ip":      "203.0.113.9",
		"cs-method": "GET",
		"sc-status": "404",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, iis.Format{})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, iis.Format{})
}
