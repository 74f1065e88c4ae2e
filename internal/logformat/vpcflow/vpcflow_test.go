package vpcflow_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/vpcflow"
)

const log = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 111122223333 eni-1 203.0.113.9 10.0.0.5 4711 22 6 5 300 1772445600 1772445660 ACCEPT OK\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, vpcflow.Format{}, log, 1, map[string]string{
		"srcaddr": "203.0.113.9",
		"dstport": "22",
		"action":  "ACCEPT",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, vpcflow.Format{})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, vpcflow.Format{})
}
