package s3access_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/s3access"
)

const log = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be b1 [02/Mar/2026:10:00:00 +0000] 203.0.113.9 - 3E57427F3EXAMPLE REST.GET.OBJECT a%2520b.txt \"GET /b1/a%2520b.txt?versioning HTTP/1.1\" 200 - 113 113 7 5 \"-\" \"S3Console/0.4\" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE AuthHeader b1.s3.amazonaws.com TLSV1.2 - Yes\n"

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, s3access.Format{}, log, 1, map[string]string{
		"bucket":    "b1",
		"c-ip":      "203.0.113.9",
		"cs-method": "GET",
		"sc-status": "200",
		"operation": "REST.GET.OBJECT",
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, s3access.Format{})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	logformattest.NoAllocations(t, s3access.Format{}, []byte(log+log))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, s3access.Format{})
}
