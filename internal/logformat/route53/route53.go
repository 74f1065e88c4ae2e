// Package route53 reads Amazon Route 53 Resolver query logs ("Values that appear in Resolver query logs").
package route53

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is Amazon Route 53 Resolver query logs.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the keys that each of its records has.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	if jsonlog.HasKeys(head, "query_name", "query_type", "rcode") {
		return 90
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = jsonlog.Config{
	Wrappers: []string{},
	Times:    []string{"query_timestamp"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "route53", Title: "Amazon Route 53 Resolver query logs",
	Fields: []logformat.Field{
		{Name: "version", Doc: "version of the shape"},
		{Name: "account_id", Doc: "account"},
		{Name: "region", Doc: "region"},
		{Name: "vpc_id", Doc: "VPC that asked"},
		{Name: "query_timestamp", Type: logformat.Time, Doc: "when"},
		{Name: "query_name", Doc: "the name asked for"},
		{Name: "query_type", Doc: "record type"},
		{Name: "query_class", Doc: "class"},
		{Name: "rcode", Doc: "NOERROR, NXDOMAIN, …"},
		{Name: "answers", Open: true, Doc: "answers: Rdata, Type, Class"},
		{Name: "srcaddr", Type: logformat.IP, Doc: "address that asked"},
		{Name: "srcport", Type: logformat.Integer, Doc: "its port"},
		{Name: "transport", Doc: "UDP or TCP"},
		{Name: "srcids", Open: true, Doc: "instance, resolver_endpoint"},
		{Name: "firewall_rule_action", Doc: "ALERT or BLOCK"},
		{Name: "firewall_rule_group_id", Doc: "DNS firewall rule group"},
		{Name: "firewall_domain_list_id", Doc: "DNS firewall list"},
	},
	Classes: []logformat.Class{
		{Name: "query", Sources: []logformat.Source{{Product: "aws", Service: "route53", Fields: map[string]string{"query": "query_name", "record_type": "query_type", "answer": "answers.Rdata"}}, {Category: "dns", Fields: map[string]string{"query": "query_name", "record_type": "query_type", "answer": "answers.Rdata"}}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"srcaddr"}},
		{Kind: logformat.Account, Fields: []string{"account_id"}},
		{Kind: logformat.Region, Fields: []string{"region"}},
		{Kind: logformat.Resource, Fields: []string{"srcids.instance", "vpc_id"}},
	},
	Actor:    []string{"srcids.instance", "srcaddr"},
	Needs:    []string{"query_timestamp"},
	Keywords: []string{logformat.AllText},
}
