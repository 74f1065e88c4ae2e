package waf_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/waf"
)

const log = `{"timestamp":1772445600000,"formatVersion":1,"webaclId":"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b","terminatingRuleId":"Default_Action","action":"BLOCK","httpRequest":{"clientIp":"203.0.113.9","country":"CH","uri":"/","httpMethod":"GET"}}
`

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, waf.Format{}, log, 1, map[string]string{
		"action":               "BLOCK",
		"httpRequest.clientIp": "203.0.113.9",
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, waf.Format{})
}
