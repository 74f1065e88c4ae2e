// Package guardduty reads Amazon GuardDuty findings, as exported to S3 (JSON lines) or delivered by EventBridge ("GuardDuty finding format").
package guardduty

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
)

// Format is Amazon GuardDuty findings.
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
	if jsonlog.HasKeys(head, "schemaVersion", "severity", "service", "resource", "accountId") {
		return 90
	}
	if jsonlog.HasKeys(head, "SchemaVersion", "Severity", "Service", "Resource", "AccountId") {
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
	Wrappers: []string{"Findings", "findings"},
	Times:    []string{"updatedAt", "createdAt"},
	Options:  projection.Options{FoldCase: true},
	Unwrap:   []string{"detail"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "guardduty", Title: "Amazon GuardDuty findings",
	Fields: []logformat.Field{
		{Name: "id", Doc: "id of the finding"},
		{Name: "type", Doc: "kind of finding, like UnauthorizedAccess:IAMUser/MaliciousIPCaller"},
		{Name: "severity", Type: logformat.Float, Doc: "1 to 10"},
		{Name: "title", Doc: "title"},
		{Name: "description", Doc: "description"},
		{Name: "accountId", Doc: "account"},
		{Name: "region", Doc: "region"},
		{Name: "createdAt", Type: logformat.Time, Doc: "when it was first found"},
		{Name: "updatedAt", Type: logformat.Time, Doc: "when it was found last"},
		{Name: "arn", Doc: "ARN of the finding"},
		{Name: "partition", Doc: "partition"},
		{Name: "schemaVersion", Doc: "version of the shape"},
		{Name: "resource", Open: true, Doc: "the resource concerned"},
		{Name: "service", Open: true, Doc: "what was seen: action, count, additionalInfo"},
	},
	Classes: []logformat.Class{
		{Name: "finding", Sources: []logformat.Source{{Product: "aws", Service: "guardduty"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"service.action.awsApiCallAction.remoteIpDetails.ipAddressV4", "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4", "service.action.kubernetesApiCallAction.remoteIpDetails.ipAddressV4"}},
		{Kind: logformat.Principal, Fields: []string{"resource.accessKeyDetails.userName", "resource.accessKeyDetails.principalId"}},
		{Kind: logformat.Account, Fields: []string{"accountId"}},
		{Kind: logformat.Region, Fields: []string{"region"}},
		{Kind: logformat.Resource, Fields: []string{"resource.instanceDetails.instanceId", "resource.s3BucketDetails.arn", "resource.eksClusterDetails.name"}},
	},
	Actor:    []string{"resource.accessKeyDetails.userName", "resource.instanceDetails.instanceId", "accountId"},
	Needs:    []string{"updatedAt", "createdAt"},
	Keywords: []string{logformat.AllText},
}
