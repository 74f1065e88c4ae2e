package ocsf_test

import (
	"os"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/ocsf"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, ocsf.Format{})
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	for _, name := range []string{"securitylake", "host"} {
		log, err := os.ReadFile("testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		logformattest.NoAllocations(t, ocsf.Format{}, log)
	}
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, ocsf.Format{})
}
