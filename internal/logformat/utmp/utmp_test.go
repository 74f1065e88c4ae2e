package utmp_test

import (
	"os"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/utmp"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, utmp.Format{})
}

// TestBroken goes on behind records that are none, and says that the last is cut off.
func TestBroken(t *testing.T) {
	t.Parallel()
	log, err := os.ReadFile("testdata/btmp.log")
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := logformattest.All(t, utmp.Format{}, log, 1<<20, "user")
	log = append(log[:384:384], log...)
	log[0] = 99
	recs, bad := logformattest.All(t, utmp.Format{}, log[:len(log)-10], 1<<20, "user")
	if len(recs) != len(whole)-1 || bad != 2 {
		t.Errorf("%d records and %d bad, want %d and 2", len(recs), bad, len(whole)-1)
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, log := range []string{"", "\x07", string(make([]byte, 4096))} {
		if sure := (utmp.Format{}).Sniff([]byte(log)); sure != 0 {
			t.Errorf("%d sure of %d bytes", sure, len(log))
		}
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	log, err := os.ReadFile("testdata/btmp.log")
	if err != nil {
		t.Fatal(err)
	}
	logformattest.NoAllocations(t, utmp.Format{}, log)
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, utmp.Format{})
}
