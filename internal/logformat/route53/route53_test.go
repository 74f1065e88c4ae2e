package route53_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/route53"
)

const log = `{"version":"1.100000","account_id":"111122223333","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"2026-03-02T10:00:00Z","query_name":"x.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"198.51.100.1","Type":"A","Class":"IN"}],"srcaddr":"10.0.0.5","srcport":"5353","transport":"UDP","srcids":{"instance":"i-1"}}
`

func TestDecode(t *testing.T) {
	t.Parallel()
	logformattest.Decodes(t, route53.Format{}, log, 1, map[string]string{
		"query_name":    "x.example.com.",
		"answers.Rdata": "198.51.100.1",
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(log))
	logformattest.Fuzz(f, route53.Format{})
}
