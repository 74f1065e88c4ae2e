// Package s3access reads Amazon S3 server access logs ("Amazon S3 server access log format").
package s3access

import (
	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Amazon S3 server access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head))
	if len(parts) < 17 || len(parts[0]) != 64 && string(parts[0]) != "-" {
		return 0
	}
	if _, ok := timestamp.CLF(parts[2]); ok {
		return 95
	}
	return 0
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names:   []string{"bucket-owner", "bucket", "time", "c-ip", "requester", "request-id", "operation", "key", "request", "sc-status", "error-code", "sc-bytes", "object-size", "total-time", "turn-around-time", "cs-referer", "cs-user-agent", "version-id", "host-id", "signature-version", "cipher", "auth-type", "host-header", "tls-version", "access-point-arn", "acl-required", "source-region"},
	Least:   17,
	Request: 8,
	Encoded: []string{"key"},
	Time:    func(get func(string) []byte) (int64, bool) { return timestamp.CLF(get("time")) },
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "s3access", Title: "Amazon S3 server access logs",
	Fields: []logformat.Field{
		{Name: "bucket-owner", Doc: "canonical id of the owner"},
		{Name: "bucket", Doc: "bucket"},
		{Name: "time", Type: logformat.Time, Doc: "when the request came"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "requester", Doc: "canonical id or ARN; absent for anonymous requests"},
		{Name: "request-id", Doc: "id"},
		{Name: "operation", Doc: "like REST.GET.OBJECT"},
		{Name: "key", Doc: "object; percent-decoded as well"},
		{Name: "request", Doc: "request line"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status"},
		{Name: "error-code", Doc: "error"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "object-size", Type: logformat.Integer, Doc: "bytes of the object"},
		{Name: "total-time", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "turn-around-time", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "cs-referer", Doc: "Referer header"},
		{Name: "cs-user-agent", Doc: "User-Agent header"},
		{Name: "version-id", Doc: "version"},
		{Name: "host-id", Doc: "extended id"},
		{Name: "signature-version", Doc: "SigV2 or SigV4"},
		{Name: "cipher", Doc: "cipher"},
		{Name: "auth-type", Doc: "AuthHeader, QueryString"},
		{Name: "host-header", Doc: "endpoint"},
		{Name: "tls-version", Doc: "TLS version"},
		{Name: "access-point-arn", Doc: "access point"},
		{Name: "acl-required", Doc: "Yes if an ACL was needed"},
		{Name: "source-region", Doc: "region of the request"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query; if percent-encoded, decoded once and twice as well"},
		{Name: "cs-uri-stem", Doc: "path; likewise"},
		{Name: "cs-uri-query", Doc: "query; likewise"},
		{Name: "cs-version", Doc: "protocol"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "s3access"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Principal, Fields: []string{"requester"}},
		{Kind: logformat.Resource, Fields: []string{"bucket"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"requester", "c-ip"},
	Needs: []string{"time"},
}
