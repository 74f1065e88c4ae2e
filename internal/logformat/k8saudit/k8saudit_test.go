package k8saudit_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/k8saudit"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/x/pods/p/exec","verb":"create","user":{"username":"ann","groups":["system:authenticated"]},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl","objectRef":{"resource":"pods","namespace":"x","name":"p","subresource":"exec"},"responseStatus":{"code":101},"requestReceivedTimestamp":"2026-03-02T10:00:00.000000Z","stageTimestamp":"2026-03-02T10:00:01.000000Z"}
`

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, k8saudit.Format{}, log, 1, map[string]string{
		"verb":                  "create",
		"objectRef.subresource": "exec",
		"sourceIPs":             "203.0.113.9",
		"user.username":         "ann",
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, k8saudit.Format{})
}
