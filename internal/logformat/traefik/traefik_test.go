package traefik_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/traefik"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, traefik.Format{})
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, traefik.Format{})
}
