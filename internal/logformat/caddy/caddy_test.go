package caddy_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/caddy"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, caddy.Format{})
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, caddy.Format{})
}
