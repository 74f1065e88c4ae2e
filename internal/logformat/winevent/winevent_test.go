package winevent_test

import (
	"os"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/winevent"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, winevent.Format{})
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	for _, name := range []string{"evtxdump", "evtxecmd", "xml", "nxlog"} {
		log, err := os.ReadFile("testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		logformattest.NoAllocations(t, winevent.Format{}, log)
	}
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, winevent.Format{})
}
