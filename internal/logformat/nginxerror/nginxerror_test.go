package nginxerror_test

import (
	"os"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nginxerror"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, nginxerror.Format{})
}

// TestZone reads the time in the zone that the file is said to be from.
func TestZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -5*3600)
	dec := nginxerror.Format{}.NewDecoder(logformat.NewPlan("time"), logformat.File{Zone: zone})
	rec := event.NewRecord(1)
	if _, err := dec.Next([]byte("2026/03/02 10:00:00 [notice] 1#1: x\n"), true, rec); err != nil {
		t.Fatal(err)
	}
	ns, ok := dec.Time(rec)
	if want := time.Date(2026, 3, 2, 10, 0, 0, 0, zone); !ok || ns != want.UnixNano() {
		t.Errorf("%v, want %v", time.Unix(0, ns).UTC(), want.UTC())
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	log, err := os.ReadFile("testdata/error.log")
	if err != nil {
		t.Fatal(err)
	}
	logformattest.NoAllocations(t, nginxerror.Format{}, log)
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, nginxerror.Format{})
}
