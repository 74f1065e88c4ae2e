package ecs_test

import (
	"os"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/ecs"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, ecs.Format{})
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	for _, name := range []string{"filebeat", "winlogbeat", "endpoint"} {
		log, err := os.ReadFile("testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		logformattest.NoAllocations(t, ecs.Format{}, log)
	}
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, ecs.Format{})
}
