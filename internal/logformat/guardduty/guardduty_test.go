package guardduty_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/guardduty"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const log = `{"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","id":"f1","type":"Recon:EC2/Portscan","resource":{"instanceDetails":{"instanceId":"i-1"}},"service":{"count":3},"severity":5,"createdAt":"2026-03-02T10:00:00Z","updatedAt":"2026-03-02T10:05:00Z"}
{"SchemaVersion":"2.0","AccountId":"111122223333","Region":"eu-west-1","Id":"f2","Type":"Recon:EC2/Portscan","Resource":{"InstanceDetails":{"InstanceId":"i-1"}},"Service":{"Count":3},"Severity":5,"CreatedAt":"2026-03-02T10:00:00Z","UpdatedAt":"2026-03-02T10:05:00Z"}
{"version":"0","detail-type":"GuardDuty Finding","detail":{"schemaVersion":"2.0","accountId":"111122223333","type":"Recon:EC2/Portscan","resource":{"instanceDetails":{"instanceId":"i-1"}},"service":{},"severity":5,"updatedAt":"2026-03-02T10:05:00Z"}}
`

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, guardduty.Format{}, log, 3, map[string]string{
		"type":                                "Recon:EC2/Portscan",
		"severity":                            "5",
		"resource.instanceDetails.instanceId": "i-1",
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, guardduty.Format{})
}
