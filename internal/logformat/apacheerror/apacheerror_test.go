package apacheerror_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/apacheerror"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = "[Sun Mar 02 10:00:00.123456 2026] [authz_core:error] [pid 81:tid 139] [client 203.0.113.9:4711] AH01630: client denied by server configuration: /srv/x\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, apacheerror.Format{}, log, 1, map[string]string{
		"module": "authz_core", "severity": "error", "pid": "81", "tid": "139", "c-ip": "203.0.113.9", "c-port": "4711", "error-code": "AH01630",
		"message": "client denied by server configuration: /srv/x",
	})
	logformattest.Decodes(t, apacheerror.Format{}, "[Sun Dec 04 04:47:44 2005] [error] [client 203.0.113.9] File does not exist: /x\n", 1, map[string]string{
		"severity": "error", "c-ip": "203.0.113.9", "message": "File does not exist: /x",
	})
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../../shared/corpus/logs/loghub/Apache_2k.log")
	if err != nil {
		t.Skip("corpus/logs/loghub is absent")
	}
	recs, bad := logformattest.All(t, apacheerror.Format{}, data, 1<<20, "severity")
	want := bytes.Count(bytes.TrimRight(data, "\n"), []byte("\n")) + 1
	timed := 0
	for _, r := range recs {
		if r.Timed && len(r.Values["severity"]) == 1 {
			timed++
		}
	}
	if len(recs) != want || timed != want || bad != 0 {
		t.Errorf("%d records, %d with time and severity, %d bad; want %d", len(recs), timed, bad, want)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, apacheerror.Format{})
}

// TestZone reads the time in the zone that the file is said to be from.
func TestZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -5*3600)
	plan := logformat.NewPlan("time")
	dec := apacheerror.Format{}.NewDecoder(plan, logformat.File{Zone: zone})
	rec := event.NewRecord(1)
	if _, err := dec.Next([]byte(log), true, rec); err != nil {
		t.Fatal(err)
	}
	ns, ok := dec.Time(rec)
	if want := time.Date(2026, 3, 2, 10, 0, 0, 123456000, zone); !ok || ns != want.UnixNano() {
		t.Errorf("%v, want %v", time.Unix(0, ns).UTC(), want.UTC())
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, apacheerror.Format{}, []byte(log+log))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, apacheerror.Format{})
}
