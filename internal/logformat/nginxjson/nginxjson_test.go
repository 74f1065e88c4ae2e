package nginxjson_test

import (
	"os"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nginxjson"
)

const (
	parts = `{"time_iso8601":"2026-03-02T10:00:00+00:00","remote_addr":"203.0.113.9","request_method":"GET","request_uri":"/a%20b?q=1","status":404,"body_bytes_sent":12,"http_user_agent":"curl/8","request_time":0.01}` + "\n"
	whole = `{"time":"02/Mar/2026:10:00:00 +0000","remote_ip":"203.0.113.9","request":"GET /a%20b?q=1 HTTP/1.1","response":404,"bytes":12,"agent":"curl/8"}` + "\n"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, log := range []string{parts, whole} {
		logformattest.Decodes(t, nginxjson.Format{}, log, 1, map[string]string{
			"c-ip": "203.0.113.9", "cs-method": "GET", "cs-uri": "/a%20b?q=1", "cs-uri-stem": "/a%20b", "cs-uri-query": "q=1", "sc-status": "404", "cs-user-agent": "curl/8",
		})
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, nginxjson.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, nginxjson.Format{}, []byte(parts+whole))
}

// TestCorpus decodes nginx's status reports, which are JSON lines with a time but no requests: the format does not claim
// them, and told to read them it loses none.
func TestCorpus(t *testing.T) {
	t.Parallel()
	log, err := os.ReadFile("../../../../shared/corpus/logs/elastic/nginxplus_json_logs")
	if err != nil {
		t.Skip("corpus/logs/elastic is absent")
	}
	if sure := (nginxjson.Format{}).Sniff(log[:64<<10]); sure != 0 {
		t.Errorf("status reports are taken for an access log: %d", sure)
	}
	recs, bad := logformattest.All(t, nginxjson.Format{}, log, 1<<20, "sc-status")
	timed := 0
	for _, r := range recs {
		if r.Timed {
			timed++
		}
	}
	if len(recs) != 500 || timed != 500 || bad != 0 {
		t.Errorf("%d records, %d with a time, %d bad; want 500, 500, 0", len(recs), timed, bad)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(parts))
	f.Add([]byte(whole))
	logformattest.Fuzz(f, nginxjson.Format{})
}
