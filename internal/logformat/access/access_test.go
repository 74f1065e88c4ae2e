package access_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const combined = `203.0.113.9 - ann [02/Mar/2026:10:00:00 +0100] "GET /a%2520b?q=%27or%271 HTTP/1.1" 404 512 "http://e.example/" "Mozilla \"x\" \x41"` + "\n"

func TestCombined(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, access.Format{}, combined, 1, map[string]string{
		"c-ip": "203.0.113.9", "cs-username": "ann", "cs-method": "GET", "cs-uri-stem": "/a%2520b", "cs-uri-query": "q=%27or%271",
		"sc-status": "404", "sc-bytes": "512", "cs-referer": "http://e.example/", "cs-user-agent": `Mozilla "x" A`, "cs-version": "HTTP/1.1",
	})
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line string
		want map[string][]string
	}{
		"decoded once and twice": {combined, map[string][]string{"cs-uri-stem": {"/a%2520b", "/a%20b", "/a b"}}},
		"common":                 {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 -` + "\n", map[string][]string{"sc-status": {"200"}, "sc-bytes": nil, "cs-username": nil}},
		"virtual host":           {`www.example.com:443 203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 1` + "\n", map[string][]string{"cs-host": {"www.example.com"}, "c-ip": {"203.0.113.9"}}},
		"virtual host, no port":  {`www.example.com 203.0.113.9 - ann [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 1` + "\n", map[string][]string{"cs-host": {"www.example.com"}, "c-ip": {"203.0.113.9"}, "cs-username": {"ann"}}},
		"client by name":         {`dsl.example.net - ann lee [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 1` + "\n", map[string][]string{"cs-host": nil, "c-ip": {"dsl.example.net"}, "cs-username": {"ann lee"}}},
		"nginx with a proxy":     {`10.0.0.1 - - [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/8" "203.0.113.9, 10.0.0.7"` + "\n", map[string][]string{"cs-user-agent": {"curl/8"}, "x-forwarded-for": {"203.0.113.9, 10.0.0.7"}}},
		"plus in the query":      {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET /a+b?q=1+or+1 HTTP/1.0" 200 1` + "\n", map[string][]string{"cs-uri-stem": {"/a+b"}, "cs-uri-query": {"q=1+or+1", "q=1 or 1"}, "cs-uri": {"/a+b?q=1+or+1", "/a+b?q=1 or 1"}}},
		"whole URL":              {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET http://evil.example/x?y HTTP/1.1" 400 1` + "\n", map[string][]string{"cs-uri": {"http://evil.example/x?y"}, "cs-uri-stem": {"http://evil.example/x"}}},
		"empty request":          {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "" 400 0 "-" "-"` + "\n", map[string][]string{"sc-status": {"400"}, "cs-uri": nil, "cs-method": nil}},
		"escaped quotes":         {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET /\"x\\\" HTTP/1.1" 200 1 "-" "\x22q\x22"` + "\n", map[string][]string{"cs-uri": {`/"x\"`}, "cs-user-agent": {`"q"`}}},
		"IPv6":                   {`2001:db8::1 - - [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.0" 200 1` + "\n", map[string][]string{"c-ip": {"2001:db8::1"}}},
		"TLS on a plain port":    {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "\x16\x03\x01" 400 226 "-" "-"` + "\n", map[string][]string{"sc-status": {"400"}, "cs-uri": {"\x16\x03\x01"}, "cs-user-agent": nil}},
		"no request":             {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "-" 408 - "-" "-"` + "\n", map[string][]string{"sc-status": {"408"}, "cs-uri": nil}},
		"spaces in the target":   {`203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET /a b?c d HTTP/1.1" 200 1` + "\n", map[string][]string{"cs-uri": {"/a b?c d"}, "cs-version": {"HTTP/1.1"}}},
	} {
		var fields []string
		for f := range c.want {
			fields = append(fields, f)
		}
		recs, bad := logformattest.All(t, access.Format{}, []byte(c.line), 1<<20, fields...)
		if len(recs) != 1 || bad != 0 {
			t.Errorf("%s: %d records, %d bad", name, len(recs), bad)
			continue
		}
		for f, want := range c.want {
			if diff := cmp.Diff(want, recs[0].Values[f]); diff != "" {
				t.Errorf("%s: %s: %s", name, f, diff)
			}
		}
	}
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	log, err := os.ReadFile("../../../../shared/corpus/logs/elastic/apache_combined_10k.log")
	if err != nil {
		t.Skip("corpus/logs/elastic is absent")
	}
	recs, bad := logformattest.All(t, access.Format{}, log, 1<<20, "sc-status")
	missing := 0
	for _, r := range recs {
		if len(r.Values["sc-status"]) == 1 && r.Values["sc-status"][0] == "404" {
			missing++
		}
		if !r.Timed {
			t.Fatal("a record has no time")
		}
	}
	if len(recs) != 10_000 || bad != 0 || missing != 213 {
		t.Errorf("%d records, %d bad, %d not found; want 10000, 0, 213", len(recs), bad, missing)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, access.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, access.Format{}, []byte(combined+combined))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(combined))
	logformattest.Fuzz(f, access.Format{})
}
