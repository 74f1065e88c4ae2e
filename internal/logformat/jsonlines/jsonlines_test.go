package jsonlines_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = `{"@timestamp":"2026-03-02T10:00:00Z","user":"ann","a":{"b":[1,2]}}
{"@timestamp":"2026-03-02T10:00:00Z","user":"ann","a":{"b":1}}
`

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, jsonlines.Format{}, log, 2, map[string]string{
		"user": "ann",
		"a.b":  "1",
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, jsonlines.Format{})
}
